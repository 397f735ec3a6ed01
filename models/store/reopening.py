"""Bringing a message before a person again: its case is raised, reopened, or made."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from models.domain import Attention
from models.engine_tables import manual_task
from models.store import casework, facets, ranking, routing
from models.store.rows import insert_new
from models.tables import case, case_item, decision, message, verdict

_LIVING = ("open", "escalated")


def to_person(
    connection: Connection, message_id: int, now: datetime, attention: Attention = Attention.REVIEW, state: str = "open"
) -> int:
    """Put a message before a person in the caller's transaction; return its case."""
    query = select(case).join(case_item, case_item.c.case_id == case.c.id).where(case_item.c.message_id == message_id)
    found = connection.execute(query.order_by(case.c.state.in_(_LIVING).desc(), case.c.id.desc()).limit(1)).first()
    if found is None:
        return _new(connection, message_id, now, attention, state)
    values = {
        "state": state if found.state not in _LIVING or state == "escalated" else found.state,
        "attention": max(found.attention, attention.value),
        "updated_at": now,
        "version": case.c.version + 1,
    }
    connection.execute(update(case).where(case.c.id == found.id).values(**values))
    casework.told(connection, found.id, found.org, values["attention"], found, now)
    return int(found.id)


def _new(connection: Connection, message_id: int, now: datetime, attention: Attention, state: str) -> int:
    about = connection.execute(select(message.c.contact_id, message.c.org).where(message.c.id == message_id)).one()
    made = connection.execute(
        insert(case).values(
            contact_id=about.contact_id,
            org=about.org,
            state=state,
            attention=attention.value,
            weight=1.0,
            rank=ranking.rank(1.0, now),
            target_at=now,
            opened_at=now,
            updated_at=now,
        )
    )
    case_id = int(made.inserted_primary_key[0])  # type: ignore[index]
    insert_new(connection, case_item, [{"case_id": case_id, "message_id": message_id}])
    facets.note(connection, case_id, message_id)
    routing.place(connection, case_id, message_id)
    casework.told(connection, case_id, about.org, attention.value, None, now)
    return case_id


def close_if_settled(connection: Connection, message_id: int, now: datetime) -> bool:
    """Close the message's case again where a person has decided all of it and no task is left; return whether."""
    query = select(case).join(case_item, case_item.c.case_id == case.c.id)
    found = connection.execute(query.where(case_item.c.message_id == message_id, case.c.state == "open")).first()
    if found is None:
        return False
    ids = select(case_item.c.message_id).where(case_item.c.case_id == found.id)
    last = connection.execute(
        select(verdict).where(verdict.c.case_id == found.id).order_by(verdict.c.id.desc()).limit(1)
    ).first()
    waiting = select(func.count()).where(manual_task.c.message_id.in_(ids), manual_task.c.state.in_(["open", "ticked"]))
    newest = connection.execute(select(func.max(decision.c.decided_at)).where(decision.c.message_id.in_(ids))).scalar()
    decided = (
        last is not None and last.kind in {"deliver", "enforce", "no_action"} and (newest is None or newest <= last.at)
    )
    if not decided or connection.execute(waiting).scalar_one():
        return False
    connection.execute(
        update(case).where(case.c.id == found.id).values(state="closed", version=case.c.version + 1, updated_at=now)
    )
    return True
