"""Carries out what people decided: verdicts written by the page become enforcement rows, once each."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from bot.holds import undoing
from models.domain import Action, Channel, Target, VerdictKind
from models.policy.clocks import end_of_next_working_day
from models.session import writing
from models.store import evidence, outbox
from models.store.outbox import Wish
from models.store.rows import message_of
from models.tables import case_item, enforcement, message, verdict

NO_STANDING_BLOCK = "a sender of mail is blocked by a restriction in force, never by one case: nothing was done"


def carry_out(engine: Engine, clock: Callable[[], datetime]) -> int:
    """Turn every verdict not yet carried out into enforcement rows; return how many verdicts."""
    done = 0
    with writing(engine) as database:
        waiting = database.execute(select(verdict).where(verdict.c.carried_out_at.is_(None)).order_by(verdict.c.id))
        for row in list(waiting):
            _one(database, row, clock())
            database.execute(update(verdict).where(verdict.c.id == row.id).values(carried_out_at=clock()))
            done += 1
    return done


def _one(database: Connection, row: Row[Any], now: datetime) -> None:
    ids = list(database.execute(select(case_item.c.message_id).where(case_item.c.case_id == row.case_id)).scalars())
    kind = VerdictKind(row.kind)
    if kind is VerdictKind.DELIVER:
        _release(database, outbox.in_force_for(database, ids), row.id, now)
    elif kind is VerdictKind.ENFORCE:
        outbox.confirm(database, [held.id for held in outbox.in_force_for(database, ids)], now)
        _enforce(database, ids, [Action(name) for name in row.actions], row.id, now)
    elif kind is VerdictKind.UNDO:
        _undo(database, row, now)


def _release(database: Connection, held: Sequence[Row[Any]], verdict_id: int, now: datetime) -> None:
    for row in held:
        outbox.enter(database, undoing(row, verdict_id), now)


def _enforce(
    database: Connection, ids: Sequence[int], actions: Sequence[Action], verdict_id: int, now: datetime
) -> None:
    for row in database.execute(select(message).where(message.c.id.in_(ids)).order_by(message.c.id)).mappings():
        item = message_of(dict(row))
        evidence.keep(database, row["id"], now)
        for action in dict.fromkeys(_fitting(action, item.channel) for action in actions):
            target = outbox.target_of(item, action)
            wish = Wish(row["connection_id"], target, action, wanted=True, message_id=row["id"], verdict_id=verdict_id)
            if item.channel is Channel.EMAIL and action.on_account:
                outbox.leave(database, wish, NO_STANDING_BLOCK, now)
                continue
            outbox.enter(database, wish, now)


def _fitting(action: Action, channel: Channel) -> Action:
    """Return the hold that fits an item: a mail is put in quarantine, a post is hidden."""
    holds = {Action.HIDE, Action.QUARANTINE}
    if action not in holds:
        return action
    return Action.QUARANTINE if channel is Channel.EMAIL else Action.HIDE


def _undo(database: Connection, row: Row[Any], now: datetime) -> None:
    """Reverse what the case's last verdict brought about; a hold it had confirmed or lifted is provisional again."""
    last = database.execute(
        select(verdict)
        .where(verdict.c.case_id == row.case_id, verdict.c.id < row.id, verdict.c.kind != VerdictKind.UNDO.value)
        .order_by(verdict.c.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return
    ids = list(database.execute(select(case_item.c.message_id).where(case_item.c.case_id == row.case_id)).scalars())
    machine = [held.id for held in outbox.in_force_for(database, ids) if held.verdict_id is None]
    outbox.make_provisional(database, machine, end_of_next_working_day(now))
    made = list(
        database.execute(select(enforcement).where(enforcement.c.verdict_id == last.id).order_by(enforcement.c.id))
    )
    for effect in made:
        target = Target(effect.target_kind, effect.target_id)
        wish = Wish(
            effect.connection_id,
            target,
            Action(effect.effect),
            wanted=not effect.wanted,
            message_id=effect.message_id,
            verdict_id=row.id,
            provisional_until=None if effect.wanted else end_of_next_working_day(now),
        )
        outbox.enter(database, wish, now)
