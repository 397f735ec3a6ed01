"""Figures with their 95 % intervals: areas under curves by bootstrap, shares by Clopper and Pearson."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sklearn.metrics import f1_score, roc_auc_score

ROUNDS = 200
SEED = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: what, on what, how split, the value with its interval, and how many examples."""

    name: str
    data: str
    split: str
    value: float
    low: float
    high: float
    n: int
    lower_is_better: bool = False

    @property
    def key(self) -> str:
        """What makes the figure itself among others."""
        return f"{self.name} | {self.data} | {self.split}"


def area(name: str, data: str, split: str, wanted: NDArray[np.bool_], scores: NDArray[np.float32]) -> Figure:
    """Return the area under the ROC curve, its interval from a bootstrap over examples."""
    random = np.random.default_rng(SEED)
    value = float(roc_auc_score(wanted, scores))
    drawn = []
    for _ in range(ROUNDS):
        at = random.integers(0, len(wanted), len(wanted))
        if wanted[at].any() and not wanted[at].all():
            drawn.append(roc_auc_score(wanted[at], scores[at]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(name, data, split, value, float(low), float(high), len(wanted))


def share(name: str, data: str, split: str, hits: NDArray[np.bool_], lower_is_better: bool = False) -> Figure:
    """Return a share with its exact interval."""
    count, n = int(hits.sum()), len(hits)
    low = float(beta.ppf(0.025, count, n - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, n - count)) if count < n else 1.0
    return Figure(name, data, split, count / n if n else 0.0, low, high, n, lower_is_better)


def mean(name: str, data: str, split: str, values: NDArray[np.float64]) -> Figure:
    """Return a mean with its interval from a bootstrap over examples."""
    random = np.random.default_rng(SEED)
    drawn = [values[random.integers(0, len(values), len(values))].mean() for _ in range(ROUNDS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(name, data, split, float(values.mean()), float(low), float(high), len(values))


def calibration(
    name: str, data: str, split: str, wanted: NDArray[np.bool_], scores: NDArray[np.float32]
) -> list[Figure]:
    """Return the Brier skill against the base rate, and the expected calibration error over probabilities of 0.1 and more."""
    base = float(wanted.mean())
    random = np.random.default_rng(SEED)

    def skill(at: NDArray[np.int64]) -> float:
        rate = wanted[at].mean()
        reference = float(np.mean((rate - wanted[at]) ** 2))
        return 1.0 - float(np.mean((scores[at] - wanted[at]) ** 2)) / reference if reference else 0.0

    everything = np.arange(len(wanted))
    draws = [random.integers(0, len(wanted), len(wanted)) for _ in range(ROUNDS)]
    skills = [skill(at) for at in draws]
    errors = [calibration_error(wanted[at], scores[at]) for at in draws]
    low, high = np.quantile(skills, [0.025, 0.975])
    e_low, e_high = np.quantile(errors, [0.025, 0.975])
    told = f"{data}, base rate {base:.1%}"
    return [
        Figure(f"{name}: Brier skill", told, split, skill(everything), float(low), float(high), len(wanted)),
        Figure(f"{name}: calibration error", told, split, calibration_error(wanted, scores), float(e_low), float(e_high),
               len(wanted), lower_is_better=True),
    ]  # fmt: skip


def calibration_error(wanted: NDArray[np.bool_], scores: NDArray[np.float32], bins: int = 9) -> float:
    """Return the mean gap between probability and share, over bins from 0.1 to 1, weighted by how many fall in each."""
    edges = np.linspace(0.1, 1.0, bins + 1)
    inside = scores >= edges[0]
    if not inside.any():
        return 0.0
    which = np.clip(np.digitize(scores[inside], edges) - 1, 0, bins - 1)
    gaps = 0.0
    for number in range(bins):
        mine = which == number
        if mine.any():
            gaps += mine.sum() * abs(float(scores[inside][mine].mean()) - float(wanted[inside][mine].mean()))
    return gaps / float(inside.sum())


def macro_f1(name: str, data: str, split: str, wanted: NDArray[np.str_], found: NDArray[np.str_]) -> Figure:
    """Return the mean F1 over the classes, its interval from a bootstrap over examples."""
    random = np.random.default_rng(SEED)
    classes = sorted(set(wanted.tolist()))
    value = float(f1_score(wanted, found, labels=classes, average="macro", zero_division=0))
    drawn = []
    for _ in range(ROUNDS):
        at = random.integers(0, len(wanted), len(wanted))
        drawn.append(f1_score(wanted[at], found[at], labels=classes, average="macro", zero_division=0))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(name, data, split, value, float(low), float(high), len(wanted))
