"""The two languages of the page: texts through gettext, dates through Babel, never one before the other."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = ("en", "cy")
LOCALE = Path(__file__).resolve().parent / "locale"
LONDON = ZoneInfo("Europe/London")


@cache
def translations(language: str) -> NullTranslations:
    """Return the texts of `language`; English texts are their own keys."""
    path = LOCALE / f"{language}.po"
    if not path.is_file():
        return NullTranslations()
    packed = BytesIO()
    with path.open("rb") as file:
        write_mo(packed, read_po(file, locale=language))
    packed.seek(0)
    return Translations(packed)


def gettext_of(language: str) -> Callable[[str], str]:
    """Return the function that puts a text into `language`."""
    return translations(language).gettext


def ngettext_of(language: str) -> Callable[[str, str, int], str]:
    """Return the function that picks the plural form of `language`: Welsh has six."""
    return translations(language).ngettext


def local_time(at: datetime | None, language: str) -> str:
    """Return a time as people in Wales write it."""
    return "" if at is None else format_datetime(at.astimezone(LONDON), "d MMM y, HH:mm", locale=language)


def local_day(day: date | datetime | None, language: str) -> str:
    """Return a day as people in Wales write it; of a moment its London day."""
    if day is None:
        return ""
    local = day.astimezone(LONDON) if isinstance(day, datetime) else day
    return format_date(local, "d MMMM y", locale=language)


def waiting(since: datetime, now: datetime, language: str) -> str:
    """Return for how long something has waited, in words."""
    return span_of(max(now - since, timedelta(0)).total_seconds(), language)


def span_of(seconds: float, language: str) -> str:
    """Return a length of time in words."""
    many = ngettext_of(language)
    minutes = int(seconds // 60)
    if minutes < 60:
        return many("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return many("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
    return many("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}


def utc_now() -> datetime:
    """Return the present moment: the page's one clock."""
    return datetime.now(UTC)


def short_day(day: date, language: str) -> str:
    """Return a day as a label of a chart."""
    return format_date(day, "d MMM", locale=language)


def weekday(day: date, language: str) -> str:
    """Return the name of a day's weekday."""
    return format_date(day, "EEEE", locale=language)
