"""Hands over to people what the bot could not bring about: a task with a link, a case, an alarm."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine, Row

from connectors.base import Connector, ConnectorError, Linking
from models.domain import Action, EnforcementState, Mode
from models.policy.in_force import PolicyInForce
from models.policy.ladder import next_rung
from models.session import reading, writing
from models.store import connections, leases, tasks

log = structlog.get_logger()


def hand_over(
    engine: Engine,
    connectors: Mapping[str, Connector],
    policy_of: Callable[[str, Mode], PolicyInForce],
    clock: Callable[[], datetime],
) -> int:
    """Give every row that needs a person its task; return how many."""
    with reading(engine) as database:
        rows = tasks.unassigned(database)
        known = {entry.connection_id: entry for entry in connections.every(database)} if rows else {}
    for row in rows:
        connector = connectors.get(row.connection_id)
        link = _link(connector, row)
        ladder = policy_of(known[row.connection_id].org, Mode.ENFORCE).pack.ladder.social_escalation
        advice = _advice(ladder, connector, row)
        with writing(engine) as database:
            tasks.assign(database, row, link, None if advice is None else advice.value, clock())
        log.warning("handed_over", id=row.id, effect=row.effect, state=row.state)
    return len(rows)


def _link(connector: Connector | None, row: Row[Any]) -> str | None:
    if not isinstance(connector, Linking):
        return None
    try:
        return connector.deep_link(leases.job_of(row, row.attempts, row.fence))
    except ConnectorError:
        return None


def _advice(ladder: tuple[Action, ...], connector: Connector | None, row: Row[Any]) -> Action | None:
    """Return the next step of the pack's ladder that this account can take, where this one could not be."""
    effect = Action(row.effect)
    if connector is None or not row.wanted or effect not in ladder or row.state == EnforcementState.UNKNOWN.value:
        return None
    return next_rung(ladder, effect, connector.can())


def check_tick(engine: Engine, connectors: Mapping[str, Connector], task_id: int, clock: Callable[[], datetime]) -> str:
    """Read the platform after a person ticked a task; return what came of it.

    Raises:
        ConnectorError: The platform cannot be asked now.
    """
    with reading(engine) as database:
        task = tasks.of(database, task_id)
        row = None if task is None or task.enforcement_id is None else leases.row_of(database, task.enforcement_id)
    if task is None or task.state != "ticked":
        return "the task is not open any more"
    connector = None if row is None else connectors.get(row.connection_id)
    seen = None
    if connector is not None and row is not None:
        seen = connector.read_back(leases.job_of(row, row.attempts, row.fence))
    with writing(engine) as database:
        if row is not None and seen is not None and seen != row.wanted:
            tasks.reopen(database, task_id)
            return "the platform shows otherwise: the task is open again"
        tasks.accept(database, task, seen, clock())
    return "done" if seen is None else "done, and read back"
