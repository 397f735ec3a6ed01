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
def _word_sums(buffer, idf, mask, column, starts, ends, sums):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Write where each word stands and what its features add to a head; return how many words there are."""
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
            total = 0.0
            for k in range(count):
                total += column[found[k]] * idf[found[k]]
            starts[words], ends[words], sums[words] = begin, i, total
            words += 1
            begin = -1
    return words


def word_contributions(
    text: str, idf: NDArray[np.float32], column: NDArray[np.float32]
) -> tuple[list[tuple[int, int]], NDArray[np.float64]]:
    """Return the [start, end) of each word of `text` in characters and what each adds to the head `column`."""
    raw = text.encode("utf-8", "replace")
    buffer = np.frombuffer(raw + b" ", np.uint8)[: len(raw)]
    room = len(raw) // 2 + 1
    starts, ends, sums = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.float64)
    count = _word_sums(buffer, idf, np.uint64(BUCKETS - 1), column, starts, ends, sums)
    if text.isascii():
        return list(zip(starts[:count].tolist(), ends[:count].tolist(), strict=True)), sums[:count]
    places = np.cumsum([0, *(len(character.encode("utf-8", "replace")) for character in text)])
    edges = [np.searchsorted(places, edge[:count]) for edge in (starts, ends)]
    return list(zip(edges[0].tolist(), edges[1].tolist(), strict=True)), sums[:count]
