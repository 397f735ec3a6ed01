"""Chooses how far each label's threshold of action lies from the common one: on texts that certify nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.policy.certificate import LEAST_ACTED_ON

AT = 0.9
"""The common threshold at which offsets are chosen."""
STEP = 0.1
"""Log-odds by which a threshold gives way at a time."""
STRICTEST, LOOSEST = 0.995, LEAST_ACTED_ON
"""No label is acted on under LOOSEST, whatever the texts say."""
COST_OF_NONE = 0.3
"""What a step that touches no legitimate text is counted as touching, so that none is free."""
WRONG_AT_MOST = 0.0008
"""The share of legitimate texts that the thresholds chosen may act on, counted here, before anything is certified."""


def choose(labels: Sequence[str], legitimate: NDArray[np.float32], clear: NDArray[np.float32]) -> dict[str, float]:
    """Return label → offset in log-odds of the label's threshold from the common one.

    `legitimate` and `clear` hold probabilities, shape (texts, labels), of texts to leave alone and to act on.
    Greedy from the strictest: again and again the label gives way that brings the most clear texts for each
    legitimate one it touches. What brings none keeps the common threshold, unless a legitimate text reaches that.
    """
    calm, harm = log_odds(legitimate), log_odds(clear)
    allowed = int(WRONG_AT_MOST * len(calm))
    at = np.full(len(labels), log_odds(STRICTEST))
    while (found := _best_step(at, calm, harm, allowed)) is not None:
        at = found
    unused = (at == log_odds(STRICTEST)) & ~(calm >= log_odds(AT)).any(axis=0)
    at[unused] = log_odds(AT)
    return {label: round(float(value - log_odds(AT)), 2) for label, value in zip(labels, at, strict=True)}


def _best_step(
    at: NDArray[np.float64], calm: NDArray[np.float64], harm: NDArray[np.float64], allowed: int
) -> NDArray[np.float64] | None:
    """Return the thresholds after the one step that brings most for what it costs, None where none brings anything."""
    caught, wrong = (harm >= at).any(axis=1), (calm >= at).any(axis=1)
    best, worth = None, 0.0
    for column in range(len(at)):
        for threshold in np.arange(float(at[column]) - STEP, float(log_odds(LOOSEST)), -STEP):
            touched = int((wrong | (calm[:, column] >= threshold)).sum())
            if touched > allowed:
                break
            gained = int(((harm[:, column] >= threshold) & ~caught).sum())
            value = gained / (touched - int(wrong.sum()) + COST_OF_NONE)
            if value > worth:
                worth, best = value, (column, threshold)
    if best is None:
        return None
    then = at.copy()
    then[best[0]] = best[1]
    return then


def log_odds(probability: NDArray[np.float32] | float) -> NDArray[np.float64]:
    """Return the log-odds of probabilities."""
    clipped = np.clip(np.asarray(probability, np.float64), 1e-4, 1 - 1e-4)
    return np.asarray(np.log(clipped / (1 - clipped)))
