"""The program's own keys, made once and readable by their owner alone."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from connectors.base import Refused

NAMES = ("session.key", "audit.key", "sample.key", "evidence.key")


def ensure_keys(folder: Path) -> Path:
    """Make the keys that are not there yet and return their folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in NAMES:
        path = folder / name
        if not path.exists():
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(secrets.token_bytes(32))
    return folder


def read_secret(reference: str, environment: Mapping[str, str]) -> str:
    """Return the secret that `env:NAME` or `file:/path` refers to.

    Raises:
        Refused: The reference is neither, or there is nothing there; the secret itself is never told.
    """
    kind, _, where = reference.partition(":")
    if kind == "env" and environment.get(where):
        return environment[where]
    if kind == "file" and Path(where).is_file():
        return Path(where).read_text("utf-8").rstrip("\r\n")
    if kind in {"env", "file"}:
        raise Refused(f"the secret {reference!r} is empty or not there: set it, or correct the reference")
    raise Refused("a secret is referred to by env:NAME or file:/path, never written into the settings")
