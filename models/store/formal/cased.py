"""What ties the formal side to the queue: incidents of a case, and the warnings that rest on it with their letters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models.domain import Nature
from models.formal_tables import incident, letter_wanted, measure
from models.tables import case_item, message


@dataclass(frozen=True, slots=True)
class Conduct:
    """One message of a case that a warning could rest on; `incident_id` is 0 where none was proposed of it."""

    message_id: int
    incident_id: int
    at: datetime
    channel: str


def conduct_of(connection: Connection, case_id: int, contact_id: int, org: str) -> list[Conduct]:
    """Return the person's own messages of a case whose origin is proven, latest first, with their open incidents."""
    query = (
        select(
            message.c.id, message.c.received_at, message.c.channel, incident.c.id.label("incident"), incident.c.state
        )
        .join(case_item, case_item.c.message_id == message.c.id)
        .join(incident, incident.c.message_id == message.c.id, isouter=True)
        .where(
            case_item.c.case_id == case_id,
            message.c.contact_id == contact_id,
            message.c.org == org,
            message.c.verified,
            message.c.nature == Nature.ORDINARY.value,
        )
        .order_by(message.c.received_at.desc(), message.c.id.desc())
    )
    rows = connection.execute(query)
    return [
        Conduct(row.id, row.incident or 0, row.received_at, row.channel)
        for row in rows
        if row.state in {None, "proposed"}
    ]


def letters_of_measure(connection: Connection, measure_id: int) -> list[int]:
    """Return the letters of a measure that are still to be written or sent."""
    query = select(letter_wanted.c.id).where(
        letter_wanted.c.measure_id == measure_id, letter_wanted.c.sent_at.is_(None)
    )
    return list(connection.execute(query.order_by(letter_wanted.c.id)).scalars())


def warnings_of(connection: Connection, case_id: int) -> list[Mapping[str, Any]]:
    """Return the letters of the warnings that rest on messages of a case: number, org and when it was sent."""
    mine = select(incident.c.id).join(case_item, case_item.c.message_id == incident.c.message_id)
    upon = set(connection.execute(mine.where(case_item.c.case_id == case_id)).scalars())
    if not upon:
        return []
    people = select(incident.c.contact_id).where(incident.c.id.in_(upon))
    query = (
        select(letter_wanted.c.id, letter_wanted.c.org, letter_wanted.c.sent_at, measure.c.detail)
        .join(measure, measure.c.id == letter_wanted.c.measure_id)
        .where(measure.c.kind == "warning", measure.c.contact_id.in_(people))
        .order_by(letter_wanted.c.id)
    )
    rows = connection.execute(query).mappings()
    return [dict(row) for row in rows if upon & set(row["detail"]["incident_ids"])]


def cases_of(connection: Connection, message_ids: Iterable[int]) -> list[int]:
    """Return the cases in which messages stand."""
    query = select(case_item.c.case_id).where(case_item.c.message_id.in_(list(message_ids))).distinct()
    return list(connection.execute(query.order_by(case_item.c.case_id)).scalars())
