"""The pipeline: classify what waits, then decide it in order, each decision seen by the next."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, select

from bot.assurance import Assurance
from bot.campaigns import Campaigns
from bot.opinions import Opinion, with_opinions
from bot.weighing import Weighed, weigh
from classifiers.chances import chance_of
from classifiers.copies import alike
from classifiers.links import facts_of
from classifiers.registry import Registry
from classifiers.signatures import signature as signature_of
from models.domain import Attention, Connection, Decision, Message, Mode, Signal
from models.policy.history import HistoryView, PastMessage, RestrictedPerson
from models.policy.in_force import PolicyInForce
from models.policy.links import EXCESSIVE
from models.policy.lists import Entry, applied, offered_for
from models.policy.movable import with_changes
from models.session import reading, writing
from models.store import changes, connections, decisions, history, lists, messages, restricted, signatures
from models.store.casework import CAMPAIGN
from models.store.decisions import Decided
from models.store.rows import message_of, signal_of
from models.store.signatures import Kept
from models.tables import signal

BATCH = 200
OTHERS_AT_MOST = 30
NOT_YET_BUILT = "campaigns"
"""Named as missing while look-alikes may go unseen: a person looks, nothing is done by the machine alone."""
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
        campaigns: Campaigns | None = None,
        assurance: Assurance | None = None,
    ) -> None:
        """Make a pipeline; without `assurance` the policies act as they stand, which only replays and trials may do."""
        self._engine = engine
        self._assurance = assurance
        self._opinions = tuple(opinions)
        self._registry = registry
        self._policy_of = policy_of
        self._clock = clock
        self._campaigns = Campaigns(engine) if campaigns is None else campaigns

    def run(self, on_progress: Callable[[int], None] = lambda _: None) -> int:
        """Classify and decide all that waits; return how many were decided."""
        if self._assurance is not None:
            self._registry = self._assurance.registry()
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
                told = [(signal, chance_of(signal)) for signal in one.signals]
                decisions.save_signals(database, row, told, one.lang, one.missing)
        log.info("classified", count=len(rows))
        return len(rows)

    def _decide_some(self) -> int:
        with reading(self._engine) as database:
            rows = messages.waiting(database, "decided", BATCH)
            if not rows:
                return 0
            connected = {entry.connection_id: entry for entry in connections.every(database)}
            signals = _signals(database, [row["id"] for row in rows])
        self._campaigns.prepare(self._windows(rows, connected), self._clock())
        blobs = {row["id"]: signature_of(row["own_text"]) for row in rows}
        items = [message_of(row) for row in rows]
        shadow = None if self._assurance is None else self._assurance.beside([row["id"] for row in rows], items)
        with writing(self._engine) as database:
            views: dict[tuple[int, str], HistoryView] = {}
            people: dict[str, dict[int, RestrictedPerson]] = {}
            kept, limits = lists.in_force(database, self._clock()), changes.in_force(database)
            for row, item in zip(rows, items, strict=True):
                own, contact = connected[row["connection_id"]], (row["contact_id"], row["org"])
                governed, found = self._policy(database, row["org"], own), signals[row["id"]]
                policy = with_changes(governed, limits.get(row["org"], {}))
                if contact not in views:
                    views[contact] = history.view_of(
                        database, row["contact_id"], row["received_at"], own.own_addresses, policy.pack
                    )
                if row["org"] not in people:
                    people[row["org"]] = restricted.people_of(database, policy.pack, self._clock())
                others = tuple(person for number, person in people[row["org"]].items() if number != row["contact_id"])
                known = replace(views[contact], restricted=others)
                view, seen, near = self._view(database, row, item, known, blobs[row["id"]], policy)
                weighed = self._weigh(row, item, found, view, policy, seen)
                decided = _listed(_decided(row, item, weighed, policy, database, near), kept.get(row["org"], ()))
                final = decisions.save(database, decided, policy, self._clock())
                views[contact] = _folded(views[contact], row, decided, final)
                if self._assurance is not None:
                    self._assurance.note(database, row, item, final, weighed.signals, policy, self._clock())
                if shadow is not None:
                    shadow.beside(row, item, found, view, policy, weighed, self._clock())
            _keep_signatures(database, rows, blobs)
            if self._assurance is not None:
                self._assurance.close_batch(database, self._clock())
        log.info("decided", count=len(rows), candidate_differs=0 if shadow is None else shadow.keep())
        return len(rows)

    def _policy(self, database: Any, org: str, own: Connection) -> PolicyInForce:
        """Return the policy of a message, under the certificate of the connection it came through."""
        policy = self._policy_of(org, own.mode)
        if self._assurance is None:
            return policy
        return self._assurance.governed(database, own.connection_id, policy, self._clock())

    def _view(
        self,
        database: Any,
        row: Mapping[str, Any],
        item: Message,
        view: HistoryView,
        blob: bytes,
        policy: PolicyInForce,
    ) -> tuple[HistoryView, bool, Sequence[int]]:
        """Return the history that counts for a message, whether every look-alike could be known, and likely ones."""
        others, complete, near = self._others(database, row, item, blob, policy.pack.limits.campaign_window_days)
        seen = replace(view, others=others)
        if not view.messages:
            alongside = history.alongside_of(database, row["org"], row["contact_id"], item.received_at)
            seen = replace(seen, alongside=alongside)
        return (seen if item.author.verified else replace(seen, messages=())), complete, near

    def _weigh(
        self,
        row: Mapping[str, Any],
        item: Message,
        found: Sequence[Signal],
        view: HistoryView,
        policy: PolicyInForce,
        complete: bool,
    ) -> Weighed:
        missing = frozenset(row["detail"].get("missing", ())) | (frozenset() if complete else {NOT_YET_BUILT})
        return weigh(self._registry, item, found, view, policy, self._clock(), missing)

    def _windows(self, rows: Sequence[Mapping[str, Any]], connected: Mapping[str, Connection]) -> dict[str, int]:
        """Return the days of each organisation's campaign window."""
        modes = {row["org"]: connected[row["connection_id"]].mode for row in rows}
        return {org: self._policy_of(org, mode).pack.limits.campaign_window_days for org, mode in modes.items()}

    def _others(
        self, database: Any, row: Mapping[str, Any], item: Message, blob: bytes, window_days: int
    ) -> tuple[tuple[PastMessage, ...], bool, Sequence[int]]:
        """Return look-alikes by other authors that came before, whether all could be known, and their numbers; this one is to the next."""
        org, at = row["org"], item.received_at
        near = self._campaigns.neighbours(org, blob, at - timedelta(days=window_days))
        others = [found for found in near if found != row["id"]][-OTHERS_AT_MOST:]
        self._campaigns.add(org, row["id"], at, blob)
        complete = not blob or self._campaigns.ready(org)
        past = history.others_of(database, others) if others else ()
        return tuple(entry for entry in past if entry.author != item.author.address), complete, others


def _decided(
    row: Mapping[str, Any], item: Message, weighed: Weighed, policy: PolicyInForce, database: Any, near: Sequence[int]
) -> Decided:
    labels = tuple(
        entry.label
        for entry in weighed.signals
        if entry.probability >= policy.review_at(entry.label, item.channel.group)
    )
    return Decided(
        message_id=row["id"],
        contact_id=row["contact_id"],
        revision=row["revision"],
        message=item,
        decision=weighed.decision,
        patterns=weighed.patterns,
        labels=labels,
        missing=weighed.missing,
        lookalikes=_same_words(database, item, near, policy) if CAMPAIGN in labels else (),
        links=(facts_of(item), policy.review_at(EXCESSIVE, item.channel.group)) if item.links else None,
    )


def _same_words(database: Any, item: Message, near: Sequence[int], policy: PolicyInForce) -> tuple[int, ...]:
    """Return those of `near` that are copies of the message, as the detector tells copies."""
    texts = signatures.texts_of(database, near)
    similarity = policy.pack.limits.duplicate_similarity
    return tuple(number for number in near if number in texts and alike(item.own_text, texts[number], similarity))


def _listed(decided: Decided, entries: Sequence[Entry]) -> Decided:
    """Return what was decided as the lists that staff keep have it."""
    if not entries:
        return decided
    item = decided.message
    offered = offered_for(item.channel.group)
    return replace(decided, decision=applied(decided.decision, item, decided.labels, offered, entries))


def _keep_signatures(database: Any, rows: Sequence[Mapping[str, Any]], blobs: Mapping[int, bytes]) -> None:
    for org in {row["org"] for row in rows}:
        mine = [Kept(row["id"], row["received_at"], blobs[row["id"]]) for row in rows if row["org"] == org]
        signatures.save(database, org, mine)


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
