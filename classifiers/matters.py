"""What a message is about: content words lightly stemmed, and how much two messages share."""

import re
from collections.abc import Iterable
from functools import lru_cache

from classifiers.fold import fold
from classifiers.known import is_known

_WORD = re.compile(r"[^\W\d_]{3,}(?:'[a-z]+)?|\d[\d/.:,-]*\d|\d+")
STOP = frozenset(
    "the and for are but not you your yours our ours they them their this that these those with from have has had was were been being "
    "will would shall should could can may might must about into over under again still just only very also than then there here when "
    "what which who whom whose why how all any each every some such same other another more most much many few own too out off per "
    "his her hers him she its it's i'm i've i'd i'll don't doesn't didn't won't can't isn't aren't wasn't you're you've we've we're they're "
    "dear sir madam regards kind yours sincerely faithfully thanks thank please hello hiya hi good morning afternoon evening know tell said "
    "say says ask asked asking write wrote writing written email emails letter letters message messages reply replied replies answer answered "
    "get got getting make made take took give gave want wanted need needs let see seen look looking one two three first last next now today "
    "yesterday tomorrow week weeks day days month months year years time times yet already since ago because while until before after "
    "council office team officer department people person thing things something anything nothing someone anyone nobody everybody mrs miss "
    "annwyl diolch cofion gywir helo bore prynhawn noswaith mae oes nid dim ddim wedi bod fydd fyddai roedd oedd ydy ydi ydw dwi chi chwi eich "
    "fi fy ein nhw hwn hon hyn hynny gyda efo gan wrth ond neu pan hefyd eto dal nawr rwan iawn plis beth pam pwy ble sut faint ateb ysgrifennu "
    "llythyr neges wythnos diwrnod mis blwyddyn heddiw ddoe yfory isio eisiau moyn cyngor swyddfa swyddog".split()
)
RARE_LETTERS = 4
_SUFFIXES = ("ations", "ation", "ingly", "ing", "edly", "ies", "ied", "ed", "es", "s", "ly")


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


def words_of(text: str) -> list[str]:
    """Return the folded words and figures of `text` in order."""
    return _WORD.findall(fold(text))


@lru_cache(maxsize=8_192)
def content(text: str) -> frozenset[str]:
    """Return the stems of the words that carry what `text` is about; figures are left out."""
    return frozenset(_stem(w) for w in words_of(text) if w not in STOP and not w[0].isdigit() and len(w) > 2)


def shared(a: str, b: str) -> float:
    """Return how much of the shorter text's matter stands in the other, from 0 to 1."""
    one, two = content(a), content(b)
    if not one or not two:
        return 0.0
    return len(one & two) / min(len(one), len(two))


def overlap(a: str, b: str) -> float:
    """Return the Jaccard likeness of what two texts are about."""
    one, two = content(a), content(b)
    return len(one & two) / len(one | two) if one or two else 0.0


def novel_share(text: str, before: Iterable[str]) -> float:
    """Return the share of what `text` is about that none of `before` mentions."""
    words = content(text)
    known = frozenset().union(*(content(old) for old in before))
    return len(words - known) / len(words) if words else 0.0


def rare_words(text: str) -> frozenset[str]:
    """Return the words of `text` that are not common in English or Welsh: names of places, shops, people, streets."""
    return frozenset(word for word in words_of(text) if len(word) >= RARE_LETTERS and not is_known(word))


def on_one_matter(text: str, others: Iterable[str], names: str) -> list[str]:
    """Return which of `others` share a rare word with `text`: neighbours who see one drain name one street.

    The words of `names`, such as the body's own, are in everybody's mouth and count for nothing.
    """
    mine = rare_words(text) - set(words_of(names))
    return [other for other in others if mine & rare_words(other)] if mine else []
