"""Counts the units of YouTube's daily quota, and keeps some of them for acting."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import orjson

from connectors.base import RateLimited
from connectors.social.private_file import write_private
from connectors.social.youtube_errors import PACIFIC, until_next_day

UNITS = {"read": 1, "look": 1, "act": 50}
"""What a request costs; looking is what acting needs to know. Source: the quota calculator of the YouTube Data API, November 2026."""


class Quota:
    """A file with the day's units; it is written before the request is sent."""

    def __init__(self, path: Path, daily: int, kept_for_acting: int, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._daily = daily
        self._kept = kept_for_acting
        self._clock = clock
        self._lock = threading.Lock()
        self._since_told = 0

    def used(self) -> int:
        """Return the units used on the running day, Pacific time."""
        try:
            stored: dict[str, int] = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return 0
        return stored.get(self._day(), 0)

    def take(self, what: str) -> None:
        """Count a request.

        Raises:
            RateLimited: The day's units, less those kept for acting, are used up.
            Unavailable: The file cannot be written.
        """
        units = UNITS[what]
        with self._lock:
            used = self.used()
            limit = self._daily - (self._kept if what == "read" else 0)
            if used + units > limit:
                wait = until_next_day(self._clock())
                raise RateLimited(f"{used} of the day's {self._daily} units are used, and {what} costs {units}", wait)
            write_private(self._path, orjson.dumps({self._day(): used + units}))
            self._since_told += units

    def told(self) -> float:
        """Return the units used since this was last asked."""
        with self._lock:
            units, self._since_told = self._since_told, 0
        return float(units)

    def _day(self) -> str:
        return f"{self._clock().astimezone(PACIFIC):%Y-%m-%d}"
