"""The pipeline: classify what waits, then decide it in order, each decision seen by the next."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine, select

from bot.opinions import Opinion, with_opinions
from classifiers.duplicates import CampaignIndex
from classifiers.registry import Registry, joined
from models.domain import Attention, Decision, Message, Mode, Signal
from models.policy.decide import decide
from models.policy.history import HistoryView, PastMessage
from models.policy.in_force import PolicyInForce
from models.session import reading, writing
from models.store import connections, decisions, history, messages
from models.store.decisions import Decided
from models.store.rows import message_of, signal_of
from models.tables import message, signal

BATCH = 200
OTHERS_AT_MOST = 30
log = structlog.get_logger()


class Pipeline:
    """Takes stored messages to stored decisions. One at a time owns a store."""

    def __init__(
        self,
        engine: Engine,
        registry: Registry,
        policy_of: Callable[[str, Mode], PolicyInForce],
        clock: Callable[[], datetime],
        opinions: Sequence[Opinion] = (),
    ) -> None:
        self._engine = engine
        self._opinions = tuple(opinions)
        self._registry = registry
        self._policy_of = policy_of
        self._clock = clock
        self._campaigns: CampaignIndex | None = None

    def run(self, on_progress: Callable[[int], None] = lambda _: None) -> int:
        """Classify and decide all that waits; return how many were decided."""
        while self._classify_some():
            pass
        total = 0
        while done := self._decide_some():
            total += done
            on_progress(done)
        return total

    def _classify_some(self) -> int:
        with reading(self._engine) as database:
            rows = messages.waiting(database, "classified", BATCH)
        if not rows:
            return 0
        items = [message_of(row) for row in rows]
        found = with_opinions(items, self._registry.classify(items), self._opinions)
        with writing(self._engine) as database:
            for row, one in zip(rows, found, strict=True):
                decisions.save_signals(database, row, one.signals, one.lang, one.missing)
        log.info("classified", count=len(rows))
        return len(rows)

    def _decide_some(self) -> int:
        with reading(self._engine) as database:
            rows = messages.waiting(database, "decided", BATCH)
            if not rows:
                return 0
            connected = {entry.connection_id: entry for entry in connections.every(database)}
            signals = _signals(database, [row["id"] for row in rows])
        self._index()
        with writing(self._engine) as database:
            views: dict[tuple[int, str], HistoryView] = {}
            for row in rows:
                own = connected[row["connection_id"]]
                contact = (row["contact_id"], row["org"])
                policy = self._policy_of(row["org"], own.mode)
                if contact not in views:
                    views[contact] = history.view_of(
                        database, row["contact_id"], row["received_at"], own.own_addresses, policy.pack
                    )
                decided = self._decide(database, row, signals[row["id"]], views[contact], policy)
                final = decisions.save(database, decided, policy, self._clock())
                views[contact] = _folded(views[contact], row, decided, final)
        log.info("decided", count=len(rows))
        return len(rows)

    def _decide(
        self, database: Any, row: Mapping[str, Any], signals: Sequence[Signal], view: HistoryView, policy: PolicyInForce
    ) -> Decided:
        item = message_of(row)
        missing = frozenset(row["detail"].get("missing", ()))
        seen = replace(view, others=self._others(database, row["id"], item))
        mine = seen if item.author.verified else replace(seen, messages=())
        patterns, failed = self._registry.detect(item, signals, mine, policy.pack.limits)
        everything = joined(signals, patterns)
        missing |= failed
        decision = decide(item, everything, mine, policy, self._clock(), missing)
        labels = tuple(
            entry.label
            for entry in everything
            if entry.probability >= policy.review_at(entry.label, item.channel.group)
        )
        return Decided(
            message_id=row["id"],
            contact_id=row["contact_id"],
            revision=row["revision"],
            message=item,
            decision=decision,
            patterns=tuple(patterns),
            labels=labels,
            missing=missing,
        )

    def _others(self, database: Any, message_id: int, item: Message) -> tuple[PastMessage, ...]:
        """Return look-alikes by other authors that came before, and make this message known to the next."""
        index = self._index()
        near = [found for found in index.neighbours(item.own_text) if found != message_id][-OTHERS_AT_MOST:]
        index.add(message_id, item.own_text)
        if not near:
            return ()
        others = history.others_of(database, near)
        return tuple(past for past in others if past.author != item.author.address)

    def _index(self) -> CampaignIndex:
        """Return the campaign index, built from the store when first needed."""
        if self._campaigns is None:
            self._campaigns = CampaignIndex()
            with reading(self._engine) as database:
                query = select(message.c.id, message.c.own_text).where(message.c.decided == message.c.revision)
                for row in database.execute(query):
                    self._campaigns.add(row.id, row.own_text)
        return self._campaigns


def _signals(database: Any, ids: Sequence[int]) -> dict[int, list[Signal]]:
    found: dict[int, list[Signal]] = defaultdict(list)
    for row in database.execute(select(signal).where(signal.c.message_id.in_(ids)).order_by(signal.c.id)).mappings():
        found[row["message_id"]].append(signal_of(row))
    return found


def _folded(view: HistoryView, row: Mapping[str, Any], decided: Decided, final: Decision) -> HistoryView:
    """Return the history with this message in it, so that the contact's next decision sees it."""
    item = decided.message
    if not item.author.verified or row["nature"] != "ordinary":
        return view
    probabilities = {entry.label: entry.probability for entry in (*final.signals, *decided.patterns)}
    standing = view.standing
    if final.attention is Attention.URGENT:
        standing = replace(standing, urgent_case_open=True)
    past = PastMessage(
        native_id=item.key.native_id,
        at=item.received_at,
        channel=item.channel,
        author=item.author.address,
        own_text=item.own_text,
        subject=item.subject or "",
        to=item.to,
        cc=item.cc,
        attachments=tuple(entry.name for entry in item.attachments),
        signals=probabilities,
        attention=final.attention,
        actions=final.actions,
    )
    return replace(view.adding(past), standing=standing)
