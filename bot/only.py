"""One bot a store: who holds the lock acts, and knows that every lease it finds was left by one that died."""

import fcntl
import os
from pathlib import Path


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
