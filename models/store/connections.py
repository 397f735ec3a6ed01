"""The organisation's own connections: what they are, how far they were read, what they can do, whether they may."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import insert, or_, select, update

from models.domain import Action, Connection, Mode
from models.engine_tables import connection_state as state
from models.engine_tables import spend_month
from models.store import alarms
from models.store.rows import insert_new
from models.tables import connection as table
from models.trouble import Trouble

MONTHLY_CAP = "monthly_cap"
"""Under this name a connection's settings say how much it may spend in a month."""
_NONE: Mapping[str, None] = {"trouble": None, "trouble_answer": None}


def ensure(database: Database, wanted: Connection, can: Iterable[Action], since: datetime | None = None) -> None:
    """Make `wanted` known, or bring its mode, addresses and abilities up to date; its cursor stays.

    `since` is when it was first connected: it is kept from the first time on. What a platform sent
    before it is history. None means that nothing is.
    """
    values = {
        "mode": wanted.mode.value,
        "own_addresses": list(wanted.own_addresses),
        "can": sorted(action.value for action in can),
        "settings": dict(wanted.settings),
    }
    insert_new(database, table, [{"id": wanted.connection_id, "kind": wanted.kind, "org": wanted.org, **values}])
    database.execute(update(table).where(table.c.id == wanted.connection_id).values(**values))
    insert_new(database, state, [{"connection_id": wanted.connection_id, "since": since, "fetch_failures": 0}])


def note_abilities(database: Database, connection_id: str, can: Iterable[Action]) -> bool:
    """Note what a connection's account can do now; True when that is other than before."""
    found = sorted(action.value for action in can)
    mine = table.c.id == connection_id
    before = database.execute(select(table.c.can).where(mine)).scalar()
    if before == found:
        return False
    database.execute(update(table).where(mine).values(can=found))
    return True


def every(database: Database) -> list[Connection]:
    """Return all connections."""
    query = select(table, state.c.since).join(state, state.c.connection_id == table.c.id, isouter=True)
    return [
        Connection(row.id, row.kind, row.org, Mode(row.mode), tuple(row.own_addresses), row.since, row.settings)
        for row in database.execute(query.order_by(table.c.id))
    ]


def cursor_of(database: Database, connection_id: str) -> str | None:
    """Return how far the connection was read, None when never."""
    return database.execute(select(table.c.cursor).where(table.c.id == connection_id)).scalar()


def since_of(database: Database, connection_id: str) -> datetime | None:
    """Return from when on messages are more than history, None when all are."""
    return database.execute(select(state.c.since).where(state.c.connection_id == connection_id)).scalar()


def advance(database: Database, connection_id: str, cursor: str, now: datetime) -> None:
    """Save how far the connection was read, in the transaction that keeps what was read."""
    database.execute(update(table).where(table.c.id == connection_id).values(cursor=cursor, fetched_at=now, **_NONE))


def reached(database: Database, connection_id: str, now: datetime) -> None:
    """Note that a connection was read to its end, which also ends what was said about it."""
    database.execute(update(table).where(table.c.id == connection_id).values(fetched_at=now, **_NONE))
    database.execute(
        update(state).where(state.c.connection_id == connection_id).values(next_fetch_at=None, fetch_failures=0)
    )
    alarms.clear(database, f"unreachable:{connection_id}", now)


def report_trouble(database: Database, connection_id: str, trouble: Trouble, answer: str) -> None:
    """Note why a connection could not be read or acted through, and what the other side said."""
    values = {"trouble": trouble.value, "trouble_answer": answer}
    database.execute(update(table).where(table.c.id == connection_id).values(**values))


def fetch_later(
    database: Database, connection_id: str, until: datetime, trouble: Trouble, answer: str = "", *, failed: bool
) -> int:
    """Let a connection rest until `until`; return how often in a row it has failed."""
    report_trouble(database, connection_id, trouble, answer)
    mine = state.c.connection_id == connection_id
    count = state.c.fetch_failures + 1 if failed else state.c.fetch_failures
    database.execute(update(state).where(mine).values(next_fetch_at=until, fetch_failures=count))
    return database.execute(select(state.c.fetch_failures).where(mine)).scalar() or 0


def pause(database: Database, connection_id: str, by: str, trouble: Trouble, answer: str, now: datetime) -> None:
    """Stop reading and acting through a connection until a person resumes it, and say so."""
    fresh = (state.c.connection_id == connection_id) & state.c.paused_at.is_(None)
    database.execute(update(state).where(fresh).values(paused_at=now, paused_by=by))
    report_trouble(database, connection_id, trouble, answer)
    facts = {"trouble": trouble.value, "by": by}
    alarms.raise_one(database, f"paused:{connection_id}", "paused", now, connection_id, facts=facts, answer=answer)


def unpause(database: Database, connection_id: str, now: datetime) -> None:
    """Let a connection go on at once."""
    values = {"paused_at": None, "paused_by": None, "next_fetch_at": None, "fetch_failures": 0}
    database.execute(update(state).where(state.c.connection_id == connection_id).values(**values))
    database.execute(update(table).where(table.c.id == connection_id).values(**_NONE))
    alarms.clear(database, f"paused:{connection_id}", now)


def may_fetch(database: Database, connection_id: str, now: datetime) -> bool:
    """True when the connection is neither paused nor resting."""
    resting = or_(state.c.paused_at.is_not(None), state.c.next_fetch_at > now)
    query = select(state.c.connection_id).where(state.c.connection_id == connection_id, resting)
    return database.execute(query).first() is None


def take_token(database: Database, connection_id: str, calls: float, per_s: float, now: datetime) -> timedelta:
    """Take one call from a bucket that holds `calls` and fills in `per_s`; return how long to wait, zero for none.

    Nothing is taken where there is something to wait for. A clock that went back fills nothing.
    """
    mine = state.c.connection_id == connection_id
    row = database.execute(select(state.c.tokens, state.c.tokens_at).where(mine)).first()
    left = calls
    if row is not None and row.tokens is not None and row.tokens_at is not None:
        left = min(calls, row.tokens + max(0.0, (now - row.tokens_at).total_seconds()) * calls / per_s)
    if left < 1:
        return timedelta(seconds=(1 - left) * per_s / calls)
    database.execute(update(state).where(mine).values(tokens=left - 1, tokens_at=now))
    return timedelta(0)


def spend(database: Database, connection_id: str, cost: float, now: datetime) -> float:
    """Add `cost` to the month's spend and return the month's sum."""
    month = now.strftime("%Y-%m")
    mine = (spend_month.c.connection_id == connection_id) & (spend_month.c.month == month)
    added = database.execute(update(spend_month).where(mine).values(cost=spend_month.c.cost + cost))
    if not added.rowcount:
        database.execute(insert(spend_month).values(connection_id=connection_id, month=month, cost=cost))
    return float(database.execute(select(spend_month.c.cost).where(mine)).scalar_one())


def overview(database: Database, now: datetime) -> list[Mapping[str, Any]]:
    """Return every connection with its state and the month's spend."""
    month = now.strftime("%Y-%m")
    this_month = (spend_month.c.connection_id == table.c.id) & (spend_month.c.month == month)
    query = (
        select(table, state, spend_month.c.cost)
        .join(state, state.c.connection_id == table.c.id, isouter=True)
        .join(spend_month, this_month, isouter=True)
        .order_by(table.c.id)
    )
    return [dict(row) for row in database.execute(query).mappings()]
