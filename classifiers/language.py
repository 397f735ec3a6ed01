"""Tells Welsh from English, for a message and for each of its sentences, by letter groups."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.base import ArtefactMissing
from classifiers.fold import fold
from classifiers.hashing import IN_WORD, Packed, gram_places, grouped, words_of

ARTEFACT = Path(__file__).resolve().parent / "artefacts" / "language.npz"
BUCKETS = 1 << 16
CHARACTERS_AT_MOST = 4_000
SURE = 1.5
"""A word speaks for a language when its score is at least this far from nought."""
WELSH_FROM, ENGLISH_TO = 0.77, 0.2
"""A text with this share of Welsh among its sure words is Welsh, English; mixed between. English loans are common in Welsh."""
_MASK = np.uint32(BUCKETS - 1)
_IN_SPEECH = IN_WORD.copy()
_IN_SPEECH[[*range(48, 58)]] = False
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_NO_SPEECH_SIGNS = ("@", "#", "://", "www.")
_NO_SPEECH = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w.-]+|[@#]\w+")
_NO_SPEECH_BUT_MAIL = re.compile(r"https?://\S+|www\.\S+|@\w+|#\w+")
"""The same without addresses of mail, each alternative begun by a letter of its own: that is found many times faster."""
_MAIL = re.compile(r"@(?<=[\w.+-]@)[\w.-]")


def shares(texts: Sequence[str], table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (texts, 2): how many words of each text are Welsh and how many English."""
    found = [_counted(packed, table) for packed in grouped([_spoken(text) for text in texts])]
    return np.concatenate([np.zeros((0, 2), np.float32), *found])


def _counted(packed: Packed, table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (texts, 2) for one group of texts: the words whose letter groups together speak surely for either language."""
    inside = _IN_SPEECH[packed.buffer]
    words = words_of(packed.buffer, inside)
    grams, owners = gram_places(packed.buffer, inside, words.numbers(len(packed.buffer)))
    totals = table[words.places() & _MASK] + np.bincount(owners, table[grams & _MASK], len(words.starts))
    texts = packed.texts[words.starts]
    sure = (totals > SURE, totals < -SURE)
    return np.stack([np.bincount(texts[kept], minlength=packed.count) for kept in sure], axis=1).astype(np.float32)


def _spoken(text: str) -> str:
    """Return the words of `text` folded, without links, addresses, handles and tags, which have no language."""
    plain = fold(text[:CHARACTERS_AT_MOST])
    if not any(sign in plain for sign in _NO_SPEECH_SIGNS):
        return plain
    return (_NO_SPEECH if _MAIL.search(plain) else _NO_SPEECH_BUT_MAIL).sub(" ", plain)


def languages_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return `en`, `cy`, or `mixed` for each text: mixed where both carry a good share of the words."""
    return tuple(_named(welsh, english) for welsh, english in shares(texts, _table()).tolist())


def language_of(text: str) -> str:
    """Return the language of one text."""
    return languages_of([text])[0]


def _named(welsh: float, english: float) -> str:
    share = welsh / (welsh + english) if welsh + english else 0.0
    if share >= WELSH_FROM:
        return "cy"
    return "en" if share <= ENGLISH_TO else "mixed"


def sentences(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, language) of each sentence of `text`."""
    found = [match for match in _SENTENCE.finditer(text) if match.group().strip()]
    spoken = shares([match.group() for match in found], _table()) if found else np.zeros((0, 2), np.float32)
    return [
        (match.start(), match.end(), "cy" if welsh > english else "en")
        for match, (welsh, english) in zip(found, spoken.tolist(), strict=True)
    ]


@cache
def _table() -> NDArray[np.float32]:
    """Return the weight of each bucket: above nought Welsh, below English.

    Raises:
        ArtefactMissing: The file is not there or damaged.
    """
    try:
        with np.load(ARTEFACT, allow_pickle=False) as data:
            return np.asarray(data["weights"].astype(np.float32) * data["scale"])
    except (OSError, KeyError, ValueError) as error:
        raise ArtefactMissing(f"{ARTEFACT}: cannot be read ({error}); run `make train`") from error
