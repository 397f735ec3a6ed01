"""Seals a row into the audit trail by a keyed digest of its content, and finds rows that were changed behind its back."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select

from models.formal_tables import (
    circumstance,
    contact_link,
    contact_profile,
    incident,
    letter,
    letter_wanted,
    measure,
    office,
    policy_review,
    proposal,
)
from models.store import audit
from models.tables import audit_event

SEALED: dict[str, Table] = {
    table.name: table
    for table in (
        circumstance,
        contact_link,
        contact_profile,
        incident,
        letter,
        letter_wanted,
        measure,
        office,
        policy_review,
        proposal,
    )
}
CONTENT = "content"


def seal(
    connection: Connection, key: bytes, at: datetime, by: str, what: str, table: Table, number: int, **ids: Any
) -> None:
    """Write an audit event on row `number` of `table` with the digest of what it now holds. `ids` hold no text."""
    row = _row(connection, table, number)
    assert row is not None, f"{table.name}:{number} is sealed in the transaction that wrote it"
    detail = ids | {CONTENT: digest(key, row)}
    audit.append(connection, key, at, by, what, f"{table.name}:{number}", detail)


def digest(key: bytes, row: Mapping[str, Any]) -> str:
    """Return the keyed digest of a row."""
    held = {str.__str__(name): value for name, value in row.items()}
    packed = orjson.dumps(held, default=_plain, option=orjson.OPT_SORT_KEYS)
    return hmac.new(key, packed, hashlib.sha256).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _row(connection: Connection, table: Table, number: int) -> Mapping[str, Any] | None:
    column = next(iter(table.primary_key.columns))
    row = connection.execute(select(table).where(column == number)).mappings().first()
    return None if row is None else dict(row)


def altered(connection: Connection, key: bytes) -> list[str]:
    """Return the rows (`measure:12`) that are gone or no longer hold what their last audit event sealed.

    Rows that no event speaks of are told as well: somebody added them behind the trail's back. Incidents
    that the machine proposed count for nothing and are sealed once a person decides them.
    """
    last: dict[str, str] = {}
    for event in connection.execute(select(audit_event.c.subject, audit_event.c.detail).order_by(audit_event.c.number)):
        if CONTENT in event.detail:
            last[event.subject] = event.detail[CONTENT]
    wrong = []
    for subject, expected in last.items():
        name, _, number = subject.partition(":")
        row = _row(connection, SEALED[name], int(number))
        if row is None or not hmac.compare_digest(digest(key, row), expected):
            wrong.append(subject)
    for name, table in SEALED.items():
        query = select(next(iter(table.primary_key.columns)))
        if table is incident:
            query = query.where(incident.c.state != "proposed")
        wrong += [f"{name}:{n}" for n in connection.execute(query).scalars() if f"{name}:{n}" not in last]
    return wrong
