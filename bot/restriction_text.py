"""Reads from the words of a letter what a restriction allows, for histories that hold no form."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from models.domain import Channel
from models.policy.history import EventKind, FormalEvent, RestrictionType

_NUMBERS = {"one": 1, "a single": 1, "two": 2, "three": 3, "four": 4, "un": 1, "dau": 2, "dwy": 2, "tri": 3, "tair": 3}
_PERIODS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "dydd": 1, "wythnos": 7, "mis": 30}
_VOLUME = re.compile(
    r"\b(one|a single|two|three|four|\d+|un|dau|dwy|tri|tair)\s+(?:e-?mails?|messages?|letters?|calls?|contacts?|posts?|e-?bost|neges|llythyr|galwad)\b"
    r"[^.;]{0,20}?\b(?:a|per|each|every|yr|y|bob)\s+(day|week|fortnight|month|dydd|wythnos|mis)\b",
    re.IGNORECASE,
)
_FILED = re.compile(
    r"\b(?:not|no longer|only) (?:be )?(?:acknowledge|answer|repl|respond)\w*[^.;]{0,40}\b(?:unless|except|without|if|where|when)\b|\b(?:heb|ni fyddwn yn)\b[^.;]{0,30}\b(?:cydnabod|ateb)|\bread\b[^.;]{0,60}\bfil(?:e|ed|ing)\b|\bread[- ]and[- ]file|\bfiled (?:without|unacknowledged)|\bdarllen\b[^.;]{0,60}\bffeilio|\bnot (?:be )?(?:answered|acknowledged|replied to) unless",
    re.IGNORECASE,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(rf"\bon ({'|'.join(_WEEKDAYS)})s?\b", re.IGNORECASE)
_ONLY = {
    Channel.LETTER: re.compile(
        r"\b(?:by )?(?:post|letters?|llythyr(?:au)?|drwy'r post)(?: only| yn unig)|\bonly (?:by|in) (?:post|letter|writing on paper)",
        re.IGNORECASE,
    ),
    Channel.EMAIL: re.compile(
        r"\b(?:by )?(?:e-?mails?|e-?bost)(?: only| yn unig)|\bonly by e-?mail|\bin writing only|\bonly in writing",
        re.IGNORECASE,
    ),
    Channel.TELEPHONE: re.compile(
        r"\b(?:by )?(?:tele)?phone only|\bonly by (?:tele)?phone|\bffôn yn unig", re.IGNORECASE
    ),
}
_BLOCKED = re.compile(
    r"\b(?:not|no longer) (?:accept|receive|take|read)\b[^.;]{0,20}\b(?:e-?mails?|messages?|contact)|\b(?:emails?|accounts?|messages?|address)\b[^.;]{0,30}\bblocked\b|\bwe (?:have|will) block|\brhwystr",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"\b(?:until|till|to|tan|hyd at)\s+(\d{1,2})\s+([A-Za-z]+)(?:\s+(\d{4}))?", re.IGNORECASE)
_MONTHS = (
    ("january", "ionawr"), ("february", "chwefror"), ("march", "mawrth"), ("april", "ebrill"), ("may", "mai"), ("june", "mehefin"),
    ("july", "gorffennaf"), ("august", "awst"), ("september", "medi"), ("october", "hydref"), ("november", "tachwedd"), ("december", "rhagfyr"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Volume:
    items: int
    days: int


def restriction_from(text: str, at: datetime) -> FormalEvent:
    """Return the restriction that `text`, sent at `at`, puts in force."""
    event = FormalEvent(EventKind.RESTRICTION, at, text=text, restriction=RestrictionType.OTHER, until=_until(text, at))
    if _FILED.search(text):
        return replace(event, restriction=RestrictionType.READ_AND_FILE)
    volume = _volume(text)
    day = _WEEKDAY.search(text)
    if volume is not None or day is not None:
        return replace(
            event,
            restriction=RestrictionType.VOLUME_LIMIT,
            max_items=None if volume is None else volume.items,
            per_days=None if volume is None else volume.days,
            weekdays=() if day is None else (_WEEKDAYS.index(day.group(1).lower()),),
        )
    channels = tuple(channel for channel, pattern in _ONLY.items() if pattern.search(text))
    if channels:
        return replace(event, restriction=RestrictionType.ONE_CHANNEL, open_channels=channels)
    if _BLOCKED.search(text):
        return replace(event, restriction=RestrictionType.BLOCK_CONTACT)
    return event


def _volume(text: str) -> _Volume | None:
    found = _VOLUME.search(text)
    if found is None:
        return None
    word = found.group(1).lower()
    return _Volume(int(word) if word.isdigit() else _NUMBERS[word], _PERIODS[found.group(2).lower()])


def _until(text: str, at: datetime) -> datetime | None:
    found = _UNTIL.search(text)
    if found is None:
        return None
    name = found.group(2).lower()
    month = next(
        (
            n
            for n, names in enumerate(_MONTHS, start=1)
            if name in names or any(word.startswith(name) and len(name) == 3 for word in names)
        ),
        None,
    )
    if month is None:
        return None
    year = int(found.group(3)) if found.group(3) else at.year
    try:
        end = datetime(year, month, int(found.group(1)), 23, 59, tzinfo=UTC)
    except ValueError:
        return None
    return end if found.group(3) or end > at else end.replace(year=year + 1)
