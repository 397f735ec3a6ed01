"""Texts for a full store: sentences of our own in both languages, with a long tail of names, numbers and rare words."""

import json
import random
import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

OWN = Path(__file__).resolve().parents[2] / "classifiers" / "train" / "own"
TAIL_WORDS = 300_000
COMMON = {"en": ("the", "council", "you", "my", "to"), "cy": ("yn", "ac", "chi", "dim", "cyngor")}
"""Words that stand in a large part of the messages of a language."""
SHORT, LONG, ENDLESS = (3.1, 0.6), (4.7, 0.9), (8.6, 0.5)
"""Mean and spread of the logarithm of a text's words: posts, mail, and the one mail in two thousand that never ends."""


class Writer:
    """Writes texts: `seed` decides which."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._pieces = _pieces()
        self._reach = list(accumulate(1 / (n + 10) for n in range(TAIL_WORDS)))

    def post(self, lang: str) -> str:
        """Return a post, some twenty words long."""
        return self._text(lang, int(self._draw.lognormvariate(*SHORT)) + 1, 2)

    def mail(self, lang: str) -> str:
        """Return a mail, some hundred words long; one in two thousand has many thousand."""
        shape = ENDLESS if self._draw.random() < 1 / 2_000 else LONG
        return self._text(lang, int(self._draw.lognormvariate(*shape)) + 5, 6)

    def _text(self, lang: str, words: int, rare: int) -> str:
        pieces, parts, left = self._pieces["en" if lang == "mixed" else lang], [], words
        if lang == "mixed":
            parts.append(self._draw.choice(self._pieces["cy"]))
        while left > 0:
            piece = self._draw.choice(pieces)
            parts.append(piece)
            left -= piece.count(" ") + 1
        parts += [rare_word(self._tail()) for _ in range(rare)]
        parts.append(f"ref {self._draw.randrange(10_000_000)}")
        return " ".join(parts)

    def _tail(self) -> int:
        return bisect_left(self._reach, self._draw.random() * self._reach[-1])


def rare_word(number: int) -> str:
    """Return a made-up word of the tail: the higher its number the rarer it is."""
    vowels, consonants, made = "aeiouwyâŵŷ", "bcdfghlmnprst", ""
    left = number * 7_919 + 13
    for letters in (consonants, vowels, consonants, vowels, consonants, vowels, consonants):
        left, at = divmod(left, len(letters))
        made += letters[at]
    return made


def _pieces() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"en": [], "cy": []}
    for lang, text in _own():
        found[lang] += [piece for piece in re.split(r"(?<=[.!?])\s+", text) if piece.strip()]
    return found


def _own() -> Iterator[tuple[str, str]]:
    for path in sorted(OWN.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            row = json.loads(line)
            if row["lang"] in {"en", "cy"}:
                yield row["lang"], row["text"]
