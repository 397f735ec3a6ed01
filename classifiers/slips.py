"""Slips of the finger and mutations: when two words written differently are one word."""

from rapidfuzz.distance import OSA

from classifiers.known import is_known
from classifiers.wording import NEGATIONS

_MUTATIONS = {
    "c": ("g", "ngh", "ch"), "p": ("b", "mh", "ph"), "t": ("d", "nh", "th"), "g": ("", "ng"), "b": ("f", "m"),
    "d": ("dd", "n"), "ll": ("l",), "m": ("f",), "rh": ("r",),
}  # fmt: skip


def slip(one: str, two: str) -> int | None:
    """Return how many slips of the finger, or mutations, could make the one word the other; None when they are two words."""
    longer = max(len(one), len(two))
    allowed = _slips_allowed(one, two, longer)
    if abs(len(one) - len(two)) > allowed or not allowed:
        return None
    found = int(OSA.distance(one, two, score_cutoff=allowed))
    return found if found <= allowed and found < longer else None


def same_word(one: str, two: str) -> bool:
    """True when one of two words a slip apart is nobody's word, or they are forms of one, or two letters changed places."""
    if one[0].isdigit() or two[0].isdigit():
        return False
    if not is_known(one) or not is_known(two):
        return True
    return (one in NEGATIONS and two in NEGATIONS) or sorted(one) == sorted(two) or is_mutation(one, two)


def is_mutation(one: str, two: str) -> bool:
    """True for two forms of one Welsh word: the same but for a mutated beginning."""
    for shorter, longer in ((one, two), (two, one)):
        for head, forms in _MUTATIONS.items():
            if longer.startswith(head) and any(shorter == form + longer[len(head) :] for form in forms):
                return len(longer) > 3
    return False


def _slips_allowed(one: str, two: str, longer: int) -> int:
    if one[0].isdigit() or two[0].isdigit():
        return 1 if one[0].isdigit() == two[0].isdigit() and longer >= 4 else 0
    if longer <= 3:
        return 1
    if is_known(one) and is_known(two):
        return 1
    return 1 if longer <= 4 else 2 if longer <= 8 else 3
