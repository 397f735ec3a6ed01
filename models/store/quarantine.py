"""What is held now, on every connection: searched, summed up, and released by a person's verdict on its case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, true
from sqlalchemy import case as sql_case

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


_SHOWN: tuple[ColumnElement[Any], ...] = (
    *(message.c[name] for name in ("id", "org", "channel", "author", "author_name", "subject", "own_text", "lang")),
    message.c.received_at,
    *(enforcement.c[name] for name in ("effect", "connection_id", "provisional_until", "verdict_id")),
    enforcement.c.created_at.label("held_at"),
    *(decision.c[name] for name in ("why_en", "why_cy", "clauses")),
    case.c.id.label("case_id"),
    case.c.version,
    case.c.state,
)


def _held(*columns: ColumnElement[Any]) -> Select[Any]:
    """Return the query of every message that is held and decided: the latest generation of its effect asks for it."""
    return (
        select(*columns)
        .select_from(enforcement)
        .join(message, message.c.id == enforcement.c.message_id)
        .join(case_item, case_item.c.message_id == message.c.id)
        .where(
            enforcement.c.effect.in_(HELD),
            enforcement.c.target_kind == "message",
            enforcement.c.wanted,
            enforcement.c.state.in_(_STANDS),
            message.c.decided == message.c.revision,
            ~outbox.newer().exists(),
        )
    )


def _shown(query: Select[Any]) -> Select[Any]:
    """Return the query with the decision and the case of each message."""
    decided = and_(decision.c.message_id == message.c.id, decision.c.revision == message.c.revision)
    return query.join(decision, decided).join(case, case.c.id == case_item.c.case_id)


@dataclass(frozen=True, slots=True)
class Survey:
    """What is held: `effects`, by number, of what a filter leaves, what lapses first coming first; `sums` of all of it."""

    effects: tuple[int, ...]
    sums: tuple[Sum, ...]


def survey(connection: Connection, wanted: HeldFilter) -> Survey:
    """Return what is held, with one look at it."""
    fits = sql_case((_fitting(wanted), 1), else_=0)
    columns = (
        enforcement.c.id,
        message.c.org,
        message.c.channel,
        enforcement.c.created_at,
        enforcement.c.provisional_until,
    )
    effects: list[int] = []
    held: dict[tuple[str, str], list[tuple[datetime, datetime | None]]] = {}
    for number, org, channel, at, until, wants in connection.execute(_held(*columns, fits).order_by(*_ORDER)):
        held.setdefault((org, channel), []).append((at, until))
        if wants:
            effects.append(number)
    return Survey(tuple(effects), tuple(_sum(*place, times) for place, times in sorted(held.items())))


def _sum(org: str, channel: str, times: Sequence[tuple[datetime, datetime | None]]) -> Sum:
    lapses = [until for _, until in times if until is not None]
    return Sum(
        org, channel, len(times), len(times) - len(lapses), min(at for at, _ in times), min(lapses, default=None)
    )


def shown(connection: Connection, effects: Sequence[int]) -> list[Mapping[str, Any]]:
    """Return these effects with their messages, what lapses first coming first."""
    query = _shown(_held(*_SHOWN)).where(enforcement.c.id.in_(list(effects))).order_by(*_ORDER)
    return [dict(row) for row in connection.execute(query).mappings()]


def listed(
    connection: Connection, wanted: HeldFilter, limit: int, offset: int = 0
) -> tuple[list[Mapping[str, Any]], int]:
    """Return a page of what is held, what lapses first coming first, and how much there is."""
    found = survey(connection, wanted).effects
    return shown(connection, found[offset : offset + limit]), len(found)


def digest(connection: Connection) -> list[Sum]:
    """Return what is held, summed up by organisation and channel."""
    return list(survey(connection, HeldFilter()).sums)


_ORDER = (enforcement.c.provisional_until.is_(None), enforcement.c.provisional_until, message.c.id)


def _fitting(wanted: HeldFilter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    if wanted.org:
        conditions.append(message.c.org == wanted.org)
    if wanted.channel:
        conditions.append(message.c.channel == wanted.channel)
    if wanted.by:
        conditions.append(enforcement.c.provisional_until.is_(None) == (wanted.by == "person"))
    if wanted.text:
        columns = (message.c.own_text, message.c.subject, message.c.author, message.c.author_name)
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return and_(*conditions)


def of_cases(connection: Connection, case_ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """Return everything that is held in these cases."""
    query = _shown(_held(*_SHOWN)).where(case.c.id.in_(list(case_ids))).order_by(case.c.id, message.c.id)
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
