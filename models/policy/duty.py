"""Office hours and duties: when the desk is staffed, and on which day's duty a moment falls."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from models.policy.clocks import LONDON, is_working_day


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours on working days, in London. All else is out of hours, bank holidays and weekends whole."""

    opens: time = time(9)
    closes: time = time(17)

    def staffed(self, now: datetime) -> bool:
        """True within office hours of a working day."""
        local = now.astimezone(LONDON)
        return is_working_day(local.date()) and self.opens <= local.time() < self.closes

    def duty_day(self, now: datetime) -> date:
        """Return the day on which the duty of this moment began: each lasts from one opening to the next."""
        local = now.astimezone(LONDON)
        return local.date() if local.time() >= self.opens else local.date() - timedelta(days=1)


def clock_time(text: str) -> time | None:
    """Return a time given as HH:MM, None where it is none."""
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return found if len(text) == 5 and found.tzinfo is None else None
