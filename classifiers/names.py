"""People named in a text: by capital letters, titles and introductions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.fold import fold


@dataclass(frozen=True, slots=True)
class Person:
    """A person's name at [start, end) in the text."""

    start: int
    end: int
    titled: bool


_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Sister|Nurse|Cllr|Councillor|Cyng|Prof|Father|Rev|Sir|Lady|Auntie|Uncle|Nain|Taid|Old|old)"
_UPPER, _LOWER = "A-ZÂÊÎÔÛŴŶÉÁ", "a-zâêîôûŵŷïöéáèàçñ'’"
_PART = rf"(?:[{_UPPER}][{_LOWER}]+(?:(?:-[{_UPPER}{_LOWER}]|[{_UPPER}])[{_LOWER}]*)*|[A-Z]\.)"
"""What goes on begins with a hyphen or a capital: a long word can be read in one way only, and costs no more than its length."""
_NAME = re.compile(
    rf"(?=[{_UPPER}o])(?<![\w@#/])(?:(?P<title>{_TITLE})\.?\s+(?:{_PART}\s){{0,2}}{_PART}|{_PART}(?:\s(?:ap|ab|ferch|de|van|O'|Mc)?\s?{_PART}){{1,2}})(?!\w)"
)
_NOT_NAMES = frozenset(
    "the a an i my our your his her their this that these those it is are was were has have had do does did can could will would should may might must not no yes and or but if so as at by for from in of on to with "
    "dear hi hello hey thanks thank please regards kind yours sincerely faithfully best many subject re sent date "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december jan feb mar apr jun jul aug sept sep oct nov dec "
    "road street lane avenue close drive terrace crescent way court place gardens grove hill house flat room ward block park estate heol stryd ffordd lon maes rhes tai bryn cae clos tan plas parc pont bro llan "
    "north south east west upper lower great little new old st saint mount port isle bay "
    "council ombudsman adra wrexham county borough city town welsh wales england english cymru cymraeg cyngor gwasanaeth health board trust hospital nhs phso psow asb bbc senedd parliament government minister department "
    "team office officer manager director head chief executive service services housing planning complaints customer repairs parking benefits tax environmental social care school ysgol primary university college "
    "annwyl helo diolch cofion gwir yn mae dwi rwy ond a'r i'r fy eich ein y yr ar os pam lle pan dim nid na mi fe bu oes sut beth dydd nos bore llun mawrth mercher iau gwener sadwrn sul ionawr chwefror ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr "
    "facebook twitter instagram tiktok google whatsapp tesco aldi asda spar boots lidl morrisons co-op christmas easter god jesus labour tory plaid covid crown magistrates act section stage case report policy standards".split()
)
_SINGLE = re.compile(
    r"(?:\b(?:called|named|name(?:'s| is)|it's|it is|goes by|known as|ask for|o'r enw|enw ydi|enw yw)\s)(?P<name>[A-Z][a-z'’]{2,})"
)


def people(text: str) -> Iterator[Person]:
    """Yield the people named in `text`."""
    for match in _NAME.finditer(text):
        words = fold(match.group()).replace(".", "").split()
        titled = match["title"] is not None
        rest = words[1:] if titled else words
        if not any(word in _NOT_NAMES for word in rest):
            yield Person(*match.span(), titled)
    for match in _SINGLE.finditer(text):
        if match["name"].lower() not in _NOT_NAMES:
            yield Person(*match.span("name"), False)
