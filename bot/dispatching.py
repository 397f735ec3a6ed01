"""Sends what can neither be looked up nor taken back: marked before, recorded after, never twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol

import structlog
from sqlalchemy import Engine, Row

from bot import notices, on_call, replies, reviewers
from bot.enforcement import backoff
from bot.letters import outgoing
from bot.letters.notify import NotifyPost
from bot.sending import NotSent, Sender, SendRefused
from connectors.base import Refused
from models.domain import EnforcementState, Mode
from models.policy.in_force import PolicyInForce
from models.session import reading, writing
from models.store import alarms, dispatches

ATTEMPTS_AT_MOST = 8
TOO_OLD = timedelta(days=2)
_COMPOSED = {notices.KIND: notices.compose, replies.KIND: replies.compose}
log = structlog.get_logger()


class Teller(Protocol):
    """Something that tells one place, such as `reviewers.AppriseTeller`."""

    def tell(self, reference: str, title: str, body: str) -> None:
        """Tell, or raise `reviewers.NotTold`."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Through what dispatches go out. Without a sender no notice is ever entered."""

    policy_of: Callable[[str, Mode], PolicyInForce]
    teller: Teller
    sender: Sender | None = None
    sender_address: str = ""
    page: str | None = None
    post: NotifyPost | None = None
    policies: Path | None = None
    audit_key: bytes = b""


def run_due(engine: Engine, outlets: Outlets, clock: Callable[[], datetime]) -> int:
    """Send what is due; return how many ended."""
    with reading(engine) as database:
        ids = dispatches.due(database, clock())
    ended = 0
    for row_id in ids:
        with writing(engine) as database:
            row = dispatches.lease(database, row_id, clock())
        if row is not None:
            ended += _send(engine, outlets, row, clock)
    return ended


def _send(engine: Engine, outlets: Outlets, row: Row[Any], clock: Callable[[], datetime]) -> bool:
    if clock() - row.created_at > TOO_OLD:
        return _end(engine, outlets, row, EnforcementState.CANCELLED, "too old to be of use", clock)
    try:
        _call(engine, outlets, row, clock)
    except NotSent as error:
        return _again_later(engine, outlets, row, str(error), clock)
    except (SendRefused, Refused) as error:
        return _end(engine, outlets, row, EnforcementState.REFUSED, str(error), clock)
    except reviewers.NotTold as error:
        return _end(engine, outlets, row, EnforcementState.UNKNOWN, str(error), clock)
    except Exception as error:  # noqa: BLE001 - whatever broke it off, it may have gone out
        return _end(engine, outlets, row, EnforcementState.UNKNOWN, f"broken off: {type(error).__name__}", clock)
    return _end(engine, outlets, row, EnforcementState.DONE, "", clock)


def _call(engine: Engine, outlets: Outlets, row: Row[Any], clock: Callable[[], datetime]) -> None:
    if row.kind in _COMPOSED:
        if outlets.sender is None:
            raise NotSent("no relay is set: add [mail] to the settings")
        outlets.sender.send(_composed(engine, outlets, row, clock()), row.recipient)
        return
    if row.kind in outgoing.KINDS:
        _letter(engine, outlets, row, clock())
        return
    if row.kind == on_call.KIND and row.recipient:
        if outlets.sender is None:
            raise NotSent("no relay is set: add [mail] to the settings")
        outlets.sender.send(on_call.mail(row, outlets.page, outlets.sender_address), row.recipient)
        return
    title, body = (on_call if row.kind == on_call.KIND else reviewers).words(row, outlets.page)
    outlets.teller.tell(row.detail["place"], title, body)


def _letter(engine: Engine, outlets: Outlets, row: Row[Any], now: datetime) -> None:
    pack = outlets.policy_of(row.org, Mode.ENFORCE).pack
    with reading(engine) as database:
        parcel = outgoing.parcel(database, row, pack, outlets.sender_address, outlets.policies, now)
    if row.kind == outgoing.NOTIFY:
        if outlets.post is None:
            raise NotSent("GOV.UK Notify is not set: add notify_key to [letters] in the settings")
        outlets.post.send(parcel.pdf, parcel.reference)
        return
    if outlets.sender is None:
        raise NotSent("no relay is set: add [mail] to the settings")
    outlets.sender.send(parcel.mail, row.recipient)


def _composed(engine: Engine, outlets: Outlets, row: Row[Any], now: datetime) -> EmailMessage:
    pack = outlets.policy_of(row.org, Mode.ENFORCE).pack
    with reading(engine) as database:
        return _COMPOSED[row.kind](database, row, pack, outlets.sender_address, now)


def _again_later(engine: Engine, outlets: Outlets, row: Row[Any], why: str, clock: Callable[[], datetime]) -> bool:
    if row.attempts >= ATTEMPTS_AT_MOST:
        return _end(engine, outlets, row, EnforcementState.DEAD, why, clock)
    with writing(engine) as database:
        dispatches.postpone(database, row, clock() + backoff(row.attempts), why)
    return False


def _end(
    engine: Engine, outlets: Outlets, row: Row[Any], state: EnforcementState, why: str, clock: Callable[[], datetime]
) -> bool:
    with writing(engine) as database:
        dispatches.settle(database, row, state, why, clock())
        if row.kind in outgoing.KINDS and state is EnforcementState.DONE:
            pack = outlets.policy_of(row.org, Mode.ENFORCE).pack
            outgoing.arrived(database, outlets.audit_key, row, pack, clock())
        if row.kind in {*reviewers.KINDS, on_call.KIND}:
            _note(database, row, state, why, clock())
    log.info("dispatch", id=row.id, kind=row.kind, state=state)
    return True


def _note(database: Any, row: Row[Any], state: EnforcementState, why: str, now: datetime) -> None:
    key = f"notify:{row.detail['place']}"
    if state.needs_person:
        alarms.raise_one(database, key, "notify", now, answer=why)
    elif state is EnforcementState.DONE:
        alarms.clear(database, key, now)
