"""Cases as people see them: the queue, one card, and the verdict that closes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from models.domain import Action, VerdictKind
from models.store import audit
from models.tables import (
    account,
    case,
    case_item,
    contact,
    decision,
    enforcement,
    evidence,
    message,
    signal,
    verdict,
)


class CaseMoved(Exception):
    """The case changed since it was shown; `by` gave the last verdict, if anybody did."""

    def __init__(self, by: str | None) -> None:
        super().__init__(f"the case was changed by {by}" if by else "something new arrived in the case")
        self.by = by


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a list of cases is narrowed to; empty means all."""

    state: str = "open"
    channel: str = ""
    label: str = ""
    lang: str = ""
    handling: str = ""
    org: str = ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: a case, its gravest message and what was decided about it."""

    case: Mapping[str, Any]
    contact_name: str
    top: Mapping[str, Any]
    items: int


@dataclass(frozen=True, slots=True)
class CardItem:
    """One message of a case with everything known about it."""

    message: Mapping[str, Any]
    decision: Mapping[str, Any]
    signals: tuple[Mapping[str, Any], ...]
    enforcements: tuple[Mapping[str, Any], ...]
    evidence_bytes: int


@dataclass(frozen=True, slots=True)
class Card:
    """A case opened: its messages (newest first), the person and what people decided."""

    case: Mapping[str, Any]
    contact: Mapping[str, Any]
    accounts: tuple[Mapping[str, Any], ...]
    items: tuple[CardItem, ...]
    earlier: tuple[Mapping[str, Any], ...]
    verdicts: tuple[Mapping[str, Any], ...]


def queue(connection: Connection, wanted: QueueFilter, limit: int, offset: int) -> tuple[list[QueueRow], int]:
    """Return a page of cases, urgent first, then by weight, then the longest waiting; and how many there are."""
    ids = _matching(wanted)
    total = connection.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
    order = (case.c.attention.desc(), case.c.weight.desc(), case.c.opened_at, case.c.id)
    page = select(case, contact.c.name).join(contact, contact.c.id == case.c.contact_id).where(case.c.id.in_(ids))
    rows = [dict(row) for row in connection.execute(page.order_by(*order).limit(limit).offset(offset)).mappings()]
    tops = _tops(connection, [row["id"] for row in rows])
    return [QueueRow(row, row["name"], *tops[row["id"]]) for row in rows if row["id"] in tops], total


def _matching(wanted: QueueFilter) -> Select[tuple[int]]:
    query = select(case.c.id).where(case.c.state == wanted.state)
    if wanted.org:
        query = query.where(case.c.org == wanted.org)
    inner = select(case_item.c.case_id).join(message, message.c.id == case_item.c.message_id)
    if wanted.channel:
        query = query.where(case.c.id.in_(inner.where(message.c.channel == wanted.channel)))
    if wanted.lang:
        query = query.where(case.c.id.in_(inner.where(message.c.lang == wanted.lang)))
    if wanted.label:
        labelled = inner.join(signal, signal.c.message_id == message.c.id)
        query = query.where(case.c.id.in_(labelled.where(signal.c.label == wanted.label, signal.c.probability >= 0.5)))
    if wanted.handling:
        decided = inner.join(decision, decision.c.message_id == message.c.id)
        query = query.where(case.c.id.in_(decided.where(decision.c.handling == wanted.handling)))
    return query


def _tops(connection: Connection, case_ids: Sequence[int]) -> dict[int, tuple[Mapping[str, Any], int]]:
    query = (
        select(case_item.c.case_id, message, *_decision_columns())
        .join(message, message.c.id == case_item.c.message_id)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(case_item.c.case_id.in_(list(case_ids)))
        .order_by(decision.c.attention.desc(), message.c.received_at.desc(), message.c.id.desc())
    )
    tops: dict[int, tuple[Mapping[str, Any], int]] = {}
    for row in connection.execute(query).mappings():
        first, count = tops.get(row["case_id"], (dict(row), 0))
        tops[row["case_id"]] = (first, count + 1)
    return tops


def _decision_columns() -> list[Any]:
    return [column.label(f"decision_{column.name}") for column in decision.c]


def card(connection: Connection, case_id: int) -> Card | None:
    """Return a case with all that belongs to it, or None when there is none."""
    row = connection.execute(select(case).where(case.c.id == case_id)).mappings().first()
    if row is None:
        return None
    ids = list(connection.execute(select(case_item.c.message_id).where(case_item.c.case_id == case_id)).scalars())
    who = connection.execute(select(contact).where(contact.c.id == row["contact_id"])).mappings().one()
    return Card(
        case=dict(row),
        contact=dict(who),
        accounts=_all(connection, select(account).where(account.c.contact_id == row["contact_id"])),
        items=tuple(_item(connection, message_id) for message_id in _newest_first(connection, ids)),
        earlier=_earlier(connection, row["contact_id"], ids),
        verdicts=_all(connection, select(verdict).where(verdict.c.case_id == case_id).order_by(verdict.c.id)),
    )


def _all(connection: Connection, query: Select[Any]) -> tuple[Mapping[str, Any], ...]:
    return tuple(dict(row) for row in connection.execute(query).mappings())


def _newest_first(connection: Connection, ids: Sequence[int]) -> list[int]:
    query = select(message.c.id).join(decision, decision.c.message_id == message.c.id).where(message.c.id.in_(ids))
    order = (decision.c.attention.desc(), message.c.received_at.desc(), message.c.id.desc())
    return list(dict.fromkeys(connection.execute(query.order_by(*order)).scalars()))


def _item(connection: Connection, message_id: int) -> CardItem:
    row = connection.execute(select(message).where(message.c.id == message_id)).mappings().one()
    last = select(decision).where(decision.c.message_id == message_id).order_by(decision.c.revision.desc()).limit(1)
    found = select(signal).where(signal.c.message_id == message_id).order_by(signal.c.probability.desc())
    acts = select(enforcement).where(enforcement.c.message_id == message_id).order_by(enforcement.c.id)
    size = connection.execute(select(evidence.c.size_bytes).where(evidence.c.sha256 == row["raw_sha256"])).scalar_one()
    return CardItem(
        message=dict(row),
        decision=dict(connection.execute(last).mappings().one()),
        signals=_all(connection, found),
        enforcements=_all(connection, acts),
        evidence_bytes=size,
    )


def item(connection: Connection, message_id: int) -> CardItem | None:
    """Return one decided message, or None."""
    decided = connection.execute(select(decision.c.id).where(decision.c.message_id == message_id)).first()
    return None if decided is None else _item(connection, message_id)


def _earlier(connection: Connection, contact_id: int, but: Sequence[int]) -> tuple[Mapping[str, Any], ...]:
    query = (
        select(message, decision.c.handling, decision.c.why_en, decision.c.why_cy, decision.c.clauses)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.contact_id == contact_id, message.c.id.not_in(list(but)))
        .order_by(message.c.received_at.desc())
        .limit(20)
    )
    return _all(connection, query)


def record_verdict(
    connection: Connection,
    audit_key: bytes,
    case_id: int,
    version: int,
    kind: VerdictKind,
    actions: Sequence[Action],
    by: str,
    at: datetime,
    note: str = "",
) -> int:
    """Write a person's verdict, the case's new state and the audit event in the caller's transaction.

    Raises:
        CaseMoved: The case is no longer at `version`.
    """
    state = {VerdictKind.ESCALATE: "escalated", VerdictKind.UNDO: "open"}.get(kind, "closed")
    moved = connection.execute(
        update(case)
        .where(case.c.id == case_id, case.c.version == version)
        .values(state=state, version=version + 1, updated_at=at)
    )
    if not moved.rowcount:
        last = select(verdict.c.by).where(verdict.c.case_id == case_id, verdict.c.case_version >= version)
        raise CaseMoved(connection.execute(last.order_by(verdict.c.id.desc())).scalar())
    names = [action.value for action in actions]
    made = connection.execute(
        insert(verdict).values(
            case_id=case_id, case_version=version, kind=kind.value, actions=names, by=by, at=at, note=note
        )
    )
    audit.append(
        connection,
        audit_key,
        at,
        by,
        f"verdict.{kind.value}",
        f"case:{case_id}",
        {"actions": names, "version": version},
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def counts(connection: Connection) -> dict[str, int]:
    """Return how many cases stand open, urgent, escalated and closed."""
    query = select(case.c.state, case.c.attention, func.count()).group_by(case.c.state, case.c.attention)
    found = {"open": 0, "urgent": 0, "escalated": 0, "closed": 0}
    for state, attention, number in connection.execute(query):
        found[state] = found.get(state, 0) + number
        if state == "open" and attention == 2:
            found["urgent"] += number
    return found


def unaccounted(connection: Connection) -> list[int]:
    """Return the messages that are neither decided nor, where a person must look, in a case: always empty in the end."""
    undecided = select(message.c.id).where(message.c.decided < message.c.revision)
    orphaned = (
        select(message.c.id)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(
            decision.c.attention > 0,
            ~select(case_item.c.case_id).where(case_item.c.message_id == message.c.id).exists(),
        )
    )
    return [*connection.execute(undecided).scalars(), *connection.execute(orphaned).scalars()]
