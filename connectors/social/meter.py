"""Counts what reading and acting cost in a month, and says when the monthly cap is reached."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import orjson

from connectors.base import RateLimited
from connectors.social.private_file import write_private

MONTHS_KEPT = 13


@dataclass(frozen=True, slots=True)
class Spent:
    """A month's account: how many of each kind, and what they cost by the list prices."""

    month: str
    counts: Mapping[str, int]
    usd: Decimal
    cap_usd: Decimal | None

    @property
    def left_usd(self) -> Decimal | None:
        """What the cap leaves, None without a cap."""
        return None if self.cap_usd is None else max(Decimal(0), self.cap_usd - self.usd)


class Meter:
    """A file of counts by month; it is written before what was paid for is handed on."""

    def __init__(
        self, path: Path, prices: Mapping[str, Decimal], cap_usd: Decimal | None, clock: Callable[[], datetime]
    ) -> None:
        self._path = path
        self._prices = prices
        self._cap = cap_usd
        self._clock = clock
        self._lock = threading.Lock()

    def spent(self) -> Spent:
        """Return the account of the running month."""
        month = f"{self._clock():%Y-%m}"
        counts = self._counts().get(month, {})
        usd = sum((self._prices[kind] * count for kind, count in counts.items() if kind in self._prices), Decimal(0))
        return Spent(month, counts, usd, self._cap)

    def count(self, kind: str, number: int) -> None:
        """Add `number` of `kind` to the running month."""
        if not number:
            return
        with self._lock:
            months = self._counts()
            month = months.setdefault(f"{self._clock():%Y-%m}", {})
            month[kind] = month.get(kind, 0) + number
            kept = dict(sorted(months.items())[-MONTHS_KEPT:])
            write_private(self._path, orjson.dumps(kept))

    def affordable(self, kind: str, wanted: int, least: int) -> int:
        """Return how many of `kind` may be asked for now, at most `wanted`.

        Raises:
            RateLimited: The cap leaves fewer than `least`; it holds until the month ends.
        """
        left = self.spent().left_usd
        if left is None:
            return wanted
        number = min(wanted, int(left / self._prices[kind]))
        if number < least:
            raise RateLimited(self._notice(), self._until_next_month())
        return number

    def _notice(self) -> str:
        spent = self.spent()
        return (
            f"the monthly cap of ${self._cap} is reached: ${spent.usd} were spent in {spent.month}, so reading pauses until "
            "the month ends; raise monthly_cap_usd to go on"
        )

    def _until_next_month(self) -> float:
        now = self._clock()
        start = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
        return max(60.0, (start - now).total_seconds())

    def _counts(self) -> dict[str, dict[str, int]]:
        try:
            found: dict[str, dict[str, int]] = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        return found
