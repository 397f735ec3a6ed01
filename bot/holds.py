"""Holds that end: provisional ones lift themselves, and nothing stays held that nobody has looked at."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine, Row

from models.domain import Action, Attention, Mode, Target
from models.policy.clocks import ENGLAND_AND_WALES, LONDON
from models.policy.in_force import PolicyInForce
from models.session import writing
from models.store import outbox, reopening
from models.store.outbox import Wish

log = structlog.get_logger()


def lift_lapsed(engine: Engine, clock: Callable[[], datetime]) -> int:
    """Undo every provisional effect that nobody confirmed in time; return how many."""
    lifted = 0
    with writing(engine) as database:
        for row in outbox.lapsed(database, clock()):
            lifted += outbox.enter(database, undoing(row), clock()) is not None
    if lifted:
        log.info("holds_lifted", count=lifted)
    return lifted


def undoing(row: Row[Any], verdict_id: int | None = None) -> Wish:
    """Return the wish that takes an effect back."""
    target = Target(row.target_kind, row.target_id)
    return Wish(
        row.connection_id,
        target,
        Action(row.effect),
        wanted=False,
        message_id=row.message_id,
        verdict_id=verdict_id,
    )


def end_unread(
    engine: Engine, policy_of: Callable[[str, Mode], PolicyInForce], clock: Callable[[], datetime]
) -> tuple[int, int]:
    """Release or escalate, as each pack says, what has stood held too long with nobody having looked.

    Returns:
        How many were released and how many escalated.
    """
    released = escalated = 0
    now = clock()
    with writing(engine) as database:
        for row in outbox.held_unread(database):
            automation = policy_of(row.org, Mode.ENFORCE).pack.automation
            if now < _limit(row.created_at, automation.unread_held_days):
                continue
            if automation.unread_held_then == "release":
                released += outbox.enter(database, undoing(row), now) is not None
            elif not row.escalated:
                reopening.to_person(database, row.message_id, now, Attention.URGENT, "escalated")
                escalated += 1
    return released, escalated


def _limit(held_at: datetime, working_days: int) -> datetime:
    day = ENGLAND_AND_WALES.add_working_days(held_at.astimezone(LONDON).date(), working_days)
    return held_at.astimezone(LONDON).replace(year=day.year, month=day.month, day=day.day)
