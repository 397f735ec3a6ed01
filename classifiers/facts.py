"""Facts in a text — dates, amounts, numbers, references, names — in a form by which the same fact said otherwise is the same."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from classifiers.fold import fold
from classifiers.matters import STOP
from models.domain import Span

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ion", "feb chwef", "mar maw", "apr ebr", "may mai", "jun meh", "jul gorff", "aug awst", "sep medi", "oct hyd", "nov tach", "dec rhag",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NUMBERS = {
    word: number
    for number, words in {
        1: "one un", 2: "two dau ddau dwy ddwy", 3: "three tri thri tair", 4: "four pedwar pedair bedwar", 5: "five pump pum bump", 6: "six chwech chwe",
        7: "seven saith", 8: "eight wyth", 9: "nine naw", 10: "ten deg ddeg", 11: "eleven", 12: "twelve deuddeg", 13: "thirteen", 14: "fourteen pythefnos fortnight",
        15: "fifteen pymtheg", 16: "sixteen", 17: "seventeen", 18: "eighteen deunaw", 19: "nineteen", 20: "twenty ugain", 30: "thirty", 40: "forty deugain",
        50: "fifty hanner", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety", 100: "hundred cant gant", 1000: "thousand mil fil",
    }.items()
    for word in words.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_FACT = re.compile(
    rf"(?P<amount>£\s?\d[\d,]*(?:\.\d\d)?|\b\d[\d,]*(?:\.\d\d)? (?:pounds|quid|punt|bunt)\b)|"
    rf"(?P<date>\b\d{{1,2}}(?:st|nd|rd|th|fed|ain|ydd)?\s+(?:of\s+|o\s+)?(?:{_MONTH})\w*|\b(?:{_MONTH})\w*\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?!\d)|\b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b|\b\d{{1,2}}/\d{{1,2}}\b)|"
    r"(?P<time>\b\d{1,2}[.:]\d\d ?(?:am|pm|yb|yh)?\b|\b\d{1,2} ?(?:am|pm|yb|yh)\b)|"
    r"(?P<reference>\b[a-z]{1,6}[-/]?\d{2,}(?:[-/]\w+)*\b)|"
    r"(?P<number>\b\d[\d,]*(?:\.\d+)?\b)"
)
_NAME = re.compile(
    r"(?:Mr|Mrs|Ms|Miss|Dr|Cllr|PC|Sgt|Sister|Nurse|Cyng)\.? [A-Z][\w'-]+(?: [A-Z][\w'-]+)?|(?<=[a-z,;:)] )[A-Z][a-zà-ÿ'-]{2,}(?: [A-Z][a-zà-ÿ'-]+){0,3}"
)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: what kind, by what it is the same as another, and where it stands."""

    kind: str
    same: str
    span: Span


def facts_in(text: str) -> Iterator[Fact]:
    """Yield the facts of `text` with exact spans; figures are given before names."""
    folded = fold(text)
    if any(character.isdigit() for character in folded):
        for found in _FACT.finditer(folded):
            kind = str(found.lastgroup)
            yield Fact(kind, _canonical(kind, found.group()), Span(*found.span()))
    for found in _NAME.finditer(text):
        if fold(found.group()) not in STOP:
            yield Fact("name", fold(found.group()), Span(*found.span()))


@lru_cache(maxsize=4_096)
def known_facts(text: str) -> frozenset[str]:
    """Return what facts a text states, in any wording: figures, the parts of dates, numbers written out, words of names."""
    out: set[str] = set()
    for fact in facts_in(text):
        out.add(fact.same)
        if fact.kind == "name":
            out.update(fact.same.split())
        elif fact.kind == "date":
            out.update(fact.same.split("/"))
    for word in _WORD.findall(fold(text)):
        out.add(str(_NUMBERS[word]) if word in _NUMBERS else word)
    return frozenset(out)


def is_stated(fact: Fact, known: AbstractSet[str]) -> bool:
    """True when a fact stands among known ones, or every part of a name does."""
    if fact.same in known:
        return True
    return fact.kind == "name" and all(part in known for part in _WORD.findall(fact.same))


def _canonical(kind: str, words: str) -> str:
    if kind == "date":
        return _date(words)
    if kind == "amount":
        return re.sub(r"[^\d.]", "", words).removesuffix(".00")
    if kind == "time":
        return re.sub(r"[^\da-z]", "", words).lstrip("0")
    if kind == "reference":
        return re.sub(r"[-/]", "", words)
    return words.replace(",", "").removesuffix(".00")


def _date(words: str) -> str:
    """Return day/month: the year is often left out."""
    parts = re.findall(r"\d+|[a-z]+", words)
    numbers = [int(part) for part in parts if part.isdigit()]
    months = [number for part in parts for name, number in _MONTHS.items() if part.startswith(name)]
    if months:
        return f"{numbers[0]}/{months[0]}"
    return f"{numbers[0]}/{numbers[1]}"
