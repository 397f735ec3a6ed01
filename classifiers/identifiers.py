"""Personal identifiers of the United Kingdom in text, each checked as far as its form allows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier found: its kind and [start, end) in the text."""

    kind: str
    start: int
    end: int


_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w/])(?:\+44\s?\(?0?\)?\s?|\(?0)(?:\d[\s().-]?){8,10}\d(?!\d)")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\b(?:(?:flat|fflat|apartment|unit)\s\d+\w?,?\s)?(?:no\.?\s|rhif\s)?\d{1,4}[a-z]?,?\s(?:"
    r"(?:[A-Z][\w'’-]+\s){1,3}(?:Road|Rd|Street|St|Avenue|Ave|Close|Lane|Drive|Way|Crescent|Terrace|Place|Court|Gardens|Row|Grove|Hill|View|Square)\b|"
    r"(?:Heol|Stryd|Ffordd|Lôn|Lon|Maes|Rhodfa|Rhes|Tai|Bryn|Cae|Clos|Cwrt|Pen|Llwyn|Tan|Trem|Parc|Teras)\b(?:\s?[\w'’-]*[A-Z][\w'’-]+){1,3})"
)
_NINO = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b", re.IGNORECASE
)
_NHS = re.compile(r"\b\d{3}[\s-]?\d{3}[\s-]?\d{4}\b")
_PLATE = re.compile(r"\b[A-HJ-PR-Y][A-HJ-PR-Y]\d{2}\s?[A-HJ-PR-Z]{3}\b")
_BANK = re.compile(r"\b\d{2}-\d{2}-\d{2}\b(?:\D{0,30}\b\d{8}\b)?")
_BORN = re.compile(
    r"(?:\b(?:d\.?o\.?b\.?|born|date of birth|ganwyd|ganed|dyddiad geni)\b\W{0,4}(?:on |ar )?)(\d{1,2}[/.\- ](?:\d{1,2}|[A-Za-z]{3,9})[/.\- ]\d{2,4})",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")


def identifiers(text: str) -> Iterator[Identifier]:
    """Yield every identifier in `text`; one with neither digit nor `@` has none."""
    if "@" in text:
        yield from (Identifier("email", *match.span()) for match in _MAIL.finditer(text))
    if not _DIGIT.search(text):
        return
    for kind, pattern in _WITH_DIGITS:
        yield from (Identifier(kind, *match.span()) for match in pattern.finditer(text))
    yield from (Identifier("phone", *match.span()) for match in _PHONE.finditer(text) if _is_phone(match.group()))
    yield from (Identifier("nhs", *match.span()) for match in _NHS.finditer(text) if nhs_checks(match.group()))


_WITH_DIGITS = (
    ("postcode", _POSTCODE), ("address", _ADDRESS), ("nino", _NINO), ("plate", _PLATE), ("bank", _BANK), ("born", _BORN),
)  # fmt: skip


def _is_phone(found: str) -> bool:
    import phonenumbers

    try:
        number = phonenumbers.parse(found, "GB")
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number))


def nhs_checks(found: str) -> bool:
    """True when ten digits end in their check digit. Source: NHS Data Dictionary, modulus 11."""
    digits = [int(character) for character in found if character.isdigit()]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return len(digits) == 10 and check != 10 and (check % 11) == digits[9]
