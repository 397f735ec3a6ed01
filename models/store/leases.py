"""Leases on outbox rows: who carries one out now, how it ended, and when it is tried again."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from models.domain import Action, Enforcement, EnforcementState, Outcome, Target
from models.engine_tables import connection_state
from models.store.outbox import LIVE
from models.tables import enforcement, message

LEASE_S = 120
LONGEST_PAUSE = timedelta(days=2)
"""No row waits longer than this: a time beyond it was written by a clock that was wrong."""


def due(connection: Connection, now: datetime, limit: int = 50) -> list[int]:
    """Return the rows to run now: pending ones whose time has come and leased ones whose lease ran out.

    Only the lowest living generation of an effect is returned: generations run in order. Nothing of
    a paused connection is.
    """
    older = enforcement.alias("older")
    blocked = select(older.c.id).where(
        older.c.connection_id == enforcement.c.connection_id,
        older.c.target_kind == enforcement.c.target_kind,
        older.c.target_id == enforcement.c.target_id,
        older.c.effect == enforcement.c.effect,
        older.c.generation < enforcement.c.generation,
        older.c.state.in_([state.value for state in LIVE]),
    )
    paused = select(connection_state.c.connection_id).where(connection_state.c.paused_at.is_not(None))
    ready = or_(
        and_(
            enforcement.c.state == EnforcementState.PENDING.value,
            or_(enforcement.c.next_at <= now, enforcement.c.next_at > now + LONGEST_PAUSE),
        ),
        and_(
            enforcement.c.state == EnforcementState.LEASED.value,
            or_(enforcement.c.lease_until <= now, enforcement.c.lease_until > now + LONGEST_PAUSE),
        ),
    )
    query = (
        select(enforcement.c.id)
        .where(ready, ~blocked.exists(), enforcement.c.connection_id.not_in(paused))
        .order_by(enforcement.c.next_at, enforcement.c.id)
    )
    return list(connection.execute(query.limit(limit)).scalars())


def lease(connection: Connection, row_id: int, now: datetime) -> Enforcement | None:
    """Take the row for this worker; None when somebody else was faster.

    From here on the row counts as uncertain, until the worker says how its call ended: a crash
    between leaves it so.
    """
    free = or_(
        enforcement.c.state == EnforcementState.PENDING.value,
        and_(
            enforcement.c.state == EnforcementState.LEASED.value,
            or_(enforcement.c.lease_until <= now, enforcement.c.lease_until > now + LONGEST_PAUSE),
        ),
    )
    before = connection.execute(select(enforcement).where(enforcement.c.id == row_id, free)).first()
    if before is None:
        return None
    taken = connection.execute(
        update(enforcement)
        .where(enforcement.c.id == row_id, enforcement.c.fence == before.fence)
        .values(
            state=EnforcementState.LEASED.value,
            attempts=before.attempts + 1,
            fence=before.fence + 1,
            uncertain=True,
            lease_until=now + timedelta(seconds=LEASE_S),
        )
    )
    if not taken.rowcount:
        return None
    about = connection.execute(select(message.c.native_id).where(message.c.id == before.message_id)).scalar()
    return job_of(before, before.attempts + 1, before.fence + 1, about)


def job_of(row: Row[Any], attempts: int, fence: int, about: str | None = None) -> Enforcement:
    """Return a row as the connectors take it."""
    return Enforcement(
        enforcement_id=row.id,
        connection_id=row.connection_id,
        target=Target(row.target_kind, row.target_id),
        effect=Action(row.effect),
        wanted=row.wanted,
        generation=row.generation,
        attempts=attempts,
        fence=fence,
        provisional_until=row.provisional_until,
        message_id=row.message_id,
        failures=row.failures,
        uncertain=row.uncertain,
        about=about,
    )


def holds(connection: Connection, job: Enforcement, now: datetime) -> bool:
    """True while the lease of `job` is still this worker's: asked just before the platform is called."""
    mine = select(enforcement.c.lease_until).where(
        enforcement.c.id == job.enforcement_id,
        enforcement.c.fence == job.fence,
        enforcement.c.state == EnforcementState.LEASED.value,
    )
    until = connection.execute(mine).scalar()
    return until is not None and now < until


def settle(connection: Connection, job: Enforcement, outcome: Outcome, now: datetime) -> bool:
    """Record how a leased row ended; False when its lease was lost meanwhile."""
    done = connection.execute(
        update(enforcement)
        .where(enforcement.c.id == job.enforcement_id, enforcement.c.fence == job.fence)
        .values(
            state=outcome.state.value,
            detail=outcome.detail,
            read_back=outcome.read_back,
            uncertain=outcome.state is EnforcementState.UNKNOWN,
            ended_at=now,
            lease_until=None,
        )
    )
    return bool(done.rowcount)


def postpone(
    connection: Connection, job: Enforcement, until: datetime, why: str, *, called: bool, failed: bool = False
) -> None:
    """Put a leased row back until `until`.

    `called` False says that the platform certainly did nothing this time; `failed` counts towards
    giving up.
    """
    connection.execute(
        update(enforcement)
        .where(enforcement.c.id == job.enforcement_id, enforcement.c.fence == job.fence)
        .values(
            state=EnforcementState.PENDING.value,
            next_at=until,
            detail=why,
            lease_until=None,
            uncertain=called or job.uncertain,
            failures=job.failures + failed,
        )
    )


def hold_back(connection: Connection, connection_id: str, effect: Action, until: datetime) -> None:
    """Let no pending row of this effect run before `until`: the platform has said how long to wait."""
    connection.execute(
        update(enforcement)
        .where(
            enforcement.c.connection_id == connection_id,
            enforcement.c.effect == effect.value,
            enforcement.c.state == EnforcementState.PENDING.value,
            enforcement.c.next_at < until,
        )
        .values(next_at=until)
    )


def reclaim(connection: Connection, now: datetime) -> int:
    """End every lease at once; only for a bot that knows itself to be the only one."""
    leased = enforcement.c.state == EnforcementState.LEASED.value
    return connection.execute(update(enforcement).where(leased).values(lease_until=now)).rowcount


def row_of(connection: Connection, row_id: int) -> Row[Any] | None:
    """Return an outbox row as it stands, or None."""
    return connection.execute(select(enforcement).where(enforcement.c.id == row_id)).first()
