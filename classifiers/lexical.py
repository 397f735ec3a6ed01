"""What the lexicon says of a text as numbers the stack can weigh: which words, how grave, at whom, and whether only reported."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.lexicon import LexiconHit, find

NAMES = (
    "insult.grave", "insult.plain", "insult.mild", "profanity.grave", "profanity.plain", "threat", "sexual",
    "hate.grave", "hate.plain", "other", "at_you", "at_somebody", "reported",
)  # fmt: skip
"""The columns, in order."""
NEAR = 22
"""So many characters to either side of a word are looked at for whom it is said to."""
_AT_YOU = re.compile(
    r"\b(?:you|u|ur|your|yours|you're|youre|yourself|ye|yous|ti|chdi|chi|chwi|dy|eich|'ch|ichi|iti|chi'n|ti'n)\b"
)
_AT_SOMEBODY = re.compile(
    r"\b(?:he|she|they|him|her|his|their|them|that man|that woman|mr|mrs|ms|miss|dr|staff|officer|lot|fo|fe|hi|nhw|swyddog|dyn|dynes|ddynes)\b|@\w"
)
REPORTED = re.compile(
    r"(?:called|calls|calling) (?:me|us|my|him|her)|(?:said|shouted|screamed|wrote|told|sent|left|posted)[^.!?\n]{0,40}[\"“‘:]|"
    r"graffiti|threatened (?:me|us|my|him|her|to)|abused (?:me|us|by)|been (?:called|told|threatened)|"
    r"galw(?:odd|ais|yd)? (?:fi|ni|hi|o|e)|bygythi(?:odd|wyd|ad gan)|dweud wrth(?:yf|a i|o i)",
)
_COLUMN = {name: number for number, name in enumerate(NAMES)}
_FAMILIES = {
    "abuse.insult": ("insult.mild", "insult.plain", "insult.grave"),
    "abuse.profanity": ("profanity.plain", "profanity.plain", "profanity.grave"),
    "abuse.threat": ("threat", "threat", "threat"),
    "abuse.sexual": ("sexual", "sexual", "sexual"),
    "abuse.identity_hate": ("hate.plain", "hate.plain", "hate.grave"),
}


_CALLING = re.compile(
    r"(?:^|[.!?,;:\n]|\b(?:hey|oi|you|yous|ye|hoi|chi|ti))\W*(?:you |yous |ye |u )?(?:are |r |bloody |absolute |complete |utter |total |right |stupid |useless |lazy |idle |thick |"
    r"bunch of |pack of |load of |shower of |lot of |set of |gang of |pound shop |a |an |the |y |yr )*$"
)
_AND_NO_MORE = re.compile(
    r"^(?: ?,? ?(?:the )?(?:whole )?(?:lot|pack|bunch|rest|each|all|every (?:last )?one|both) of (?:you|ye|yous|u)| all| i gyd| y cwbl ohonoch| ohonoch chi)?\W*(?:$|[.!?,;\n])"
)


def calls_names(plain: str, hit: LexiconHit) -> bool:
    """Return whether the word stands alone as what somebody is called: 'Numpties, the lot of you.', not 'he is no numpty'."""
    before = plain[max(0, hit.start - 2 * NEAR) : hit.start]
    return bool(_CALLING.search(before)) and bool(_AND_NO_MORE.match(plain[hit.end : hit.end + 2 * NEAR]))


@dataclass(frozen=True, slots=True)
class Lexical:
    """The words of one text that the lexicon knows, and their columns (NAMES)."""

    hits: tuple[LexiconHit, ...]
    row: NDArray[np.float32]


_NOTHING = Lexical((), np.zeros(len(NAMES), np.float32))


def lexical(plain: str, language: str) -> Lexical:
    """Return what the lexicon says of one normalised text."""
    hits = find(plain, language)
    if not hits:
        return _NOTHING
    row = np.zeros(len(NAMES), np.float32)
    for hit in hits:
        row[_COLUMN[_FAMILIES.get(hit.label, ("other",) * 3)[min(2, max(0, hit.severity - 1))]]] += 1
        around = plain[max(0, hit.start - NEAR) : hit.end + NEAR]
        row[_COLUMN["at_you"]] += _AT_YOU.search(around) is not None
        row[_COLUMN["at_somebody"]] += _AT_SOMEBODY.search(around) is not None
    row[_COLUMN["reported"]] = REPORTED.search(plain) is not None
    return Lexical(tuple(hits), np.log1p(row))


def lexical_rows(plain: Sequence[str], languages: Sequence[str]) -> NDArray[np.float32]:
    """Return the columns of each text, shape (texts, NAMES)."""
    if not plain:
        return np.zeros((0, len(NAMES)), np.float32)
    return np.stack([lexical(text, language).row for text, language in zip(plain, languages, strict=True)])
