"""Knows the common words of English and Welsh by their hashes: a slip of the finger makes a word that nobody knows."""

import zlib
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from classifiers.base import ArtefactMissing

ARTEFACT = Path(__file__).parent / "artefacts" / "words.npz"


def digest(word: str) -> int:
    """Return the hash a word is kept by, 32 bits."""
    return zlib.crc32(word.encode())


@lru_cache(maxsize=65_536)
def is_known(word: str) -> bool:
    """True for a folded word that is common in English or Welsh; one unknown word in 100,000 passes for known."""
    return digest(word) in _table()


@cache
def _table() -> frozenset[int]:
    try:
        with np.load(ARTEFACT) as file:
            return frozenset(file["words"].tolist())
    except (OSError, KeyError, ValueError) as error:
        raise ArtefactMissing(
            f"{ARTEFACT}: the table of words cannot be read ({error}); run `python -m classifiers.train.words`"
        ) from error
