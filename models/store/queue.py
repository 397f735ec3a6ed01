"""The queue: which cases wait, in which order, narrowed to what a reviewer asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from models.domain import Attention
from models.formal_tables import measure
from models.queue_tables import case_facet, handed_over
from models.store import cards, facets, search
from models.tables import case, case_item, contact, decision, message

COUNTED_AT_MOST = 1_000
FEW = 4_000
"""A facet that fewer cases have narrows a list down before it is put in order."""
LIVING = ("open", "escalated")


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a list of cases is narrowed to; empty means all.

    `assigned` is a reviewer's name, or `-` for nobody's; `viewer` is who looks: contacts they handed over are
    left out. `queues` are named ones, 0 for the default; what is urgent or speaks of a risk stands in every queue.
    `free_at` leaves out what others hold at that moment. `gentle` puts harsh words last.
    """

    state: str = "open"
    channel: str = ""
    label: str = ""
    clause: str = ""
    lang: str = ""
    handling: str = ""
    org: str = ""
    assigned: str = ""
    restricted: bool = False
    words: str = ""
    viewer: str = ""
    free_at: datetime | None = None
    gentle: bool = False
    grades: tuple[str, ...] = field(default=())
    queues: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue: a case, its gravest message and what was decided about it."""

    case: Mapping[str, Any]
    contact_name: str
    top: Mapping[str, Any]
    items: int
    signals: tuple[Mapping[str, Any], ...] = ()
    people: int = 1


def queue(connection: Connection, wanted: QueueFilter, limit: int, offset: int) -> tuple[list[QueueRow], int]:
    """Return a page of cases, urgent first, then by rank; and how many there are, at most `COUNTED_AT_MOST`."""
    ids = numbers(connection, wanted)
    found, total = ids[offset : offset + limit], len(ids)
    page = select(case, contact.c.name).join(contact, contact.c.id == case.c.contact_id).where(case.c.id.in_(found))
    rows = {row["id"]: dict(row) for row in connection.execute(page).mappings()}
    tops = _tops(connection, found)
    marks = cards.signals_of(connection, [top["id"] for top, _, _ in tops.values()])
    return [
        QueueRow(rows[number], rows[number]["name"], top, items, marks.get(top["id"], ()), people)
        for number in found
        if number in tops
        for top, items, people in [tops[number]]
    ], total


def numbers(connection: Connection, wanted: QueueFilter) -> list[int]:
    """Return the cases of a list, urgent first, then by rank, at most `COUNTED_AT_MOST`."""
    ordered = _matching(connection, wanted).order_by(*_order(wanted)).limit(COUNTED_AT_MOST)
    return list(connection.execute(ordered).scalars())


def following(connection: Connection, wanted: QueueFilter, but: Sequence[int] = ()) -> int | None:
    """Return the first case of a list that is not among `but`, None where there is none."""
    query = _matching(connection, wanted)
    if wanted.viewer:
        query = query.where(or_(case.c.second_by.is_(None), case.c.second_by != wanted.viewer))
    query = query.where(case.c.id.not_in(list(but)))
    found: int | None = connection.execute(query.order_by(*_order(wanted)).limit(1)).scalar()
    return found


def _order(wanted: QueueFilter) -> tuple[Any, ...]:
    if wanted.state == "closed":
        return (case.c.updated_at.desc(), case.c.id.desc())
    gentle = (case.c.harsh,) if wanted.gentle else ()
    return (case.c.attention.desc(), *gentle, case.c.rank.desc(), case.c.id.desc())


def _matching(connection: Connection, wanted: QueueFilter) -> Select[Any]:
    query: Select[Any] = select(case.c.id).where(
        case.c.state != "joined" if wanted.state == "any" else case.c.state == wanted.state
    )
    if wanted.org:
        query = query.where(case.c.org == wanted.org)
    for kind in facets.KINDS:
        if value := getattr(wanted, kind):
            query = query.where(_has(connection, kind, value))
    if wanted.queues:
        query = query.where(_in_queues(wanted.queues))
    if wanted.restricted:
        under = select(measure.c.contact_id).where(measure.c.kind == "restriction", measure.c.state == "standing")
        query = query.where(case.c.contact_id.in_(under))
    found = search.matching(connection, wanted.words) if wanted.words else None
    if found is not None:
        query = query.where(case.c.id.in_(select(case_item.c.case_id).where(case_item.c.message_id.in_(found))))
    return query.where(*_whose(wanted))


def _in_queues(numbers: Sequence[int]) -> ColumnElement[bool]:
    """Return what stands in named queues, and what every queue shows: the urgent, and any sign of a risk or a need."""
    risk = and_(case_facet.c.case_id == case.c.id, case_facet.c.kind == "label", case_facet.c.value.like("welfare.%"))
    everywhere = or_(case.c.attention == Attention.URGENT.value, select(case_facet.c.case_id).where(risk).exists())
    named = case.c.queue_id.in_([number for number in numbers if number])
    return or_(everywhere, named, case.c.queue_id.is_(None)) if 0 in numbers else or_(everywhere, named)


def _has(connection: Connection, kind: str, value: str) -> ColumnElement[bool]:
    """Return the condition that a case has a facet: where few have it they are looked up, else each case is asked in turn."""
    mine = and_(case_facet.c.kind == kind, case_facet.c.value == value)
    some = select(case_facet.c.case_id).where(mine).limit(FEW).subquery()
    if connection.execute(select(func.count()).select_from(some)).scalar_one() < FEW:
        return case.c.id.in_(select(case_facet.c.case_id).where(mine))
    return select(case_facet.c.case_id).where(mine, case_facet.c.case_id == case.c.id).exists()


def _whose(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    """Return what a list is narrowed to by people: whose cases, which grade's, and none that the viewer handed over."""
    asked: list[ColumnElement[bool]] = []
    if wanted.assigned:
        asked.append(case.c.assigned_to.is_(None) if wanted.assigned == "-" else case.c.assigned_to == wanted.assigned)
    if wanted.grades:
        asked.append(case.c.grade.in_(wanted.grades))
    if wanted.viewer:
        given = select(handed_over.c.contact_id).where(handed_over.c.by == wanted.viewer)
        asked.append(case.c.contact_id.not_in(given))
    if wanted.free_at is not None:
        mine = case.c.claimed_by == wanted.viewer
        asked.append(or_(case.c.claimed_by.is_(None), mine, case.c.claimed_until <= wanted.free_at))
    return asked


def _tops(connection: Connection, case_ids: Sequence[int]) -> dict[int, tuple[Mapping[str, Any], int, int]]:
    """Return each case's gravest message, how many items it has and from how many people."""
    number = func.row_number().over(
        partition_by=case_item.c.case_id,
        order_by=(decision.c.attention.desc(), message.c.received_at.desc(), message.c.id.desc()),
    )
    ranked = (
        select(
            case_item.c.case_id, message.c.id, message.c.contact_id, decision.c.id.label("decision"), number.label("n")
        )
        .join(message, message.c.id == case_item.c.message_id)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(case_item.c.case_id.in_(list(case_ids)))
        .subquery()
    )
    counted = select(ranked.c.case_id, func.count(), func.count(ranked.c.contact_id.distinct())).group_by(
        ranked.c.case_id
    )
    many = {row[0]: (row[1], row[2]) for row in connection.execute(counted)}
    query = (
        select(ranked.c.case_id, message, *[column.label(f"decision_{column.name}") for column in decision.c])
        .join(message, message.c.id == ranked.c.id)
        .join(decision, decision.c.id == ranked.c.decision)
        .where(ranked.c.n == 1)
    )
    return {row["case_id"]: (dict(row), *many[row["case_id"]]) for row in connection.execute(query).mappings()}


def counts(connection: Connection) -> dict[str, int]:
    """Return how many cases stand open, urgent and escalated."""
    query = (
        select(case.c.state, case.c.attention, func.count())
        .where(case.c.state.in_(LIVING))
        .group_by(case.c.state, case.c.attention)
    )
    found = {"open": 0, "urgent": 0, "escalated": 0}
    for state, attention, number in connection.execute(query):
        found[state] += number
        found["urgent"] += number if state == "open" and attention == 2 else 0
    return found


def overdue(connection: Connection, now: datetime) -> int:
    """Return how many open cases are past their target, at most `COUNTED_AT_MOST`."""
    late = select(case.c.id).where(case.c.state == "open", case.c.target_at < now).limit(COUNTED_AT_MOST)
    return connection.execute(select(func.count()).select_from(late.subquery())).scalar_one()


def pulse(connection: Connection, now: datetime) -> dict[str, Any]:
    """Return what a reader who looks at the queue wants to hear of: counts, the newest change, who holds what."""
    newest = select(func.max(case.c.id)).where(case.c.state.in_(LIVING))
    held = select(case.c.id, case.c.claimed_by).where(case.c.claimed_until > now).order_by(case.c.id).limit(200)
    return {
        "counts": counts(connection),
        "newest": connection.execute(newest).scalar() or 0,
        "held": {str(row.id): row.claimed_by for row in connection.execute(held)},
    }
