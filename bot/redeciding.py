"""Decides stored messages again: the history that stood before each, with other thresholds or another model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import select

from bot.shadowing import as_candidate
from classifiers.registry import Registry, joined
from models.domain import Decision, Message, Signal
from models.policy.decide import decide
from models.policy.history import HistoryView
from models.policy.in_force import PolicyInForce
from models.store import connections, history
from models.store.rows import message_of, signal_of
from models.tables import message, signal


@dataclass(frozen=True, slots=True)
class Remembered:
    """A stored message with what was found in it and the history that stood before it."""

    message_id: int
    contact_id: int
    message: Message
    signals: tuple[Signal, ...]
    history: HistoryView
    missing: frozenset[str]

    def decided(self, policy: PolicyInForce) -> Decision:
        """Decide it by its stored signals."""
        return decide(self.message, self.signals, self.history, policy, self.message.received_at, self.missing)


def remembered(database: Database, ids: Sequence[int]) -> list[Remembered]:
    """Return stored messages as they stood when they came: what was received later is left out of their history."""
    own = {entry.connection_id: entry.own_addresses for entry in connections.every(database)}
    found: dict[int, list[Signal]] = {number: [] for number in ids}
    for hit in database.execute(
        select(signal).where(signal.c.message_id.in_(list(ids))).order_by(signal.c.id)
    ).mappings():
        found[hit["message_id"]].append(signal_of(dict(hit)))
    query = select(message).where(message.c.id.in_(list(ids))).order_by(message.c.id)
    out = []
    for stored in database.execute(query).mappings():
        row: dict[str, Any] = dict(stored)
        item = message_of(row)
        view = history.view_of(database, row["contact_id"], row["received_at"], own[row["connection_id"]])
        before = tuple(past for past in view.messages if past.at < item.received_at) if item.author.verified else ()
        events = tuple(event for event in view.events if event.at <= item.received_at)
        out.append(
            Remembered(
                row["id"],
                row["contact_id"],
                item,
                tuple(joined(found[row["id"]], [])),
                replace(view, messages=before, events=events),
                frozenset(row["detail"].get("missing", ())),
            )
        )
    return out


def by_another(registry: Registry, items: Sequence[Remembered], policies: Sequence[PolicyInForce]) -> list[Decision]:
    """Return what the classifiers of `registry` would have decided of `items`, each under its policy."""
    found = registry.classify([item.message for item in items])
    return [
        as_candidate(registry, one, item.message, item.signals, item.history, policy, item.message.received_at)
        for item, one, policy in zip(items, found, policies, strict=True)
    ]
