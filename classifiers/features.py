"""Hashed word and character n-grams of UTF-8 text, extracted and scored in compiled code.

Words give unigrams and bigrams, and each word padded by a boundary gives its 3- to 5-grams of bytes.
Counts are damped (1 + log tf), weighed by the inverse document frequency of their bucket and
normalised to length 1, so a linear model sees what TF-IDF would show it, without a vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

BITS = 18
BUCKETS = 1 << BITS
FEATURES_A_BYTE = 6
FEATURES_SPARE = 16


@dataclass(frozen=True, slots=True)
class Packed:
    """Texts joined into one byte buffer; text `i` is `buffer[offsets[i]:offsets[i + 1]]`."""

    buffer: NDArray[np.uint8]
    offsets: NDArray[np.int64]


def pack(texts: Sequence[str]) -> Packed:
    """Join `texts` as UTF-8; lone surrogates become `?`."""
    encoded = [text.encode("utf-8", "replace") for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
    return Packed(np.frombuffer(b"".join(encoded) + b" ", np.uint8), offsets)


@njit(cache=True, nogil=True)
def is_word(byte: int) -> bool:
    """Return whether a byte of lower-case UTF-8 belongs to a word: letters, digits, beyond ASCII, and `'#@_`."""
    return (97 <= byte <= 122) or (48 <= byte <= 57) or byte >= 128 or byte in (39, 35, 64, 95)


@njit(cache=True, nogil=True)
def emit_word(buffer, start, end, previous, mask, out, count):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    """Write the buckets of the word at [start, end) into `out` from `count` on; return the new count and the word's hash."""
    word = np.uint64(1469598103934665603)
    for i in range(start, end):
        word = (word ^ np.uint64(buffer[i])) * np.uint64(1099511628211)
    mixed = word * np.uint64(0x9E3779B97F4A7C15)
    out[count] = np.int64((mixed >> np.uint64(40)) & mask)
    pair = (previous * np.uint64(31) + word) * np.uint64(0xC2B2AE3D27D4EB4F)
    out[count + 1] = np.int64((pair >> np.uint64(40)) & mask)
    count += 2
    for first in range(start - 1, end - 1):
        gram = np.uint64(7)
        for length in range(1, 6):
            at = first + length - 1
            if at > end:
                break
            byte = np.uint64(32) if at < start or at >= end else np.uint64(buffer[at])
            gram = (gram ^ byte) * np.uint64(1099511628211)
            if length >= 3:
                spread = gram * np.uint64(0x9E3779B97F4A7C15)
                out[count] = np.int64((spread >> np.uint64(39)) & mask)
                count += 1
    return count, word


@njit(cache=True, nogil=True)
def _extract(buffer, start, end, mask, out):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Write the buckets of one text into `out` and return how many there are."""
    count = 0
    previous = np.uint64(0)
    begin = -1
    for i in range(start, end + 1):
        inside = i < end and is_word(buffer[i])
        if inside and begin < 0:
            begin = i
        elif not inside and begin >= 0:
            count, previous = emit_word(buffer, begin, i, previous, mask, out, count)
            begin = -1
    return count


@njit(cache=True, nogil=True)
def _weigh(found, idf, indices, values):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Fold sorted buckets into unique ones with unit-length weights; return how many remain."""
    kept = 0
    square = 0.0
    i = 0
    while i < found.size:
        bucket = found[i]
        run = 1
        while i + run < found.size and found[i + run] == bucket:
            run += 1
        value = (1.0 + np.log(run)) * idf[bucket]
        indices[kept] = bucket
        values[kept] = value
        square += value * value
        kept += 1
        i += run
    if square > 0.0:
        scale = 1.0 / np.sqrt(square)
        for k in range(kept):
            values[k] *= scale
    return kept


@njit(cache=True, nogil=True)
def _csr(buffer, offsets, idf, mask, indptr, indices, values):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    total = 0
    for d in range(offsets.size - 1):
        room = (offsets[d + 1] - offsets[d]) * FEATURES_A_BYTE + FEATURES_SPARE
        found = np.empty(room, np.int64)
        count = _extract(buffer, offsets[d], offsets[d + 1], mask, found)
        total += _weigh(np.sort(found[:count]), idf, indices[total:], values[total:])
        indptr[d + 1] = total


@njit(cache=True, nogil=True)
def _score(buffer, offsets, idf, mask, weights, scales, bias, out):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    heads = weights.shape[1]
    for d in range(offsets.size - 1):
        room = (offsets[d + 1] - offsets[d]) * FEATURES_A_BYTE + FEATURES_SPARE
        found = np.empty(room, np.int64)
        count = _extract(buffer, offsets[d], offsets[d + 1], mask, found)
        indices = np.empty(count, np.int64)
        values = np.empty(count, np.float32)
        kept = _weigh(np.sort(found[:count]), idf, indices, values)
        sums = np.zeros(heads, np.float32)
        for k in range(kept):
            value = values[k]
            row = weights[indices[k]]
            for h in range(heads):
                sums[h] += value * row[h]
        for h in range(heads):
            out[d, h] = sums[h] * scales[h] + bias[h]


def csr(
    texts: Sequence[str], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return (indptr, indices, values) of the weighted features of `texts`."""
    packed = pack(texts)
    room = int(packed.offsets[-1]) * FEATURES_A_BYTE + FEATURES_SPARE * max(1, len(texts))
    indptr = np.zeros(len(texts) + 1, np.int64)
    indices, values = np.empty(room, np.int64), np.empty(room, np.float32)
    _csr(packed.buffer, packed.offsets, idf, np.uint64(BUCKETS - 1), indptr, indices, values)
    return indptr, indices[: indptr[-1]].copy(), values[: indptr[-1]].copy()


def scores(
    texts: Sequence[str],
    idf: NDArray[np.float32],
    weights: NDArray[np.int8],
    scales: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the linear scores of `texts`, shape (texts, heads); `weights` has shape (BUCKETS, heads)."""
    packed = pack(texts)
    out = np.empty((len(texts), weights.shape[1]), np.float32)
    _score(packed.buffer, packed.offsets, idf, np.uint64(BUCKETS - 1), weights, scales, bias, out)
    return out


@njit(cache=True, nogil=True)
def _word_sums(buffer, idf, mask, matrix, wanted, places, sums):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Write where each word stands and what its features add to each wanted column; return how many words there are."""
    found = np.empty(buffer.size * FEATURES_A_BYTE + FEATURES_SPARE, np.int64)
    words = 0
    previous = np.uint64(0)
    begin = -1
    for i in range(buffer.size + 1):
        inside = i < buffer.size and is_word(buffer[i])
        if inside and begin < 0:
            begin = i
        elif not inside and begin >= 0:
            count, previous = emit_word(buffer, begin, i, previous, mask, found, 0)
            places[words, 0], places[words, 1] = begin, i
            for j in range(wanted.size):
                sums[words, j] = 0.0
            for k in range(count):
                weight = idf[found[k]]
                for j in range(wanted.size):
                    sums[words, j] += weight * matrix[found[k], wanted[j]]
            words += 1
            begin = -1
    return words


@njit(cache=True, nogil=True)
def _heaviest(sums, words, column):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Return first and last word of the run with the largest sum, each word paying a little for its place; -1 where none."""
    toll = 0.0
    for at in range(words):
        toll += abs(sums[at, column])
    toll = 0.3 * toll / max(1, words)
    best, first, last = 0.0, -1, -1
    total, start = 0.0, 0
    for at in range(words):
        if total <= 0.0:
            total, start = 0.0, at
        total += sums[at, column] - toll
        if total > best:
            best, first, last = total, start, at
    return first, last


@njit(cache=True, nogil=True)
def _runs(buffer, idf, mask, matrix, wanted, out):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    room = buffer.size // 2 + 1
    places = np.empty((room, 2), np.int64)
    sums = np.empty((room, wanted.size), np.float32)
    words = _word_sums(buffer, idf, mask, matrix, wanted, places, sums)
    for j in range(wanted.size):
        first, last = _heaviest(sums, words, j)
        out[j, 0] = -1 if first < 0 else places[first, 0]
        out[j, 1] = -1 if first < 0 else places[last, 1]


def heaviest_runs(
    text: str, idf: NDArray[np.float32], matrix: NDArray[np.float32], wanted: Sequence[int]
) -> list[tuple[int, int] | None]:
    """Return for each wanted column of `matrix` (BUCKETS, columns) the run of words of `text` that adds most to it.

    Runs are [start, end) in characters; None where no word adds anything.
    """
    raw = text.encode("utf-8", "replace")
    out = np.empty((len(wanted), 2), np.int64)
    _runs(np.frombuffer(raw, np.uint8), idf, np.uint64(BUCKETS - 1), matrix, np.array(wanted, np.int64), out)
    if not text.isascii():
        edges = np.cumsum([0, *(len(character.encode("utf-8", "replace")) for character in text)])
        out = np.where(out < 0, -1, np.searchsorted(edges, np.maximum(out, 0)))
    return [None if start < 0 else (int(start), int(end)) for start, end in out]
