"""Carries out the outbox: leased, fenced, read before a retry, read back after, never forgotten."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from tenacity import RetryCallState
from tenacity.wait import wait_exponential_jitter

from connectors.base import AuthFailed, Connector, ConnectorError, MessageGone, RateLimited, Refused, Unavailable
from models.domain import Action, Enforcement, EnforcementState, Outcome, Target
from models.session import reading, writing
from models.store import connections, outbox
from models.store.outbox import Wish

ATTEMPTS_AT_MOST = 8
AUTH_PAUSE_S = 900
UNREADABLE = frozenset({Action.REPORT})
"""Effects that can neither be read back nor keyed: they run at most once."""
_BACKOFF = wait_exponential_jitter(multiplier=5, max=3600, jitter=5)
log = structlog.get_logger()


def run_due(engine: Engine, connectors: Mapping[str, Connector], clock: Callable[[], datetime]) -> int:
    """Carry out what is due; return how many rows ended."""
    with reading(engine) as database:
        rows = outbox.due(database, clock())
    ended = 0
    for row_id in rows:
        with writing(engine) as database:
            job = outbox.lease(database, row_id, clock())
        if job is not None:
            ended += _carry_out(engine, connectors, job, clock)
    return ended


def _carry_out(
    engine: Engine, connectors: Mapping[str, Connector], job: Enforcement, clock: Callable[[], datetime]
) -> bool:
    connector = connectors.get(job.connection_id)
    if connector is None:
        return _settle(engine, job, Outcome(EnforcementState.MANUAL, "its connection is not set up any more"), clock)
    if job.attempts > 1 and job.effect in UNREADABLE:
        return _settle(engine, job, Outcome(EnforcementState.UNKNOWN, "an earlier attempt may have succeeded"), clock)
    try:
        outcome = _act(connector, job)
    except MessageGone as error:
        return _settle(engine, job, Outcome(EnforcementState.DONE, f"the target is gone: {error}"), clock)
    except Refused as error:
        return _settle(engine, job, Outcome(EnforcementState.REFUSED, str(error)), clock)
    except ConnectorError as error:
        return _again_later(engine, job, error, clock)
    return _settle(engine, job, outcome, clock)


def _act(connector: Connector, job: Enforcement) -> Outcome:
    if job.attempts > 1 and connector.read_back(job) == job.wanted:
        return Outcome(EnforcementState.ALREADY_DONE, "an earlier attempt had done it", job.wanted)
    outcome = connector.act(job)
    seen = connector.read_back(job)
    if seen is not None and seen != job.wanted and not outcome.state.terminal:
        raise Unavailable("the platform does not show the effect yet")
    return Outcome(outcome.state, outcome.detail, seen)


def _settle(engine: Engine, job: Enforcement, outcome: Outcome, clock: Callable[[], datetime]) -> bool:
    with writing(engine) as database:
        kept = outbox.settle(database, job, outcome, clock())
    log.info(
        "enforcement", id=job.enforcement_id, effect=job.effect, wanted=job.wanted, state=outcome.state, fence_held=kept
    )
    return kept


def _again_later(engine: Engine, job: Enforcement, error: ConnectorError, clock: Callable[[], datetime]) -> bool:
    """Put the row back with a pause fit for the error; after too many attempts it is dead and told."""
    if job.attempts >= ATTEMPTS_AT_MOST and not isinstance(error, RateLimited):
        return _settle(
            engine, job, Outcome(EnforcementState.DEAD, f"given up after {job.attempts} attempts: {error}"), clock
        )
    with writing(engine) as database:
        outbox.postpone(database, job, clock() + _pause(job, error), str(error))
        if isinstance(error, AuthFailed):
            connections.report_trouble(database, job.connection_id, str(error))
    return False


def _pause(job: Enforcement, error: ConnectorError) -> timedelta:
    if isinstance(error, RateLimited):
        return timedelta(seconds=error.retry_after_s)
    if isinstance(error, AuthFailed):
        return timedelta(seconds=AUTH_PAUSE_S)
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
    state.attempt_number = job.attempts
    return timedelta(seconds=_BACKOFF(state))


def lift_lapsed(engine: Engine, clock: Callable[[], datetime]) -> int:
    """Undo every provisional effect that nobody confirmed in time; return how many."""
    lifted = 0
    with writing(engine) as database:
        for row in outbox.lapsed(database, clock()):
            target = Target(row.target_kind, row.target_id)
            wish = Wish(row.connection_id, target, Action(row.effect), wanted=False, message_id=row.message_id)
            lifted += outbox.enter(database, wish, clock()) is not None
    return lifted
