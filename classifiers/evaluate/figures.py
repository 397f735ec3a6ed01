"""Figures with their 95 % intervals: areas under curves by bootstrap, shares by Clopper and Pearson."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sklearn.metrics import roc_auc_score

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


def share(name: str, data: str, split: str, hits: NDArray[np.bool_]) -> Figure:
    """Return a share with its exact interval."""
    count, n = int(hits.sum()), len(hits)
    low = float(beta.ppf(0.025, count, n - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, n - count)) if count < n else 1.0
    return Figure(name, data, split, count / n if n else 0.0, low, high, n)
