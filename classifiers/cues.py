"""Cues: phrases in a small notation, found by the words of the text and one expression each.

A line of a cue file is `label <TAB> strength <TAB> phrase`. In a phrase words stand apart by spaces;
`a|b` is a choice, `wor*` any ending, `word?` may be absent, `two_words` counts as one choice, `..3`
is a gap of up to three words, an apostrophe may be missing in the text. No phrase crosses the end
of a sentence. Accents and case never count. `strength` is how often a message with the phrase
deserves the label.
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources

import ahocorasick

_BETWEEN = r"[^\w.!?]{1,4}"
_WORD = re.compile(r"\w+")
_COMMON = frozenset(
    "the to and i a of in you is it for me my that on have with not be are as or but no has was he she they we him her them us so do does got get at by all".split()
)
_GAP = re.compile(r"\.\.(\d)$")


@dataclass(frozen=True)
class Cue:
    """One phrase: what it speaks for, how strongly, and what a text needs for it."""

    label: str
    strength: float
    phrase: str
    needs: tuple["Need", ...] = field(compare=False)
    """Of each of these something stands in any text with the phrase; what few texts hold comes first."""

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The expression over folded text; most are never asked for, and compiling all of them takes its time."""
        return _expression(self.phrase)

    def possible(self, folded: str, words: AbstractSet[str]) -> bool:
        """True unless a word of the phrase is nowhere in a text that meets the first need."""
        return all(need.met(folded, words) for need in self.needs[1:])


@dataclass(frozen=True, slots=True)
class Need:
    """What a text must hold for one word of a phrase: one of `words` whole, or one of `parts` anywhere."""

    words: frozenset[str]
    parts: tuple[str, ...]

    def met(self, folded: str, words: AbstractSet[str]) -> bool:
        """True when the text, whose words are `words`, holds it."""
        return not self.words.isdisjoint(words) or any(part in folded for part in self.parts)


@dataclass(frozen=True, slots=True)
class CueHit:
    """Where a cue was found: [start, end) of the folded text, and so of the original."""

    cue: Cue
    start: int
    end: int


def _choice(word: str) -> str:
    literal = re.escape(word.removesuffix("*").replace("_", " ")).replace("'", "'?").replace(r"\ ", r"[^\w.!?]{1,3}")
    return literal + (r"\w*" if word.endswith("*") else "")


def _expression(phrase: str) -> re.Pattern[str]:
    parts: list[str] = []
    before = r"(?<!\w)"
    for token in phrase.split():
        gap = _GAP.match(token)
        if gap:
            parts.append(rf"(?:{_BETWEEN}\w+){{0,{gap[1]}}}?")
            continue
        choices = "|".join(_choice(word) for word in token.removesuffix("?").split("|"))
        if not token.endswith("?"):
            parts.append(f"{before}(?:{choices})")
            before = _BETWEEN
        elif before == _BETWEEN:
            parts.append(f"(?:{before}(?:{choices}))?")
        else:
            parts.append(rf"{before}(?:(?:{choices}){_BETWEEN})?")
            before = ""
    return re.compile("".join(parts) + r"(?!\w)")


def _needs(phrase: str) -> tuple[Need, ...]:
    """Return what a text with the phrase holds for each word that must be there."""
    found = [_need(token.split("|")) for token in phrase.split() if not token.endswith("?") and not _GAP.match(token)]
    return tuple(sorted(found, key=_often))


def _need(choices: Iterable[str]) -> Need:
    words: set[str] = set()
    parts: list[str] = []
    for choice in choices:
        longest = max(choice.split("_"), key=len)
        if longest.endswith("*"):
            parts.append(max(longest.removesuffix("*").split("'"), key=len))
        else:
            words.update(max(_WORD.findall(longest), key=len) for longest in (longest, longest.replace("'", "")))
    return Need(frozenset(words), tuple(parts))


def _often(need: Need) -> tuple[int, int]:
    """Return how likely a text is to meet a need, to sort by: common words first of all, then short ones."""
    every = (*need.words, *need.parts)
    return sum(word in _COMMON for word in every), -min(map(len, every))


def words_in(folded: str) -> frozenset[str]:
    """Return the words of a folded text."""
    return frozenset(_WORD.findall(folded))


class CueSet:
    """Finds cues: the words of a text tell which phrases are possible, their expressions then decide."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        self.cues = tuple(sorted(dict.fromkeys(cues), key=lambda one: (one.label, one.phrase)))
        by_word: dict[str, list[int]] = {}
        by_part: dict[str, list[int]] = {}
        for number, cue in enumerate(self.cues):
            for word in cue.needs[0].words:
                by_word.setdefault(word, []).append(number)
            for part in cue.needs[0].parts:
                by_part.setdefault(part, []).append(number)
        self._by_word, self._words = by_word, frozenset(by_word)
        self._parts = ahocorasick.Automaton()
        for part, group in by_part.items():
            self._parts.add_word(part, tuple(group))
        self._parts.make_automaton()

    def find(self, folded: str, words: frozenset[str]) -> list[CueHit]:
        """Return every hit in text folded with `fold`, in order of cue and place; `words` are those of `words_in`."""
        wanted: set[int] = set()
        for word in self._words & words:
            wanted.update(self._by_word[word])
        if len(self._parts):
            for _, group in self._parts.iter(folded):
                wanted.update(group)
        if not wanted:
            return []
        possible = (cue for number in sorted(wanted) if (cue := self.cues[number]).possible(folded, words))
        return [
            CueHit(cue, match.start(), match.end()) for cue in possible for match in cue.expression.finditer(folded)
        ]


def cue(label: str, strength: float, phrase: str) -> Cue:
    """Return the cue that a line of a cue file writes."""
    return Cue(label, strength, phrase, _needs(phrase))


@cache
def load_cues(name: str) -> CueSet:
    """Return the cues of `lexicons/NAME.tsv`."""
    text = (resources.files("classifiers") / "lexicons" / f"{name}.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return CueSet(cue(label, float(strength), phrase) for label, strength, phrase in rows)
