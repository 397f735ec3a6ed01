"""Campaigns over time: how many messages of how many people, through which channels, and how many places they reached."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from models.domain import Channel
from models.policy.clocks import LONDON
from models.tables import case, case_item, message

SHOWN_AT_MOST = 15


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


def clusters(connection: Connection, since: datetime, org: str) -> list[Cluster]:
    """Return the largest campaigns that had messages taken in since then, at most `SHOWN_AT_MOST`, the earliest first."""
    query = (
        select(case.c.id, case.c.state, message.c.contact_id, message.c.channel, message.c.received_at)
        .add_columns(message.c.connection_id, message.c.thread, message.c.native_id, message.c.detail)
        .join(case_item, case_item.c.case_id == case.c.id)
        .join(message, message.c.id == case_item.c.message_id)
        .where(case.c.campaign, message.c.taken_in_at >= since)
        .order_by(case.c.id, message.c.received_at)
    )
    rows = connection.execute(query.where(case.c.org == org) if org else query)
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    largest = sorted(found.values(), key=len, reverse=True)[:SHOWN_AT_MOST]
    return sorted((_cluster(items) for items in largest), key=lambda one: (one.days[0][0], one.case_id))


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
