"""Tells a copy from a look-alike: slips, another order, a signature leave a text the same; another number, name or word does not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from classifiers.matters import STOP
from classifiers.wording import NEGATIONS, Wording, wording_of

FEW_WORDS, MANY_WORDS = 10, 60
"""Words that carry matter: below the first any change is another text, from the second on the pack's share holds."""
SHORTEST_PART = 0.35
"""A copy inside a longer letter is at least this part of it."""
PART_WORDS = 6
KEPT_BY_A_SLOPPY_HAND = 0.4
"""Of the words of a copy so many stand letter for letter, however hastily it was typed."""
SMALL, PLAIN, TELLING = 0.25, 1.0, 2.0
"""What a word weighs: one of grammar, one of matter, a number, name or negation."""
SLIPS_AT_MOST = 0.6
LEFT_TO_COMPARE = 400


def alike(a: str, b: str, at_least: float) -> bool:
    """True when the one text is a copy of the other, or nearly all of it stands in the other.

    `at_least` is the share of the words of a long text that must agree; the shorter the text, the more.
    """
    if a == b:
        return bool(a.strip())
    one, two = wording_of(a), wording_of(b)
    if not one.words or not two.words:
        return False
    if one.plain == two.plain:
        return True
    if not _could_be(one, two):
        return False
    shorter, longer = sorted((one, two), key=lambda wording: len(wording.words))
    return _Comparison(shorter, longer).holds(at_least)


def _could_be(one: Wording, two: Wording) -> bool:
    """True unless too few words are the same: cheap, and true of nearly all that a contact ever wrote."""
    small = min(len(one.core), len(two.core))
    return small < 6 or len(one.core & two.core) >= KEPT_BY_A_SLOPPY_HAND * small


@dataclass(slots=True)
class _Tally:
    """How much of the matter was found again, and what was not, by weight."""

    agreed: float = 0.0
    slips: int = 0
    shorter_left: float = 0.0
    longer_left: float = 0.0
    telling: int = 0


class _Comparison:
    """Two wordings laid side by side, whatever their order."""

    def __init__(self, shorter: Wording, longer: Wording) -> None:
        self._shorter, self._longer = shorter, longer
        self._slips = 0
        self._left_short, self._left_long = self._paired()

    def _paired(self) -> tuple[list[int], list[int]]:
        """Return the places of the words on either side that the other lacks, slips taken for the word they stand for."""
        mine, theirs = self._shorter, self._longer
        left_a, left_b = _without(mine.words, theirs.words), _without(theirs.words, mine.words)
        if max(len(left_a), len(left_b)) > LEFT_TO_COMPARE:
            return left_a, left_b
        left_a, left_b = self._joined(left_a, left_b, mine, theirs)
        left_b, left_a = self._joined(left_b, left_a, theirs, mine)
        pairs = sorted(
            (cost, abs(a - b), a, b)
            for a in left_a
            for b in left_b
            if (cost := slip(mine.words[a], theirs.words[b])) is not None
        )
        gone_a: set[int] = set()
        gone_b: set[int] = set()
        for _, _, a, b in pairs:
            if a not in gone_a and b not in gone_b:
                gone_a.add(a)
                gone_b.add(b)
        self._slips += len(gone_a)
        return [a for a in left_a if a not in gone_a], [b for b in left_b if b not in gone_b]

    def _joined(
        self, whole: list[int], parts: list[int], one: Wording, two: Wording
    ) -> tuple[list[int], list[int]]:
        """Take `noone` for `no one`: a space is lost or added as easily as a letter."""
        joins = {
            two.words[at] + two.words[at + 1]: at for at in parts if at + 1 < len(two.words)
        } | {two.words[at - 1] + two.words[at]: at - 1 for at in parts if at}
        used: set[int] = set()
        kept = []
        for at in whole:
            place = joins.get(one.words[at])
            if place is None or place in used:
                kept.append(at)
                continue
            used.update((place, place + 1))
            self._slips += 1
        return kept, [at for at in parts if at not in used]

    def holds(self, at_least: float) -> bool:
        """True when what is left unexplained is little enough for a text of this length."""
        mine, theirs = self._shorter, self._longer
        extra = self._extra_units()
        in_core = [at for at in self._left_long if theirs.units[at] not in extra]
        missing = [at for at in self._left_short if at not in mine.frame]
        added = [at for at in in_core if at not in theirs.frame]
        core = [at for at in range(len(mine.words)) if at not in mine.frame] or list(range(len(mine.words)))
        matter = sum(_weight(mine, at) for at in core)
        outside = sum(1 for at, unit in enumerate(theirs.units) if unit in extra and at not in theirs.frame)
        if outside and (len(core) < PART_WORDS or len(core) < SHORTEST_PART * (len(core) + outside)):
            return False
        if self._slips > SLIPS_AT_MOST * len(core) + 1:
            return False
        lost = sum(_weight(mine, at) for at in missing) + sum(_weight(theirs, at) for at in added)
        return lost <= tolerance(matter, at_least)

    def _extra_units(self) -> set[int]:
        """Return the units of the longer text that are wholly its own: sentences or lines set before, between or after."""
        left = Counter(self._longer.units[at] for at in self._left_long)
        sizes = Counter(self._longer.units)
        return {unit for unit, count in left.items() if count >= 0.75 * sizes[unit]}


def tolerance(matter: float, at_least: float) -> float:
    """Return how much weight may stay unexplained in a text with so much matter."""
    if matter < FEW_WORDS:
        return 0.5
    share = min(1.0, (matter - FEW_WORDS) / (MANY_WORDS - FEW_WORDS))
    return 0.5 + share * (1.0 - at_least) * 0.6 * matter


def _weight(wording: Wording, at: int) -> float:
    word = wording.words[at]
    if word in NEGATIONS or word[0].isdigit() or at in wording.named:
        return TELLING
    return SMALL if word in STOP or len(word) <= 2 else PLAIN


def slip(one: str, two: str) -> int | None:
    """Return how many slips of the finger, or mutations, make the one word the other; None when they are two words."""
    if one[0].isdigit() or two[0].isdigit():
        return None
    if one in NEGATIONS or two in NEGATIONS:
        return 1 if one[:2] == two[:2] and OSA.distance(one, two, score_cutoff=1) <= 1 else None
    longer = max(len(one), len(two))
    allowed = 1 if longer <= 5 else 2 if longer <= 10 else 3
    if abs(len(one) - len(two)) > allowed:
        return None
    if longer <= 2:
        return 1
    found = OSA.distance(one, two, score_cutoff=allowed)
    return found if found <= allowed else None


def _without(words: Iterable[str], others: Iterable[str]) -> list[int]:
    """Return the places of `words` that `others` lacks, each counted as often as it stands."""
    there = Counter(others)
    left = []
    for at, word in enumerate(words):
        if there[word] > 0:
            there[word] -= 1
        else:
            left.append(at)
    return left
