"""The people of an organisation whose contact is restricted just now, so that one of them is known from another address."""

import re
from datetime import datetime

from sqlalchemy import Connection, Select, exists, or_, select

from models.formal_tables import measure
from models.policy.history import EventKind, HistoryView, RestrictedPerson
from models.policy.schema import Pack
from models.store.history import events_about
from models.tables import account, contact, formal_event, message

NAME_LETTERS = 3
"""Shorter parts of a name or an address say nothing of a person."""
_BETWEEN = re.compile(r"[\W\d_]+")


def people_of(connection: Connection, pack: Pack, now: datetime) -> dict[int, RestrictedPerson]:
    """Return contact id to what the person may be known by, for everybody under a restriction at `now`."""
    found = {}
    for contact_id in connection.execute(_candidates(pack.id)).scalars():
        standing = HistoryView(events=events_about(connection, contact_id, pack)).restrictions_in_force(now)
        if standing:
            found[contact_id] = _person(
                connection, contact_id, " ".join(f"{event.matter} {event.text}" for event in standing)
            )
    return found


def _candidates(org: str) -> Select[int]:
    """Return the contacts that ever had a measure or a restriction here; few, in any organisation."""
    measured = select(measure.c.contact_id).where(measure.c.org == org)
    begun = select(formal_event.c.contact_id).where(formal_event.c.kind == EventKind.RESTRICTION.value)
    wrote = exists().where(message.c.contact_id == contact.c.id, message.c.org == org)
    return select(contact.c.id).where(or_(contact.c.id.in_(measured), contact.c.id.in_(begun) & wrote))


def _person(connection: Connection, contact_id: int, matter: str) -> RestrictedPerson:
    name = connection.execute(select(contact.c.name).where(contact.c.id == contact_id)).scalar_one()
    accounts = connection.execute(select(account.c.address, account.c.name).where(account.c.contact_id == contact_id))
    addresses, known_as = set(), [name.partition("@")[0]]
    for row in accounts:
        addresses.add(row.address)
        known_as += [row.address.partition("@")[0], row.name]
    return RestrictedPerson(
        frozenset(part for text in known_as for part in names_in(text)), frozenset(addresses), matter
    )


def names_in(text: str) -> list[str]:
    """Return the parts of a name or of an address before its @, in lower case and long enough to mean somebody."""
    return [part for part in _BETWEEN.split(text.lower()) if len(part) >= NAME_LETTERS]
