"""The rota: office hours, the week's duties and what differs from them, each change with its audit event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from models.desk_tables import person_access
from models.policy.duty import Hours
from models.rota_tables import rota, rota_day, rota_exception
from models.store import audit
from models.store.rows import insert_new

PLACES = 3
EXCEPTIONS_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class Plan:
    """How an organisation is on call. `minutes` is how long an urgent case may wait, None as the pack says."""

    org: str
    active: bool = False
    hours: Hours = field(default_factory=Hours)
    minutes: int | None = None


def plans(connection: Connection) -> list[Plan]:
    """Return every organisation's plan that was ever kept."""
    return [_plan(row) for row in connection.execute(select(rota).order_by(rota.c.org)).mappings()]


def plan(connection: Connection, org: str) -> Plan:
    """Return an organisation's plan, switched off where none was kept."""
    row = connection.execute(select(rota).where(rota.c.org == org)).mappings().first()
    return Plan(org) if row is None else _plan(row)


def _plan(row: Mapping[Any, Any]) -> Plan:
    hours = Hours(time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"]))
    return Plan(row["org"], row["active"], hours, row["minutes"])


def keep(connection: Connection, key: bytes, wanted: Plan, by: str, now: datetime) -> None:
    """Keep a plan in place of the one before."""
    values = {
        "active": wanted.active,
        "opens": wanted.hours.opens.strftime("%H:%M"),
        "closes": wanted.hours.closes.strftime("%H:%M"),
        "minutes": wanted.minutes,
    }
    connection.execute(delete(rota).where(rota.c.org == wanted.org))
    connection.execute(insert(rota).values(org=wanted.org, **values))
    audit.append(connection, key, now, by, "rota.plan", f"org:{wanted.org}", values)


def week(connection: Connection, org: str) -> dict[int, dict[int, str]]:
    """Return who is called on each weekday's duty, by place."""
    found: dict[int, dict[int, str]] = {day: {} for day in range(7)}
    for row in connection.execute(select(rota_day).where(rota_day.c.org == org)):
        found[row.weekday][row.place] = row.name
    return found


def keep_week(
    connection: Connection, key: bytes, org: str, wanted: Mapping[int, Sequence[str]], by: str, now: datetime
) -> None:
    """Keep the week's duties, each weekday's names in the order in which they are called."""
    connection.execute(delete(rota_day).where(rota_day.c.org == org))
    rows = [
        {"org": org, "weekday": day, "place": place, "name": name}
        for day, names in wanted.items()
        for place, name in enumerate(names, start=1)
    ]
    insert_new(connection, rota_day, rows)
    told = {str(day): list(names) for day, names in sorted(wanted.items())}
    audit.append(connection, key, now, by, "rota.week", f"org:{org}", told)


def exceptions(connection: Connection, org: str, since: date) -> list[Mapping[str, Any]]:
    """Return what differs from the week, from a day on."""
    query = select(rota_exception).where(rota_exception.c.org == org, rota_exception.c.day >= since)
    ordered = query.order_by(rota_exception.c.day, rota_exception.c.place).limit(EXCEPTIONS_AT_MOST)
    return [dict(row) for row in connection.execute(ordered).mappings()]


def differ(
    connection: Connection, key: bytes, org: str, day: date, place: int, name: str, by: str, now: datetime
) -> None:
    """Let somebody else be called on one day's duty."""
    mine = (rota_exception.c.org == org) & (rota_exception.c.day == day) & (rota_exception.c.place == place)
    connection.execute(delete(rota_exception).where(mine))
    connection.execute(insert(rota_exception).values(org=org, day=day, place=place, name=name, by=by, at=now))
    detail = {"day": day.isoformat(), "place": place, "name": name}
    audit.append(connection, key, now, by, "rota.exception", f"org:{org}", detail)


def as_usual(connection: Connection, key: bytes, org: str, number: int, by: str, now: datetime) -> None:
    """Take an exception back."""
    gone = connection.execute(delete(rota_exception).where(rota_exception.c.org == org, rota_exception.c.id == number))
    if gone.rowcount:
        audit.append(connection, key, now, by, "rota.exception_ended", f"org:{org}", {"exception": number})


def on_call(connection: Connection, org: str, day: date) -> tuple[str, ...]:
    """Return who is called on the duty of a day, in order, each once; deactivated accounts are passed over."""
    names = dict(week(connection, org)[day.weekday()])
    mine = (rota_exception.c.org == org) & (rota_exception.c.day == day)
    for row in connection.execute(select(rota_exception).where(mine)):
        names[row.place] = row.name
    closed = set(connection.execute(select(person_access.c.name).where(~person_access.c.active)).scalars())
    return tuple(dict.fromkeys(names[place] for place in sorted(names) if names[place] not in closed))
