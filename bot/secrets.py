"""The program's own keys, made once and readable by their owner alone."""

import os
import secrets
from pathlib import Path

NAMES = ("session.key", "audit.key")


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
