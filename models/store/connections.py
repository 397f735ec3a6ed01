"""The organisation's own connections: what they are, how far they were read, what they can do."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection as Database
from sqlalchemy import select, update

from models.domain import Action, Connection, Mode
from models.store.rows import insert_new
from models.tables import connection as table


def ensure(database: Database, wanted: Connection, can: Iterable[Action]) -> None:
    """Make `wanted` known, or bring its mode, addresses and abilities up to date; its cursor stays."""
    values = {
        "mode": wanted.mode.value,
        "own_addresses": list(wanted.own_addresses),
        "can": sorted(action.value for action in can),
        "settings": dict(wanted.settings),
    }
    insert_new(database, table, [{"id": wanted.connection_id, "kind": wanted.kind, "org": wanted.org, **values}])
    database.execute(update(table).where(table.c.id == wanted.connection_id).values(**values))


def every(database: Database) -> list[Connection]:
    """Return all connections."""
    return [
        Connection(row.id, row.kind, row.org, Mode(row.mode), tuple(row.own_addresses), settings=row.settings)
        for row in database.execute(select(table).order_by(table.c.id))
    ]


def cursor_of(database: Database, connection_id: str) -> str | None:
    """Return how far the connection was read, None when never."""
    return database.execute(select(table.c.cursor).where(table.c.id == connection_id)).scalar()


def advance(database: Database, connection_id: str, cursor: str, now: datetime) -> None:
    """Save how far the connection was read, in the transaction that keeps what was read."""
    database.execute(
        update(table).where(table.c.id == connection_id).values(cursor=cursor, fetched_at=now, trouble=None)
    )


def report_trouble(database: Database, connection_id: str, why: str) -> None:
    """Note why a connection could not be read or acted through."""
    database.execute(update(table).where(table.c.id == connection_id).values(trouble=why))
