"""Measures a layer against the heads on judged messages of contacts it never saw: AUC, Brier, false actions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sklearn.metrics import roc_auc_score

from bot.learning.examples import UNKNOWN, Examples
from bot.learning.verdicts import HARM, Judgement
from classifiers.linear import sigmoid
from models.policy.certificate import Certificate

RESAMPLES = 300
SEED = 7
ANY_HARM = "any harm"


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval; None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        return "–" if self.value is None else f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Compared:
    """One label before and after, on held-out contacts."""

    label: str
    n: int
    positive: int
    contacts: int
    auc_before: Interval
    auc_after: Interval
    brier_before: Interval
    brier_after: Interval


@dataclass(frozen=True, slots=True)
class Actions:
    """How many judged messages reach a threshold of action: of the delivered ones that is wrong."""

    delivered: int
    wrong_before: int
    wrong_after: int
    wrong_before_upper: float
    wrong_after_upper: float
    enforced: int
    caught_before: int
    caught_after: int


@dataclass(frozen=True, slots=True)
class Report:
    """The whole comparison."""

    labels: tuple[Compared, ...]
    actions: Actions

    def to_text(self) -> str:
        """Return it in words."""
        lines = ["on contacts the layer never saw, before → after (95 % interval by contact):"]
        for one in self.labels:
            lines += [
                f"{one.label}: n {one.n}, {one.positive} positive, {one.contacts} contacts",
                f"  AUC {one.auc_before} → {one.auc_after}",
                f"  Brier {one.brier_before} → {one.brier_after}",
            ]
        a = self.actions
        lines += [
            f"false actions: {a.wrong_before} → {a.wrong_after} of {a.delivered} delivered",
            f"  at most {a.wrong_before_upper:.2%} → {a.wrong_after_upper:.2%} (one-sided 95 %)",
            f"enforced messages over the threshold of action: {a.caught_before} → {a.caught_after} of {a.enforced}",
            "judged messages were chosen by the machine, so these figures compare; they certify nothing",
        ]
        return "\n".join(lines)

    def as_fields(self) -> dict[str, Any]:
        """Return it as the card holds it."""
        return asdict(self)


def compare(
    judged: Sequence[Judgement],
    examples: Examples,
    after: NDArray[np.float32],
    labels: Sequence[str],
    certificate: Certificate,
) -> Report:
    """Compare the heads with left-out layers; `after` holds log-odds of shape (messages, HARM)."""
    before, later = sigmoid(examples.odds), sigmoid(after)
    harmful = np.array([one.harmful for one in judged])
    everything = [_compared(ANY_HARM, before.max(axis=1), later.max(axis=1), harmful, examples.groups)]
    for label in labels:
        place = HARM.index(label)
        known = examples.wanted[:, place] != UNKNOWN
        everything.append(
            _compared(label, before[known, place], later[known, place], examples.wanted[known, place] == 1, examples.groups[known])
        )  # fmt: skip
    return Report(tuple(everything), _actions(judged, before, later, harmful, certificate))


def _compared(
    label: str,
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    wanted: NDArray[np.bool_],
    groups: NDArray[np.int64],
) -> Compared:
    return Compared(
        label, len(wanted), int(wanted.sum()), len(set(groups.tolist())),
        _interval(_auc, wanted, before, groups), _interval(_auc, wanted, after, groups),
        _interval(_brier, wanted, before, groups), _interval(_brier, wanted, after, groups),
    )  # fmt: skip


Figure = Callable[[NDArray[np.bool_], NDArray[np.float32]], float]


def _auc(wanted: NDArray[np.bool_], scores: NDArray[np.float32]) -> float:
    return float(roc_auc_score(wanted, scores))


def _brier(wanted: NDArray[np.bool_], scores: NDArray[np.float32]) -> float:
    return float(np.mean((scores - wanted) ** 2))


def _interval(
    figure: Figure, wanted: NDArray[np.bool_], scores: NDArray[np.float32], groups: NDArray[np.int64]
) -> Interval:
    """Return a figure with the interval of a bootstrap over contacts."""
    if not 0 < wanted.sum() < len(wanted):
        return Interval(None, None, None)
    generator = np.random.default_rng(SEED)
    members: Mapping[int, NDArray[np.int64]] = {g: np.flatnonzero(groups == g) for g in set(groups.tolist())}
    names = sorted(members)
    drawn = []
    for _ in range(RESAMPLES):
        chosen = np.concatenate([members[names[at]] for at in generator.integers(0, len(names), len(names))])
        if 0 < wanted[chosen].sum() < len(chosen):
            drawn.append(figure(wanted[chosen], scores[chosen]))
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn else (np.nan, np.nan)
    return Interval(figure(wanted, scores), float(low), float(high))


def _actions(
    judged: Sequence[Judgement],
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    harmful: NDArray[np.bool_],
    certificate: Certificate,
) -> Actions:
    groups = [one.message.channel.group for one in judged]
    limits = np.array([[certificate.act_at(label, group) or 2.0 for label in HARM] for group in groups])
    over_before, over_after = (before >= limits).any(axis=1), (after >= limits).any(axis=1)
    delivered = int((~harmful).sum())
    wrong = int((over_before & ~harmful).sum()), int((over_after & ~harmful).sum())
    return Actions(
        delivered, *wrong, _upper(wrong[0], delivered), _upper(wrong[1], delivered),
        int(harmful.sum()), int((over_before & harmful).sum()), int((over_after & harmful).sum()),
    )  # fmt: skip


def _upper(errors: int, n: int) -> float:
    return 1.0 if errors >= n else float(beta.ppf(0.95, errors + 1, n - errors))
