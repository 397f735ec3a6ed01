"""Taking in: a batch and the cursor after it are kept in one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine

from connectors.base import Batch, Connector, Fetched, Metered, Paced
from models.domain import Connection, Message, Nature
from models.session import reading, writing
from models.store import alarms, connections, messages
from models.store.messages import TakenIn
from models.trouble import Trouble

log = structlog.get_logger()


def take_in(
    engine: Engine, connection_id: str, batch: Batch, now: datetime, *, cost: float = 0.0, cap: float | None = None
) -> TakenIn:
    """Keep a batch: its messages, their bytes, the cursor and what it cost, all or nothing.

    When `cost` brings the month's spend to `cap`, the connection rests until the month is over.
    """
    with writing(engine) as database:
        taken = messages.save(database, [(item.message, item.raw) for item in batch.items], now)
        connections.advance(database, connection_id, batch.cursor, now)
        if cost:
            spent = connections.spend(database, connection_id, cost, now)
            if cap is not None and spent >= cap:
                until = next_month(now)
                connections.fetch_later(database, connection_id, until, Trouble.CAP, failed=False)
                key, facts = f"spend:{connection_id}:{now:%Y-%m}", {"cap": cap, "until": until.date().isoformat()}
                alarms.raise_one(database, key, "spend", now, connection_id, facts=facts)
    log.info("batch_kept", connection=connection_id, new=taken.new, edited=taken.edited, known=taken.known)
    return taken


def next_month(now: datetime) -> datetime:
    """Return the first moment of the next month in UTC."""
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def fetch_all(
    engine: Engine,
    connection: Connection,
    connector: Connector,
    clock: Callable[[], datetime],
    on_batch: Callable[[TakenIn], None] = lambda _: None,
    cap: float | None = None,
) -> TakenIn:
    """Read a connection from where it was left to its end, or to where its pace or its cap stops it.

    Raises:
        ConnectorError: By what shall happen next; what was read before it is kept.
    """
    name = connection.connection_id
    with reading(engine) as database:
        cursor = connections.cursor_of(database, name)
        since = connections.since_of(database, name)
    total = TakenIn()
    if not _may_go_on(engine, connector, name, clock()):
        return total
    for batch in connector.fetch(cursor):
        cost = connector.spent() if isinstance(connector, Metered) else 0.0
        marked = Batch(tuple(placed(item, connection, since) for item in batch.items), batch.cursor, batch.total_hint)
        taken = take_in(engine, name, marked, clock(), cost=cost, cap=cap)
        total = TakenIn(total.new + taken.new, total.edited + taken.edited, total.known + taken.known)
        on_batch(taken)
        if not _may_go_on(engine, connector, name, clock()):
            return total
    with writing(engine) as database:
        if isinstance(connector, Metered) and (cost := connector.spent()):
            connections.spend(database, name, cost, clock())
        connections.reached(database, name, clock())
    return total


def placed(item: Fetched, connection: Connection, since: datetime | None) -> Fetched:
    """Return the message with what the engine knows of its nature: our own, or older than the connection.

    A claim to be us counts only where the origin is proven. What a machine cannot read stays so.
    """
    return Fetched(_placed(item.message, connection, since), item.raw)


def _placed(message: Message, connection: Connection, since: datetime | None) -> Message:
    if message.author.verified and message.author.address in connection.own_addresses:
        return replace(message, nature=Nature.OWN)
    if since is not None and message.received_at < since and message.nature is not Nature.OWN:
        return replace(message, nature=Nature.HISTORY)
    return message


def _may_go_on(engine: Engine, connector: Connector, name: str, now: datetime) -> bool:
    """True when the connection is not paused, resting or beyond its pace; else it is read on later."""
    with writing(engine) as database:
        if not connections.may_fetch(database, name, now):
            return False
        if not isinstance(connector, Paced):
            return True
        wait = connections.take_token(database, name, connector.pace.calls, connector.pace.per_s, now)
        if wait:
            connections.fetch_later(database, name, now + wait, Trouble.PACE, failed=False)
        return not wait
