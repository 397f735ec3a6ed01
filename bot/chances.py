"""Fits what people are told of a score: for each label, how often messages of writers never seen bore it out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.judging import Judged
from classifiers.chances import CLIPPED, Dial
from classifiers.train.blend import UNSEEN_WRITERS
from classifiers.train.sources import DomainRow
from models.domain import ChannelGroup
from models.labels import LABELS, Stance

POSITIVES_AT_LEAST = 60
FROM = 0.03
"""Scores below this say nothing that is ever told."""
LEARNT = tuple(label for label, stance in LABELS.items() if stance is not Stance.PATTERN)
Matrix = NDArray[np.float32]


def fit(domain: Mapping[ChannelGroup, Judged]) -> dict[str, dict[str, Any]]:
    """Return slope and offset of each label that enough messages carry, with how many that were."""
    rows = [row for judged in domain.values() for row in judged.rows]
    best = np.concatenate([judged.best(LEARNT) for judged in domain.values()])
    fields, weights = {}, _weights(rows)
    for column, label in enumerate(LEARNT):
        wanted = _wanted(rows, label)
        dial = _dial(best[:, column], wanted, weights)
        if dial is not None:
            found = {"slope": round(dial.slope, 4), "offset": round(dial.offset, 4)}
            fields[label] = found | {"n": len(rows), "positives": int(wanted.sum())}
    return fields


def by_other_writers(rows: Sequence[DomainRow], best: Matrix) -> Matrix:
    """Return the chances of scores, both of shape (rows, LABELS), each by a dial that saw no message of its writer."""
    writers, weights, chances = np.array([row.writer for row in rows]), _weights(rows), best.copy()
    for column, label in ((at, label) for at, label in enumerate(LABELS) if label in LEARNT):
        wanted, scores = _wanted(rows, label), best[:, column]
        for writer in np.unique(writers):
            mine = writers == writer
            dial = _dial(scores[~mine], wanted[~mine], weights[~mine])
            if dial is not None:
                chances[mine, column] = [dial.chance(float(score)) for score in scores[mine]]
    return chances


def _wanted(rows: Sequence[DomainRow], label: str) -> NDArray[np.bool_]:
    return np.array([label in row.labels for row in rows])


def _weights(rows: Sequence[DomainRow]) -> NDArray[np.float64]:
    """Whole messages, which are as life is, count as much together as the contrast sets, which are many."""
    whole = np.array([row.writer in UNSEEN_WRITERS for row in rows])
    share = max(1, int((~whole).sum())) / max(1, int(whole.sum()))
    return np.where(whole, share, 1.0)


def _dial(scores: Matrix, wanted: NDArray[np.bool_], weights: NDArray[np.float64]) -> Dial | None:
    told = scores >= FROM
    if wanted[told].sum() < POSITIVES_AT_LEAST or wanted[told].all():
        return None
    clipped = np.clip(scores[told], CLIPPED, 1 - CLIPPED).astype(np.float64)
    odds = np.log(clipped / (1 - clipped))[:, None]
    model = LogisticRegression(C=10.0).fit(odds, wanted[told], sample_weight=weights[told])
    slope = float(model.coef_[0, 0])
    return Dial(slope, float(model.intercept_[0])) if slope > 0 else None
