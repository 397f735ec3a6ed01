"""One bot a store: who holds the lock acts, and knows that every lease it finds was left by one that died."""

import fcntl
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from models.session import translated

_KEY = int.from_bytes(b"porthor")
"""The number of the advisory lock; PostgreSQL keeps them apart by database."""


class Only(Protocol):
    """The lock of a store."""

    @property
    def held(self) -> bool:
        """True while this process is the one that acts."""

    def take(self) -> bool:
        """Try to become the one that acts; False when another is. Taking it again changes nothing."""

    def release(self) -> None:
        """Let another act."""


def only_bot(folder: Path, engine: Engine) -> Only:
    """Return the lock of a store: of PostgreSQL's own where several machines may share it, else on a file."""
    return AdvisoryLock(engine) if engine.dialect.name == "postgresql" else OnlyBot(folder)


class OnlyBot:
    """A lock on a file of the data folder, held until the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "bot.lock"
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """True while this process is the one that acts."""
        return self._file is not None

    def take(self) -> bool:
        """Try to become the one that acts; False when another is. Taking it again changes nothing."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let another act."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class AdvisoryLock:
    """PostgreSQL's advisory lock on a connection of its own: it ends with the process, or with the connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    @property
    def held(self) -> bool:
        """True while this process is the one that acts; asked of the server, for a lost connection has lost the lock."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(select(1))
        except DBAPIError:
            self._drop()
        return self._connection is not None

    def take(self) -> bool:
        """Try to become the one that acts; False when another is. Taking it again changes nothing.

        Raises:
            StoreError: The server cannot be asked.
        """
        if self.held:
            return True
        try:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()  # the lock must end with us, and not wait in a pool
            if connection.execute(select(func.pg_try_advisory_lock(_KEY))).scalar():
                self._connection = connection
            else:
                connection.close()
        except DBAPIError as error:
            raise translated(error, str(self._engine.url.host)) or error from error
        return self._connection is not None

    def release(self) -> None:
        """Let another act."""
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
