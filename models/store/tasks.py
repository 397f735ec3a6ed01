"""What people must do by hand: a task for every effect the bot could not bring about, never only a row in the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from models.domain import EnforcementState
from models.engine_tables import command, dispatch, manual_task
from models.store import alarms, audit, reopening, webhooks
from models.store.webhooks import Event
from models.tables import connection as places
from models.tables import enforcement, message

_NEEDS_PERSON = tuple(state.value for state in EnforcementState if state.needs_person)


def unassigned(connection: Connection, limit: int = 100) -> list[Row[Any]]:
    """Return the enforcement rows that need a person and have no task, or one that was to be tried again."""
    theirs = select(manual_task.c.id).where(manual_task.c.enforcement_id == enforcement.c.id)
    standing = theirs.where(manual_task.c.state != "retried")
    query = select(enforcement).where(enforcement.c.state.in_(_NEEDS_PERSON), ~standing.exists())
    return list(connection.execute(query.order_by(enforcement.c.id).limit(limit)))


def assign(connection: Connection, row: Row[Any], link: str | None, advice: str | None, now: datetime) -> None:
    """Give a row its task, its case and its alarm, all in the caller's transaction."""
    state = EnforcementState(row.state)
    values = {"why": row.state, "link": link, "advice": advice, "state": "open", "created_at": now}
    values |= {"ended_by": None, "ended_at": None, "verified": None}
    known = connection.execute(update(manual_task).where(manual_task.c.enforcement_id == row.id).values(**values))
    if not known.rowcount:
        places = {"enforcement_id": row.id, "connection_id": row.connection_id, "message_id": row.message_id}
        connection.execute(insert(manual_task).values(**places, **values))
    if row.message_id is not None:
        reopening.to_person(connection, row.message_id, now)
    _tell(connection, row, now)
    key = f"manual:{row.connection_id}:{row.effect}" if state is EnforcementState.MANUAL else f"enforcement:{row.id}"
    facts = {"effect": row.effect, "wanted": row.wanted, "state": row.state}
    alarms.raise_one(connection, key, "enforcement", now, row.connection_id, facts=facts)


def _tell(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Write for other systems that an effect needs a person."""
    org = connection.execute(select(places.c.org).where(places.c.id == row.connection_id)).scalar_one()
    key = f"{Event.ENFORCEMENT_FAILED}:{row.id}:{row.attempts}:{row.state}"
    told = {"effect": row.effect, "wanted": row.wanted, "state": row.state, "connection": row.connection_id}
    webhooks.enter(connection, Event.ENFORCEMENT_FAILED, key, org, now, path="/enforcement", **told)


def assign_dispatch(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Give a dispatch that may or may not have gone out its task, its case and its alarm."""
    values = {"connection_id": row.connection_id, "message_id": row.message_id, "why": row.state}
    connection.execute(insert(manual_task).values(dispatch_id=row.id, state="open", created_at=now, **values))
    if row.message_id is not None:
        reopening.to_person(connection, row.message_id, now)
    facts = {"what": row.kind, "state": row.state}
    alarms.raise_one(connection, f"dispatch:{row.id}", "dispatch", now, row.connection_id, facts=facts)


def listed(connection: Connection, *states: str, limit: int = 200) -> list[Mapping[str, Any]]:
    """Return tasks in `states` with what they are about, oldest first."""
    query = (
        select(
            manual_task,
            enforcement.c.effect,
            enforcement.c.wanted,
            enforcement.c.target_kind,
            enforcement.c.target_id,
            enforcement.c.detail.label("row_detail"),
            dispatch.c.kind.label("dispatch_kind"),
            dispatch.c.recipient,
            dispatch.c.detail.label("dispatch_detail"),
            message.c.channel,
            message.c.author,
        )
        .join(enforcement, enforcement.c.id == manual_task.c.enforcement_id, isouter=True)
        .join(dispatch, dispatch.c.id == manual_task.c.dispatch_id, isouter=True)
        .join(message, message.c.id == manual_task.c.message_id, isouter=True)
        .where(manual_task.c.state.in_(states))
        .order_by(manual_task.c.created_at, manual_task.c.id)
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def tick(connection: Connection, audit_key: bytes, task_id: int, by: str, at: datetime) -> bool:
    """Record that a person has done a task, with its audit event; False when it was not open any more.

    The bot reads the platform afterwards and opens the task again where it shows otherwise.
    """
    done = connection.execute(
        update(manual_task)
        .where(manual_task.c.id == task_id, manual_task.c.state == "open")
        .values(state="ticked", ended_by=by, ended_at=at)
    )
    if not done.rowcount:
        return False
    connection.execute(insert(command).values(kind="verify", task_id=task_id, by=by, at=at))
    audit.append(connection, audit_key, at, by, "task.done", f"task:{task_id}", {})
    return True


def of(connection: Connection, task_id: int) -> Row[Any] | None:
    """Return a task, or None."""
    return connection.execute(select(manual_task).where(manual_task.c.id == task_id)).first()


def accept(connection: Connection, task: Row[Any], seen: bool | None, now: datetime) -> None:
    """Take a person's word, borne out by the platform (`seen` True) where it can be read."""
    connection.execute(update(manual_task).where(manual_task.c.id == task.id).values(state="done", verified=seen))
    if task.enforcement_id is not None:
        words = f"done by hand by {task.ended_by}"
        connection.execute(
            update(enforcement)
            .where(enforcement.c.id == task.enforcement_id, enforcement.c.state.in_(_NEEDS_PERSON))
            .values(state=EnforcementState.DONE.value, detail=words, read_back=seen, uncertain=False, ended_at=now)
        )
        alarms.clear(connection, f"enforcement:{task.enforcement_id}", now)
        _clear_if_last(connection, task, now)
    else:
        alarms.clear(connection, f"dispatch:{task.dispatch_id}", now)
    if task.message_id is not None:
        reopening.close_if_settled(connection, task.message_id, now)


def retry(connection: Connection, task: Row[Any], now: datetime) -> bool:
    """Let the bot try a task's row again; False where that could do the same thing twice."""
    if task.enforcement_id is None or task.state != "open":
        return False
    again = connection.execute(
        update(enforcement)
        .where(
            enforcement.c.id == task.enforcement_id,
            enforcement.c.state.in_([EnforcementState.DEAD.value, EnforcementState.REFUSED.value]),
        )
        .values(state=EnforcementState.PENDING.value, next_at=now, failures=0, ended_at=None)
    )
    if again.rowcount:
        connection.execute(update(manual_task).where(manual_task.c.id == task.id).values(state="retried"))
        alarms.clear(connection, f"enforcement:{task.enforcement_id}", now)
    return bool(again.rowcount)


def reopen(connection: Connection, task_id: int) -> None:
    """Open a ticked task again: the platform shows otherwise."""
    connection.execute(
        update(manual_task)
        .where(manual_task.c.id == task_id)
        .values(state="open", verified=False, ended_by=None, ended_at=None)
    )


def _clear_if_last(connection: Connection, task: Row[Any], now: datetime) -> None:
    """End the alarm about manual work of one kind once the last task of that kind is done."""
    effect = connection.execute(select(enforcement.c.effect).where(enforcement.c.id == task.enforcement_id)).scalar()
    same_kind = (
        select(func.count())
        .select_from(manual_task.join(enforcement, enforcement.c.id == manual_task.c.enforcement_id))
        .where(
            manual_task.c.state == "open",
            enforcement.c.connection_id == task.connection_id,
            enforcement.c.effect == effect,
        )
    )
    if not connection.execute(same_kind).scalar_one():
        alarms.clear(connection, f"manual:{task.connection_id}:{effect}", now)
