"""Words and character n-grams of many texts at once, as hashes: each step is one operation over all their bytes.

Words are hashed by FNV-1a; each word padded by a boundary gives its 3- to 5-grams of bytes. A word is a run of
letters, digits, bytes beyond ASCII, and `'#@_`, in lower-case UTF-8.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GROUP_BYTES = 1 << 14
"""So many bytes are worked on together: the arrays stay in the processor's cache, and a text's number has 14 bits."""
_PRIME, _SEED, _GRAM_SEED = np.uint64(1099511628211), np.uint64(1469598103934665603), np.uint64(7)
_WORD_SPREAD, _PAIR_SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_WORD_SHIFT, _GRAM_SHIFT, _PAIR_STEP = np.uint64(40), np.uint64(39), np.uint64(31)
_BOUNDARY = 32
_HEAD, _TAIL = b" ", b"    "
FIRST = len(_HEAD)
"""Where the first text of a buffer begins."""
IN_WORD = np.zeros(256, bool)
IN_WORD[[*range(97, 123), *range(48, 58), *range(128, 256), *b"'#@_"]] = True
_FIRST = (np.arange(256, dtype=np.uint64) ^ _GRAM_SEED) * _PRIME


@dataclass(frozen=True, slots=True)
class Packed:
    """Texts in one byte buffer with boundaries round each; `texts` gives for each byte the number of its text."""

    buffer: NDArray[np.uint8]
    texts: NDArray[np.uint32]
    count: int


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a buffer: [start, end) in bytes, and the FNV-1a hash of each."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    hashes: NDArray[np.uint64]

    def places(self) -> NDArray[np.uint32]:
        """Return 24 bits of each word."""
        return (self.hashes * _WORD_SPREAD >> _WORD_SHIFT).astype(np.uint32)

    def pairs(self, texts: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return 24 bits of each word with the one before it in its text, nought before the first; `texts` is each word's text."""
        before = np.zeros_like(self.hashes)
        before[1:] = np.where(texts[1:] == texts[:-1], self.hashes[:-1], 0)
        return ((before * _PAIR_STEP + self.hashes) * _PAIR_SPREAD >> _WORD_SHIFT).astype(np.uint32)

    def numbers(self, size: int) -> NDArray[np.uint32]:
        """Return for each of `size` bytes the number of the last word that began, where one did."""
        begun = np.zeros(size, np.uint32)
        begun[self.starts] = 1
        return np.cumsum(begun, dtype=np.uint32) - np.uint32(1)


def grouped(texts: Sequence[str]) -> Iterator[Packed]:
    """Yield `texts` packed in order, GROUP_BYTES at most together unless one alone is longer; lone surrogates become `?`."""
    waiting: list[bytes] = []
    room = GROUP_BYTES
    for text in texts:
        raw = text.encode("utf-8", "replace")
        if waiting and len(raw) >= room:
            yield _packed(waiting)
            waiting, room = [], GROUP_BYTES
        waiting.append(raw)
        room -= len(raw) + 1
    if waiting:
        yield _packed(waiting)


def _packed(raw: Sequence[bytes]) -> Packed:
    buffer = np.frombuffer(_HEAD + b" ".join(raw) + _TAIL, np.uint8)
    sizes = np.fromiter(map(len, raw), np.int64, len(raw)) + 1
    sizes[0] += len(_HEAD)
    sizes[-1] += len(_TAIL) - 1
    return Packed(buffer, np.repeat(np.arange(len(raw), dtype=np.uint32), sizes), len(raw))


def words_of(buffer: NDArray[np.uint8], inside: NDArray[np.bool_]) -> Words:
    """Return the words of `buffer`; `inside` says of each byte whether it belongs to one, its edges do not."""
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    sizes = ends - starts
    longest_first = np.argsort(-sizes, kind="stable")
    at = starts[longest_first]
    going = np.searchsorted(-sizes[longest_first], -np.arange(int(sizes.max(initial=0))), side="left").tolist()
    found = np.full(len(starts), _SEED)
    for step, count in enumerate(going):
        part = found[:count]
        part ^= buffer[at[:count] + step]
        part *= _PRIME
    hashes = np.empty_like(found)
    hashes[longest_first] = found
    return Words(starts, ends, hashes)


def gram_places(
    buffer: NDArray[np.uint8], inside: NDArray[np.bool_], owners: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return 25 bits of each n-gram of the words, and of each what `owners` has for its bytes."""
    size = len(buffer) - len(_TAIL)
    marked = np.where(inside, buffer, np.uint8(_BOUNDARY))
    wide = marked.astype(np.uint64)
    gram = _FIRST.take(marked[:size])
    held = np.ones(size, bool)
    places, mine = [], []
    for length in range(2, 6):
        gram ^= wide[length - 1 : size + length - 1]
        gram *= _PRIME
        if length > 2:
            held &= inside[length - 2 : size + length - 2]
            at = np.flatnonzero(held)
            places.append((gram.take(at) * _WORD_SPREAD >> _GRAM_SHIFT).astype(np.uint32))
            mine.append(owners.take(at + 1))
    return np.concatenate(places), np.concatenate(mine)
