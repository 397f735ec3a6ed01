"""Tells a copy from a look-alike: slips, another order, a signature leave a text the same; another number, name or word does not."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter

from rapidfuzz.distance import OSA, LCSseq

from classifiers.known import is_known
from classifiers.matters import STOP
from classifiers.slips import same_word, slip
from classifiers.wording import NEGATIONS, NUMERALS, Wording, wording_of

FEW_WORDS, MANY_WORDS = 10, 60
"""Words that carry matter: below the first any change is another text, from the second on the pack's share holds."""
SHORTEST_PART = 0.35
"""A copy inside a longer letter is at least this part of it."""
PART_WORDS = 6
KEPT_BY_A_SLOPPY_HAND = 0.4
"""Of the words of a copy so many stand letter for letter, however hastily it was typed."""
SMALL, PLAIN, TELLING = 0.25, 1.0, 2.0
"""What a word weighs: one of grammar, one of matter, a number, name or negation."""
CHANGED_OF_MANY = 0.4
"""Of what `at_least` leaves open in a long text so much may be words changed or left out."""
EACH_SLIP, SLIPS_COUNT_TO = 0.5, 0.2
"""A slip shows a text typed over: more of its words may be beyond recognition, up to this share."""
OWN_UNIT, IN_ORDER = 0.75, 0.9
HASTE, GARBLED_AT_MOST = 1, 3
"""From so many slips on, a `not` that became a `now` may be one more."""
LEFT_TO_COMPARE = 400
CHANGED_BY_A_LETTER = 0.5
"""What it counts that one known word stands for another a letter away: a slip or another thing."""
TURNING = NEGATIONS | NUMERALS


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


class _Comparison:
    """Two wordings laid side by side, whatever the order of their sentences."""

    def __init__(self, shorter: Wording, longer: Wording) -> None:
        self._shorter, self._longer = shorter, longer
        self._slips = 0
        self._changed = 0.0
        self._turned = 0
        self._stands_for: dict[int, str] = {}
        self._left_short, self._left_long = self._paired()

    def _paired(self) -> tuple[list[int], list[int]]:
        """Return the places of the words on either side that the other lacks, slips taken for the word they stand for."""
        mine, theirs = self._shorter, self._longer
        left_a, left_b = list(range(len(mine.words))), list(range(len(theirs.words)))
        for framed in (False, True):
            aside_a, aside_b = ([], []) if framed else (sorted(mine.frame), sorted(theirs.frame))
            left_a, left_b = self._found_again(_but(left_a, aside_a), _but(left_b, aside_b))
            left_a, left_b = sorted(left_a + aside_a), sorted(left_b + aside_b)
        return left_a, left_b

    def _found_again(self, left_a: list[int], left_b: list[int]) -> tuple[list[int], list[int]]:
        mine, theirs = self._shorter, self._longer
        left_a, left_b = _unmatched(mine, left_a, theirs, left_b)
        if not left_a or not left_b or max(len(left_a), len(left_b)) > LEFT_TO_COMPARE:
            return left_a, left_b
        left_a, left_b = self._joined(left_a, left_b, mine, theirs)
        left_b, left_a = self._joined(left_b, left_a, theirs, mine)
        left_a, left_b = self._typed_over(left_a, left_b, self._slipped)
        return (
            self._typed_over(left_a, left_b, self._garbled)
            if self._slips or len(mine.words) >= FEW_WORDS
            else (left_a, left_b)
        )

    def _typed_over(
        self, left_a: list[int], left_b: list[int], cost: Callable[[int, int], int | None]
    ) -> tuple[list[int], list[int]]:
        """Pair what is left, the likest and nearest first."""
        pairs = sorted((found, abs(a - b), a, b) for a in left_a for b in left_b if (found := cost(a, b)) is not None)
        gone_a: set[int] = set()
        gone_b: set[int] = set()
        for _, _, a, b in pairs:
            if a not in gone_a and b not in gone_b:
                gone_a.add(a)
                gone_b.add(b)
                self._taken(a, b)
        return [a for a in left_a if a not in gone_a], [b for b in left_b if b not in gone_b]

    def _slipped(self, a: int, b: int) -> int | None:
        return slip(self._shorter.words[a], self._longer.words[b])

    def _garbled(self, a: int, b: int) -> int | None:
        """Take a word beyond recognition for the one that stands between the same two words."""
        mine, theirs = self._shorter.words, self._longer.words
        one, two = mine[a], theirs[b]
        if not (one.isalpha() and two.isalpha()) or (is_known(one) and is_known(two)):
            return None
        if mine[a - 1 : a] != theirs[b - 1 : b] or mine[a + 1 : a + 2] != theirs[b + 1 : b + 2]:
            return None
        allowed = min(GARBLED_AT_MOST, (max(len(one), len(two)) + 1) // 2)
        found = int(OSA.distance(one, two, score_cutoff=allowed))
        return found if found <= allowed else None

    def _taken(self, a: int, b: int) -> None:
        """Count a word typed otherwise: a slip where nobody knows one of the two, else a word changed for another."""
        one, two = self._shorter.words[a], self._longer.words[b]
        self._stands_for[b] = one
        weights = _weight(self._shorter, a), _weight(self._longer, b)
        if same_word(one, two):
            self._slips += 1
        elif one in TURNING or two in TURNING:
            self._turned += 1
        else:
            self._changed += min(PLAIN, *weights) * CHANGED_BY_A_LETTER

    def _joined(self, whole: list[int], parts: list[int], one: Wording, two: Wording) -> tuple[list[int], list[int]]:
        """Take `noone` for `no one`: a space is lost or added as easily as a letter."""
        joins = {two.words[at] + two.words[at + 1]: at for at in parts if at + 1 < len(two.words)} | {
            two.words[at - 1] + two.words[at]: at - 1 for at in parts if at
        }
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
        missing = [at for at in self._left_short if at not in mine.frame]
        added = self._added(extra)
        core = [at for at in range(len(mine.words)) if at not in mine.frame] or list(range(len(mine.words)))
        outside = sum(1 for at, unit in enumerate(theirs.units) if unit in extra and at not in theirs.frame)
        matter = [weight for at in core if (weight := _weight(mine, at)) >= PLAIN]
        if outside and (len(matter) < PART_WORDS or len(core) < SHORTEST_PART * (len(core) + outside)):
            return False
        lost = (
            self._changed
            + self._turned * (TELLING if self._slips < HASTE else PLAIN)
            + sum(_weight(mine, at) for at in missing)
            + sum(_weight(theirs, at) for at in added)
        )
        whole = sum(_weight(mine, at) for at in core)
        return lost <= tolerance(whole, at_least) + self._sloppiness(len(core)) and self._in_order()

    def _sloppiness(self, words: int) -> float:
        """Return what more may be lost in a text that was plainly typed in haste."""
        return min(self._slips * EACH_SLIP, SLIPS_COUNT_TO * words)

    def _extra_units(self) -> set[int]:
        """Return the units of the longer text that are wholly its own: sentences or lines set before, between or after."""
        theirs = self._longer
        left: dict[int, float] = defaultdict(float)
        sizes: dict[int, float] = defaultdict(float)
        gone = set(self._left_long)
        for at, unit in enumerate(theirs.units):
            weight = _weight(theirs, at)
            sizes[unit] += weight
            left[unit] += weight * (at in gone)
        return {unit for unit, weight in left.items() if weight and weight >= OWN_UNIT * sizes[unit]}

    def _added(self, extra: set[int]) -> list[int]:
        """Return the words added within sentences; one that also stands in an added sentence may have been found there."""
        theirs = self._longer
        gone = set(self._left_long)
        spare = Counter(theirs.words[at] for at, unit in enumerate(theirs.units) if unit in extra and at not in gone)
        added = []
        for at in self._left_long:
            if theirs.units[at] in extra or at in theirs.frame:
                continue
            if spare[theirs.words[at]] > 0:
                spare[theirs.words[at]] -= 1
            else:
                added.append(at)
        return added

    def _in_order(self) -> bool:
        """True when the words of each sentence of the one follow each other in the other: a sentence is moved whole."""
        mine, theirs = self._shorter, self._longer
        loose = self._slips / 2
        gone_a, gone_b = set(self._left_short), set(self._left_long)
        one = [(mine.units[at], word) for at, word in enumerate(mine.words) if at not in gone_a]
        two = [
            (theirs.units[at], self._stands_for.get(at, word))
            for at, word in enumerate(theirs.words)
            if at not in gone_b
        ]
        return _followed(one, [word for _, word in two], loose) or _followed(two, [word for _, word in one], loose)


def _followed(words: Sequence[tuple[int, str]], whole: Sequence[str], loose: float) -> bool:
    kept = sum(
        int(LCSseq.similarity([word for _, word in unit], whole)) for _, unit in groupby(words, key=itemgetter(0))
    )
    return kept >= IN_ORDER * len(words) - loose - (len(words) >= FEW_WORDS)


def tolerance(matter: float, at_least: float) -> float:
    """Return how much weight may stay unexplained in a text with so much matter."""
    if matter < FEW_WORDS:
        return min(0.5, 0.15 * matter)
    share = min(1.0, (matter - FEW_WORDS) / (MANY_WORDS - FEW_WORDS))
    return 0.5 + share * (1.0 - at_least) * CHANGED_OF_MANY * matter


def _weight(wording: Wording, at: int) -> float:
    word = wording.words[at]
    if word in TURNING or word[0].isdigit():
        return TELLING
    if word in STOP or len(word) <= 2:
        return SMALL if word.isalpha() else PLAIN
    return TELLING if at in wording.named else PLAIN


def _but(places: list[int], aside: list[int]) -> list[int]:
    gone = set(aside)
    return [at for at in places if at not in gone]


def _unmatched(one: Wording, at_one: list[int], two: Wording, at_two: list[int]) -> tuple[list[int], list[int]]:
    """Return which of the places hold words that the other side lacks, each counted as often as it stands."""
    both = Counter(one.words[at] for at in at_one) & Counter(two.words[at] for at in at_two)
    return _beyond(one, at_one, both.copy()), _beyond(two, at_two, both)


def _beyond(wording: Wording, places: list[int], counted: Counter[str]) -> list[int]:
    left = []
    for at in places:
        word = wording.words[at]
        if counted[word] > 0:
            counted[word] -= 1
        else:
            left.append(at)
    return left
