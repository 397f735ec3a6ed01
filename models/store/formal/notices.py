"""What members of staff must be told or reminded of: each once for its day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from models.formal_tables import incident, measure, notice, proposal
from models.store import webhooks
from models.store.rows import insert_new
from models.store.webhooks import Event

REVIEWS = frozenset({"review_soon", "review_overdue", "annual_review", "policy_review"})


def tell(connection: Connection, org: str, kind: str, about: str, to_role: str, due_on: date, now: datetime) -> bool:
    """Leave a notice for a role; False when it was left before."""
    count = select(func.count()).select_from(notice)
    before = connection.execute(count).scalar_one()
    row = {"org": org, "kind": kind, "about": about, "to_role": to_role, "due_on": due_on, "made_at": now}
    insert_new(connection, notice, [row])
    fresh = connection.execute(count).scalar_one() > before
    if fresh and kind in REVIEWS:
        key = f"{Event.REVIEW_DUE}:{kind}:{about}:{due_on}"
        webhooks.enter(
            connection, Event.REVIEW_DUE, key, org, now, kind=kind, due_on=due_on.isoformat(), path="/formal"
        )
    return fresh


def open_ones(connection: Connection, org: str) -> list[Mapping[str, Any]]:
    """Return the notices nobody has seen to, earliest due first, with the `contact_id` of whom they are about, if anybody."""
    query = select(notice).where(notice.c.org == org, notice.c.done_at.is_(None)).order_by(notice.c.due_on, notice.c.id)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    people = _people(connection, [row["about"] for row in rows])
    return [row | {"contact_id": people.get(row["about"])} for row in rows]


def _people(connection: Connection, abouts: Sequence[str]) -> dict[str, int]:
    """Return of what a notice may be about, such as `measure:2`, whose it is; what is nobody's is left out."""
    found: dict[str, int] = {}
    for table in (incident, measure, proposal):
        named = [about.removeprefix(f"{table.name}:") for about in abouts if about.startswith(f"{table.name}:")]
        numbers = [int(number) for number in named if number.isdecimal()]
        query = select(table.c.id, table.c.contact_id).where(table.c.id.in_(numbers))
        rows = connection.execute(query).all() if numbers else []
        found |= {f"{table.name}:{row.id}": row.contact_id for row in rows}
    return found


def done(connection: Connection, number: int, by: str, now: datetime) -> None:
    """Note that somebody saw to a notice."""
    connection.execute(
        update(notice).where(notice.c.id == number, notice.c.done_at.is_(None)).values(done_by=by, done_at=now)
    )


def find(connection: Connection, kind: str, about: str) -> Mapping[str, Any] | None:
    """Return the latest notice of a kind about something."""
    query = select(notice).where(notice.c.kind == kind, notice.c.about == about).order_by(notice.c.id.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)
