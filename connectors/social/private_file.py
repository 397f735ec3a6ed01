"""Writes small files that only the bot may read, so that no crash leaves half of one."""

import os
from pathlib import Path

from connectors.base import Unavailable


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: mode 0600, on the disk before this returns.

    Raises:
        Unavailable: The folder cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Unavailable(
            f"{path}: it cannot be written: {error.strerror}; free the disk or mend its rights"
        ) from error
