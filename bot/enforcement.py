"""Carries out the outbox: leased, fenced, read before a retry, read back after, never forgotten."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection as Database
from sqlalchemy import Engine
from tenacity import RetryCallState
from tenacity.wait import wait_exponential_jitter

from connectors.base import (
    AuthFailed,
    Connector,
    ConnectorError,
    Keyed,
    MessageGone,
    Paced,
    RateLimited,
    Refused,
    Unavailable,
    Witnessing,
)
from models.domain import Action, Enforcement, EnforcementState, Outcome
from models.session import reading, writing
from models.store import connections, evidence, leases

FAILURES_AT_MOST = 8
UNREADABLE = frozenset({Action.REPORT})
"""Effects that no platform lets us read back: they run at most once. So does what a platform answers None on."""
_HELD_MAIL = frozenset({Action.QUARANTINE, Action.FILE})
_BACKOFF = wait_exponential_jitter(multiplier=5, max=3600, jitter=5)
log = structlog.get_logger()


class _LeaseLost(Exception):
    """Another worker has the row: this one leaves it alone."""


AfterSettling = Callable[[Database, Enforcement, Outcome], None]
"""Called in the transaction that records how a row ended."""


def run_due(
    engine: Engine,
    connectors: Mapping[str, Connector],
    clock: Callable[[], datetime],
    after: AfterSettling = lambda *_: None,
) -> int:
    """Carry out what is due; return how many rows ended."""
    with reading(engine) as database:
        rows = leases.due(database, clock())
    ended = 0
    for row_id in rows:
        with writing(engine) as database:
            job = leases.lease(database, row_id, clock())
        if job is not None:
            ended += _carry_out(engine, connectors, job, clock, after)
    return ended


def _carry_out(
    engine: Engine,
    connectors: Mapping[str, Connector],
    job: Enforcement,
    clock: Callable[[], datetime],
    after: AfterSettling,
) -> bool:
    connector = connectors.get(job.connection_id)
    if connector is None:
        return _settle(
            engine, job, Outcome(EnforcementState.MANUAL, "its connection is not set up any more"), clock, after
        )
    if _must_wait(engine, connector, job, clock):
        return False
    _keep_evidence(engine, connector, job, clock)
    try:
        ended = _attempt(engine, connector, job, clock)
    except _LeaseLost:
        log.warning("lease_lost", id=job.enforcement_id)
        return False
    if isinstance(ended, ConnectorError):
        return _again_later(engine, job, ended, clock, after)
    return _settle(engine, job, ended, clock, after)


def _attempt(
    engine: Engine, connector: Connector, job: Enforcement, clock: Callable[[], datetime]
) -> Outcome | ConnectorError:
    """Return how the row ends, or the error after which it is tried again."""
    try:
        return _act(engine, connector, job, clock)
    except _LeaseLost:
        raise
    except MessageGone as error:
        return _gone(job, error)
    except Refused as error:
        return Outcome(EnforcementState.REFUSED, str(error))
    except ConnectorError as error:
        return error
    except Exception as error:
        log.exception("connector_fault", id=job.enforcement_id, effect=job.effect)
        return Unavailable(f"a fault in the connector: {type(error).__name__}")


def _must_wait(engine: Engine, connector: Connector, job: Enforcement, clock: Callable[[], datetime]) -> bool:
    """Put the row back where the platform's pace is used up: rescheduled, never slept."""
    if not isinstance(connector, Paced):
        return False
    now = clock()
    with writing(engine) as database:
        pace = connector.pace
        wait = connections.take_token(database, job.connection_id, pace.calls, pace.per_s, now)
        if wait:
            leases.postpone(database, job, now + wait, "the pace of the platform is used up", called=False)
    return bool(wait)


def _keep_evidence(engine: Engine, connector: Connector, job: Enforcement, clock: Callable[[], datetime]) -> None:
    """Keep the message, and what the platform shows around it, before anything is done; the author may delete it."""
    if job.message_id is None or not job.wanted or job.attempts > 1:
        return
    more: Mapping[str, bytes] = {}
    if isinstance(connector, Witnessing):
        try:
            more = connector.witness(job)
        except Exception as error:  # noqa: BLE001 - the message itself is kept already; this is more than that
            log.warning("no_witness", id=job.enforcement_id, error=type(error).__name__)
            more = {"not_given": f"the platform did not give it: {type(error).__name__}".encode()}
    with writing(engine) as database:
        evidence.keep(database, job.message_id, clock())
        evidence.add(database, job.message_id, more, clock())


def _act(engine: Engine, connector: Connector, job: Enforcement, clock: Callable[[], datetime]) -> Outcome:
    readable = job.effect not in UNREADABLE
    if job.attempts > 1 or job.generation > 1:
        seen = connector.read_back(job) if readable else None
        if seen == job.wanted:
            return Outcome(EnforcementState.ALREADY_DONE, "the platform showed it so already", seen)
        if seen is None and job.uncertain and not _keyed(connector, job):
            return Outcome(EnforcementState.UNKNOWN, "an earlier attempt may have succeeded")
    with reading(engine) as database:
        if not leases.holds(database, job, clock()):
            raise _LeaseLost
    outcome = connector.act(job)
    seen = connector.read_back(job) if readable else None
    if seen is not None and seen != job.wanted and not outcome.state.needs_person:
        raise Unavailable("the platform does not show the effect yet")
    return Outcome(outcome.state, outcome.detail, seen)


def _keyed(connector: Connector, job: Enforcement) -> bool:
    return isinstance(connector, Keyed) and job.effect in connector.keyed


def _gone(job: Enforcement, error: MessageGone) -> Outcome:
    """Say what a target that is gone means: a mail that cannot be given back is a person's matter."""
    if not job.wanted and job.effect in _HELD_MAIL:
        words = f"it is gone from the quarantine ({error}); its original is kept as evidence"
        return Outcome(EnforcementState.MANUAL, words)
    return Outcome(EnforcementState.DONE, f"the target is gone: {error}")


def _settle(
    engine: Engine, job: Enforcement, outcome: Outcome, clock: Callable[[], datetime], after: AfterSettling
) -> bool:
    with writing(engine) as database:
        kept = leases.settle(database, job, outcome, clock())
        if kept:
            after(database, job, outcome)
    log.info(
        "enforcement", id=job.enforcement_id, effect=job.effect, wanted=job.wanted, state=outcome.state, fence_held=kept
    )
    return kept


def _again_later(
    engine: Engine, job: Enforcement, error: ConnectorError, clock: Callable[[], datetime], after: AfterSettling
) -> bool:
    """Put the row back with a pause fit for the error; after too many failures it is dead and told."""
    now = clock()
    failed = not isinstance(error, RateLimited | AuthFailed)
    if failed and job.failures + 1 >= FAILURES_AT_MOST:
        words = f"given up after {job.attempts} attempts: {error}"
        return _settle(engine, job, Outcome(EnforcementState.DEAD, words), clock, after)
    until = now + _pause(job, error)
    with writing(engine) as database:
        leases.postpone(database, job, until, str(error), called=failed, failed=failed)
        if isinstance(error, RateLimited):
            leases.hold_back(database, job.connection_id, job.effect, until)
        elif isinstance(error, AuthFailed):
            connections.pause(database, job.connection_id, "porthor", error.trouble, str(error), now)
    log.warning("enforcement_postponed", id=job.enforcement_id, effect=job.effect, why=type(error).__name__)
    return False


def _pause(job: Enforcement, error: ConnectorError) -> timedelta:
    if isinstance(error, RateLimited):
        return timedelta(seconds=max(1.0, error.retry_after_s))
    if isinstance(error, AuthFailed):
        return timedelta(0)
    return backoff(job.failures + 1)


def backoff(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: longer each time, with jitter."""
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
    state.attempt_number = failures
    return timedelta(seconds=_BACKOFF(state))
