"""Undoes what hides words — width, look-alikes, emoji, spacing, leet, masks, drawn-out letters — and keeps the way back."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from string import ascii_lowercase

from models.domain import Span

_INVISIBLE = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u034f\u061c\u180e"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_SUSPICIOUS = re.compile(
    r"[a-z][0-9@$!*#_.|+-]+[a-z]|[0-9@$!|][a-z]{2}|(.)\1\1|(?<![^\s])[a-z](?:[ .\-_*][a-z]){2,}(?![^\s.,!?])",
    re.IGNORECASE,
)
_LEET = str.maketrans(
    {
        "0": "o",
        "1": "i",
        "3": "e",
        "4": "a",
        "5": "s",
        "7": "t",
        "8": "b",
        "@": "a",
        "$": "s",
        "!": "i",
        "|": "l",
        "+": "t",
    }
)
_FROM_A_SIGN = re.compile(r"[0-9@$!|+][^ \n]*")
_LEET_WORD = re.compile(r"(?<![\w@#$/:.])(?=[a-z]*+[0-9@$!|+])(?=[\w@$!|+]*[a-z])[a-z0-9@$!|+]{3,15}(?![\w@/])")
_MASKED = re.compile(r"(?<![a-z])[a-z]++[*#_.\-–]{1,6}[a-z]*(?:[*#]+[a-z]*)*(?![a-z])")
_SPACED = re.compile(r"(?<!\S)[a-z](?:[ .\-_*]{1,2}[a-z]){2,14}(?![^\s.,!?])")
_TWO_SPACED = re.compile(r"[ .\-_*][a-z][ .\-_*]{1,2}[a-z](?![^ .\-_*\s,!?])")
"""The second and third letter of any word spelt out: few texts hold it, and it is found faster."""
_DRAWN_OUT, _DRAWN_LETTER = re.compile(r"(.)\1{2,}"), re.compile(r"([a-z])\1{2,}")
_THREE_ALIKE = tuple(letter * 3 for letter in ascii_lowercase)
SHORTEST_MASKED = 3
_MASK_CHARACTERS = "*#_.-–"
_LEET_WORDS = frozenset(
    "fuck fucking fucker fuckers fucked shit shite shithead bitch bitches bastard bastards cunt cunts twat wanker wankers "
    "arse arsehole asshole dick dickhead prick cock nazi nazis idiot idiots moron morons stupid retard retards faggot "
    "fag nigger niggers nigga paki pakis chink slut sluts whore whores slag rape kill die hate muslim muslims jew jews "
    "gay gays porn sex viagra cialis casino bollocks tosser piss pissed tits scum spastic tranny dyke kike gypsy women "
    "ffycin ffwcio ffwc cachu cont diawl twpsyn".split()
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """Text made plain. `offsets[i]` is where character i stood in the original; None where nothing moved."""

    text: str
    offsets: tuple[int, ...] | None

    def to_original(self, start: int, end: int) -> Span:
        """Return the range of the original that [start, end) of the normalised text covers."""
        if self.offsets is None:
            return Span(start, end)
        return Span(self.offsets[start], self.offsets[end - 1] + 1)


def normalise(text: str) -> Normalised:
    """Return `text` in lower case, without accents, look-alikes, invisible characters or disguises."""
    if text.isascii():
        plain, offsets = text.lower(), None
    else:
        plain, offsets = _plain(text)
    if _SUSPICIOUS.search(plain) is None:
        return Normalised(plain, offsets)
    return _undisguised(plain, offsets)


class _Table(dict[int, str]):
    """Maps a code point to its plain form, filled as characters are met; `moving` are those that change the length."""

    def __init__(self) -> None:
        super().__init__()
        self.moving: set[str] = set()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = "" if character in _INVISIBLE else _plain_character(character)
        self[code] = plain
        if len(plain) != 1:
            self.moving.add(character)
        return plain


def _plain_character(character: str) -> str:
    if character in "’‘ʼ´`":
        return "'"
    if character in _emoji():
        return f" {_emoji()[character]} "
    compatible = unicodedata.normalize("NFKC", character).lower()
    bare = "".join(c for c in unicodedata.normalize("NFD", compatible) if not unicodedata.combining(c))
    return _latin(bare) if len(bare) == 1 else bare


def _latin(character: str) -> str:
    """Return the Latin letter that a Greek or Cyrillic one is drawn like, else the character."""
    return character if character.isascii() else _lookalikes().get(character, character)


@cache
def _lookalikes() -> dict[str, str]:
    """Return letter → Latin letter, from the table that `classifiers.train.lookalikes` writes."""
    return _pairs("lookalikes.tsv")


@cache
def _emoji() -> dict[str, str]:
    """Return emoji → the word it stands for."""
    return _pairs("emoji.tsv")


def _pairs(name: str) -> dict[str, str]:
    text = (resources.files("classifiers") / "lexicons" / name).read_text("utf-8")
    return dict(line.split("\t") for line in text.splitlines() if not line.startswith("#"))


_TABLE = _Table()


def plain_letters(text: str) -> str:
    """Return each character in lower case, without accents, and Latin where it is drawn like a Latin one."""
    return text.translate(_TABLE)


def _plain(text: str) -> tuple[str, tuple[int, ...] | None]:
    plain = text.translate(_TABLE)
    if _TABLE.moving.isdisjoint(text):
        return plain, None
    return plain, tuple(index for index, character in enumerate(text) for _ in _TABLE[ord(character)])


def _undisguised(plain: str, offsets: tuple[int, ...] | None) -> Normalised:
    found = [(span, word) for span in _leet_words(plain) if (word := _unleeted(plain[slice(*span)])) is not None]
    found += [
        (match.span(), word) for match in _MASKED.finditer(plain) if (word := _unmasked(match.group())) is not None
    ]
    if found:
        characters = list(plain)
        for (start, end), word in found:
            characters[start:end] = word
        plain = "".join(characters)
    drop = _dropped(plain)
    if not drop:
        return Normalised(plain, offsets)
    kept: list[int] = []
    parts = []
    start = 0
    for end in (*sorted(drop), len(plain)):
        kept.extend(range(start, end))
        parts.append(plain[start:end])
        start = end + 1
    return Normalised("".join(parts), tuple(kept) if offsets is None else tuple(map(offsets.__getitem__, kept)))


def _leet_words(plain: str) -> Iterator[tuple[int, int]]:
    """Yield [start, end) of each word with a figure or sign for a letter: only what stands round one, blank to blank, is looked at."""
    for rest in _FROM_A_SIGN.finditer(plain):
        start = 1 + max(plain.rfind(" ", 0, rest.start()), plain.rfind("\n", 0, rest.start()))
        for match in _LEET_WORD.finditer(plain[start : rest.end()]):
            yield start + match.start(), start + match.end()


@lru_cache(maxsize=8192)
def _unleeted(word: str) -> str | None:
    """Return a word with figures and signs read as letters, None where that makes no known word."""
    letters = word.translate(_LEET)
    return letters if _DRAWN_OUT.sub(r"\1", letters) in _LEET_WORDS else None


@lru_cache(maxsize=8192)
def _unmasked(word: str) -> str | None:
    """Return the known word of the same length that agrees with every letter left standing; the first one stands."""
    if len(word) < SHORTEST_MASKED:
        return None
    for known in _maskable().get((word[0], len(word)), ()):
        if all(a == b or a in _MASK_CHARACTERS for a, b in zip(word, known, strict=True)):
            return known
    return None


@cache
def _maskable() -> dict[tuple[str, int], list[str]]:
    """Return the known words in order, by first letter and length."""
    found: dict[tuple[str, int], list[str]] = {}
    for word in sorted(_LEET_WORDS):
        found.setdefault((word[0], len(word)), []).append(word)
    return found


def _dropped(plain: str) -> set[int]:
    """Return the positions to leave out: separators of spelt-out words, and letters drawn out beyond two."""
    drop: set[int] = set()
    for match in _SPACED.finditer(plain) if _TWO_SPACED.search(plain) else ():
        letters = [i for i in range(match.start(), match.end()) if plain[i].isalpha()]
        if "".join(plain[i] for i in letters) in _LEET_WORDS:
            drop.update(set(range(match.start(), match.end())) - set(letters))
    for match in _DRAWN_LETTER.finditer(plain) if any(map(plain.__contains__, _THREE_ALIKE)) else ():
        drop.update(range(match.start() + 2, match.end()))
    return drop
