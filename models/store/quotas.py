"""What automation may do in a day, and the breakers that stop it: per connection and action."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from models.domain import Action
from models.engine_tables import breaker
from models.policy.limits import Automation
from models.store import alarms
from models.tables import enforcement, quota_day


@dataclass(frozen=True, slots=True)
class Surge:
    """How many automatic actions of one kind within `minutes` are no longer ordinary."""

    actions: int
    minutes: int


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


def allow(
    connection: Connection, connection_id: str, effect: Action, automation: Automation, now: datetime
) -> str | None:
    """Reserve one automatic `effect`; return None, or the rule that stopped it.

    Crossing the day's quota, or a surge, trips the breaker: that action then waits for people.
    """
    if _open(connection, connection_id, effect) is not None:
        return "breaker_open"
    surge = Surge(automation.surge_actions, automation.surge_minutes)
    if _recent(connection, connection_id, effect, surge, now) >= surge.actions:
        trip(connection, connection_id, effect, "surge", now)
        return "breaker_open"
    limit = automation.daily_quota.get(effect, 0)
    if reserve(connection, connection_id, effect, limit, now):
        return None
    if limit:
        trip(connection, connection_id, effect, "quota", now)
    return "quota_reached"


def trip(connection: Connection, connection_id: str, effect: Action, why: str, now: datetime) -> None:
    """Stop automation of `effect` on a connection and say so."""
    if _open(connection, connection_id, effect) is not None:
        return
    connection.execute(
        insert(breaker).values(connection_id=connection_id, effect=effect.value, why=why, tripped_at=now)
    )
    facts = {"effect": effect.value, "why": why}
    alarms.raise_one(connection, f"breaker:{connection_id}:{effect}", "breaker", now, connection_id, facts=facts)


def resume(connection: Connection, connection_id: str, effect: Action | None, by: str, now: datetime) -> int:
    """Close the breakers of a connection, or only that of `effect`; a fresh quota begins. Return how many."""
    mine = and_(breaker.c.connection_id == connection_id, breaker.c.resumed_at.is_(None))
    if effect is not None:
        mine = and_(mine, breaker.c.effect == effect.value)
    names = list(connection.execute(select(breaker.c.effect).where(mine)).scalars())
    connection.execute(update(breaker).where(mine).values(resumed_at=now, resumed_by=by))
    for name in names:
        same_day = and_(
            quota_day.c.connection_id == connection_id,
            quota_day.c.effect == name,
            quota_day.c.day == now.date().isoformat(),
        )
        connection.execute(update(quota_day).where(same_day).values(used=0))
        alarms.clear(connection, f"breaker:{connection_id}:{name}", now)
    return len(names)


def tripped(connection: Connection) -> list[Row[Any]]:
    """Return the breakers that are open, oldest first."""
    query = select(breaker).where(breaker.c.resumed_at.is_(None)).order_by(breaker.c.tripped_at, breaker.c.id)
    return list(connection.execute(query))


def _open(connection: Connection, connection_id: str, effect: Action) -> Row[Any] | None:
    query = select(breaker).where(
        breaker.c.connection_id == connection_id, breaker.c.effect == effect.value, breaker.c.resumed_at.is_(None)
    )
    return connection.execute(query.limit(1)).first()


def _recent(connection: Connection, connection_id: str, effect: Action, surge: Surge, now: datetime) -> int:
    """Return how many automatic rows were entered in the window, counted anew after a person resumed."""
    since = now - timedelta(minutes=surge.minutes)
    resumed = connection.execute(
        select(func.max(breaker.c.resumed_at)).where(
            breaker.c.connection_id == connection_id, breaker.c.effect == effect.value
        )
    ).scalar()
    mine = and_(
        enforcement.c.connection_id == connection_id,
        enforcement.c.effect == effect.value,
        enforcement.c.created_at > max(since, resumed or since),
        enforcement.c.verdict_id.is_(None),
        enforcement.c.wanted,
    )
    return connection.execute(select(func.count()).select_from(enforcement).where(mine)).scalar_one()
