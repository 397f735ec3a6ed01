"""What the `files` connector holds: one small record a target and effect, written so that no crash tears it."""

import hashlib
import os
from pathlib import Path

import orjson

from connectors.base import Unavailable
from models.domain import Enforcement, EnforcementState, Outcome


class HeldItems:
    """A folder of records: one exists for as long as its effect is in force."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def bring_about(self, enforcement: Enforcement) -> Outcome:
        """Make the record exist, or go, as `enforcement` wants; repeating it changes nothing.

        Raises:
            Unavailable: The folder cannot be written.
        """
        held = self.is_held(enforcement)
        if held == enforcement.wanted:
            return Outcome(EnforcementState.ALREADY_DONE, read_back=held)
        try:
            self._write(enforcement) if enforcement.wanted else self._path(enforcement).unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"{self._folder}: the quarantine cannot be written: {error.strerror}") from error
        return Outcome(EnforcementState.DONE, read_back=self.is_held(enforcement))

    def is_held(self, enforcement: Enforcement) -> bool:
        """True while the effect is in force."""
        return self._path(enforcement).is_file()

    def _path(self, enforcement: Enforcement) -> Path:
        target = enforcement.target
        name = hashlib.sha256(f"{target.kind}\0{target.native_id}".encode()).hexdigest()[:40]
        return self._folder / enforcement.effect.value / f"{name}.json"

    def _write(self, enforcement: Enforcement) -> None:
        path = self._path(enforcement)
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {
            "kind": enforcement.target.kind,
            "id": enforcement.target.native_id,
            "generation": enforcement.generation,
        }
        partial = path.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as file:
            file.write(orjson.dumps(record))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
