"""Reads a person's file: everything of the formal side, as the pure functions want it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from models.formal_tables import circumstance, incident, measure
from models.measures.dossier import Dossier
from models.measures.steps import Circumstance, Restriction
from models.store.formal.codec import loaded
from models.tables import contact, message

_ASKED_AT_ONCE = 10_000


def dossier_of(connection: Connection, contact_id: int, org: str) -> Dossier:
    """Return the file of a contact in an organisation."""
    who = connection.execute(select(contact.c.professional).where(contact.c.id == contact_id)).scalar_one()
    last = select(func.max(message.c.received_at)).where(
        message.c.contact_id == contact_id, message.c.org == org, message.c.verified, message.c.nature == "ordinary"
    )
    steps: dict[str, list[Any]] = defaultdict(list)
    found = select(measure).where(measure.c.contact_id == contact_id, measure.c.org == org).order_by(measure.c.id)
    for row in connection.execute(found).mappings():
        steps[row["kind"]].append(loaded(row["kind"], row))
    events = select(incident).where(incident.c.contact_id == contact_id, incident.c.org == org)
    return Dossier(
        contact_id,
        org,
        organisation=bool(who),
        last_contact_at=connection.execute(last).scalar(),
        circumstances=circumstances_of(connection, contact_id),
        incidents=tuple(
            loaded("incident", row)
            for row in connection.execute(events.order_by(incident.c.at, incident.c.id)).mappings()
        ),
        asks=tuple(steps["ask"]),
        warnings=tuple(steps["warning"]),
        restrictions=tuple(steps["restriction"]),
        reviews=tuple(steps["review"]),
        appeals=tuple(steps["appeal"]),
        referrals=tuple(steps["referral"]),
        records=tuple(steps["record"]),
    )


def circumstances_of(connection: Connection, contact_id: int) -> tuple[Circumstance, ...]:
    """Return what is recorded or believed of a person, whatever the organisation."""
    found = select(circumstance).where(circumstance.c.contact_id == contact_id).order_by(circumstance.c.id)
    return tuple(loaded("circumstance", row) for row in connection.execute(found).mappings())


def standing_restrictions(connection: Connection, org: str | None = None) -> list[tuple[int, str, Restriction]]:
    """Return every restriction that has not ended, with its contact and organisation."""
    query = select(measure).where(measure.c.kind == "restriction", measure.c.state != "ended")
    if org is not None:
        query = query.where(measure.c.org == org)
    rows = connection.execute(query.order_by(measure.c.id)).mappings()
    return [(row["contact_id"], row["org"], loaded("restriction", row)) for row in rows]


def names_of(connection: Connection, contact_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of these contacts."""
    wanted = sorted(set(contact_ids))
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        part = wanted[start : start + _ASKED_AT_ONCE]
        query = select(contact.c.id, contact.c.name).where(contact.c.id.in_(part))
        found |= {row.id: row.name for row in connection.execute(query)}
    return found
