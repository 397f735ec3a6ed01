"""Opens the database and turns its complaints into sentences that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

BUSY_TIMEOUT_S = 30


class StoreError(Exception):
    """The database cannot do what was asked; the message says why and what to do."""


class StoreBusy(StoreError):
    """Another process holds the database."""


class StoreFull(StoreError):
    """The disk is full: nothing of the last step was kept, all before it was."""


class StoreDamaged(StoreError):
    """The file is no database, or a broken one."""


class SchemaMismatch(StoreError):
    """The database was made by another version of the program."""


_KNOWN = (
    ("locked", StoreBusy, "is held by another process; stop it or try again in a moment"),
    ("lock timeout", StoreBusy, "is held by another process; stop it or try again in a moment"),
    ("disk is full", StoreFull, "cannot grow, the disk is full; free some space and run again: nothing was lost"),
    (
        "disk i/o error",
        StoreFull,
        "cannot be written, the disk reports an error; check it and run again: nothing was lost",
    ),
    ("readonly", StoreError, "may not be written; give this user the right to write the file and its folder"),
    ("unable to open", StoreError, "cannot be opened; check that its folder exists and may be written"),
    ("not a database", StoreDamaged, "is not a database; move it away, or restore it from a backup"),
    ("connection refused", StoreError, "cannot be reached; start its server, or correct PORTHOR_DATABASE_URL"),
    ("could not translate host", StoreError, "cannot be reached; correct the host in PORTHOR_DATABASE_URL"),
    ("authentication failed", StoreError, "does not let us in; correct the name and password in PORTHOR_DATABASE_URL"),
    ("malformed", StoreDamaged, "is damaged; restore it from a backup"),
)


def translated(error: Exception, where: str) -> StoreError | None:
    """Return the error as a sentence about `where`, or None when it was not foreseen."""
    text = str(getattr(error, "orig", None) or error).lower()
    for sign, kind, advice in _KNOWN:
        if sign in text:
            return kind(f"the database {where} {advice}")
    return None


def open_engine(url: str) -> Engine:
    """Return an engine for `url`, of SQLite (in WAL mode, with foreign keys and a busy timeout) or of PostgreSQL.

    Raises:
        StoreError: The file or its folder cannot be used.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(f"a store on {parsed.get_backend_name()} is not known: use SQLite or PostgreSQL")
    in_memory = parsed.database in {None, "", ":memory:"}
    if not in_memory:
        _make_folder(Path(str(parsed.database)))
    options: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}}
    if in_memory:
        from sqlalchemy.pool import StaticPool

        options["poolclass"] = StaticPool
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin_at_once)
    return engine


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder {path.parent} cannot be made: {error.strerror}; set DATA_DIR to one that can"
        ) from error


def _prepare(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None
    cursor = raw.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_at_once(connection: Connection) -> None:
    """Take the write lock when a writing transaction begins: two writers then wait instead of failing midway."""
    mode = "BEGIN" if connection.get_execution_options().get("read_only") else "BEGIN IMMEDIATE"
    wait_s = connection.get_execution_options().get("wait_s", BUSY_TIMEOUT_S)
    if connection.info.get("wait_s", BUSY_TIMEOUT_S) != wait_s:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(1000 * wait_s)}")
        connection.info["wait_s"] = wait_s
    connection.exec_driver_sql(mode)


@contextmanager
def writing(engine: Engine, wait_s: float = BUSY_TIMEOUT_S) -> Iterator[Connection]:
    """One transaction that is committed at the end or not at all; another writer is waited for at most `wait_s`.

    Raises:
        StoreBusy: Another writer took longer.
        StoreError: The database could not take it.
    """
    try:
        with engine.execution_options(wait_s=wait_s).begin() as connection:
            if engine.dialect.name == "postgresql" and wait_s != BUSY_TIMEOUT_S:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(1000 * wait_s)}")
            yield connection
    except (OperationalError, DBAPIError) as error:
        raise translated(error, _name(engine)) or error from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads.

    Raises:
        StoreError: The database could not be read.
    """
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            yield connection
    except (OperationalError, DBAPIError) as error:
        raise translated(error, _name(engine)) or error from error


def _name(engine: Engine) -> str:
    return str(engine.url.database or engine.url.host or "in memory")


def open_store(url: str) -> Engine:
    """Open the database, bring its schema up to date, and return its engine.

    Raises:
        StoreError: It cannot be used, or a newer program made it.
    """
    from models.migrations import upgrade

    engine = open_engine(url)
    try:
        upgrade(engine)
    except (OperationalError, DBAPIError) as error:
        raise translated(error, _name(engine)) or error from error
    return engine
