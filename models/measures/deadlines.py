"""The clocks of a person's measures: when warnings lapse, restrictions end, reviews fall due and appeals close."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from models.measures.steps import Basis, FormalWarning, Incident, Restriction
from models.policy.clocks import LONDON, Calendar, add_months, add_working_days
from models.policy.restrictions import months_after
from models.policy.schema import Clocks, Pack

ENGLAND_AND_WALES = Calendar()


def london_day(at: datetime) -> date:
    """Return the London date of a moment."""
    return at.astimezone(LONDON).date()


def end_of_day(day: date) -> datetime:
    """Return the midnight that ends a London day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=LONDON).astimezone(UTC)


def days_later(at: datetime, days: int) -> datetime:
    """Return the same London time `days` days later: a day may have 23 or 25 hours."""
    local = at.astimezone(LONDON)
    return (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=LONDON).astimezone(UTC)


def warning_ends(warning: FormalWarning, incidents: Iterable[Incident], pack: Pack) -> datetime | None:
    """Return when a warning lapses, None when it stands until it is acted on.

    Six months from being told (PHSO); conduct that is repeated while it stands starts the months again.
    A warning nobody was told of is not in force, and lapses at once.
    """
    if warning.told_at is None:
        return warning.taken.at
    months = pack.clocks.warning_lasts_months
    return None if months is None else _rolled(warning.told_at, months, incidents)


def warning_in_force(warning: FormalWarning, incidents: Iterable[Incident], pack: Pack, now: datetime) -> bool:
    """True while a warning stands."""
    if warning.told_at is None or warning.told_at > now:
        return False
    ends = warning_ends(warning, (i for i in incidents if i.at <= now), pack)
    return ends is None or now < ends


def _rolled(start: datetime, months: int, incidents: Iterable[Incident]) -> datetime:
    """Return the end of `months` months from the last upheld incident that fell while they still ran."""
    end = months_after(start, months)
    for incident in sorted((i for i in incidents if i.upheld), key=lambda i: i.at):
        if start < incident.at < end:
            end = max(end, months_after(incident.at, months))
    return end


def rolls(restriction: Restriction, clocks: Clocks) -> bool:
    """True for a restriction whose end moves with the last incident."""
    return restriction.basis is Basis.FORMAL and clocks.restriction_rolls_from_last_incident


def ends_at(restriction: Restriction, incidents: Iterable[Incident], pack: Pack) -> datetime | None:
    """Return when a restriction ends by itself.

    A rolling one months after the last incident; any other at its own end, or when its review day has
    passed without a review: nobody is restricted for longer than they were told.
    """
    if restriction.ended is not None:
        return restriction.ended.at
    if rolls(restriction, pack.clocks) and pack.clocks.restriction_lasts_months is not None:
        known = tuple(incidents)
        relied_on = [i.at for i in known if i.upheld and i.incident_id in restriction.incident_ids]
        return _rolled(max(relied_on, default=restriction.starts_at), pack.clocks.restriction_lasts_months, known)
    if restriction.until is not None:
        return restriction.until
    return None if restriction.review_on is None else end_of_day(restriction.review_on)


def run_out(restriction: Restriction, incidents: Iterable[Incident], pack: Pack, now: datetime) -> bool:
    """True when a restriction has ended by `now`."""
    end = ends_at(restriction, incidents, pack)
    return end is not None and end <= now


def in_force(restriction: Restriction, incidents: Iterable[Incident], pack: Pack, now: datetime) -> bool:
    """True while a restriction holds: begun, not resting, not ended."""
    begun = restriction.starts_at <= now and restriction.suspended_at is None
    return begun and restriction.ended is None and not run_out(restriction, incidents, pack, now)


def enforced_until(restriction: Restriction, incidents: Iterable[Incident], pack: Pack) -> datetime | None:
    """Return until when the machine keeps to a restriction: never beyond a review that nobody made."""
    end = ends_at(restriction, incidents, pack)
    if restriction.review_on is None or rolls(restriction, pack.clocks):
        return end
    review = end_of_day(restriction.review_on)
    return review if end is None else min(end, review)


def latest_review(decided_at: datetime, pack: Pack) -> date | None:
    """Return the last day on which a decision may be reviewed, None where the policy names no limit."""
    months = pack.clocks.review_within_months
    return None if months is None else add_months(london_day(decided_at), months)


def with_dates(restriction: Restriction, incidents: Iterable[Incident], pack: Pack, calendar: Calendar) -> Restriction:
    """Return a restriction with the dates that the pack itself sets: a short one's end, a rolling one's review."""
    clocks = pack.clocks
    if restriction.basis is not Basis.FORMAL:
        days = call_days(pack) if restriction.basis is Basis.CALL else clocks.informal_restriction_days
        until = restriction.until
        if until is None and days is not None:
            until = days_later(restriction.starts_at, days)
        review = None if until is None else london_day(until)
        return replace(restriction, until=until, review_on=review)
    if rolls(restriction, clocks):
        end = ends_at(restriction, incidents, pack)
        return replace(restriction, review_on=None if end is None else london_day(end - timedelta(microseconds=1)))
    latest = latest_review(restriction.taken.at, pack)
    if restriction.review_on is None and latest is not None:
        return replace(restriction, review_on=_working_day_before(latest, restriction, calendar))
    return restriction


def _working_day_before(latest: date, restriction: Restriction, calendar: Calendar) -> date:
    """Return the last working day not after `latest`: a review falls when somebody is there to make it."""
    first, day = london_day(restriction.taken.at), latest
    while not calendar.is_working_day(day) and day > first:
        day -= timedelta(days=1)
    return day


def call_days(pack: Pack) -> int | None:
    """Return for how many days telephone contact may be restricted after a terminated call."""
    return pack.clocks.terminated_call_days or pack.clocks.informal_restriction_days


def appeal_until(restriction: Restriction, pack: Pack, calendar: Calendar = ENGLAND_AND_WALES) -> date | None:
    """Return the last day of an appeal, None where there is no limit or the letter has not come."""
    days = pack.appeal.within_working_days
    if days is None or restriction.received_on is None:
        return None
    return add_working_days(restriction.received_on, days, calendar)


def is_late(restriction: Restriction, lodged_at: datetime, pack: Pack, calendar: Calendar = ENGLAND_AND_WALES) -> bool:
    """True when an appeal came after its last day."""
    last = appeal_until(restriction, pack, calendar)
    return last is not None and london_day(lodged_at) > last


def taken_as_received(sent_at: datetime, by_post: bool, pack: Pack, calendar: Calendar = ENGLAND_AND_WALES) -> date:
    """Return the day on which a letter is taken as received: at once by mail, some working days later by post."""
    day, wait = london_day(sent_at), pack.clocks.post_takes_working_days
    return add_working_days(day, wait, calendar) if by_post and wait else day


def reminders(review_on: date, pack: Pack) -> tuple[date, ...]:
    """Return the days on which somebody is reminded of a review, earliest first."""
    return tuple(sorted(review_on - timedelta(days=days) for days in pack.clocks.remind_days_before))


def renewable_until(ended_at: datetime, pack: Pack) -> datetime | None:
    """Return until when a restriction that ended may be put in place again without a new warning."""
    months = pack.clocks.renew_without_warning_months
    return None if months is None else months_after(ended_at - timedelta(microseconds=1), months)


def annual_review_day(year: int, pack: Pack) -> date | None:
    """Return the day in `year` on which all restrictions are reviewed for consistency."""
    day = pack.clocks.annual_review_month_day
    return None if day is None else date(year, int(day[:2]), int(day[3:]))


def policy_review_day(issued: date, pack: Pack) -> date | None:
    """Return by when the policy itself is due for review."""
    years = pack.clocks.policy_review_years
    return None if years is None else add_months(issued, 12 * years)
