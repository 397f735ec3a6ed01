"""How reviewers fare: what they want masked, how much abuse they opened today, and when they should rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from models.policy.clocks import LONDON
from models.queue_tables import reviewer
from models.store.rows import insert_new

REST = timedelta(minutes=10)
"""So long a gap counts as a break."""
BREAK_AFTER = timedelta(minutes=60)
HARSH_AT_A_TIME = 20
"""After so many harsh cases a reviewer is asked whether somebody else should go on."""


@dataclass(frozen=True, slots=True)
class Care:
    """How one reviewer wants to see things and how they fare.

    `harsh` of `seen` cases opened today held words that are hard to read; `nudge` after too many of them,
    `rest` after an hour without a break.
    """

    mask: bool = True
    gentle: bool = False
    seen: int = 0
    harsh: int = 0
    nudge: bool = False
    rest: bool = False


def masks(connection: Connection, name: str, now: datetime) -> bool:
    """Return whether harsh words are hidden from `name`, as they are from nobody, whose name is empty."""
    return not name or of(connection, name, now).mask


def of(connection: Connection, name: str, now: datetime) -> Care:
    """Return how `name` fares at `now`."""
    row = connection.execute(select(reviewer).where(reviewer.c.name == name)).first()
    if row is None:
        return Care()
    today = row.day == _day(now)
    harsh = row.harsh if today else 0
    working = row.last_at is not None and row.working_since is not None and now - row.last_at < REST
    return Care(
        mask=row.mask,
        gentle=row.gentle,
        seen=row.seen if today else 0,
        harsh=harsh,
        nudge=today and harsh - row.nudged >= HARSH_AT_A_TIME,
        rest=working and now - row.working_since >= BREAK_AFTER,
    )


def opened(connection: Connection, name: str, harsh: bool, now: datetime) -> None:
    """Count a case that `name` opened."""
    insert_new(connection, reviewer, [{"name": name}])
    row = connection.execute(select(reviewer).where(reviewer.c.name == name)).one()
    today = row.day == _day(now)
    rested = row.last_at is None or now - row.last_at >= REST
    connection.execute(
        update(reviewer)
        .where(reviewer.c.name == name)
        .values(
            day=_day(now),
            seen=(row.seen if today else 0) + 1,
            harsh=(row.harsh if today else 0) + int(harsh),
            nudged=row.nudged if today else 0,
            working_since=now if rested else row.working_since,
            last_at=now,
        )
    )


def wish(connection: Connection, name: str, *, mask: bool, gentle: bool) -> None:
    """Keep how `name` wants to see things."""
    insert_new(connection, reviewer, [{"name": name}])
    connection.execute(update(reviewer).where(reviewer.c.name == name).values(mask=mask, gentle=gentle))


def told(connection: Connection, name: str, now: datetime) -> None:
    """Note that `name` has read the reminder: neither comes again before as much more is seen or worked."""
    connection.execute(
        update(reviewer).where(reviewer.c.name == name).values(nudged=reviewer.c.harsh, working_since=now, last_at=now)
    )


def _day(now: datetime) -> str:
    return now.astimezone(LONDON).date().isoformat()
