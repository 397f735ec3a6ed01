"""Carries out what people told the bot: pause, resume, try again, and the look after a ticked task."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, Row

from bot import handing_over
from connectors.base import Connector, ConnectorError
from models.domain import Action
from models.session import reading, writing
from models.store import commands, connections, quotas, tasks
from models.store.commands import CommandKind
from models.trouble import Trouble

VERIFY_AGAIN = timedelta(minutes=1)
log = structlog.get_logger()


def carry_out(
    engine: Engine,
    connectors: Mapping[str, Connector],
    clock: Callable[[], datetime],
    kinds: frozenset[CommandKind] = frozenset(CommandKind),
    on_resume: Callable[[str], None] = lambda _: None,
) -> int:
    """Carry out every command that waits; return how many ended. One whose platform is away waits on.

    `on_resume` is called with the name of each connection that goes on after a pause.
    """
    ended = 0
    with reading(engine) as database:
        waiting = commands.waiting(database, clock())
    for row in waiting:
        if CommandKind(row.kind) not in kinds:
            continue
        if row.kind == CommandKind.VERIFY.value:
            ended += _verify(engine, connectors, row, clock)
            continue
        with writing(engine) as database:
            outcome = _one(database, row, clock())
            commands.finish(database, row.id, outcome, clock())
        if row.kind == CommandKind.RESUME.value and row.effect is None:
            on_resume(row.connection_id)
        log.info("command", id=row.id, kind=row.kind, connection=row.connection_id, effect=row.effect)
        ended += 1
    return ended


def _one(database: Any, row: Row[Any], now: datetime) -> str:
    effect = None if row.effect is None else Action(row.effect)
    kind = CommandKind(row.kind)
    if kind is CommandKind.RETRY:
        task = tasks.of(database, row.task_id)
        return "to be tried again" if task is not None and tasks.retry(database, task, now) else "cannot be tried again"
    if kind is CommandKind.PAUSE and effect is None:
        connections.pause(database, row.connection_id, row.by, Trouble.PERSON, "", now)
        return "paused"
    if kind is CommandKind.PAUSE and effect is not None:
        quotas.trip(database, row.connection_id, effect, "person", now)
        return f"automatic {effect} stopped"
    closed = quotas.resume(database, row.connection_id, effect, row.by, now)
    if effect is None:
        connections.unpause(database, row.connection_id, now)
    return f"resumed; {closed} breakers closed"


def _verify(engine: Engine, connectors: Mapping[str, Connector], row: Row[Any], clock: Callable[[], datetime]) -> bool:
    try:
        outcome = handing_over.check_tick(engine, connectors, row.task_id, clock)
    except ConnectorError as error:
        log.warning("verify_waits", id=row.id, why=type(error).__name__)
        with writing(engine) as database:
            commands.later(database, row.id, clock() + VERIFY_AGAIN)
        return False
    with writing(engine) as database:
        commands.finish(database, row.id, outcome, clock())
    return True
