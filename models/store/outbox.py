"""The outbox: enforcement rows, their generations, leases and ends. The row is the truth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from models.domain import Action, Decision, Enforcement, EnforcementState, Message, Outcome, Target
from models.tables import connection as connection_table
from models.tables import enforcement, quota_day

LEASE_S = 120
_LIVE = (EnforcementState.PENDING, EnforcementState.LEASED)
_IN_FORCE = (
    *_LIVE,
    EnforcementState.DONE,
    EnforcementState.ALREADY_DONE,
    EnforcementState.MANUAL,
    EnforcementState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """An effect somebody wants on a target, or wants undone."""

    connection_id: str
    target: Target
    effect: Action
    wanted: bool
    message_id: int | None = None
    verdict_id: int | None = None
    provisional_until: datetime | None = None


def target_of(message: Message, effect: Action) -> Target:
    """Return what `effect` acts on: the author's account, or the item."""
    return Target("account", message.author.address) if effect.on_account else Target("message", message.key.native_id)


def wishes_of(decision: Decision, message: Message, message_id: int) -> list[Wish]:
    """Return the effects that a decision's actions ask for."""
    until = decision.provisional_until
    return [
        Wish(
            message.key.connection_id,
            target_of(message, action),
            action,
            wanted=True,
            message_id=message_id,
            provisional_until=until,
        )
        for action in decision.actions
    ]


def enter(connection: Connection, wish: Wish, now: datetime) -> int | None:
    """Write the next generation of an effect; None when the latest one already asks for the same.

    A pending generation that is superseded is cancelled. What the platform can't do becomes a
    manual task at once.
    """
    latest = _latest(connection, wish)
    if latest is not None and latest.state in _IN_FORCE and latest.wanted == wish.wanted:
        return None
    if not wish.wanted and (latest is None or not latest.wanted):
        return None
    if latest is not None and latest.state == EnforcementState.PENDING:
        _end(connection, latest.id, EnforcementState.CANCELLED, "superseded before it ran", now)
    can = connection.execute(
        select(connection_table.c.can).where(connection_table.c.id == wish.connection_id)
    ).scalar_one()
    state = EnforcementState.PENDING if wish.effect.value in can else EnforcementState.MANUAL
    made = connection.execute(
        insert(enforcement).values(
            connection_id=wish.connection_id,
            target_kind=wish.target.kind,
            target_id=wish.target.native_id,
            effect=wish.effect.value,
            generation=1 if latest is None else latest.generation + 1,
            wanted=wish.wanted,
            message_id=wish.message_id,
            verdict_id=wish.verdict_id,
            state=state.value,
            next_at=now,
            provisional_until=wish.provisional_until,
            created_at=now,
        )
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def _latest(connection: Connection, wish: Wish) -> Row[Any] | None:
    same = and_(
        enforcement.c.connection_id == wish.connection_id,
        enforcement.c.target_kind == wish.target.kind,
        enforcement.c.target_id == wish.target.native_id,
        enforcement.c.effect == wish.effect.value,
    )
    return connection.execute(
        select(enforcement).where(same).order_by(enforcement.c.generation.desc()).limit(1)
    ).first()


def reserve(connection: Connection, connection_id: str, effect: Action, limit: int, now: datetime) -> bool:
    """Take one of the day's quota for `effect`; False when it is used up."""
    day = now.date().isoformat()
    mine = and_(quota_day.c.connection_id == connection_id, quota_day.c.effect == effect.value, quota_day.c.day == day)
    taken = connection.execute(
        update(quota_day).where(mine, quota_day.c.used < limit).values(used=quota_day.c.used + 1)
    )
    if taken.rowcount:
        return True
    if limit < 1 or connection.execute(select(quota_day.c.used).where(mine)).first() is not None:
        return False
    connection.execute(insert(quota_day).values(connection_id=connection_id, effect=effect.value, day=day, used=1))
    return True


def due(connection: Connection, now: datetime, limit: int = 50) -> list[int]:
    """Return the rows to run now: pending ones whose time has come and leased ones whose lease ran out.

    Only the lowest living generation of an effect is returned: generations run in order.
    """
    older = enforcement.alias("older")
    blocked = select(older.c.id).where(
        older.c.connection_id == enforcement.c.connection_id,
        older.c.target_kind == enforcement.c.target_kind,
        older.c.target_id == enforcement.c.target_id,
        older.c.effect == enforcement.c.effect,
        older.c.generation < enforcement.c.generation,
        older.c.state.in_([state.value for state in _LIVE]),
    )
    ready = or_(
        and_(enforcement.c.state == EnforcementState.PENDING.value, enforcement.c.next_at <= now),
        and_(enforcement.c.state == EnforcementState.LEASED.value, enforcement.c.lease_until <= now),
    )
    query = select(enforcement.c.id).where(ready, ~blocked.exists()).order_by(enforcement.c.next_at, enforcement.c.id)
    return list(connection.execute(query.limit(limit)).scalars())


def lease(connection: Connection, row_id: int, now: datetime) -> Enforcement | None:
    """Take the row for this worker; None when somebody else was faster."""
    free = or_(
        enforcement.c.state == EnforcementState.PENDING.value,
        and_(enforcement.c.state == EnforcementState.LEASED.value, enforcement.c.lease_until <= now),
    )
    taken = connection.execute(
        update(enforcement)
        .where(enforcement.c.id == row_id, free)
        .values(
            state=EnforcementState.LEASED.value,
            attempts=enforcement.c.attempts + 1,
            fence=enforcement.c.fence + 1,
            lease_until=now + timedelta(seconds=LEASE_S),
        )
    )
    if not taken.rowcount:
        return None
    row = connection.execute(select(enforcement).where(enforcement.c.id == row_id)).one()
    return Enforcement(
        enforcement_id=row.id,
        connection_id=row.connection_id,
        target=Target(row.target_kind, row.target_id),
        effect=Action(row.effect),
        wanted=row.wanted,
        generation=row.generation,
        attempts=row.attempts,
        fence=row.fence,
        provisional_until=row.provisional_until,
    )


def settle(connection: Connection, job: Enforcement, outcome: Outcome, now: datetime) -> bool:
    """Record how a leased row ended; False when its lease was lost meanwhile."""
    done = connection.execute(
        update(enforcement)
        .where(enforcement.c.id == job.enforcement_id, enforcement.c.fence == job.fence)
        .values(
            state=outcome.state.value,
            detail=outcome.detail,
            read_back=outcome.read_back,
            ended_at=now,
            lease_until=None,
        )
    )
    return bool(done.rowcount)


def postpone(connection: Connection, job: Enforcement, until: datetime, why: str) -> None:
    """Put a leased row back until `until`."""
    connection.execute(
        update(enforcement)
        .where(enforcement.c.id == job.enforcement_id, enforcement.c.fence == job.fence)
        .values(state=EnforcementState.PENDING.value, next_at=until, detail=why, lease_until=None)
    )


def _end(connection: Connection, row_id: int, state: EnforcementState, why: str, now: datetime) -> None:
    connection.execute(
        update(enforcement).where(enforcement.c.id == row_id).values(state=state.value, detail=why, ended_at=now)
    )


def in_force_for(connection: Connection, message_ids: Iterable[int]) -> list[Row[Any]]:
    """Return the wanted rows of these messages that are, or will be, in force, latest generation only."""
    later = enforcement.alias("later")
    newer = select(later.c.id).where(
        later.c.connection_id == enforcement.c.connection_id,
        later.c.target_kind == enforcement.c.target_kind,
        later.c.target_id == enforcement.c.target_id,
        later.c.effect == enforcement.c.effect,
        later.c.generation > enforcement.c.generation,
    )
    query = select(enforcement).where(
        enforcement.c.message_id.in_(list(message_ids)),
        enforcement.c.wanted,
        enforcement.c.state.in_([state.value for state in _IN_FORCE]),
        ~newer.exists(),
    )
    return list(connection.execute(query.order_by(enforcement.c.id)))


def confirm(connection: Connection, row_ids: Iterable[int]) -> None:
    """Make holds lasting: a person has confirmed them."""
    connection.execute(update(enforcement).where(enforcement.c.id.in_(list(row_ids))).values(provisional_until=None))


def make_provisional(connection: Connection, row_ids: Iterable[int], until: datetime) -> None:
    """Let holds lift themselves at `until` unless they are confirmed again."""
    connection.execute(update(enforcement).where(enforcement.c.id.in_(list(row_ids))).values(provisional_until=until))


def lapsed(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Return the provisional effects in force that nobody confirmed in time."""
    query = select(enforcement.c.message_id).where(
        enforcement.c.wanted, enforcement.c.provisional_until <= now, enforcement.c.message_id.is_not(None)
    )
    ids = set(connection.execute(query).scalars())
    return [row for row in in_force_for(connection, ids) if row.provisional_until and row.provisional_until <= now]


def counts(connection: Connection) -> dict[str, int]:
    """Return how many rows stand in each state."""
    query = select(enforcement.c.state, func.count()).group_by(enforcement.c.state)
    return {row.state: row[1] for row in connection.execute(query)}
