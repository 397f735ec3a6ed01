"""Personal identifiers of the United Kingdom in text, each checked as far as its form allows."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classifiers.fold import fold
from classifiers.spoken import spoken_digits


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier found: its kind and [start, end) in the text."""

    kind: str
    start: int
    end: int


PRECISE = frozenset({"phone", "email", "address", "nino", "nhs", "bank", "born", "passport"})
"""Kinds that lead to one person; a postcode or a plate alone leads to a street or a car."""

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_AFTER_A_NAME = re.compile(r"@(?<=[\w.+-]@)[\w-]")
"""The middle of any address of mail: where it is nowhere, as in most posts to `@somebody`, none is looked for."""
_PHONE = re.compile(r"(?<![\w/£.-])(?:(?:\+|00)\s?44\s?\(?0?\)?[\s.-]?|\(?0)(?:\d[\s().\-–]{0,2}){8,10}\d(?![\d-]|/\d)")
_REFERENCE = re.compile(
    r"\b(?:ref|refs|reference|case|ticket|order|invoice|job|complaint|account|tenancy|crime|cyf|cyfeirnod|achos|archeb|anfoneb|cwyn|swydd|rhif (?:cyfri|achos|tenantiaeth))\b"
    r"[\s.:#-]{0,3}(?:no\.?|number|rhif|id)?[\s.:#-]{0,3}$"
)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE)
_UNIT = r"(?:(?i:flat|fflat|apartment|apt|unit|room|ystafell)\s\d+\w?,?\s)?"
_NUMBER = r"(?:no\.?\s?|number\s|rhif\s)?\d{1,4}(?:[a-z]\b)?,?\s"
_WORD = r"[A-ZÂÊÎÔÛŴŶ][\w'’-]*"
_LATER = (
    r"road|rd|street|st|avenue|ave|close|cl|lane|ln|drive|dr|way|crescent|cres|terrace|place|court|ct|gardens|gdns|row|grove|hill|view|"
    r"square|rise|mews|walk|gate|paddocks|fold|house|villas|buildings|parade|green|park|yard|wharf|side|mount|bank"
)
_FIRST = (
    r"Heol|Stryd|Ffordd|Lôn|Lon|Maes|Rhodfa|Rhes|Tai|Bryn|Bro|Cae|Caeau|Clos|Cwrt|Pen|Penrhiw|Llwyn|Tan|Trem|Parc|Teras|Cilgant|Gerddi|Rhiw|Allt|"
    r"Gelli|Erw|Dôl|Dol|Tŷ|Ty|Tŵr|Glan|Plas|Nant|Min|Gwel|Y|Yr|The"
)
_ADDRESS = re.compile(
    rf"\b{_UNIT}(?:{_NUMBER}(?:(?:{_WORD}\s){{1,3}}(?i:{_LATER})\b\.?|(?:{_FIRST})\b(?:\s(?:y|yr|a|ar|tan|ap|{_WORD})){{1,4}}))|"
    rf"\b{_UNIT.removesuffix('?')}\d{{1,4}}[a-z]?,?\s{_WORD}(?:\s{_WORD})?"
)
_ADDRESS_AFTER = re.compile(
    rf"\b(?:(?:{_WORD}\s){{1,3}}(?:Road|Rd|Street|St|Avenue|Close|Lane|Drive|Crescent|Terrace)|(?:Heol|Stryd|Ffordd|Lôn|Lon|Maes|Rhes|Bryn|Bro)(?:\s(?:y|yr|{_WORD})){{1,3}}),?\s(?:no\.?|number|rhif)\s?\d{{1,4}}\b"
)
_NINO = re.compile(
    r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b|"
    r"\bQQ\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b",
    re.IGNORECASE,
)
_NHS = re.compile(r"(?<!\d[ -])\b\d{3}[\s-]?\d{3}[\s-]?\d{4}\b")
_NHS_SAID = re.compile(
    r"\b(?:nhs|gig)\b\W{0,3}(?:no|number|num|rhif)?\W{0,4}(?:is |yw |ydi )?(\d{3}[\s-]?\d{3}[\s-]?\d{4})\b",
    re.IGNORECASE,
)
_PLATE = re.compile(r"\b[A-HJ-PR-Y][A-HJ-PR-Y]\d{2}\s?(?!(?:THE|AND|FOR|WAS|ARE|NOT)\b)[A-Z]{3}\b")
_BANK = re.compile(
    r"\b\d{2}-\d{2}-\d{2}\b(?:\D{0,30}\b\d{4}\s?\d{4}\b)?|"
    r"\b(?:sort(?: ?code)?|s/c|cod(?: didoli)?)\W{0,3}\d{6}\b|"
    r"\b(?:acc(?:ount|t)?|a/c|cyfrif?|cyfri)\b\W{0,3}(?:no\.?|number|rhif)?\W{0,3}\d{4}\s?\d{4}\b",
    re.IGNORECASE,
)
_DATE = r"\d{1,2}(?:st|nd|rd|th|af|ail|ydd|fed|ed)?[/.\- ](?:of |the |o )*(?:\d{1,2}(?:st|nd|rd|th)?|[^\W\d_]{3,9})[/.\- ,]{1,2}(?:of )?\d{2,4}\b"
_BORN = re.compile(
    rf"\b(?:d\.?o\.?b\.?|b\.|born|birthday|date of birth|birth date|ganwyd|ganed|geni|g\.|dyddiad geni|pen-?blwydd)(?!\w)"
    rf"(?:\W|on |ar |yn |y |is |yw |the |in |[A-Z]\w+ ){{0,6}}?({_DATE})",
    re.IGNORECASE,
)
_BARE_DATE = re.compile(r"(?<![\d/.])\d{1,2}([/.])\d{1,2}\1(?:19[2-9]\d|200\d|[2-9]\d)(?![\d/])")
_PASSPORT = re.compile(
    r"\b(?:passport|pasbort|visa|driving licen[cs]e|trwydded yrru)\b\W{0,3}(?:no\.?|number|rhif)?\W{0,4}([A-Z]{0,3}\d{7,10})\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")


def identifiers(text: str) -> Iterator[Identifier]:
    """Yield every identifier in `text`; one with neither digit, nor spoken number, nor `@` has none."""
    if _AFTER_A_NAME.search(text):
        yield from (Identifier("email", *match.span()) for match in _MAIL.finditer(text))
    lowered = text.lower()
    yield from (Identifier("phone", start, end) for start, end in spoken_digits(text, lowered))
    digits = _digits(text)
    if not digits:
        return
    for form in _WITH_DIGITS:
        if digits >= form.digits and form.possible(text, lowered):
            yield from (
                Identifier(form.kind, *match.span()) for match in form.pattern.finditer(text) if form.holds(match)
            )


def _digits(text: str) -> int:
    """Return how many digits of any script stand in `text`."""
    return len(_DIGIT.findall(text))


def _is_phone(match: re.Match[str]) -> bool:
    import phonenumbers

    if _REFERENCE.search(fold(match.string[max(0, match.start() - 30) : match.start()])):
        return False
    try:
        number = phonenumbers.parse(match.group().replace("–", "-"), "GB")
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number)) and str(number.national_number)[0] in "1237"


def nhs_checks(found: str) -> bool:
    """True when ten digits end in their check digit. Source: NHS Data Dictionary, modulus 11."""
    digits = [int(character) for character in found if character.isdigit()]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return len(digits) == 10 and check != 10 and (check % 11) == digits[9]


def _always(_: re.Match[str]) -> bool:
    return True


def _is_nhs(match: re.Match[str]) -> bool:
    return nhs_checks(match.group()) and not match.group().startswith("0")


def _said_only(match: re.Match[str]) -> bool:
    """True for a number called NHS that fails its check digit: mistyped, or made up, and still shown as one."""
    return not nhs_checks(match.group(1))


def _beside_a_name(match: re.Match[str]) -> bool:
    """True for a bare date that may be a birthday: a name or another identifier stands right before it."""
    return bool(
        re.search(r"[A-Z][\w'’-]+[,.:]?\s(?:\(|b\.?\s)?$", match.string[max(0, match.start() - 25) : match.start()])
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """How one kind is written: what finds it, what it must hold beyond, and what spares most texts a look.

    Any text with it holds so many `digits`, one of `literals` in lower case where there are some, and `core`, the part
    from a digit on, or from few letters: an expression that begins so is found many times faster than the whole.
    """

    kind: str
    pattern: re.Pattern[str]
    digits: int
    core: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] = _always
    literals: tuple[str, ...] = ()

    def possible(self, text: str, lowered: str) -> bool:
        """True unless a text lacks all the literals, or the core."""
        if self.literals and not any(literal in lowered for literal in self.literals):
            return False
        return self.core.search(text) is not None


def _core(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


_WITH_DIGITS = (
    _Form("postcode", _POSTCODE, 2, _core(r"\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b")),
    _Form("address", _ADDRESS, 1, re.compile(r"\d[a-z]?,?\s[A-ZÂÊÎÔÛŴŶ]")),
    _Form("address", _ADDRESS_AFTER, 1, re.compile(r"no\.?\s?\d|number\s?\d|rhif\s?\d")),
    _Form("nino", _NINO, 6, _core(r"\d\d\s?\d\d\s?\d\d\s?[A-D]\b")),
    _Form("plate", _PLATE, 2, re.compile(r"\d\d\s?[A-Z]{3}\b")),
    _Form("bank", _BANK, 6, re.compile(r"\d\d(?:-\d\d-\d\d|\d{4}|\d\d\s?\d{4})\b")),
    _Form("born", _BORN, 3, _core(_DATE.replace(r"\d{1,2}", r"\d\d?", 1)), literals=("b", "g.", "gan", "geni")),
    _Form("born", _BARE_DATE, 4, re.compile(r"\d[/.]\d\d?[/.]"), _beside_a_name),
    _Form(
        "passport", _PASSPORT, 7, re.compile(r"\d{7}"),
        literals=("passport", "pasbort", "visa", "driving licen", "trwydded yrru"),
    ),
    _Form("phone", _PHONE, 10, re.compile(r"\d(?:[\s().\-–]{0,2}\d){8}"), _is_phone, ("0", "44")),
    _Form("nhs", _NHS, 10, re.compile(r"\d\d\d[\s-]?\d{3}[\s-]?\d{4}"), _is_nhs),
    _Form("nhs", _NHS_SAID, 10, re.compile(r"\d\d\d[\s-]?\d{3}[\s-]?\d{4}"), _said_only, ("nhs", "gig")),
)  # fmt: skip
