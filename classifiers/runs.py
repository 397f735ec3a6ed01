"""Which words of a text carry a label most: each word by what its features add, the heaviest run of them as one stretch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifiers.features import BUCKETS
from classifiers.hashing import FIRST, IN_WORD, Packed, gram_places, grouped, words_of

TOLL = 0.3
"""Each word pays this share of what a word weighs on average for its place in a run."""
_MASK = np.uint32(BUCKETS - 1)

Run = tuple[int, int]
"""[start, end) in characters."""


@dataclass(frozen=True, slots=True)
class _WordFeatures:
    """The words of one text: [start, end) of each in bytes of `raw`, and the buckets of all with the word of each."""

    raw: bytes
    edges: NDArray[np.int64]
    buckets: NDArray[np.uint32]
    owners: NDArray[np.int64]


def heaviest_runs(
    texts: Sequence[str],
    idf: NDArray[np.float32],
    weights: NDArray[np.int8],
    through: Sequence[NDArray[np.float64]],
) -> list[list[Run | None]]:
    """Return for each text and each column of `weights @ through` the run of words that adds most to it.

    Shapes: weights (BUCKETS, heads), through for each text (heads, columns). None where no word adds anything.
    """
    found = []
    for one, columns in zip(_features(texts), through, strict=True):
        added = (weights.take(one.buckets, axis=0) @ columns) * idf.take(one.buckets)[:, None]
        sums = [np.bincount(one.owners, column, len(one.edges)) for column in added.T]
        found.append([_in_characters(one, _heaviest(part.tolist())) for part in sums])
    return found


def _in_characters(one: _WordFeatures, run: Run | None) -> Run | None:
    if run is None:
        return None
    start, end = int(one.edges[run[0], 0]), int(one.edges[run[1], 1])
    return (len(one.raw[:start].decode()), len(one.raw[:end].decode()))


def _features(texts: Sequence[str]) -> Iterator[_WordFeatures]:
    """Yield the words of each text, worked out for many together."""
    for packed in grouped(texts):
        inside = IN_WORD[packed.buffer]
        words = words_of(packed.buffer, inside)
        mine = packed.texts[words.starts]
        each = np.arange(len(mine), dtype=np.uint32)
        grams, of_grams = gram_places(packed.buffer, inside, words.numbers(len(packed.buffer)))
        owners = np.concatenate([each, each, of_grams])
        order = np.argsort(owners, kind="stable")
        owners = owners[order].astype(np.int64)
        buckets = (np.concatenate([words.places(), words.pairs(mine), grams]) & _MASK)[order]
        yield from _apart(packed, np.stack([words.starts, words.ends], axis=1), mine, buckets, owners)


def _apart(
    packed: Packed,
    edges: NDArray[np.int64],
    mine: NDArray[np.uint32],
    buckets: NDArray[np.uint32],
    owners: NDArray[np.int64],
) -> Iterator[_WordFeatures]:
    """Yield what belongs to each text of a group; `mine` is the text of each word, `owners` the word of each bucket."""
    raw = packed.buffer.tobytes()
    texts = np.arange(packed.count + 1)
    starts = np.searchsorted(packed.texts, texts)
    starts[0] = FIRST
    firsts = np.searchsorted(mine, texts)
    features = np.searchsorted(owners, firsts)
    spans = (pairwise(found.tolist()) for found in (starts, firsts, features))
    for (begin, end), (first, last), (low, high) in zip(*spans, strict=True):
        yield _WordFeatures(raw[begin:end], edges[first:last] - begin, buckets[low:high], owners[low:high] - first)


def _heaviest(sums: Sequence[float]) -> Run | None:
    """Return first and last word of the run with the largest sum once the toll is paid; None where none is above nought."""
    toll = TOLL * sum(map(abs, sums)) / max(1, len(sums))
    best, found = 0.0, None
    total, start = 0.0, 0
    for at, weight in enumerate(sums):
        if total <= 0.0:
            total, start = 0.0, at
        total += weight - toll
        if total > best:
            best, found = total, (start, at)
    return found
