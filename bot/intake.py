"""Taking in: a batch and the cursor after it are kept in one transaction."""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Engine

from connectors.base import Batch, Connector
from models.domain import Connection
from models.session import reading, writing
from models.store import connections, messages
from models.store.messages import TakenIn

log = structlog.get_logger()


def take_in(engine: Engine, connection_id: str, batch: Batch, now: datetime) -> TakenIn:
    """Keep a batch: its messages, their bytes and the cursor, all or nothing."""
    with writing(engine) as database:
        taken = messages.save(database, [(item.message, item.raw) for item in batch.items], now)
        connections.advance(database, connection_id, batch.cursor, now)
    log.info("batch_kept", connection=connection_id, new=taken.new, edited=taken.edited, known=taken.known)
    return taken


def fetch_all(
    engine: Engine,
    connection: Connection,
    connector: Connector,
    clock: Callable[[], datetime],
    on_batch: Callable[[TakenIn], None] = lambda _: None,
) -> TakenIn:
    """Read a connection from where it was left to its end.

    Raises:
        ConnectorError: By what shall happen next; what was read before it is kept.
    """
    with reading(engine) as database:
        cursor = connections.cursor_of(database, connection.connection_id)
    total = TakenIn()
    for batch in connector.fetch(cursor):
        taken = take_in(engine, connection.connection_id, batch, clock())
        total = TakenIn(total.new + taken.new, total.edited + taken.edited, total.known + taken.known)
        on_batch(taken)
    return total
