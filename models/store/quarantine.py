"""What is held now, on every connection: searched, summed up, and released by a person's verdict on its case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from models.domain import Action, EnforcementState, VerdictKind
from models.store import cases, outbox
from models.tables import case, case_item, decision, enforcement, message

HELD = (Action.HIDE.value, Action.QUARANTINE.value)
_STANDS = tuple(
    state.value
    for state in (
        EnforcementState.PENDING,
        EnforcementState.LEASED,
        EnforcementState.DONE,
        EnforcementState.ALREADY_DONE,
    )
)


@dataclass(frozen=True, slots=True)
class HeldFilter:
    """What the list of held messages is narrowed to; empty means all. `by` is `machine` or `person`."""

    text: str = ""
    org: str = ""
    channel: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """How much is held of one organisation and channel, since when, and how much of it a person confirmed."""

    org: str
    channel: str
    count: int
    confirmed: int
    oldest: datetime
    next_release: datetime | None


def _held() -> Select[Any]:
    """Return the query of every message that is held: the latest generation of its effect asks for it."""
    decided = and_(decision.c.message_id == message.c.id, decision.c.revision == message.c.revision)
    return (
        select(
            message.c.id,
            message.c.org,
            message.c.channel,
            message.c.author,
            message.c.author_name,
            message.c.subject,
            message.c.own_text,
            message.c.lang,
            message.c.received_at,
            enforcement.c.effect,
            enforcement.c.connection_id,
            enforcement.c.created_at.label("held_at"),
            enforcement.c.provisional_until,
            enforcement.c.verdict_id,
            decision.c.why_en,
            decision.c.why_cy,
            decision.c.clauses,
            case.c.id.label("case_id"),
            case.c.version,
            case.c.state,
        )
        .select_from(enforcement)
        .join(message, message.c.id == enforcement.c.message_id)
        .join(decision, decided)
        .join(case_item, case_item.c.message_id == message.c.id)
        .join(case, case.c.id == case_item.c.case_id)
        .where(
            enforcement.c.effect.in_(HELD),
            enforcement.c.target_kind == "message",
            enforcement.c.wanted,
            enforcement.c.state.in_(_STANDS),
            ~outbox.newer().exists(),
        )
    )


def listed(
    connection: Connection, wanted: HeldFilter, limit: int, offset: int = 0
) -> tuple[list[Mapping[str, Any]], int]:
    """Return a page of what is held, what lapses first coming first, and how much there is."""
    query = _narrowed(wanted)
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    order = (enforcement.c.provisional_until.is_(None), enforcement.c.provisional_until, message.c.id)
    rows = connection.execute(query.order_by(*order).limit(limit).offset(offset)).mappings()
    return [dict(row) for row in rows], total


def _narrowed(wanted: HeldFilter) -> Select[Any]:
    query = _held()
    if wanted.org:
        query = query.where(message.c.org == wanted.org)
    if wanted.channel:
        query = query.where(message.c.channel == wanted.channel)
    if wanted.by:
        query = query.where(enforcement.c.provisional_until.is_(None) == (wanted.by == "person"))
    if wanted.text:
        columns = (message.c.own_text, message.c.subject, message.c.author, message.c.author_name)
        query = query.where(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return query


def digest(connection: Connection) -> list[Sum]:
    """Return what is held, summed up by organisation and channel."""
    held = _held().subquery()
    query = (
        select(
            held.c.org,
            held.c.channel,
            func.count(),
            func.count().filter(held.c.provisional_until.is_(None)),
            func.min(held.c.held_at),
            func.min(held.c.provisional_until),
        )
        .group_by(held.c.org, held.c.channel)
        .order_by(held.c.org, held.c.channel)
    )
    return [Sum(*row) for row in connection.execute(query)]


def of_cases(connection: Connection, case_ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """Return everything that is held in these cases."""
    query = _held().where(case.c.id.in_(list(case_ids))).order_by(case.c.id, message.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def release(
    connection: Connection, audit_key: bytes, versions: Mapping[int, int], by: str, now: datetime, note: str
) -> tuple[int, int]:
    """Deliver these cases, given with the versions that were shown; return how many, and how many had changed."""
    released = moved = 0
    for case_id, version in sorted(versions.items()):
        try:
            with connection.begin_nested():
                cases.record_verdict(connection, audit_key, case_id, version, VerdictKind.DELIVER, (), by, now, note)
        except cases.CaseMoved:
            moved += 1
        else:
            released += 1
    return released, moved
