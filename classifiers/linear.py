"""The linear heads: one calibrated probability a label, scored for a whole batch in compiled code."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.base import ArtefactMissing
from classifiers.features import scores
from models.domain import Message

ARTEFACT = Path(__file__).resolve().parent / "artefacts" / "linear.npz"
CHARACTERS_AT_MOST = 12_000


@dataclass(frozen=True, slots=True)
class Heads:
    """The trained weights. `base` heads are scored from text; `labels` stack them into probabilities.

    Shapes: idf (BUCKETS,), weights (BUCKETS, base), scales and bias (base,), stack (labels, base + 1).
    """

    version: str
    base: tuple[str, ...]
    labels: tuple[str, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.int8]
    scales: NDArray[np.float32]
    bias: NDArray[np.float32]
    stack: NDArray[np.float32]

    def base_scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the raw scores of normalised `texts`, shape (texts, base)."""
        return scores(texts, self.idf, self.weights, self.scales, self.bias)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the calibrated probabilities of normalised `texts`, shape (texts, labels)."""
        return stacked(self.base_scores(texts), self.stack)

    def column(self, label: str) -> int | None:
        """Return the column of `label`, None where no head was trained for it."""
        return self.labels.index(label) if label in self.labels else None


def stacked(base: NDArray[np.float32], stack: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return sigmoid(base · stackᵀ + intercept), shape (texts, labels)."""
    linear = base @ stack[:, :-1].T + stack[:, -1]
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(linear, -30, 30))), dtype=np.float32)


def text_of(message: Message) -> str:
    """Return the words the heads read: subject and own text, cut to a length no mail needs to exceed."""
    body = message.own_text[:CHARACTERS_AT_MOST]
    return f"{message.subject}\n{body}" if message.subject else body


@lru_cache(maxsize=1)
def load(path: Path = ARTEFACT) -> Heads:
    """Return the trained heads.

    Raises:
        ArtefactMissing: The file is not there or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            card = json.loads(bytes(data["card"]).decode())
            return Heads(
                version=card["version"],
                base=tuple(card["base"]),
                labels=tuple(card["labels"]),
                idf=data["idf"].astype(np.float32),
                weights=data["weights"],
                scales=data["scales"],
                bias=data["bias"],
                stack=data["stack"],
            )
    except (OSError, KeyError, ValueError) as error:
        raise ArtefactMissing(f"{path}: the trained heads cannot be read ({error}); run `make train`") from error
