"""One case opened: its messages with all that is known of them, the person, the thread, and what people decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from models.formal_tables import measure
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
from models.tables import (
    connection as connection_table,
)

ITEMS_AT_MOST = 300
MANY_AT_MOST = 500
EARLIER_AT_MOST = 20
THREAD_AT_MOST = 12


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
    """A case opened: its messages (gravest and newest first), the person and what people decided.

    `count` is how many items there are, of which `items` holds at most `ITEMS_AT_MOST`. `can` maps a connection
    to the effects its platform offers. `earlier` are other messages of the person, with their signals.
    """

    case: Mapping[str, Any]
    contact: Mapping[str, Any]
    accounts: tuple[Mapping[str, Any], ...]
    items: tuple[CardItem, ...]
    count: int
    earlier: tuple[Mapping[str, Any], ...]
    measures: tuple[Mapping[str, Any], ...]
    verdicts: tuple[Mapping[str, Any], ...]
    can: Mapping[str, frozenset[str]]


def card(connection: Connection, case_id: int) -> Card | None:
    """Return a case with all that belongs to it, or None when there is none."""
    row = connection.execute(select(case).where(case.c.id == case_id)).mappings().first()
    if row is None:
        return None
    ids = _gravest_first(connection, case_id)
    who = connection.execute(select(contact).where(contact.c.id == row["contact_id"])).mappings().one()
    items = _items(connection, ids)
    taken = select(measure).where(measure.c.contact_id == row["contact_id"]).order_by(measure.c.at.desc())
    return Card(
        case=dict(row),
        contact=dict(who),
        accounts=_all(connection, select(account).where(account.c.contact_id == row["contact_id"])),
        items=items,
        count=connection.execute(select(func.count()).where(case_item.c.case_id == case_id)).scalar_one(),
        earlier=() if row["campaign"] else _earlier(connection, row["contact_id"], ids),
        measures=() if row["campaign"] else _all(connection, taken.limit(EARLIER_AT_MOST)),
        verdicts=_all(connection, select(verdict).where(verdict.c.case_id == case_id).order_by(verdict.c.id)),
        can=_can(connection, {item.message["connection_id"] for item in items}),
    )


def many(connection: Connection, case_ids: Sequence[int]) -> list[Card]:
    """Return cases with their messages alone, in the order of `case_ids`: enough to say what a verdict would do."""
    rows = {row["id"]: row for row in _all(connection, select(case).where(case.c.id.in_(list(case_ids))))}
    held = select(case_item.c.message_id, case_item.c.case_id).where(case_item.c.case_id.in_(list(rows)))
    place = {row.message_id: row.case_id for row in connection.execute(held)}
    ids, found = sorted(place), dict[int, list[CardItem]]()
    for at in range(0, len(ids), MANY_AT_MOST):
        for entry in _items(connection, ids[at : at + MANY_AT_MOST]):
            found.setdefault(place[entry.message["id"]], []).append(entry)
    can = _can(connection, {entry.message["connection_id"] for entries in found.values() for entry in entries})
    return [
        Card(rows[number], {}, (), tuple(found[number]), len(found[number]), (), (), (), can)
        for number in case_ids
        if number in found
    ]


def _all(connection: Connection, query: Select[Any]) -> tuple[Mapping[str, Any], ...]:
    return tuple(dict(row) for row in connection.execute(query).mappings())


def _gravest_first(connection: Connection, case_id: int) -> list[int]:
    query = (
        select(message.c.id)
        .join(case_item, case_item.c.message_id == message.c.id)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(case_item.c.case_id == case_id)
        .order_by(decision.c.attention.desc(), message.c.received_at.desc(), message.c.id.desc())
        .limit(ITEMS_AT_MOST)
    )
    return list(connection.execute(query).scalars())


def _items(connection: Connection, ids: Sequence[int]) -> tuple[CardItem, ...]:
    """Return the messages in the order of `ids`, with five questions for all of them."""
    messages = {row["id"]: row for row in _all(connection, select(message).where(message.c.id.in_(ids)))}
    decided = select(decision).where(decision.c.message_id.in_(ids)).order_by(decision.c.revision)
    decisions = {row["message_id"]: row for row in _all(connection, decided)}
    signals = signals_of(connection, ids)
    acts = _grouped(connection, select(enforcement).where(enforcement.c.message_id.in_(ids)).order_by(enforcement.c.id))
    sizes = select(message.c.id, evidence.c.size_bytes).join(evidence, evidence.c.sha256 == message.c.raw_sha256)
    size = {row.id: row.size_bytes for row in connection.execute(sizes.where(message.c.id.in_(ids)))}
    return tuple(
        CardItem(messages[number], decisions[number], signals.get(number, ()), acts.get(number, ()), size[number])
        for number in ids
        if number in messages and number in decisions
    )


def signals_of(connection: Connection, ids: Iterable[int]) -> dict[int, tuple[Mapping[str, Any], ...]]:
    """Return the signals of each message, likeliest first."""
    query = select(signal).where(signal.c.message_id.in_(list(ids))).order_by(signal.c.probability.desc())
    return _grouped(connection, query)


def with_signals(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return message rows with their `signals`, so that a page can hide harsh words in them."""
    found = signals_of(connection, [row["id"] for row in rows])
    return tuple({**row, "signals": found.get(row["id"], ())} for row in rows)


def _grouped(connection: Connection, query: Select[Any]) -> dict[int, tuple[Mapping[str, Any], ...]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in _all(connection, query):
        found.setdefault(row["message_id"], []).append(row)
    return {number: tuple(rows) for number, rows in found.items()}


def _can(connection: Connection, names: Iterable[str]) -> dict[str, frozenset[str]]:
    query = select(connection_table.c.id, connection_table.c.can).where(connection_table.c.id.in_(list(names)))
    return {row.id: frozenset(row.can) for row in connection.execute(query)}


def item(connection: Connection, message_id: int) -> CardItem | None:
    """Return one decided message, or None."""
    found = _items(connection, [message_id])
    return found[0] if found else None


def _earlier(connection: Connection, contact_id: int, but: Sequence[int]) -> tuple[Mapping[str, Any], ...]:
    query = (
        select(message, decision.c.handling, decision.c.why_en, decision.c.why_cy, decision.c.clauses)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.contact_id == contact_id, message.c.id.not_in(list(but)))
        .order_by(message.c.received_at.desc())
        .limit(EARLIER_AT_MOST)
    )
    return _with_signals(connection, _all(connection, query))


def _with_signals(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    found = signals_of(connection, [row["id"] for row in rows])
    return tuple({**row, "signals": found.get(row["id"], ())} for row in rows)


def thread(connection: Connection, about: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return what was said in the same thread, oldest first, with what `about` replies to marked `replied_to`."""
    parent = about["detail"]["reply_to_id"]
    near = message.c.connection_id == about["connection_id"]
    places = []
    if about["thread"] is not None:
        places.append(message.c.thread == about["thread"])
    if parent:
        places += [message.c.native_id == parent, message.c.message_id == parent]
    if not places:
        return ()
    query = (
        select(message)
        .where(near, or_(*places), message.c.id != about["id"])
        .order_by(message.c.received_at.desc())
        .limit(THREAD_AT_MOST)
    )
    rows = _with_signals(connection, _all(connection, query)[::-1])
    return tuple({**row, "replied_to": parent and parent in {row["native_id"], row["message_id"]}} for row in rows)
