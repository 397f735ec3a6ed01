"""Keeps the session tokens of one account in a file of the bot's alone, on disk before they are used."""

import os
from pathlib import Path

import orjson

from connectors.base import Unavailable

FILE_NAME = "session.json"


class TokenFile:
    """The tokens of one account at one service; those of another account or service are not given out."""

    def __init__(self, folder: Path, service: str, handle: str) -> None:
        self._path = folder / FILE_NAME
        self._whose = {"service": service, "handle": handle}

    def load(self) -> str | None:
        """Return the kept session; None where there is none, it is damaged or another's."""
        try:
            kept = orjson.loads(self._path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return None
        if not isinstance(kept, dict) or {name: kept.get(name) for name in self._whose} != self._whose:
            return None
        session = kept.get("session")
        return session if isinstance(session, str) and session else None

    def save(self, session: str) -> None:
        """Put `session` on disk, whole or not at all.

        Raises:
            Unavailable: The disk cannot be written.
        """
        partial = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            partial.unlink(missing_ok=True)
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(orjson.dumps(self._whose | {"session": session}))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise Unavailable(f"{self._path}: the session cannot be kept: {error.strerror}; free the disk") from error
