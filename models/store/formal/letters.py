"""Letters that must be written: wanted with the step that needs them, fulfilled by whoever sends them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.formal_tables import contact_profile, letter_wanted, measure
from models.measures import deadlines
from models.measures.steps import Ask, FormalWarning, Restriction
from models.policy.clocks import Calendar
from models.policy.schema import Pack
from models.store.formal.codec import dumped, loaded
from models.store.formal.sealed import seal

LANGUAGES = ("en", "cy", "both")


class AlreadySent(Exception):
    """The letter was sent already, or there is no such letter wanted."""


def want(
    connection: Connection,
    key: bytes,
    contact_id: int,
    org: str,
    measure_id: int | None,
    kind: str,
    by: str,
    now: datetime,
) -> int:
    """Ask for a letter of `kind`, about a measure or a message, in the person's language and style.

    Of whom no language is known, the letter is in both.
    """
    profile = connection.execute(
        select(contact_profile.c.language, contact_profile.c.easy_read).where(
            contact_profile.c.contact_id == contact_id
        )
    ).first()
    language = profile.language if profile is not None and profile.language in LANGUAGES else "both"
    made = connection.execute(
        insert(letter_wanted).values(
            contact_id=contact_id,
            org=org,
            measure_id=measure_id,
            kind=kind,
            language=language,
            style="easy-read" if profile is not None and profile.easy_read else "standard",
            wanted_by=by,
            wanted_at=now,
        )
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    seal(connection, key, now, by, "letter.wanted", letter_wanted, number, letter=kind, measure=measure_id)
    return number


def fulfil(
    connection: Connection,
    key: bytes,
    number: int,
    pack: Pack,
    sent_at: datetime,
    by_post: bool,
    by: str,
    reference: str = "",
    received_on: date | None = None,
    calendar: Calendar = deadlines.ENGLAND_AND_WALES,
) -> None:
    """Note that a letter went out: a warning is in force, and the time of an appeal runs, from its receipt.

    Raises:
        AlreadySent: It was sent before, or is not wanted.
    """
    query = select(letter_wanted).where(letter_wanted.c.id == number, letter_wanted.c.sent_at.is_(None))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise AlreadySent(f"letter {number} was sent already or is not wanted; nothing was changed")
    received = received_on or deadlines.taken_as_received(sent_at, by_post, pack, calendar)
    connection.execute(
        update(letter_wanted)
        .where(letter_wanted.c.id == number)
        .values(sent_at=sent_at, by_post=by_post, received_on=received, reference=reference)
    )
    seal(connection, key, sent_at, by, "letter.sent", letter_wanted, number, letter=row["kind"])
    if row["measure_id"] is not None:
        _told(connection, key, dict(row), received, sent_at, by_post, by)


def _told(
    connection: Connection,
    key: bytes,
    row: Mapping[str, Any],
    received: date,
    sent_at: datetime,
    by_post: bool,
    by: str,
) -> None:
    """Let the measure know that the person was told."""
    found = connection.execute(select(measure).where(measure.c.id == row["measure_id"])).mappings().one()
    step = loaded(found["kind"], found)
    if isinstance(step, Ask | FormalWarning) and step.told_at is None:
        step = replace(step, told_at=deadlines.end_of_day(received) if by_post else sent_at)
    elif isinstance(step, Restriction) and row["kind"] in {"restriction", "review"}:
        step = replace(step, received_on=received)
    else:
        return
    connection.execute(update(measure).where(measure.c.id == found["id"]).values(detail=dumped(step)))
    seal(connection, key, sent_at, by, f"{found['kind']}.told", measure, found["id"])


def waiting(connection: Connection, org: str | None = None) -> list[Mapping[str, Any]]:
    """Return the letters not sent yet, longest waiting first."""
    query = select(letter_wanted).where(letter_wanted.c.sent_at.is_(None)).order_by(letter_wanted.c.wanted_at)
    if org is not None:
        query = query.where(letter_wanted.c.org == org)
    return [dict(row) for row in connection.execute(query).mappings()]


def sent_to(connection: Connection, org: str, contact_id: int) -> list[Mapping[str, Any]]:
    """Return the letters a person was sent, latest first."""
    query = select(letter_wanted).where(
        letter_wanted.c.org == org, letter_wanted.c.contact_id == contact_id, letter_wanted.c.sent_at.is_not(None)
    )
    return [dict(row) for row in connection.execute(query.order_by(letter_wanted.c.sent_at.desc())).mappings()]


def complete(connection: Connection, measure_id: int) -> bool:
    """True when every letter that a step needs has gone out: before that the step is not complete."""
    query = select(letter_wanted.c.id).where(
        letter_wanted.c.measure_id == measure_id, letter_wanted.c.sent_at.is_(None)
    )
    return connection.execute(query).first() is None


def of_measure(connection: Connection, measure_id: int) -> list[Mapping[str, Any]]:
    """Return the letters wanted about a measure, in their order."""
    query = select(letter_wanted).where(letter_wanted.c.measure_id == measure_id).order_by(letter_wanted.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]
