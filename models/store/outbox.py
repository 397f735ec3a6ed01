"""The outbox: enforcement rows and their generations, what is in force and until when. The row is the truth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, select, update

from models.domain import Action, Decision, EnforcementState, Message, Target
from models.engine_tables import manual_task
from models.tables import case, case_item, enforcement, message, verdict
from models.tables import connection as connection_table

LIVE = (EnforcementState.PENDING, EnforcementState.LEASED)
_IN_FORCE = (
    *LIVE,
    EnforcementState.DONE,
    EnforcementState.ALREADY_DONE,
    EnforcementState.MANUAL,
    EnforcementState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """An effect somebody wants on a target, or wants undone."""

    connection_id: str
    target: Target
    effect: Action
    wanted: bool
    message_id: int | None = None
    verdict_id: int | None = None
    provisional_until: datetime | None = None


def target_of(message: Message, effect: Action) -> Target:
    """Return what `effect` acts on: the author's account, or the item."""
    return Target("account", message.author.address) if effect.on_account else Target("message", message.key.native_id)


def wishes_of(decision: Decision, message: Message, message_id: int) -> list[Wish]:
    """Return the effects that a decision's actions ask for."""
    until = decision.provisional_until
    return [
        Wish(
            message.key.connection_id,
            target_of(message, action),
            action,
            wanted=True,
            message_id=message_id,
            provisional_until=until,
        )
        for action in decision.actions
    ]


def enter(connection: Connection, wish: Wish, now: datetime) -> int | None:
    """Write the next generation of an effect; None when the latest one already asks for the same.

    A pending generation that is superseded is cancelled, and so is a manual one that nobody has
    done yet. What the platform can't do becomes a manual task at once.
    """
    latest = _latest(connection, wish)
    if latest is not None and latest.state in _IN_FORCE and latest.wanted == wish.wanted:
        return None
    if not wish.wanted and (latest is None or not latest.wanted):
        return None
    if not wish.wanted and wish.effect is Action.REPORT:
        _unreport(connection, latest, now)
        return None
    if latest is not None and latest.state == EnforcementState.PENDING:
        _end(connection, latest.id, EnforcementState.CANCELLED, "superseded before it ran", now)
    if latest is not None and latest.state == EnforcementState.MANUAL and not wish.wanted:
        _end(connection, latest.id, EnforcementState.CANCELLED, "taken back before a person did it", now)
        connection.execute(
            update(manual_task)
            .where(manual_task.c.enforcement_id == latest.id, manual_task.c.state == "open")
            .values(state="dropped", ended_at=now)
        )
        return None
    can = connection.execute(
        select(connection_table.c.can).where(connection_table.c.id == wish.connection_id)
    ).scalar_one()
    state = EnforcementState.PENDING if wish.effect.value in can else EnforcementState.MANUAL
    return _write(connection, wish, 1 if latest is None else latest.generation + 1, state, now)


def _unreport(connection: Connection, latest: Row[Any] | None, now: datetime) -> None:
    """Cancel a report that has certainly not gone out; one that has, or may have, cannot be taken back."""
    if latest is not None and latest.state == EnforcementState.PENDING and not latest.uncertain:
        _end(connection, latest.id, EnforcementState.CANCELLED, "taken back before it went out", now)


def leave(connection: Connection, wish: Wish, why: str, now: datetime) -> None:
    """Put on record that an effect somebody asked for was left undone, and why."""
    latest = _latest(connection, wish)
    if latest is None or latest.state not in LIVE:
        generation = 1 if latest is None else latest.generation + 1
        row_id = _write(connection, wish, generation, EnforcementState.CANCELLED, now)
        _end(connection, row_id, EnforcementState.CANCELLED, why, now)


def _write(connection: Connection, wish: Wish, generation: int, state: EnforcementState, now: datetime) -> int:
    made = connection.execute(
        insert(enforcement).values(
            connection_id=wish.connection_id,
            target_kind=wish.target.kind,
            target_id=wish.target.native_id,
            effect=wish.effect.value,
            generation=generation,
            wanted=wish.wanted,
            message_id=wish.message_id,
            verdict_id=wish.verdict_id,
            state=state.value,
            next_at=now,
            provisional_until=wish.provisional_until,
            created_at=now,
        )
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def _latest(connection: Connection, wish: Wish) -> Row[Any] | None:
    same = and_(
        enforcement.c.connection_id == wish.connection_id,
        enforcement.c.target_kind == wish.target.kind,
        enforcement.c.target_id == wish.target.native_id,
        enforcement.c.effect == wish.effect.value,
    )
    return connection.execute(
        select(enforcement).where(same).order_by(enforcement.c.generation.desc()).limit(1)
    ).first()


def _end(connection: Connection, row_id: int, state: EnforcementState, why: str, now: datetime) -> None:
    connection.execute(
        update(enforcement).where(enforcement.c.id == row_id).values(state=state.value, detail=why, ended_at=now)
    )


def newer() -> Select[tuple[int]]:
    """Return the question whether a later generation of an enforcement's effect exists."""
    later = enforcement.alias("later")
    return select(later.c.id).where(
        later.c.connection_id == enforcement.c.connection_id,
        later.c.target_kind == enforcement.c.target_kind,
        later.c.target_id == enforcement.c.target_id,
        later.c.effect == enforcement.c.effect,
        later.c.generation > enforcement.c.generation,
    )


def in_force_for(connection: Connection, message_ids: Iterable[int]) -> list[Row[Any]]:
    """Return the wanted rows of these messages that are, or will be, in force, latest generation only."""
    query = select(enforcement).where(
        enforcement.c.message_id.in_(list(message_ids)),
        enforcement.c.wanted,
        enforcement.c.state.in_([state.value for state in _IN_FORCE]),
        ~newer().exists(),
    )
    return list(connection.execute(query.order_by(enforcement.c.id)))


def confirm(connection: Connection, row_ids: Iterable[int], now: datetime) -> None:
    """Make holds lasting: a person has confirmed them. Those that can be read are read once more."""
    mine = enforcement.c.id.in_(list(row_ids))
    connection.execute(update(enforcement).where(mine).values(provisional_until=None))
    settled = enforcement.c.state.in_([EnforcementState.DONE.value, EnforcementState.ALREADY_DONE.value])
    connection.execute(
        update(enforcement)
        .where(mine, settled, enforcement.c.read_back.is_(True))
        .values(state=EnforcementState.PENDING.value, next_at=now, uncertain=True, detail="confirmed: to be read again")
    )


def make_provisional(connection: Connection, row_ids: Iterable[int], until: datetime) -> None:
    """Let holds lift themselves at `until` unless they are confirmed again."""
    connection.execute(update(enforcement).where(enforcement.c.id.in_(list(row_ids))).values(provisional_until=until))


def lapsed(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Return the provisional effects in force that nobody confirmed in time."""
    query = select(enforcement.c.message_id).where(
        enforcement.c.wanted, enforcement.c.provisional_until <= now, enforcement.c.message_id.is_not(None)
    )
    ids = set(connection.execute(query).scalars())
    return [row for row in in_force_for(connection, ids) if row.provisional_until and row.provisional_until <= now]


def held_unjudged(connection: Connection) -> list[Row[Any]]:
    """Return the machine's holds of whole items in force, provisional or not."""
    return list(connection.execute(select(enforcement).where(*_machine_holds()).order_by(enforcement.c.id)))


def _machine_holds() -> tuple[ColumnElement[bool], ...]:
    return (
        enforcement.c.effect.in_([Action.QUARANTINE.value, Action.HIDE.value]),
        enforcement.c.wanted,
        enforcement.c.verdict_id.is_(None),
        enforcement.c.state.in_([state.value for state in _IN_FORCE]),
        ~newer().exists(),
    )


def held_unread(connection: Connection) -> list[Row[Any]]:
    """Return the holds of whole items in force that no person has decided on, with `org` and `escalated`.

    Provisional ones are left out: they lift themselves.
    """
    decided = select(verdict.c.id).join(case_item, case_item.c.case_id == verdict.c.case_id)
    escalated = select(case.c.id).join(case_item, case_item.c.case_id == case.c.id).where(case.c.state == "escalated")
    query = (
        select(
            enforcement,
            message.c.org,
            escalated.where(case_item.c.message_id == enforcement.c.message_id).exists().label("escalated"),
        )
        .join(message, message.c.id == enforcement.c.message_id)
        .where(
            *_machine_holds(),
            enforcement.c.provisional_until.is_(None),
            ~decided.where(case_item.c.message_id == enforcement.c.message_id).exists(),
        )
    )
    return list(connection.execute(query.order_by(enforcement.c.id)))


def counts(connection: Connection) -> dict[str, int]:
    """Return how many rows stand in each state."""
    query = select(enforcement.c.state, func.count()).group_by(enforcement.c.state)
    return {row.state: row[1] for row in connection.execute(query)}
