"""A calendar of what falls due: case references and days, no names, under an address that is a secret."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event
from sqlalchemy import Connection, delete, insert, select

from models.formal_tables import calendar_token
from models.measures import deadlines
from models.policy.schema import Pack
from models.store.formal import files
from models.tables import person

WORDS = {
    "review": ("Review of restriction", "Adolygu cyfyngiad"),
    "ends": ("A restriction ends:", "Daw cyfyngiad i ben:"),
    "annual": ("The year's review:", "Adolygiad y flwyddyn:"),
    "name": ("Porthor: what falls due", "Porthor: yr hyn sydd i'w wneud"),
}
REMIND = timedelta(days=-7)


def new_token(database: Connection, name: str, now: datetime) -> str:
    """Give somebody a new secret address, which ends the one before; return the secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(32)
    end_token(database, name)
    values = {"name": name, "sha256": _digest(secret), "made_at": now}
    database.execute(insert(calendar_token).values(**values))
    return secret


def end_token(database: Connection, name: str) -> None:
    """End somebody's secret address."""
    database.execute(delete(calendar_token).where(calendar_token.c.name == name))


def owner(database: Connection, secret: str) -> tuple[str, str] | None:
    """Return whose address it is and their language, None when it is nobody's."""
    query = (
        select(calendar_token.c.name, person.c.language)
        .join(person, person.c.name == calendar_token.c.name)
        .where(calendar_token.c.sha256 == _digest(secret))
    )
    row = database.execute(query).first()
    return None if row is None else (row.name, row.language)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def feed(database: Connection, packs: list[Pack], language: str, now: datetime) -> bytes:
    """Return the reviews and ends of the standing restrictions of these organisations as iCalendar."""
    calendar = Calendar()
    calendar.add("prodid", "-//Porthor//due//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", WORDS["name"][language == "cy"])
    for pack in packs:
        for kind, number, day in _due(database, pack, now):
            calendar.add_component(_event(kind, f"{pack.id} {number}" if number else pack.id, day, language, now))
    return bytes(calendar.to_ical())


def _due(database: Connection, pack: Pack, now: datetime) -> Iterator[tuple[str, int, date]]:
    today = deadlines.london_day(now)
    for contact_id, _, restriction in files.standing_restrictions(database, pack.id):
        if restriction.review_on is not None:
            yield "review", restriction.restriction_id, restriction.review_on
        end = deadlines.ends_at(restriction, files.dossier_of(database, contact_id, pack.id).incidents, pack)
        if end is not None:
            yield "ends", restriction.restriction_id, deadlines.london_day(end - timedelta(microseconds=1))
    annual = deadlines.annual_review_day(today.year, pack)
    if annual is not None:
        yield "annual", 0, annual if annual >= today else annual.replace(year=annual.year + 1)


def _event(kind: str, reference: str, day: date, language: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{kind}-{reference.replace(' ', '-')}@porthor")
    event.add("dtstamp", now)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"{WORDS[kind][language == 'cy']} {reference}")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"{WORDS[kind][language == 'cy']} {reference}")
    alarm.add("trigger", REMIND)
    event.add_component(alarm)
    return event
