"""Hazards read more closely: an appliance that is already off can wait; a small child's body in distress is a child at risk."""

import re
from collections.abc import Sequence
from dataclasses import replace

from classifiers.base import capped, highest
from classifiers.gated import gated
from models.domain import Signal, Span

EMERGENCY, SAFEGUARDING = "welfare.emergency", "welfare.safeguarding"
MADE_SAFE = 0.07
"""So likely an emergency is at most where the one thing that was dangerous is switched off: a repair, read in its turn."""
CHILD_AT_RISK = 0.6
LIKELY = 0.5

_APPLIANCE = (
    r"(?:(?:extractor |bathroom |kitchen )?fan|cooker|oven|hob|grill|storage heater|fan heater|heater|radiator|kettle|fridge|freezer|"
    r"washing machine|tumble dryer|dryer|dishwasher|light|lamp|socket|plug|switch|charger|shower|toaster|microwave|"
    r"ffan|popty|cwcer|gwresogydd|tegell|oergell|rhewgell|peiriant golchi|sychwr|golau|lamp|soced|plwg|cawod|tostiwr)s?"
)
_APPLIANCES = re.compile(rf"\b{_APPLIANCE}\b", re.IGNORECASE)
_OFF = gated(
    "off/plug/mains/switch/diffodd/mains",
    r"\b(?:(?:i|we|he|she)(?:'ve|'s| have| has)? (?:left|leave|kept|turned|switched|isolated) (?:it|that|them|this) (?:all )?off|"
    r"(?:it's|it is|they're|that's) (?:now |been )?(?:(?:switched|turned|left) )?off(?: now)? at the|"
    r"(?:i|we|he|she)(?:'ve|'s| have| has)? unplugged (?:it|that|them|this)|(?:it's|it is|they're) (?:now |been )?unplugged|"
    r"(?:i|we) (?:am|'m|are|'re|have)? ?not (?:been )?us(?:ing|ed) it|(?:i've|i have|we've|we have) stopped using it|"
    r"(?:wedi|di|'di) (?:ei |'i )?(?:adael o |gadael o |adael e |droi o |troi o )?(?:ddiffodd|diffodd|i ffwrdd|off)|"
    r"(?:wedi|di|'di) tynnu(?:'r| y| ei)? (?:plwg|blwg))\b",
)
_STILL = re.compile(
    r"\b(?:smoke|smoking|flames?|on fire|caught fire|alight|gas|carbon monoxide|co alarm|water|wet|flood\w*|leak\w*|shock|electrocut\w*|"
    r"again|still|won't turn off|will not turn off|can't turn|cannot turn|no heating|only heat\w*|freezing|hospital|ambulance|burn(?:t|ed) (?:my|her|his|me)|"
    r"mwg|fflamau?|tan|nwy|dwr|gollwng|sioc|eto|dal i|ysbyty|ambiwlans)\b",
    re.IGNORECASE,
)
_CHILD = re.compile(
    r"\b(?:baby|babies|newborn|infant|toddler|twins|(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[ -](?:day|week|month|wk|mth)s?[ -]old|"
    r"(?:is|'s|she's|he's) (?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) (?:days|weeks|months)|"
    r"babi|fabi|babis|plentyn bach|y fechan|y bychan|(?:diwrnod|wythnos|mis) oed)\b",
    re.IGNORECASE,
)
_BODY = gated(
    "flopp/limp/feed/bottle/breath/blue/listless/unresponsive/wak/rash/fever/temperature/sick/nappy/fit/shiver/cold/llipa/bwydo/feed/anadl/las/deffro/brech/gwres/chwydu/sal/sâl/crynu/oer",
    r"\b(?:floppy|limp|listless|lethargic|unresponsive|(?:stopped|not|isn't|won't|hasn't|refus\w+) (?:been )?(?:feed\w*|tak\w+ (?:her|his|a|the) (?:bottle|feed|milk)|wak\w+|breath\w+)|"
    r"(?:can't|cannot|struggling to|hardly|trouble) (?:\w+ )?breath\w*|(?:hands?|lips?|feet|fingers) (?:\w+ )?(?:are |is |have gone |gone |turning )?(?:blue|purple|mottled)|"
    r"(?:being|been|was) sick|keeps (?:being )?(?:sick|vomiting)|vomiting|dry nappy|no wet napp\w+|high temperature|fever\w*|having a fit|fitting|seizure|"
    r"llipa|(?:stopio?|ddim yn|gwrthod|'im yn|methu) (?:bwydo|feedio|deffro|anadlu|cymryd)|(?:dwylo|gwefusau|traed)(?: \w+){0,2} (?:yn |'n )las|chwydu|ffit|gwres uchel|clwt gwlyb)\b",
)


def weighed(text: str, signals: Sequence[Signal]) -> list[Signal]:
    """Return the welfare signals of `text` with the emergency as it stands now, and with a child at risk named as one."""
    emergency = highest(signals, EMERGENCY)
    if emergency <= MADE_SAFE:
        return list(signals)
    if _made_safe(text):
        return [capped(signal, MADE_SAFE) if signal.label == EMERGENCY else signal for signal in signals]
    found = _child_in_distress(text) if emergency >= LIKELY else ()
    if not found or highest(signals, SAFEGUARDING) >= CHILD_AT_RISK:
        return list(signals)
    first = next(signal for signal in signals if signal.label == EMERGENCY)
    risk = replace(first, label=SAFEGUARDING, probability=CHILD_AT_RISK, spans=found)
    return [*(signal for signal in signals if signal.label != SAFEGUARDING), risk]


def _made_safe(text: str) -> bool:
    """True where an appliance gave the alarm, is off now, and nothing else in the text is dangerous still."""
    return bool(_OFF.search(text)) and bool(_APPLIANCES.search(text)) and not _STILL.search(text)


def _child_in_distress(text: str) -> tuple[Span, ...]:
    child, body = _CHILD.search(text), _BODY.search(text)
    return (Span(*child.span()), Span(*body.span())) if child and body else ()
