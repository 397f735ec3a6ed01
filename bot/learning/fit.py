"""Fits a local layer: per label nothing, a recalibration, or that with a correction of words, whichever holds up unseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.model_selection import GroupKFold

from bot.learning.examples import UNKNOWN, Examples
from bot.learning.verdicts import HARM

PRIOR_SLOPE, PRIOR_INTERCEPT, PRIOR_WORDS = 20.0, 4.0, 2.0
"""How strongly slope is held to 1, intercept and the weight of each word to 0."""
WRITTEN_WEIGHT = 0.1
"""What one of our written messages counts against a judged one: they only hold the layer near the heads."""
EACH_AT_LEAST = 8
"""A label is touched when so many judged messages bear it and so many do not."""
CONTACTS_A_WORD = 2
SMALL = 0.02
INNER, OUTER = 3, 5
SEED = 7


@dataclass(frozen=True, slots=True)
class LabelFit:
    """One label's layer: slope, intercept and a weight for each bucket in `buckets`."""

    slope: float
    intercept: float
    weights: NDArray[np.float64]

    def odds(self, old: NDArray[np.float32], words: Any) -> NDArray[np.float64]:
        """Return the new log-odds."""
        return np.asarray(self.slope * old + self.intercept + words @ self.weights, np.float64)


@dataclass(frozen=True, slots=True)
class _Part:
    """The examples of one label: only those of which it is known."""

    old: NDArray[np.float32]
    wanted: NDArray[np.float64]
    words: Any
    weight: NDArray[np.float64]
    groups: NDArray[np.int64]

    def at(self, keep: NDArray[np.int64]) -> "_Part":
        return _Part(self.old[keep], self.wanted[keep], self.words[keep], self.weight[keep], self.groups[keep])

    def beside(self, other: "_Part") -> "_Part":
        import scipy.sparse as sp

        return _Part(
            np.r_[self.old, other.old], np.r_[self.wanted, other.wanted], sp.vstack([self.words, other.words]).tocsr(),
            np.r_[self.weight, other.weight], np.r_[self.groups, other.groups],
        )  # fmt: skip


def buckets_of(judged: Examples) -> NDArray[np.int64]:
    """Return the buckets that judged messages of at least CONTACTS_A_WORD contacts hold."""
    counted: dict[int, set[int]] = {}
    for row, group in enumerate(judged.groups.tolist()):
        for bucket in judged.words.indices[judged.words.indptr[row] : judged.words.indptr[row + 1]].tolist():
            counted.setdefault(bucket, set()).add(group)
    return np.array(sorted(b for b, groups in counted.items() if len(groups) >= CONTACTS_A_WORD), np.int64)


def touched(judged: Examples, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels that enough judged messages speak of."""
    out = []
    for label in labels:
        column = judged.wanted[:, HARM.index(label)]
        if min((column == 1).sum(), (column == 0).sum()) >= EACH_AT_LEAST:
            out.append(label)
    return tuple(out)


def fit_label(judged: Examples, written: Examples, label: str, buckets: NDArray[np.int64]) -> LabelFit:
    """Fit one label; how much is fitted is chosen by contacts left out, and the simpler wins unless clearly worse."""
    mine, base = _part(judged, label, buckets, 1.0), _part(written, label, buckets, WRITTEN_WEIGHT)
    nothing = LabelFit(1.0, 0.0, np.zeros(len(buckets)))
    losses: dict[str, NDArray[np.float64]] = {name: np.zeros(len(mine.old)) for name in ("nothing", "scale", "words")}
    if len(set(mine.groups.tolist())) < INNER or len(set(mine.wanted.tolist())) < 2:
        return nothing
    for train, test in GroupKFold(INNER).split(mine.old, groups=mine.groups):
        part, held = mine.at(train).beside(base), mine.at(test)
        losses["nothing"][test] = _loss(nothing, held)
        losses["scale"][test] = _loss(_fit(part, with_words=False), held)
        losses["words"][test] = _loss(_fit(part, with_words=True), held)
    best = "nothing"
    for name in ("scale", "words"):
        gain = losses[best] - losses[name]
        if gain.mean() > gain.std() / np.sqrt(len(gain)):
            best = name
    return nothing if best == "nothing" else _fit(mine.beside(base), with_words=best == "words")


def _part(found: Examples, label: str, buckets: NDArray[np.int64], weight: float) -> _Part:
    place = HARM.index(label)
    known = np.flatnonzero(found.wanted[:, place] != UNKNOWN)
    return _Part(
        found.odds[known, place],
        found.wanted[known, place].astype(np.float64),
        found.words[known][:, buckets],
        np.full(len(known), weight),
        found.groups[known],
    )


def _fit(part: _Part, with_words: bool) -> LabelFit:
    width = part.words.shape[1] if with_words else 0
    words, old = part.words, part.old.astype(np.float64)

    def objective(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, intercept, weights = at[0], at[1], at[2:]
        odds = slope * old + intercept + (words @ weights if width else 0.0)
        loss = part.weight @ (np.logaddexp(0, odds) - part.wanted * odds)
        wrong = part.weight * (1 / (1 + np.exp(-np.clip(odds, -40, 40))) - part.wanted)
        loss += PRIOR_SLOPE / 2 * (slope - 1) ** 2 + PRIOR_INTERCEPT / 2 * intercept**2
        loss += PRIOR_WORDS / 2 * weights @ weights
        ends = [wrong @ old + PRIOR_SLOPE * (slope - 1), wrong.sum() + PRIOR_INTERCEPT * intercept]
        return float(loss), np.r_[ends, words.T @ wrong + PRIOR_WORDS * weights if width else np.zeros(0)]

    found = minimize(objective, np.r_[1.0, 0.0, np.zeros(width)], jac=True, method="L-BFGS-B", options={"maxiter": 60})
    weights = found.x[2:] if width else np.zeros(part.words.shape[1])
    return LabelFit(max(0.2, float(found.x[0])), float(found.x[1]), np.where(np.abs(weights) < SMALL, 0.0, weights))


def _loss(fit: LabelFit, held: _Part) -> NDArray[np.float64]:
    odds = fit.odds(held.old, held.words)
    return np.asarray(np.logaddexp(0, odds) - held.wanted * odds, np.float64)


def left_out(judged: Examples, written: Examples, labels: Sequence[str]) -> NDArray[np.float32]:
    """Return the log-odds of judged messages by layers that never saw their contact, shape (messages, HARM)."""
    out = judged.odds.copy()
    for train, test in GroupKFold(OUTER).split(judged.odds, groups=judged.groups):
        seen, held = judged.at(train), judged.at(test)
        buckets = buckets_of(seen)
        for label in touched(seen, labels):
            fitted = fit_label(seen, written, label, buckets)
            place = HARM.index(label)
            out[test, place] = fitted.odds(held.odds[:, place], held.words[:, buckets])
    return out
