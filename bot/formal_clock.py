"""Lets the clock of the formal side act: measures end, warnings lapse, reviews are reminded of, the year is closed."""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Engine

from bot.policies import policy_of
from models.domain import Mode
from models.policy.schema import Pack
from models.session import writing
from models.store import connections
from models.store.formal import aftercare
from models.store.formal.clockwork import Clock, Ticked

log = structlog.get_logger()


def tick(engine: Engine, key: bytes, clock: Callable[[], datetime]) -> Ticked:
    """Let everything happen that is due: harmless to repeat."""
    with writing(engine) as database:
        work = Clock(database, key, _pack_of, clock())
        done = work.tick()
        for org in {entry.org for entry in connections.every(database)}:
            pack = _pack_of(org)
            work.yearly(pack, aftercare.policy_issued(database, pack))
    if done != Ticked():
        log.info("formal_clock", ended=done.ended, lapsed=done.lapsed, told=done.told)
    return done


def _pack_of(org: str) -> Pack:
    return policy_of(org, Mode.ENFORCE).pack
