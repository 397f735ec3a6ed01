"""Chooses from where a person looks at a message, and from where at once: what helps most for the looks it costs."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bot.judging import Judged
from models.labels import LABELS, URGENT_WELFARE, Stance, family

TOUCHED_AT_MOST = 0.095
"""The share of legitimate messages that may reach the queue needlessly when review thresholds are chosen."""
URGENT_CALM_AT_MOST, URGENT_LATER_AT_MOST = 0.014, 0.06
"""The shares of legitimate messages, and of all that can wait, that a label may put first."""
THREAT_AT_LEAST = 0.12
"""No threat under this is put first, however few calm messages lie above it."""
WELFARE_AT_MOST = 0.35
"""Recall comes first for welfare: from here on a person always looks, and at once."""
STEPS = (0.9, 0.8, 0.7, 0.62, 0.55, 0.5, 0.47, 0.45, 0.4, 0.36, 0.32, 0.28, 0.25, 0.22, 0.2, 0.18, 0.16, 0.14, 0.12)
"""The thresholds of review that a family may have, strictest first."""
LEAST = {"abuse": 0.47, "spam": 0.5, "demand": 0.45, "doxing.staff_details": 0.5}
"""No family is looked at under this. A few messages of abuse more would be seen below; in the histories it was people who
question a scam, ask once too often or have had enough who were held up by it."""


def looked_at() -> tuple[str, ...]:
    """Return the labels that a threshold of review is chosen for: those that a text alone shows.

    Patterns speak from a history, which no message here has; they keep the threshold of the certificate's reader.
    """
    apart = ("rights.", "duplicate.", "persistence.")
    return tuple(
        label for label, stance in LABELS.items() if stance is not Stance.MITIGATING and not label.startswith(apart)
    )


def review_thresholds(domain: Judged, urgent: Mapping[str, float]) -> dict[str, float]:
    """Return per label where a person looks: the families share what may be touched, each gets what helps most.

    Greedy: again and again the family gives way whose next lower threshold brings the most messages that
    need a person for each legitimate one it touches, until TOUCHED_AT_MOST is spent.
    """
    labels = looked_at()
    best = domain.best(labels)
    calm = np.array([row.handling == "deliver" for row in domain.rows])
    needy = np.array([row.handling in {"review", "enforce", "urgent"} for row in domain.rows])
    clear = np.array([row.handling in {"enforce", "urgent"} for row in domain.rows])
    families = {
        name: [i for i, label in enumerate(labels) if _kin(label) == name] for name in dict.fromkeys(map(_kin, labels))
    }
    at = dict.fromkeys(families, 0)

    first = [(labels.index(label), threshold) for label, threshold in urgent.items()]
    put_first: NDArray[np.bool_] = np.any([best[:, column] >= threshold for column, threshold in first], axis=0)

    def seen(steps_at: dict[str, int]) -> NDArray[np.bool_]:
        shown = put_first.copy()
        for name, columns in families.items():
            shown |= (best[:, columns] >= STEPS[steps_at[name]]).any(axis=1)
        return shown

    while True:
        now = seen(at)
        options = []
        for name in families:
            for further in range(1, 4):
                if at[name] + further >= len(STEPS) or STEPS[at[name] + further] < LEAST.get(name, 0):
                    break
                then = seen(at | {name: at[name] + further})
                gained = float((then & ~now & needy).sum() + 2 * (then & ~now & clear).sum())
                cost = float((then & ~now & calm).sum())
                if (then & calm).sum() <= TOUCHED_AT_MOST * calm.sum():
                    options.append((gained / (cost + 0.5), gained, name, further))
        useful = [option for option in options if option[1] > 0]
        if not useful:
            break
        _, _, name, further = max(useful)
        at[name] += further
    return {label: min(STEPS[at[_kin(label)]], urgent.get(label, 1.0)) for label in labels}


def _kin(label: str) -> str:
    """Return the family that shares a threshold: abuse, spam, demands; each label of welfare and of details apart."""
    if label.startswith(("welfare.", "doxing.")):
        return label
    return family(label)


def urgent_thresholds(domain: Judged) -> dict[str, float]:
    """Return per urgent label the lowest threshold that puts few first that need not be, and hardly any calm one."""
    calm = np.array([row.handling == "deliver" for row in domain.rows])
    later = np.array([row.handling != "urgent" for row in domain.rows])
    labels = (*URGENT_WELFARE, "abuse.threat")
    best = domain.best(labels)
    out = {}
    for column, label in enumerate(labels):
        least = max(
            np.quantile(best[calm, column], 1 - URGENT_CALM_AT_MOST),
            np.quantile(best[later, column], 1 - URGENT_LATER_AT_MOST),
        )
        bounds = (0.08, WELFARE_AT_MOST) if label in URGENT_WELFARE else (THREAT_AT_LEAST, 0.6)
        out[label] = round(float(np.clip(least, *bounds)), 3)
    return out
