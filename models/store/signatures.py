"""Signatures of messages: one blob each, from which the campaign index is built anew."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, func, insert, select

from models.session import reading
from models.tables import message, signature

CHUNK = 5_000


class Kept(NamedTuple):
    """What is kept of one decided message; `blob` is None where none was written yet."""

    message_id: int
    at: datetime
    blob: bytes | None


def save(connection: Connection, org: str, rows: Sequence[Kept]) -> None:
    """Keep the signatures of an organisation's messages in place of earlier ones."""
    if not rows:
        return
    connection.execute(delete(signature).where(signature.c.message_id.in_([row.message_id for row in rows])))
    values = [
        {"message_id": row.message_id, "org": org, "received_at": row.at, "blob": row.blob or b""} for row in rows
    ]
    connection.execute(insert(signature), values)


def count_since(connection: Connection, org: str, since: datetime) -> int:
    """Return how many decided messages an organisation received since then."""
    return connection.execute(select(func.count()).where(*_decided(org, since))).scalar_one()


def every_since(engine: Engine, org: str, since: datetime) -> Iterator[list[Kept]]:
    """Yield what is kept of an organisation's decided messages since then, by thousands, in the order they were taken in.

    Each chunk is read by itself, so that a long reading never holds the database.
    """
    last = 0
    while True:
        query = (
            select(message.c.id, message.c.received_at, signature.c.blob)
            .outerjoin(signature, signature.c.message_id == message.c.id)
            .where(*_decided(org, since), message.c.id > last)
            .order_by(message.c.id)
            .limit(CHUNK)
        )
        with reading(engine) as database:
            rows = [Kept(row.id, row.received_at, row.blob) for row in database.execute(query)]
        if not rows:
            return
        last = rows[-1].message_id
        yield rows


def texts_of(connection: Connection, message_ids: Sequence[int]) -> dict[int, str]:
    """Return the own text of each message."""
    query = select(message.c.id, message.c.own_text).where(message.c.id.in_(list(message_ids)))
    return {row.id: row.own_text for row in connection.execute(query)}


def _decided(org: str, since: datetime) -> tuple[Any, ...]:
    return (message.c.org == org, message.c.received_at >= since, message.c.decided == message.c.revision)
