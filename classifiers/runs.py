"""Which words of a text carry a label most: each word by what its features add, the heaviest run of them as one stretch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifiers.features import BUCKETS
from classifiers.hashing import IN_WORD, Packed, gram_places, grouped, words_of

TOLL = 0.3
"""Each word pays this share of what a word weighs on average for its place in a run."""
SAME = 1 - 1e-9
"""Runs of the same words may differ so little by rounding: the first of them is taken."""
_MASK = np.uint32(BUCKETS - 1)


def heaviest_runs(
    text: str, idf: NDArray[np.float32], weights: NDArray[np.int8], through: NDArray[np.float64]
) -> Sequence[tuple[int, int] | None]:
    """Return for each column of `weights @ through` the run of words of `text` that adds most to it.

    Shapes: weights (BUCKETS, heads), through (heads, columns). Runs are [start, end) in characters; None where
    no word adds anything.
    """
    packed = next(grouped([text]))
    edges, sums = _word_sums(packed, idf, weights, through)
    raw = packed.buffer.tobytes()
    return [
        None if run is None else (_characters(raw, edges[run[0], 0]), _characters(raw, edges[run[1], 1]))
        for run in map(_heaviest, sums)
    ]


def _characters(raw: bytes, edge: int) -> int:
    """Return how many characters stand before byte `edge`, without the boundary that the text was packed with."""
    return len(raw[:edge].decode()) - 1


def _word_sums(
    packed: Packed, idf: NDArray[np.float32], weights: NDArray[np.int8], through: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return [start, end) of each word in bytes, shape (words, 2), and what it adds to each column, (columns, words)."""
    inside = IN_WORD[packed.buffer]
    words = words_of(packed.buffer, inside)
    grams, owners = gram_places(packed.buffer, inside, words.numbers(len(packed.buffer)))
    each = np.arange(len(words.starts), dtype=np.uint32)
    places = np.concatenate([words.places(), words.pairs(packed.texts[words.starts]), grams]) & _MASK
    owners = np.concatenate([each, each, owners])
    added = (weights.take(places, axis=0) @ through) * idf[places, None]
    sums = [np.bincount(owners, column, len(each)) for column in added.T]
    return np.stack([words.starts, words.ends], axis=1), np.array(sums)


def _heaviest(sums: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return first and last word of the run with the largest sum once the toll is paid; None where none is above nought.

    A run's sum is the sum up to its end less the sum before its start, so it starts where that was lowest.
    """
    if not len(sums):
        return None
    upto = np.cumsum(sums - TOLL * np.abs(sums).mean())
    before = np.concatenate([[0.0], upto[:-1]])
    lowest = np.minimum.accumulate(before)
    totals = upto - lowest
    best = float(totals.max())
    if best <= 0.0:
        return None
    last = int(np.argmax(totals >= best * SAME))
    return int(np.flatnonzero(before[: last + 1] == lowest[last])[-1]), last
