"""Urgent cases until somebody took them up: since when they wait, who was called, and who has acknowledged them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, insert, select, update

from models.domain import Attention
from models.rota_tables import rota_call, urgent_watch
from models.store import alarms, audit
from models.tables import case, case_item, decision

_URGENT = and_(case.c.state == "open", case.c.attention == Attention.URGENT.value)


def follow(connection: Connection, orgs: Sequence[str], now: datetime) -> None:
    """Begin to watch the urgent cases of `orgs` that are not watched, and end what is not urgent and open any more.

    A case that was taken up is watched anew when something urgent comes to it afterwards.
    """
    for row in connection.execute(select(urgent_watch).where(urgent_watch.c.ended_at.is_(None), ~_still())):
        _end(connection, row, now)
    for row in connection.execute(select(urgent_watch).where(urgent_watch.c.ended_at.is_(None), _fresh())):
        _end(connection, row, now)
    watched = select(urgent_watch.c.id).where(urgent_watch.c.case_id == case.c.id, urgent_watch.c.ended_at.is_(None))
    for row in connection.execute(select(case).where(_URGENT, case.c.org.in_(orgs), ~watched.exists())):
        held = row.claimed_by if row.claimed_until is not None and row.claimed_until > now else None
        values = {"acknowledged_by": held, "acknowledged_at": now if held else None}
        connection.execute(insert(urgent_watch).values(case_id=row.id, org=row.org, since=now, **values))


def _still() -> Any:
    return exists().where(case.c.id == urgent_watch.c.case_id, _URGENT)


def _fresh() -> Any:
    return exists().where(
        case_item.c.case_id == urgent_watch.c.case_id,
        decision.c.message_id == case_item.c.message_id,
        decision.c.attention == Attention.URGENT.value,
        decision.c.decided_at > urgent_watch.c.acknowledged_at,
    )


def _end(connection: Connection, row: Row[Any], now: datetime) -> None:
    connection.execute(update(urgent_watch).where(urgent_watch.c.id == row.id).values(ended_at=now))
    alarms.clear(connection, alarm_key(row.case_id), now)


def alarm_key(case_id: int) -> str:
    """Return the key of the alarm that nobody on call has taken up a case."""
    return f"rota:case:{case_id}"


def acknowledge(connection: Connection, key: bytes, case_id: int, by: str, now: datetime) -> bool:
    """Note that `by` has taken an urgent case up, so that nobody more is called; False where there was nothing to note."""
    mine = and_(
        urgent_watch.c.case_id == case_id, urgent_watch.c.ended_at.is_(None), urgent_watch.c.acknowledged_at.is_(None)
    )
    noted = connection.execute(update(urgent_watch).where(mine).values(acknowledged_at=now, acknowledged_by=by))
    if noted.rowcount:
        alarms.clear(connection, alarm_key(case_id), now)
        audit.append(connection, key, now, by, "case.acknowledged", f"case:{case_id}", {})
    return bool(noted.rowcount)


def unanswered(connection: Connection) -> list[Row[Any]]:
    """Return what is watched and nobody has taken up, the oldest first."""
    open_ones = urgent_watch.c.ended_at.is_(None) & urgent_watch.c.acknowledged_at.is_(None)
    return list(connection.execute(select(urgent_watch).where(open_ones).order_by(urgent_watch.c.id)))


def calls(connection: Connection, watch_id: int) -> list[Row[Any]]:
    """Return who was called about a case, in order."""
    query = select(rota_call).where(rota_call.c.watch_id == watch_id)
    return list(connection.execute(query.order_by(rota_call.c.place)))


def note_call(connection: Connection, watch_id: int, place: int, name: str, now: datetime) -> None:
    """Note a call."""
    connection.execute(insert(rota_call).values(watch_id=watch_id, place=place, name=name, at=now))


def of_case(connection: Connection, case_id: int) -> Mapping[str, Any] | None:
    """Return the watch over a case, None where it is not watched."""
    mine = (urgent_watch.c.case_id == case_id) & urgent_watch.c.ended_at.is_(None)
    row = connection.execute(select(urgent_watch).where(mine)).mappings().first()
    return None if row is None else dict(row)


def recent(connection: Connection, org: str, limit: int = 20) -> list[Mapping[str, Any]]:
    """Return the last urgent cases of an organisation, with how many were called and who took them up."""
    count = select(func.count()).where(rota_call.c.watch_id == urgent_watch.c.id).scalar_subquery()
    last = (
        select(rota_call.c.name)
        .where(rota_call.c.watch_id == urgent_watch.c.id)
        .order_by(rota_call.c.place.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(urgent_watch, count.label("called"), last.label("called_last")).where(urgent_watch.c.org == org)
    return [dict(row) for row in connection.execute(query.order_by(urgent_watch.c.id.desc()).limit(limit)).mappings()]
