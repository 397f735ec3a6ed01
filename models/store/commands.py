"""What people tell the bot to do: written with its audit event, carried out by the bot."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from models.domain import Action
from models.engine_tables import command
from models.store import audit
from models.tables import connection as connection_table


class CommandKind(StrEnum):
    """What may be told. `verify` is written with a ticked task."""

    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    VERIFY = "verify"


TOLD = {"pause": CommandKind.PAUSE, "resume": CommandKind.RESUME}
"""What people say to a connection, by the word they say it with."""


class UnknownConnection(LookupError):
    """No connection has this name."""


def write(
    connection: Connection,
    audit_key: bytes,
    kind: CommandKind,
    by: str,
    at: datetime,
    connection_id: str | None = None,
    effect: Action | None = None,
    task_id: int | None = None,
) -> int:
    """Write a command and its audit event in the caller's transaction; return its number.

    Raises:
        UnknownConnection: There is no such connection.
    """
    known = list(connection.execute(select(connection_table.c.id).order_by(connection_table.c.id)).scalars())
    if connection_id is not None and connection_id not in known:
        raise UnknownConnection(
            f"no connection is called {connection_id!r}: use one of {', '.join(known) or 'none yet'}"
        )
    values = {"kind": kind.value, "connection_id": connection_id, "effect": effect and effect.value, "task_id": task_id}
    made = connection.execute(insert(command).values(by=by, at=at, **values))
    subject = f"task:{task_id}" if task_id is not None else f"connection:{connection_id}"
    audit.append(connection, audit_key, at, by, f"command.{kind}", subject, {"effect": values["effect"]})
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def waiting(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Return the commands to carry out now, in order."""
    ready = or_(command.c.next_at.is_(None), command.c.next_at <= now)
    query = select(command).where(command.c.carried_out_at.is_(None), ready).order_by(command.c.id)
    return list(connection.execute(query))


def later(connection: Connection, command_id: int, until: datetime) -> None:
    """Let a command wait until `until`: the platform cannot be asked now."""
    connection.execute(update(command).where(command.c.id == command_id).values(next_at=until))


def finish(connection: Connection, command_id: int, outcome: str, now: datetime) -> None:
    """Record what a command came to."""
    connection.execute(
        update(command).where(command.c.id == command_id).values(carried_out_at=now, outcome=outcome[:500])
    )
