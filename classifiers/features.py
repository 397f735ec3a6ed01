"""Hashed word and character n-grams of UTF-8 text as sparse features, and their linear scores.

Words give unigrams and bigrams, and each word padded by a boundary gives its 3- to 5-grams of bytes.
Counts are damped (1 + log tf), weighed by the inverse document frequency of their bucket and
normalised to length 1, so a linear model sees what TF-IDF would show it, without a vocabulary.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifiers.hashing import IN_WORD, Packed, gram_places, grouped, words_of

BITS = 18
BUCKETS = 1 << BITS
_MASK, _SHIFT = np.uint32(BUCKETS - 1), np.uint32(BITS)
_DAMPED = 1.0 + np.log(np.maximum(np.arange(64), 1))

Sparse = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]
"""A sparse matrix by rows: indptr, indices, values."""


def csr(texts: Sequence[str], idf: NDArray[np.float32]) -> Sparse:
    """Return (indptr, indices, values) of the weighted features of `texts`."""
    parts = [_weighed(packed, idf) for packed in grouped(texts)]
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(indptr) for indptr, _, _ in parts)])
    indices = np.concatenate([np.zeros(0, np.int64), *(indices for _, indices, _ in parts)])
    values = np.concatenate([np.zeros(0, np.float32), *(values for _, _, values in parts)])
    return np.cumsum(sizes), indices, values


def scores(
    texts: Sequence[str],
    idf: NDArray[np.float32],
    weights: NDArray[np.int8],
    scales: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the linear scores of `texts`, shape (texts, heads); `weights` has shape (BUCKETS, heads).

    Sums run over the features in order, not by blocks as a library of linear algebra has it: a text's score is
    the same on every machine.
    """
    out = np.zeros((len(texts), weights.shape[1]), np.float32)
    row = 0
    for packed in grouped(texts):
        indptr, indices, values = _weighed(packed, idf)
        for start, end in pairwise(indptr.tolist()):
            found = weights.take(indices[start:end], axis=0).astype(np.float32)
            np.einsum("k,kh->h", values[start:end], found, out=out[row])
            row += 1
    return np.asarray(out * scales + bias, np.float32)


def _weighed(packed: Packed, idf: NDArray[np.float32]) -> Sparse:
    """Return the features of one group of texts: each bucket once a text, the values of a text of unit length."""
    keys = np.sort(_keys(packed))
    begins = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=begins[1:])
    firsts = np.flatnonzero(begins)
    runs = np.diff(firsts, append=len(keys))
    kept = keys[firsts]
    indices, texts = (kept & _MASK).astype(np.int64), kept >> _SHIFT
    weighed = _damped(runs) * idf.take(indices)
    squares = np.bincount(texts, weighed * weighed, packed.count)
    scales = 1.0 / np.sqrt(np.where(squares > 0, squares, 1.0))
    values = (weighed.astype(np.float32) * scales[texts]).astype(np.float32)
    sizes = np.bincount(texts, minlength=packed.count)
    return np.concatenate([[0], np.cumsum(sizes)]), indices, values


def _damped(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return 1 + log of each count, looked up where all are as small as they are in ordinary texts."""
    small = counts.max(initial=0) < len(_DAMPED)
    return _DAMPED.take(counts) if small else np.asarray(1.0 + np.log(counts), np.float64)


def _keys(packed: Packed) -> NDArray[np.uint32]:
    """Return of every feature its text and its bucket as one number."""
    inside = IN_WORD[packed.buffer]
    words = words_of(packed.buffer, inside)
    texts = packed.texts << _SHIFT
    mine = texts[words.starts]
    grams, owners = gram_places(packed.buffer, inside, texts)
    return np.concatenate([mine | words.places() & _MASK, mine | words.pairs(mine) & _MASK, owners | grams & _MASK])
