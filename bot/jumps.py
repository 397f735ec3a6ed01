"""Watches the clock: where it jumps, waiting rows are set right and holds do not lapse on its word alone."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine, select, update

from models.engine_tables import connection_state, dispatch
from models.session import writing
from models.store import alarms
from models.tables import enforcement

JUMP = timedelta(seconds=60)
DISTRUST_S = 600
log = structlog.get_logger()


class ClockWatch:
    """Compares the clock with one that only goes forward."""

    def __init__(self, clock: Callable[[], datetime], steady: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._steady = steady
        self._last = (clock(), steady())
        self._distrusted_until = 0.0

    def check(self, engine: Engine) -> timedelta:
        """Return by how much the clock jumped since the last check, zero for not; set right what waits by it."""
        now, steady = self._clock(), self._steady()
        before, steady_before = self._last
        self._last = (now, steady)
        jump = (now - before) - timedelta(seconds=steady - steady_before)
        if abs(jump) < JUMP:
            return timedelta(0)
        log.warning("clock_jumped", seconds=jump.total_seconds())
        self._distrusted_until = steady + DISTRUST_S
        with writing(engine) as database:
            _shift(database, jump)
            alarms.raise_one(database, "clock", "clock", now, facts={"seconds": round(jump.total_seconds())})
        return jump

    def trusted(self) -> bool:
        """True when the clock has been steady long enough to let holds lapse by it."""
        return self._steady() >= self._distrusted_until


def _shift(database: Connection, jump: timedelta) -> None:
    """Move what waits for a time in the near future along with the clock."""
    places = (
        (enforcement, enforcement.c.next_at, enforcement.c.state == "pending"),
        (enforcement, enforcement.c.lease_until, enforcement.c.state == "leased"),
        (dispatch, dispatch.c.next_at, dispatch.c.state == "pending"),
        (dispatch, dispatch.c.lease_until, dispatch.c.state == "leased"),
        (connection_state, connection_state.c.next_fetch_at, connection_state.c.next_fetch_at.is_not(None)),
    )
    for table, column, waits in places:
        key = next(iter(table.primary_key.columns))
        for row in list(database.execute(select(key, column).where(waits, column.is_not(None)))):
            database.execute(update(table).where(key == row[0]).values({column: row[1] + jump}))
