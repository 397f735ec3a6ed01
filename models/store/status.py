"""How the bot stands: what `porthor status` and the page of enforcement show."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from models.domain import EnforcementState
from models.engine_tables import command, manual_task
from models.store import alarms, cases, connections, outbox, quotas
from models.tables import enforcement, message


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """One connection: its mode, how far behind it is, what it has spent, and what stands in its way.

    `lag_s` is how long ago it was last read to its end, None when never; `cap` what it may spend in a month, None for
    no bound.
    """

    name: str
    kind: str
    org: str
    mode: str
    can: tuple[str, ...]
    lag_s: int | None
    paused_at: datetime | None
    paused_by: str | None
    resting_until: datetime | None
    trouble: str | None
    trouble_answer: str | None
    spend: float
    cap: float | None
    breakers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The whole bot at one moment."""

    at: datetime
    connections: tuple[ConnectionStatus, ...]
    undecided: int
    oldest_undecided_s: int | None
    cases: Mapping[str, int]
    outbox: Mapping[str, int]
    oldest_due_s: int | None
    tasks_open: int
    commands_waiting: int
    alarms: tuple[Mapping[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return asdict(self)


def read(connection: Connection, now: datetime) -> Status:
    """Return how the bot stands at `now`."""
    undecided = message.c.decided < message.c.revision
    pending = enforcement.c.state == EnforcementState.PENDING.value
    oldest = connection.execute(select(func.min(message.c.taken_in_at)).where(undecided)).scalar()
    due = connection.execute(select(func.min(enforcement.c.next_at)).where(pending)).scalar()
    open_tasks = select(func.count()).select_from(manual_task).where(manual_task.c.state == "open")
    commands = select(func.count()).select_from(command).where(command.c.carried_out_at.is_(None))
    standing = [
        {"kind": a.kind, "connection": a.connection_id, "facts": a.facts, "answer": a.answer, "raised_at": a.raised_at}
        for a in alarms.standing(connection)
    ]
    return Status(
        at=now,
        connections=_connections(connection, now),
        undecided=connection.execute(select(func.count()).select_from(message).where(undecided)).scalar_one(),
        oldest_undecided_s=_seconds(now, oldest),
        cases=cases.counts(connection),
        outbox=outbox.counts(connection),
        oldest_due_s=_seconds(now, due),
        tasks_open=connection.execute(open_tasks).scalar_one(),
        commands_waiting=connection.execute(commands).scalar_one(),
        alarms=tuple(standing),
    )


def _connections(connection: Connection, now: datetime) -> tuple[ConnectionStatus, ...]:
    stopped: dict[str, list[str]] = {}
    for row in quotas.tripped(connection):
        stopped.setdefault(row.connection_id, []).append(row.effect)
    return tuple(
        ConnectionStatus(
            name=row["id"],
            kind=row["kind"],
            org=row["org"],
            mode=row["mode"],
            can=tuple(row["can"]),
            lag_s=_seconds(now, row["fetched_at"]),
            paused_at=row["paused_at"],
            paused_by=row["paused_by"],
            resting_until=row["next_fetch_at"],
            trouble=row["trouble"],
            trouble_answer=row["trouble_answer"],
            spend=row["cost"] or 0.0,
            cap=_amount(row["settings"].get(connections.MONTHLY_CAP)),
            breakers=tuple(stopped.get(row["id"], ())),
        )
        for row in connections.overview(connection, now)
    )


def _amount(told: str | None) -> float | None:
    return None if told is None else float(told)


def _seconds(now: datetime, then: datetime | None) -> int | None:
    return None if then is None else max(0, int((now - then).total_seconds()))


def log(connection: Connection, limit: int = 100) -> list[Mapping[str, Any]]:
    """Return the newest enforcement rows, newest first."""
    query = (
        select(enforcement, message.c.author, message.c.channel)
        .join(message, message.c.id == enforcement.c.message_id, isouter=True)
        .order_by(enforcement.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
