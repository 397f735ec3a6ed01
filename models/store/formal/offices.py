"""Who holds which role of which organisation: a step is taken in an office somebody really holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.formal_tables import office
from models.measures import authority
from models.measures.steps import Officer
from models.policy.schema import Pack
from models.store.formal.sealed import seal


class NoOffice(Exception):
    """Somebody holds no role in the organisation; the message says in which."""


def appoint(connection: Connection, key: bytes, name: str, pack: Pack, role: str, by: str, now: datetime) -> int:
    """Give `name` a role, ending the one they held.

    Raises:
        NoOffice: The pack has no such role.
    """
    if authority.role_of(pack, role) is None:
        raise NoOffice(f"the pack {pack.id} has no role {role!r}; use {', '.join(entry.id for entry in pack.roles)}")
    for old in _current(connection, name, pack.id, now):
        connection.execute(update(office).where(office.c.id == old["id"]).values(until=now))
        seal(connection, key, now, by, "office.end", office, old["id"])
    made = connection.execute(insert(office).values(name=name, org=pack.id, role=role, since=now))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    seal(connection, key, now, by, "office.begin", office, number, role=role)
    return number


def dismiss(connection: Connection, key: bytes, name: str, org: str, by: str, now: datetime) -> int:
    """End every role that `name` holds in `org`; return how many there were."""
    held = _current(connection, name, org, now)
    for old in held:
        connection.execute(update(office).where(office.c.id == old["id"]).values(until=now))
        seal(connection, key, now, by, "office.end", office, old["id"])
    return len(held)


def _current(connection: Connection, name: str, org: str, now: datetime) -> list[Mapping[str, Any]]:
    query = select(office).where(
        office.c.name == name, office.c.org == org, office.c.since <= now, office.c.until.is_(None)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def officer(connection: Connection, name: str, org: str, now: datetime, standing_in: str = "") -> Officer:
    """Return `name` in the role they hold in `org`.

    Raises:
        NoOffice: They hold none.
    """
    held = _current(connection, name, org, now)
    if not held:
        raise NoOffice(f"{name} holds no role in {org}: ask somebody who manages roles to give you one")
    return Officer(name, held[-1]["role"], standing_in)


def orgs_of(connection: Connection, name: str, now: datetime) -> list[str]:
    """Return the organisations in which `name` holds a role."""
    query = select(office.c.org).where(office.c.name == name, office.c.since <= now, office.c.until.is_(None))
    return sorted(set(connection.execute(query).scalars()))


def holders(connection: Connection, org: str, now: datetime) -> list[Mapping[str, Any]]:
    """Return who holds which role in `org` now."""
    query = select(office).where(office.c.org == org, office.c.since <= now, office.c.until.is_(None))
    return [dict(row) for row in connection.execute(query.order_by(office.c.name)).mappings()]
