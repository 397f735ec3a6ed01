"""Campaigns over time: how many messages of how many people, through which channels, and how many places they reached."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from models.domain import Channel
from models.policy.clocks import LONDON
from models.tables import case, case_item, message

SHOWN_AT_MOST, AT_ONCE = 15, 500


@dataclass(frozen=True, slots=True)
class Cluster:
    """One campaign within a time. `places` are the addresses and threads it reached; `days` counts its messages by day.

    `channels` and `days` are in order; days are those of London.
    """

    case_id: int
    state: str
    messages: int
    people: int
    channels: tuple[str, ...]
    places: int
    days: tuple[tuple[date, int], ...]


@dataclass(slots=True)
class Kept:
    """What is kept of a campaign: how its case stood, when its first and last message were taken in, and the whole of it once read."""

    mark: tuple[int, str]
    first: datetime
    last: datetime
    whole: Cluster | None = None


Known = dict[int, Kept]


def clusters(connection: Connection, since: datetime, org: str, known: Known | None = None) -> list[Cluster]:
    """Return the largest campaigns that had messages taken in since then, at most `SHOWN_AT_MOST`, the earliest first.

    A campaign whose case has not changed since it came into `known` is not read again, unless a part of it lies before `since`.
    """
    kept = {} if known is None else known
    there = [number for number in _looked_over(connection, org, kept) if kept[number].last >= since]
    read = _read(connection, [n for n in there if kept[n].whole is None or kept[n].first < since], since)
    found = []
    for number in there:
        one = kept[number]
        cluster = _cluster(read[number]) if number in read else one.whole
        if cluster is not None:
            found.append(cluster)
            one.whole = cluster if one.first >= since else one.whole
    largest = sorted(found, key=lambda one: (-one.messages, one.case_id))[:SHOWN_AT_MOST]
    return sorted(largest, key=lambda one: (one.days[0][0], one.case_id))


def _looked_over(connection: Connection, org: str, kept: Known) -> list[int]:
    """Return the campaigns of an organisation that hold messages; look over those that changed since they came into `kept`."""
    query = select(case.c.id, case.c.version, case.c.state).where(case.c.campaign)
    rows = connection.execute(query.where(case.c.org == org) if org else query)
    stands = {row.id: (row.version, row.state) for row in rows}
    changed = [number for number, mark in stands.items() if number not in kept or kept[number].mark != mark]
    spans = (
        select(case_item.c.case_id, func.min(message.c.taken_in_at), func.max(message.c.taken_in_at))
        .join(message, message.c.id == case_item.c.message_id)
        .group_by(case_item.c.case_id)
    )
    for number in changed:
        kept.pop(number, None)
    for at in range(0, len(changed), AT_ONCE):
        some = spans.where(case_item.c.case_id.in_(changed[at : at + AT_ONCE]))
        for number, first, last in connection.execute(some):
            kept[number] = Kept(stands[number], first, last)
    return [number for number in stands if number in kept]


def _read(connection: Connection, numbers: Sequence[int], since: datetime) -> dict[int, list[Any]]:
    """Return the messages of campaigns taken in since then, in order of time, by case."""
    query = (
        select(case.c.id, case.c.state, message.c.contact_id, message.c.channel, message.c.received_at)
        .add_columns(message.c.connection_id, message.c.thread, message.c.native_id, message.c.detail)
        .join(case_item, case_item.c.case_id == case.c.id)
        .join(message, message.c.id == case_item.c.message_id)
        .where(message.c.taken_in_at >= since)
        .order_by(case.c.id, message.c.received_at)
    )
    found: dict[int, list[Any]] = {}
    for at in range(0, len(numbers), AT_ONCE):
        for row in connection.execute(query.where(case.c.id.in_(numbers[at : at + AT_ONCE]))):
            found.setdefault(row.id, []).append(row)
    return found


def _cluster(items: list[Any]) -> Cluster:
    days = Counter(item.received_at.astimezone(LONDON).date() for item in items)
    places = {place for item in items for place in _places(item)}
    return Cluster(
        items[0].id,
        items[0].state,
        len(items),
        len({item.contact_id for item in items}),
        tuple(name for name, _ in Counter(item.channel for item in items).most_common()),
        len(places),
        tuple(sorted(days.items())),
    )


def _places(item: Any) -> set[tuple[str, str]]:
    """Return where a message arrived: the addresses of a mail, the thread of a post."""
    if item.channel == Channel.EMAIL.value:
        given = {address.casefold() for address in (*item.detail["to"], *item.detail["cc"])}
        return {("mail", address) for address in given or {item.connection_id}}
    return {(item.connection_id, item.thread or item.native_id)}
