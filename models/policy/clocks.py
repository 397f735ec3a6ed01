"""The clocks of the policies: working days of England and Wales, calendar months, and the end of the next working day."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
CLOSE_OF_BUSINESS = time(17, 0)
SATURDAY = 5
MONTHS_A_YEAR = 12


@lru_cache(maxsize=32)
def bank_holidays(year: int) -> frozenset[date]:
    """Return the bank holidays of England and Wales in `year`, substitute days included.

    Source: Banking and Financial Dealings Act 1971 and proclamations, as kept by the `holidays` library.
    """
    import holidays  # its import costs a tenth of a second: only who asks for a clock pays it

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of one organisation: bank holidays, and days on which it is closed besides."""

    closures: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """True on a weekday that is neither a bank holiday nor a closure."""
        return day.weekday() < SATURDAY and day not in bank_holidays(day.year) and day not in self.closures

    def add_working_days(self, start: date, count: int) -> date:
        """Return the `count`-th working day after `start`; the day of `start` itself never counts.

        Raises:
            ValueError: `count` is less than 1.
        """
        if count < 1:
            raise ValueError(f"a period needs at least 1 working day, not {count}")
        day = start
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def end_of_next_working_day(self, now: datetime) -> datetime:
        """Return 17:00 London time of the next working day after the London date of `now`, in UTC."""
        day = self.add_working_days(_london_date(now), 1)
        return datetime.combine(day, CLOSE_OF_BUSINESS, tzinfo=LONDON).astimezone(UTC)


ENGLAND_AND_WALES = Calendar()


def is_working_day(day: date, calendar: Calendar = ENGLAND_AND_WALES) -> bool:
    """True on a working day of England and Wales."""
    return calendar.is_working_day(day)


def add_working_days(start: date, count: int, calendar: Calendar = ENGLAND_AND_WALES) -> date:
    """Return the `count`-th working day after `start`, as `Calendar.add_working_days`."""
    return calendar.add_working_days(start, count)


def end_of_next_working_day(now: datetime, calendar: Calendar = ENGLAND_AND_WALES) -> datetime:
    """Return by when a provisional action must be confirmed, as `Calendar.end_of_next_working_day`.

    Raises:
        ValueError: `now` has no time zone.
    """
    return calendar.end_of_next_working_day(now)


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later (or earlier), or the last day of a month too short for it."""
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _london_date(now: datetime) -> date:
    if now.tzinfo is None:
        raise ValueError(f"the time {now.isoformat()} has no time zone: pass an aware time")
    return now.astimezone(LONDON).date()
