"""The lexicon: phrases of abuse in English and Welsh, found in one pass, innocent look-alikes resolved by language."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import ahocorasick

from classifiers.normalise import normalise

INNOCENT = "benign"
_WORD_EDGE = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class LexiconHit:
    """A phrase found: its label, severity 1 to 3, and where, in the normalised text."""

    label: str
    severity: int
    language: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    phrase: str
    label: str
    severity: int
    language: str


@cache
def _automaton() -> "ahocorasick.Automaton":
    found: dict[str, list[_Entry]] = {}
    for language in ("cy", "en"):
        text = (resources.files("classifiers") / "lexicons" / f"abuse_{language}.tsv").read_text("utf-8")
        for line in text.splitlines()[1:]:
            phrase, label, severity, *_ = line.split("\t")
            plain = normalise(phrase).text
            found.setdefault(plain, []).append(_Entry(plain, label, int(severity or 0), language))
    automaton = ahocorasick.Automaton()
    for plain, entries in found.items():
        automaton.add_word(plain, tuple(entries))
    automaton.make_automaton()
    return automaton


def find(plain: str, language: str) -> list[LexiconHit]:
    """Return the phrases of abuse in normalised text, longest first where they overlap.

    In `en` text only English entries count, in `cy` text Welsh ones and those English ones no
    innocent Welsh word is spelt like; in mixed text both do.
    """
    hits = []
    innocent: list[tuple[int, int]] = []
    for last, entries in _automaton().iter(plain):
        for entry in entries:
            start, end = last - len(entry.phrase) + 1, last + 1
            if not _whole(plain, start, end) or not _speaks(entry.language, language):
                continue
            if entry.label == INNOCENT:
                innocent.append((start, end))
            else:
                hits.append(LexiconHit(entry.label, entry.severity, entry.language, start, end))
    return [hit for hit in hits if not any(a <= hit.start and hit.end <= b for a, b in innocent)]


def _whole(plain: str, start: int, end: int) -> bool:
    before = start > 0 and _WORD_EDGE.match(plain[start - 1])
    after = end < len(plain) and _WORD_EDGE.match(plain[end])
    return not before and not after


def _speaks(entry: str, text: str) -> bool:
    return text in {"mixed", entry} or (entry, text) == ("en", "cy")
