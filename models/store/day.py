"""The day of whoever opens the page: what waits for people now, and what ends by itself before long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from models.domain import EnforcementState
from models.engine_tables import manual_task
from models.formal_tables import notice
from models.store import blind, bulk, changes, lists, routing, status
from models.store.formal import offices
from models.store.queue import QueueFilter, QueueRow, queue
from models.store.status import Status
from models.tables import case, case_item, enforcement, message

LAPSES_WITHIN = timedelta(days=2)
SHOWN_AT_MOST = 6
_STANDS = (EnforcementState.DONE.value, EnforcementState.ALREADY_DONE.value)


@dataclass(frozen=True, slots=True)
class Day:
    """What one person sees first. `lapsing` are holds that lift themselves soon unless confirmed, the soonest first."""

    stand: Status
    oldest_open: datetime | None
    urgent: tuple[QueueRow, ...]
    lapsing: tuple[Mapping[str, Any], ...]
    lapsing_count: int
    task_oldest: datetime | None
    blind_waiting: int
    to_agree_lists: int
    to_agree_limits: int
    to_agree_bulk: int
    to_agree_routing: int
    due: tuple[Mapping[str, Any], ...]


def read(connection: Connection, name: str, now: datetime) -> Day:
    """Return the day of `name`."""
    opened = select(func.min(case.c.opened_at)).where(case.c.state == "open")
    tasks = select(func.min(manual_task.c.created_at)).where(manual_task.c.state == "open")
    urgent, _ = queue(connection, QueueFilter(), SHOWN_AT_MOST, 0)
    lapsing = _lapsing(connection, now)
    return Day(
        stand=status.read(connection, now),
        oldest_open=connection.execute(opened).scalar(),
        urgent=tuple(row for row in urgent if row.case["attention"] == 2),
        lapsing=tuple(lapsing[:SHOWN_AT_MOST]),
        lapsing_count=len(lapsing),
        task_oldest=connection.execute(tasks).scalar(),
        blind_waiting=blind.waiting(connection),
        to_agree_lists=lists.waiting(connection),
        to_agree_limits=changes.waiting(connection),
        to_agree_bulk=bulk.waiting(connection),
        to_agree_routing=routing.waiting(connection),
        due=_due(connection, name, now),
    )


def _lapsing(connection: Connection, now: datetime) -> list[Mapping[str, Any]]:
    """Return what stands by the machine's word alone and lifts itself soon, one line a case."""
    query = (
        select(case.c.id, case.c.org, func.min(enforcement.c.provisional_until).label("until"))
        .join(case_item, case_item.c.case_id == case.c.id)
        .join(message, message.c.id == case_item.c.message_id)
        .join(enforcement, enforcement.c.message_id == message.c.id)
        .where(
            case.c.state != "closed",
            enforcement.c.state.in_(_STANDS),
            enforcement.c.wanted,
            enforcement.c.verdict_id.is_(None),
            enforcement.c.provisional_until.between(now, now + LAPSES_WITHIN),
        )
        .add_columns(func.min(message.c.author).label("author"), func.min(message.c.channel).label("channel"))
        .group_by(case.c.id, case.c.org)
        .order_by(func.min(enforcement.c.provisional_until), case.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _due(connection: Connection, name: str, now: datetime) -> tuple[Mapping[str, Any], ...]:
    """Return the clocks of measures that run out within a week in the organisations where `name` holds a role."""
    mine = offices.orgs_of(connection, name, now)
    soon = (now + timedelta(days=7)).date()
    query = select(notice).where(notice.c.org.in_(mine), notice.c.done_at.is_(None), notice.c.due_on <= soon)
    rows = connection.execute(query.order_by(notice.c.due_on).limit(SHOWN_AT_MOST)).mappings()
    return tuple(dict(row) for row in rows)
