"""Who holds a case, whose it is, who is asked for a second opinion, and what a reviewer hands over."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from models.queue_tables import handed_over
from models.store import audit
from models.store.rows import insert_new
from models.tables import case, person

LEASE = timedelta(minutes=3)
"""An open card renews its lease each minute; after a crash the case is free again within this time."""


def claim(connection: Connection, case_id: int, name: str, now: datetime) -> str | None:
    """Hold a case for `name` until the lease ends, or longer if they hold it; return who holds it instead, if anybody."""
    free = or_(case.c.claimed_by.is_(None), case.c.claimed_by == name, case.c.claimed_until <= now)
    taken = connection.execute(
        update(case)
        .where(case.c.id == case_id, case.c.state.in_(["open", "escalated"]), free)
        .values(claimed_by=name, claimed_until=now + LEASE)
    )
    return None if taken.rowcount else holder(connection, case_id, now, but=name)


def holder(connection: Connection, case_id: int, now: datetime, but: str = "") -> str | None:
    """Return who holds a case at `now`, other than `but`."""
    query = select(case.c.claimed_by).where(case.c.id == case_id, case.c.claimed_until > now, case.c.claimed_by != but)
    return connection.execute(query).scalar()


def let_go(connection: Connection, case_id: int, name: str) -> None:
    """Give a case free again if `name` holds it."""
    mine = (case.c.id == case_id) & (case.c.claimed_by == name)
    connection.execute(update(case).where(mine).values(claimed_by=None, claimed_until=None))


def assign(connection: Connection, key: bytes, case_id: int, to: str | None, by: str, now: datetime) -> bool:
    """Make a case somebody's, or nobody's; False where no reviewer is called so."""
    if to is not None and connection.execute(select(person.c.name).where(person.c.name == to)).first() is None:
        return False
    connection.execute(
        update(case).where(case.c.id == case_id).values(assigned_to=to, claimed_by=None, claimed_until=None)
    )
    audit.append(connection, key, now, by, "case.assigned", f"case:{case_id}", {"to": to})
    return True


def ask_second(connection: Connection, key: bytes, case_id: int, by: str, now: datetime) -> None:
    """Ask for a second opinion: the case stays open and is offered to everybody but the one who asked."""
    connection.execute(
        update(case).where(case.c.id == case_id).values(second_by=by, claimed_by=None, claimed_until=None)
    )
    audit.append(connection, key, now, by, "case.second_opinion", f"case:{case_id}", {})


def escalated_to(connection: Connection, case_id: int, grade: str | None) -> None:
    """Note the role that an escalated case waits for."""
    connection.execute(update(case).where(case.c.id == case_id).values(grade=grade))


def hand_over(connection: Connection, key: bytes, case_id: int, by: str, now: datetime) -> None:
    """Hand over a person who targets the reviewer: the case is nobody's, and its contact is not shown to `by` any more."""
    contact_id = connection.execute(select(case.c.contact_id).where(case.c.id == case_id)).scalar_one()
    insert_new(connection, handed_over, [{"contact_id": contact_id, "by": by, "at": now}])
    connection.execute(
        update(case)
        .where(case.c.contact_id == contact_id, case.c.state.in_(["open", "escalated"]))
        .values(assigned_to=None, claimed_by=None, claimed_until=None)
    )
    audit.append(connection, key, now, by, "contact.handed_over", f"contact:{contact_id}", {"case": case_id})


def names(connection: Connection) -> list[str]:
    """Return the reviewers a case may be given to."""
    return list(connection.execute(select(person.c.name).order_by(person.c.name)).scalars())
