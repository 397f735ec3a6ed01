"""Cues: phrases in a small notation, found with one pass over the text and one expression each.

A line of a cue file is `label <TAB> strength <TAB> phrase`. In a phrase words stand apart by spaces;
`a|b` is a choice, `wor*` any ending, `word?` may be absent, `two_words` counts as one choice, `..3`
is a gap of up to three words, an apostrophe may be missing in the text. No phrase crosses the end
of a sentence. Accents and case never count. `strength` is how often a message with the phrase
deserves the label.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import ahocorasick

_BETWEEN = r"[^\w.!?]{1,4}"
_GAP = re.compile(r"\.\.(\d)$")


@dataclass(frozen=True, slots=True)
class Cue:
    """One phrase: what it speaks for, how strongly, and its expression over folded text."""

    label: str
    strength: float
    phrase: str
    expression: re.Pattern[str] = field(compare=False)
    needs: tuple[tuple[str, ...], ...] = field(compare=False)
    """Of each of these one literal stands in any text with the phrase."""

    def possible(self, folded: str) -> bool:
        """True unless a word of the phrase is nowhere in the text."""
        for literals in self.needs:
            for literal in literals:
                if literal in folded:
                    break
            else:
                return False
        return True


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


def _needs(phrase: str) -> tuple[tuple[str, ...], ...]:
    """Return for each word that must be there the literals of which one is; the rarest looking first."""
    found = [
        tuple(max(re.split(r"['_*]", word), key=len) for word in token.split("|"))
        for token in phrase.split()
        if not token.endswith("?") and not _GAP.match(token)
    ]
    return tuple(sorted(found, key=lambda literals: -min(map(len, literals))))


class CueSet:
    """Finds cues: an automaton tells which phrases are possible, their expressions then decide."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        by_literal: dict[str, list[Cue]] = {}
        for cue in cues:
            for literal in cue.needs[0]:
                by_literal.setdefault(literal, []).append(cue)
        self._automaton = ahocorasick.Automaton()
        for literal, group in by_literal.items():
            self._automaton.add_word(literal, tuple(group))
        self._automaton.make_automaton()

    def find(self, folded: str) -> list[CueHit]:
        """Return every hit in text folded with `fold`, in order of cue and place."""
        groups = {id(group): group for _, group in self._automaton.iter(folded)}
        if not groups:
            return []
        possible = {id(cue): cue for group in groups.values() for cue in group if cue.possible(folded)}
        return [
            CueHit(cue, match.start(), match.end())
            for cue in sorted(possible.values(), key=lambda one: (one.label, one.phrase))
            for match in cue.expression.finditer(folded)
        ]


def cue(label: str, strength: float, phrase: str) -> Cue:
    """Return the cue that a line of a cue file writes."""
    return Cue(label, strength, phrase, _expression(phrase), _needs(phrase))


@cache
def load_cues(name: str) -> CueSet:
    """Return the cues of `lexicons/NAME.tsv`."""
    text = (resources.files("classifiers") / "lexicons" / f"{name}.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return CueSet(cue(label, float(strength), phrase) for label, strength, phrase in rows)
