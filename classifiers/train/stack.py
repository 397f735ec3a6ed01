"""Fits the stack: two experts a label over the scores of base heads that never saw the rows they score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from sklearn.linear_model import LogisticRegression

from classifiers.lexical import NAMES
from classifiers.linear import ANY, HARM, sigmoid, trust_of
from classifiers.train import heads
from classifiers.train.sources import PublicRow

C_STACK = 0.5
ROWS_A_SOURCE = 1_500
PART_LEFT_OUT = 0.35
"""The heads that leave a source out are fitted on this part of the rest: they only serve the stack."""
OPEN_WEIGHT = 0.5
"""What a public row counts against one of the domain."""
OPEN_SHARE = 0.04
"""The share of abuse among what people post at large, which sets made of abuse do not tell."""
SOURCE_SCALE = 3.0
"""How freely the constant of a source may move against the weights."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows as the stack sees them: `seen` (rows, base + lexical), `trust` (rows,)."""

    seen: NDArray[np.float32]
    trust: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Public:
    """A sample of the public sources: as the stack sees them, the head each speaks for, what it says, and its source."""

    seen: NDArray[np.float32]
    trust: NDArray[np.float32]
    head: NDArray[np.str_]
    positive: NDArray[np.bool_]
    source: NDArray[np.str_]

    def write(self, path: Path) -> None:
        """Keep it, so that the stack can be fitted anew without the heads."""
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, seen=self.seen, head=self.head, positive=self.positive, source=self.source)

    @classmethod
    def read(cls, path: Path, base: Sequence[str]) -> "Public":
        """Return what `write` kept of rows scored by the base heads `base`; how the gate is believed is not kept."""
        with np.load(path) as kept:
            seen = kept["seen"]
            return cls(seen, trust_of(seen[:, : len(base)], base), kept["head"], kept["positive"], kept["source"])

    def says(self, label: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which rows are positive for `label`, and which of them say so at all."""
        toxic, hate, spam = (self.head == f"public.{name}" for name in ("toxic", "hate", "spam"))
        if label in {ANY, HARM}:
            return self.positive & (toxic | hate), toxic | (hate & self.positive)
        if label == "abuse.insult":
            return self.positive & toxic, toxic
        if label == "abuse.identity_hate":
            return self.positive & hate, hate | (toxic & ~self.positive)
        if label == "spam":
            return self.positive & spam, spam
        return np.zeros(len(self.head), bool), np.zeros(len(self.head), bool)


def columns_of(label: str, base: Sequence[str]) -> list[int]:
    """Return the columns that the probability of `label` is made from."""
    if label.startswith(("welfare.", "rights.")):
        names = {f"label.{label}"}
    elif label.startswith("target."):
        names = {label}
    elif label.startswith("spam"):
        names = {f"label.{label}", "label.spam", "public.spam"}
    elif label.startswith(("demand.", "persistence.", "doxing.", "links.")):
        names = {f"label.{label}", ANY}
    else:
        names = {f"label.{label}", *heads.SHARED_BASES}
    found = [index for index, name in enumerate(base) if name in names]
    return found + [len(base) + index for index in range(len(NAMES))] if _lexical(label) else found


def _lexical(label: str) -> bool:
    return label in {ANY, HARM} or label.startswith("abuse.")


def fit(
    label: str, base: Sequence[str], domain: Scored, positives: NDArray[np.bool_], public: Public
) -> NDArray[np.float32]:
    """Return the two experts' rows of `label`, shape (2, base + lexical + 1); they are one where no public set speaks.

    Sets differ in what they are made of: without a constant of its own for each, a head that scores high on
    a set of nothing but harmless texts would count against abuse.
    """
    columns = columns_of(label, base)
    width = len(base) + len(NAMES)
    open_positives, speaks = public.says(label)
    if not speaks.any():
        model = LogisticRegression(C=C_STACK, max_iter=2_000).fit(domain.seen[:, columns], positives)
        return np.stack([_row(columns, model.coef_[0], model.intercept_[0], width)] * 2)
    seen = np.concatenate([domain.seen[:, columns], public.seen[speaks][:, columns]])
    trust = np.concatenate([domain.trust, public.trust[speaks]])[:, None]
    target = np.concatenate([positives, open_positives[speaks]])
    weight = np.concatenate([np.ones(len(positives)), np.full(speaks.sum(), OPEN_WEIGHT)])
    each = _constants(public.source[speaks], public.trust[speaks], len(positives))
    design = np.concatenate([trust * seen, (1 - trust) * seen, trust, 1 - trust, each], axis=1)
    model = LogisticRegression(C=C_STACK, fit_intercept=False, max_iter=2_000).fit(design, target, weight)
    found, n = model.coef_[0], len(columns)
    apart = public.seen[speaks][:, columns] @ found[n : 2 * n]
    constant = _constant(apart, _as_in_life(open_positives[speaks]), OPEN_SHARE)
    return np.stack([_row(columns, found[:n], found[2 * n], width), _row(columns, found[n : 2 * n], constant, width)])


def _constants(source: NDArray[np.str_], trust: NDArray[np.float32], above: int) -> NDArray[np.float32]:
    """Return one column a source, nought in the `above` rows of the domain, shape (above + rows, sources)."""
    own = (source[:, None] == np.unique(source)[None, :]) * (1 - trust)[:, None] * SOURCE_SCALE
    return np.concatenate([np.zeros((above, own.shape[1]), np.float32), own.astype(np.float32)])


def _constant(scores: NDArray[np.float64], weight: NDArray[np.float64], share: float) -> float:
    """Return what to add to the log-odds `scores` so that, weighted, they come to `share` on average."""

    def off(constant: float) -> float:
        return float(np.average(sigmoid((scores + constant).astype(np.float32)), weights=weight)) - share

    return float(brentq(off, -30.0, 30.0, xtol=1e-4))


def _as_in_life(positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the weights of public rows: sets of abuse are half abuse, what people post is not."""
    share = positive.mean()
    factor = OPEN_SHARE * (1 - share) / (share * (1 - OPEN_SHARE)) if 0 < share < 1 else 1.0
    return np.where(positive, OPEN_WEIGHT * factor, OPEN_WEIGHT)


def _row(columns: list[int], values: NDArray[np.float64], intercept: float, width: int) -> NDArray[np.float32]:
    row = np.zeros(width + 1, np.float32)
    row[columns] = values
    row[-1] = intercept
    return row


def leave_sources_out(
    rows: Mapping[str, Sequence[PublicRow]], matrices: Mapping[str, heads.Matrix], told: Callable[[str], None]
) -> tuple[list[PublicRow], list[str], heads.Matrix, dict[str, NDArray[np.float32]]]:
    """Return a sample of every public source: rows, the head each speaks for, features, and public heads' scores.

    The scores of a source come from heads that never saw it.
    """
    import scipy.sparse as sp

    chance = np.random.default_rng(heads.SEED)
    names = {name: np.array([row.source for row in found]) for name, found in rows.items()}
    drawn: list[tuple[str, str, NDArray[np.int64]]] = []
    for head, sources in names.items():
        for source in dict.fromkeys(sources.tolist()):
            mine = np.flatnonzero(sources == source)
            drawn.append((head, source, np.sort(chance.permutation(mine)[:ROWS_A_SOURCE])))
    scores: dict[str, list[NDArray[np.float32]]] = {head: [] for head in rows}
    fitted: dict[tuple[str, str], heads.Head] = {}
    for head, source, at in drawn:
        for other in rows:
            key = (other, source if source in set(names[other].tolist()) else "")
            if key not in fitted:
                rest = np.flatnonzero(names[other] != key[1])
                rest = np.sort(chance.permutation(rest)[: int(PART_LEFT_OUT * len(rest))])
                wanted = np.array([rows[other][int(row)].positive for row in rest])
                fitted[key] = heads.fit(matrices[other][rest], wanted, heads.C_PUBLIC)
                told(f"{other} without {source}")
            found = fitted[key]
            scores[other].append(matrices[head][at] @ found.weights + found.bias)
    sample = [rows[head][int(row)] for head, _, at in drawn for row in at]
    speaking = [head for head, _, at in drawn for _ in at]
    features = sp.vstack([matrices[head][at] for head, _, at in drawn]).tocsr()
    return sample, speaking, features, {head: np.concatenate(parts) for head, parts in scores.items()}
