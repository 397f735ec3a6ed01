"""The local layer: what verdicts taught over the trained heads, a recalibration and a sparse correction a label."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.base import ArtefactMissing
from classifiers.features import csr
from classifiers.linear import sigmoid

FILE = "layer.npz"
_NEAREST = 1e-6


@dataclass(frozen=True, slots=True)
class LocalLayer:
    """A layer over the heads of version `base`. New log-odds = slope × old + intercept + correction of the words.

    Shapes: slopes and intercepts (labels,), buckets (k,) sorted, weights (k, labels).
    """

    version: str
    base: str
    labels: tuple[str, ...]
    slopes: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    buckets: NDArray[np.int64]
    weights: NDArray[np.float32]

    def applied(
        self,
        probabilities: NDArray[np.float32],
        names: Sequence[str],
        texts: Sequence[str],
        idf: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Return `probabilities` (texts, names) with the labels that the layer knows corrected."""
        mine = [index for index, label in enumerate(self.labels) if label in names]
        if not len(texts) or not mine:
            return probabilities
        columns = [names.index(self.labels[index]) for index in mine]
        odds = self.slopes[mine] * log_odds(probabilities[:, columns]) + self.intercepts[mine]
        out = probabilities.copy()
        out[:, columns] = sigmoid((odds + self._corrections(texts, idf)[:, mine]).astype(np.float32))
        return out

    def _corrections(self, texts: Sequence[str], idf: NDArray[np.float32]) -> NDArray[np.float32]:
        out = np.zeros((len(texts), len(self.labels)), np.float32)
        if not len(self.buckets):
            return out
        indptr, indices, values = csr(texts, idf)
        places = np.minimum(np.searchsorted(self.buckets, indices), len(self.buckets) - 1)
        hit = self.buckets[places] == indices
        rows = np.repeat(np.arange(len(texts)), np.diff(indptr))[hit]
        np.add.at(out, rows, values[hit, None] * self.weights[places[hit]])
        return out

    def save(self, folder: Path) -> None:
        """Write it into `folder`."""
        card = {"version": self.version, "base": self.base, "labels": list(self.labels)}
        np.savez_compressed(
            folder / FILE,
            card=np.frombuffer(json.dumps(card).encode(), np.uint8),
            slopes=self.slopes,
            intercepts=self.intercepts,
            buckets=self.buckets,
            weights=self.weights,
        )


def log_odds(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return log(p / (1 - p)), with p kept off 0 and 1."""
    kept = np.clip(probabilities.astype(np.float64), _NEAREST, 1 - _NEAREST)
    return np.asarray(np.log(kept / (1 - kept)), np.float32)


def load_layer(folder: Path) -> LocalLayer:
    """Return the layer kept in `folder`.

    Raises:
        ArtefactMissing: It is not there or damaged.
    """
    path = folder / FILE
    try:
        with np.load(path, allow_pickle=False) as data:
            card = json.loads(bytes(data["card"]).decode())
            return LocalLayer(
                version=card["version"],
                base=card["base"],
                labels=tuple(card["labels"]),
                slopes=data["slopes"],
                intercepts=data["intercepts"],
                buckets=data["buckets"],
                weights=data["weights"],
            )
    except (OSError, KeyError, ValueError) as error:
        raise ArtefactMissing(f"{path}: the local layer cannot be read ({error}); run `porthor learn` again") from error
