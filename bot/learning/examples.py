"""The examples a layer is fitted on: judged messages, and our own written messages that hold it near the heads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from bot.judging import domain_message
from bot.learning.verdicts import HARM, Judgement
from classifiers import linear
from classifiers.batch import MessageBatch
from classifiers.features import BUCKETS, csr
from classifiers.layer import log_odds
from classifiers.train import sources
from models.domain import Message

OWN = Path(sources.__file__).resolve().parent / "own"
BATCH = 500
UNKNOWN = -1
Matrix = Any
"""A scipy CSR matrix of shape (texts, BUCKETS)."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts as the fit sees them. `odds` and `wanted` have shape (texts, HARM); `wanted` is 1, 0 or UNKNOWN."""

    odds: NDArray[np.float32]
    wanted: NDArray[np.int8]
    words: Matrix
    groups: NDArray[np.int64]

    def at(self, keep: NDArray[np.int64] | NDArray[np.bool_]) -> "Examples":
        """Return the texts at `keep`."""
        return Examples(self.odds[keep], self.wanted[keep], self.words[keep], self.groups[keep])


def from_judgements(judged: Sequence[Judgement]) -> Examples:
    """Return judged messages as examples, grouped by contact."""
    wanted = np.full((len(judged), len(HARM)), UNKNOWN, np.int8)
    for row, one in enumerate(judged):
        for label, applies in one.known.items():
            wanted[row, HARM.index(label)] = applies
    groups = np.array([one.contact_id for one in judged], np.int64)
    return _examples([one.message for one in judged], wanted, groups)


def written(folder: Path = OWN) -> Examples:
    """Return our own written messages as examples; all their labels are known."""
    rows = sources.written(folder)
    wanted = np.array([[label in row.labels for label in HARM] for row in rows], np.int8).reshape(len(rows), len(HARM))
    places = {name: number for number, name in enumerate(dict.fromkeys(row.group for row in rows))}
    groups = np.array([places[row.group] for row in rows], np.int64)
    return _examples([domain_message(row) for row in rows], wanted, groups)


def _examples(messages: Sequence[Message], wanted: NDArray[np.int8], groups: NDArray[np.int64]) -> Examples:
    heads = linear.load()
    odds = np.full((len(messages), len(HARM)), -8.0, np.float32)
    known = [(place, heads.labels.index(label)) for place, label in enumerate(HARM) if label in heads.labels]
    texts: list[str] = []
    for at in range(0, len(messages), BATCH):
        batch = MessageBatch(messages[at : at + BATCH])
        texts += batch.texts
        for place, column in known:
            odds[at : at + BATCH, place] = log_odds(batch.probabilities[:, column])
    indptr, indices, values = csr(texts, heads.idf)
    return Examples(odds, wanted, sp.csr_matrix((values, indices, indptr), shape=(len(texts), BUCKETS)), groups)


def learnable() -> tuple[str, ...]:
    """Return the labels of harm that have a head a layer can stand on."""
    labels = linear.load().labels
    return tuple(label for label in HARM if label in labels)
