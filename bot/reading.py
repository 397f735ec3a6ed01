"""Reads one connection and says what its error means: wait, back off, or pause and tell a person."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from bot.enforcement import backoff
from bot.intake import fetch_all
from connectors.base import AuthFailed, Connector, ConnectorError, RateLimited, Refused, Unavailable
from models.domain import Connection
from models.session import writing
from models.store import alarms, connections
from models.store.messages import TakenIn

FAILURES_BEFORE_ALARM = 5
REST_AT_MOST = timedelta(minutes=10)
log = structlog.get_logger()


def read(
    engine: Engine,
    connection: Connection,
    connector: Connector,
    clock: Callable[[], datetime],
    cap: float | None = None,
    on_batch: Callable[[TakenIn], None] = lambda _: None,
) -> TakenIn | None:
    """Read a connection to its end; None when it failed, which is noted and never raised."""
    try:
        return fetch_all(engine, connection, connector, clock, on_batch, cap)
    except ConnectorError as error:
        _note(engine, connection.connection_id, error, clock())
    except OSError as error:
        _note(engine, connection.connection_id, Unavailable(f"{type(error).__name__}"), clock())
    return None


def _note(engine: Engine, name: str, error: ConnectorError, now: datetime) -> None:
    log.warning("connection_failed", connection=name, why=type(error).__name__)
    with writing(engine) as database:
        if isinstance(error, AuthFailed | Refused):
            connections.pause(database, name, "porthor", error.trouble, str(error), now)
        elif isinstance(error, RateLimited):
            until = now + timedelta(seconds=max(1.0, error.retry_after_s))
            connections.fetch_later(database, name, until, error.trouble, str(error), failed=False)
        else:
            failures = connections.fetch_later(database, name, now, error.trouble, str(error), failed=True)
            rest = min(backoff(failures), REST_AT_MOST)
            connections.fetch_later(database, name, now + rest, error.trouble, str(error), failed=False)
            if failures >= FAILURES_BEFORE_ALARM:
                told, answer = {"times": failures}, str(error)
                alarms.raise_one(database, f"unreachable:{name}", "unreachable", now, name, facts=told, answer=answer)
