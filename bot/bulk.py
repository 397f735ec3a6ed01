"""Carries out what was approved for many cases at once: a small batch a transaction, some batches a round."""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Engine

from models.session import writing
from models.store import bulk

BATCHES_A_ROUND = 4
log = structlog.get_logger()


def carry_out(engine: Engine, audit_key: bytes, clock: Callable[[], datetime]) -> int:
    """Give or take back the next verdicts; return on how many cases. What else waits is not held up by a long one."""
    total = 0
    for _ in range(BATCHES_A_ROUND):
        with writing(engine) as database:
            done = bulk.carry_on(database, audit_key, clock())
        total += done
        if not done:
            break
    if total:
        log.info("bulk", cases=total)
    return total
