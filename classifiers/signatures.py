"""The signature of a text: what is kept of it to find its look-alikes among a million others."""

import hashlib
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from rensa import RMinHash

from classifiers.matters import words_of

VERSION = 2
"""First byte of every signature: one of another version is made anew from the text."""
PERMUTATIONS, BANDS = 128, 32
SKETCH_WORDS = 4
"""64-bit words of the sketch: four bits of each of the first 64 permutations."""
SEED = 7
CHARACTERS_OF_A_SHINGLE = 5
CHARACTERS_AT_MOST = 12_000
SENTENCE_CHARACTERS = 30
WHOLES_AT_MOST = 24
_HEAD = struct.Struct("<BBxxxxxx")
_VALUES = struct.Struct(f"<{PERMUTATIONS}I")
_LINK = re.compile(r"https?://[^\s<>\"')]+")
_BREAK = re.compile(r"[.!?\n]+")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature unpacked: band keys (32, uint32), sketch (4, uint64), hashes of links and long sentences (uint64)."""

    keys: NDArray[np.uint32]
    sketch: NDArray[np.uint64]
    wholes: NDArray[np.uint64]


@lru_cache(maxsize=4_096)
def shingles(text: str) -> frozenset[str]:
    """Return every five letters in a row of the folded words of `text`."""
    plain = " ".join(words_of(text[:CHARACTERS_AT_MOST]))
    if len(plain) <= CHARACTERS_OF_A_SHINGLE:
        return frozenset({plain}) if plain else frozenset()
    return frozenset(plain[i : i + CHARACTERS_OF_A_SHINGLE] for i in range(len(plain) - CHARACTERS_OF_A_SHINGLE + 1))


def similarity(a: str, b: str) -> float:
    """Return the Jaccard likeness of the shingles of two texts, from 0 to 1."""
    one, two = shingles(a), shingles(b)
    return len(one & two) / len(one | two) if one and two else 0.0


def containment(part: str, whole: str) -> float:
    """Return the share of `part` that stands in `whole`: a signature added on top leaves it near 1."""
    one, two = shingles(part), shingles(whole)
    return len(one & two) / len(one) if one and two else 0.0


def signature(text: str) -> bytes:
    """Return the signature of `text`; one a message is kept in the store. Empty where there is nothing to compare."""
    found = shingles(text)
    if not found:
        return b""
    made = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    made.update(list(found))
    values = np.frombuffer(_VALUES.pack(*made.digest()), np.uint32)
    keys, sketch = np.empty(BANDS, np.uint32), np.empty(SKETCH_WORDS, np.uint64)
    _condense(values, keys, sketch)
    wholes = _wholes(text[:CHARACTERS_AT_MOST])
    return _HEAD.pack(VERSION, len(wholes)) + keys.tobytes() + sketch.tobytes() + b"".join(wholes)


def unpacked(blob: bytes) -> Signature | None:
    """Return what a signature holds; None for an empty one or one of another version."""
    if len(blob) < _HEAD.size or blob[0] != VERSION:
        return None
    at = _HEAD.size
    keys = np.frombuffer(blob, np.uint32, BANDS, at)
    sketch = np.frombuffer(blob, np.uint64, SKETCH_WORDS, at + 4 * BANDS)
    return Signature(keys, sketch, np.frombuffer(blob, np.uint64, blob[1], at + 4 * BANDS + 8 * SKETCH_WORDS))


def is_current(blob: bytes | None) -> bool:
    """True for a signature that need not be made anew."""
    return blob is not None and (not blob or blob[0] == VERSION)


def _wholes(text: str) -> list[bytes]:
    """Return hashes of the links and of the long sentences: a template inside a longer letter shares whole sentences."""
    links: Iterable[str] = _LINK.findall(text) if "://" in text else ()
    sentences = (" ".join(words_of(part)) for part in _BREAK.split(text))
    parts = dict.fromkeys((*links, *(part for part in sentences if len(part) >= SENTENCE_CHARACTERS)))
    return [_hashed(part) for part in _spread(list(parts), WHOLES_AT_MOST)]


def _spread(parts: Sequence[str], most: int) -> Sequence[str]:
    """Return at most so many, taken evenly from the whole length."""
    return parts if len(parts) <= most else [parts[at * len(parts) // most] for at in range(most)]


def _hashed(part: str) -> bytes:
    return hashlib.blake2b(part.encode("utf-8", "replace"), digest_size=8).digest()


@njit(cache=True, nogil=True)
def _condense(values: NDArray[np.uint32], keys: NDArray[np.uint32], sketch: NDArray[np.uint64]) -> None:
    """Write one key a band of four values, and the low four bits of the first 64 values."""
    rows = len(values) // len(keys)
    for band in range(len(keys)):
        mixed = np.uint64(0x9E3779B97F4A7C15) + np.uint64(band)
        for row in range(rows):
            mixed = (mixed ^ np.uint64(values[band * rows + row])) * np.uint64(0xBF58476D1CE4E5B9)
            mixed ^= mixed >> np.uint64(29)
        keys[band] = np.uint32(mixed >> np.uint64(32))
    for word in range(len(sketch)):
        packed = np.uint64(0)
        for nibble in range(16):
            packed |= np.uint64(values[word * 16 + nibble] & np.uint32(15)) << np.uint64(4 * nibble)
        sketch[word] = packed
