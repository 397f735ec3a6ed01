"""Answers that many readers share for a while."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any


class Kept:
    """An answer that is kept for `for_s` seconds, so that many readers ask the store once."""

    def __init__(self, for_s: float, ask: Callable[[], Any]) -> None:
        self._for_s, self._ask = for_s, ask
        self._answer: Any = None
        self._until = 0.0
        self._lock = Lock()

    def value(self) -> Any:
        """Return the answer, asked anew when it is too old."""
        with self._lock:
            if monotonic() >= self._until:
                self._answer, self._until = self._ask(), monotonic() + self._for_s
            return self._answer
