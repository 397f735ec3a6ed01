"""What goes out and can be neither looked up nor taken back: each at most once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from models.domain import EnforcementState
from models.engine_tables import dispatch
from models.store import tasks
from models.store.rows import insert_new

LEASE_S = 300
_PENDING, _LEASED = EnforcementState.PENDING.value, EnforcementState.LEASED.value


def enter(
    connection: Connection,
    key: str,
    kind: str,
    org: str,
    now: datetime,
    *,
    recipient: str = "",
    connection_id: str | None = None,
    contact_id: int | None = None,
    message_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a dispatch in the caller's transaction; one of the same `key` is never written twice."""
    row: dict[str, Any] = {
        "key": key[:200],
        "kind": kind,
        "org": org,
        "recipient": recipient,
        "connection_id": connection_id,
    }
    row |= {"contact_id": contact_id, "message_id": message_id, "detail": dict(detail or {})}
    row |= {"state": _PENDING, "attempts": 0, "fence": 0, "next_at": now, "created_at": now, "outcome": ""}
    insert_new(connection, dispatch, [row])


def known(connection: Connection, key: str) -> bool:
    """True when a dispatch of `key` was written, whatever became of it."""
    return connection.execute(select(dispatch.c.id).where(dispatch.c.key == key)).first() is not None


def find(connection: Connection, key: str) -> Row[Any] | None:
    """Return the dispatch of `key`, None when none was written."""
    return connection.execute(select(dispatch).where(dispatch.c.key == key)).first()


def sent_since(connection: Connection, contact_id: int, kind: str, since: datetime) -> bool:
    """True when something of `kind` went, or may go, to the contact since then."""
    mine = and_(dispatch.c.contact_id == contact_id, dispatch.c.kind == kind, dispatch.c.created_at > since)
    living = dispatch.c.state.not_in([EnforcementState.CANCELLED.value, EnforcementState.REFUSED.value])
    return connection.execute(select(dispatch.c.id).where(mine, living).limit(1)).first() is not None


def due(connection: Connection, now: datetime, limit: int = 50) -> list[int]:
    """Return what is to go out now."""
    ready = and_(dispatch.c.state == _PENDING, dispatch.c.next_at <= now)
    return list(connection.execute(select(dispatch.c.id).where(ready).order_by(dispatch.c.id).limit(limit)).scalars())


def lease(connection: Connection, row_id: int, now: datetime) -> Row[Any] | None:
    """Take a dispatch for this worker; from here on a crash leaves it unknown."""
    taken = connection.execute(
        update(dispatch)
        .where(dispatch.c.id == row_id, dispatch.c.state == _PENDING)
        .values(
            state=_LEASED,
            attempts=dispatch.c.attempts + 1,
            fence=dispatch.c.fence + 1,
            lease_until=now + timedelta(seconds=LEASE_S),
        )
    )
    return connection.execute(select(dispatch).where(dispatch.c.id == row_id)).one() if taken.rowcount else None


def settle(connection: Connection, row: Row[Any], state: EnforcementState, outcome: str, now: datetime) -> None:
    """Record how a leased dispatch ended; a notice that a person must look at becomes a task at once."""
    values = {"state": state.value, "outcome": outcome[:500], "ended_at": now, "lease_until": None}
    mine = and_(dispatch.c.id == row.id, dispatch.c.fence == row.fence, dispatch.c.state == _LEASED)
    if connection.execute(update(dispatch).where(mine).values(**values)).rowcount and _is_task(row, state):
        ended = connection.execute(select(dispatch).where(dispatch.c.id == row.id)).one()
        tasks.assign_dispatch(connection, ended, now)


def _is_task(row: Row[Any], state: EnforcementState) -> bool:
    return state.needs_person and row.contact_id is not None


def postpone(connection: Connection, row: Row[Any], until: datetime, why: str) -> None:
    """Put back a dispatch that certainly has not gone out."""
    mine = and_(dispatch.c.id == row.id, dispatch.c.fence == row.fence)
    connection.execute(
        update(dispatch).where(mine).values(state=_PENDING, next_at=until, outcome=why[:500], lease_until=None)
    )


def abandoned(connection: Connection, now: datetime, *, all_leases: bool = False) -> int:
    """Turn every dispatch whose worker died in the middle into `unknown` with a task; return how many.

    `all_leases` is for a bot that knows itself to be the only one.
    """
    gone = dispatch.c.state == _LEASED
    if not all_leases:
        gone = and_(gone, or_(dispatch.c.lease_until <= now, dispatch.c.lease_until > now + timedelta(days=2)))
    rows = list(connection.execute(select(dispatch).where(gone)))
    for row in rows:
        settle(connection, row, EnforcementState.UNKNOWN, "the bot stopped while it was going out", now)
    return len(rows)
