"""Persistence: volume, length, scattergun, copying in, contact after a decision, refusal and drift."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from classifiers.base import highest
from classifiers.copies import alike
from classifiers.fold import fold
from classifiers.matters import content, overlap, shared
from models.domain import Message, Signal, Span
from models.policy.history import EventKind, FormalEvent, HistoryView, PastMessage
from models.policy.limits import Limits

VERSION = "1"
SAME_MATTER = 0.3
NOTED, DOUBT, LOOK = 0.35, 0.5, 0.8
_DEMANDS = ("demand.deadline", "demand.information", "demand.named_officer")
_PRESSING = ("persistence.volume", "persistence.scattergun", "persistence.after_decision", "duplicate.same_contact")
_ECHO_DAYS = 21
_ASKS_FOR = re.compile(
    r"^\W*(?:please )?(?:send|give|provide|let) (?:me|us)\b|\b(?:anfonwch|rhowch) (?:i mi|i fi|imi|ata i)\b",
    re.IGNORECASE,
)
_HINTED = 0.15
_LONG_LETTER_WORDS = 150
_OTHER_MATTER = 0.2
_REFUSES = re.compile(
    r"\b(?:don't|do not|won't|will not|cannot|can't|never) accept\b|\b(?:your|the|that|this) (?:decision|answer|finding|outcome) (?:is|was|are)\b[^.!?]{0,40}\b(?:wrong|flawed|nonsense|unfair|rubbish|a disgrace)|"
    r"\bwrong decision\b|\b(?:still|you're|you are|and you're) wrong\b|^\W*(?:still )?wrong\b|\bi (?:don't|do not) agree\b|\b(?:read|look at) it again\b|\breopen\b|"
    r"\b(?:ddim yn|gwrthod|wrthod) derbyn\b|\bpenderfyniad\b[^.!?]{0,30}\b(?:anghywir|annheg|warthus)|\banghywir\b|\bdim yn cytuno\b",
    re.IGNORECASE,
)
_SENDS = r"say|said|tell|told|put|point|sen[dt]|refer|pass|advis|suggest|direct|transfer|thought|dweud|ddweud|dywed|anfon|cyfeir|awgrym"
_NEW_COMPLAINT = re.compile(
    r"\b(?:new|fresh|separate|another|different|distinct) (?:complaint|matter|case|issue|concern)\b|"
    r"\b(?:g?h?cwyn|chwyn|gwyn|mater|fater|achos) (?:newydd|arall|g?wahanol|ar wahan)\b",
    re.IGNORECASE,
)
_RENAMED_DAYS, _RENAMED_WORDS = 30, 8
_PASSED_ON = re.compile(
    r"\b(?:told (?:me )?to (?:try|ask|ring|contact|email|write)|passed (?:me )?(?:on )?to|sent me to|said (?:to )?(?:try|ask|ring|contact|email)|referred (?:me )?to|was told|i'm told|"
    r"gave me your|your colleague|dwedwyd wrtha|dywedwyd wrth|cefais fy nghyfeirio|wedi fy anfon)\b",
    re.IGNORECASE,
)


class PersistenceDetector:
    """Emits `persistence.*` from a contact's history; a person judges, never the machine."""

    name = "persistence"
    version = VERSION
    labels = (
        "persistence.volume", "persistence.length", "persistence.scattergun", "persistence.copied_in",
        "persistence.after_decision", "persistence.refuses_decision", "persistence.topic_drift",
        "demand.deadline", "demand.information", "demand.named_officer",
    )  # fmt: skip

    def detect(self, message: Message, found: Sequence[Signal], history: HistoryView, limits: Limits) -> list[Signal]:
        """Return the patterns this message completes."""
        if not history.messages and not history.events:
            alone = (self._length(message, history, limits), self._scattergun(message, history, limits))
            return [signal for signal in alone if signal is not None]
        patterns = (
            self._volume(message, history, limits),
            self._length(message, history, limits),
            self._scattergun(message, history, limits),
            self._copied_in(message, history, limits),
            *self._after_decision(message, found, history, limits),
            self._drift(message, history, limits),
        )
        signals = [signal for signal in patterns if signal is not None]
        return [*signals, *self._echoes(message, [*found, *signals], history)]

    def _echoes(self, message: Message, found: Sequence[Signal], history: HistoryView) -> list[Signal]:
        """A demand goes on in the repeats that no longer spell it out; going from desk to desk is one of its forms."""
        pressing = {signal.label for signal in found if signal.label in _PRESSING and signal.probability >= LOOK}
        if not pressing:
            return []
        said = {signal.label for signal in found if signal.probability >= NOTED}
        recent = list(history.within(message.received_at, _ECHO_DAYS))
        earlier = {label for past in recent for label, p in past.signals.items() if label in _DEMANDS and p >= _HINTED}
        if "persistence.scattergun" in pressing:
            earlier.add("demand.named_officer")
        if _ASKS_FOR.search(message.own_text):
            earlier.add("demand.information")
        return [
            Signal(label, NOTED, self.name, self.version, note="goes on from an earlier message")
            for label in sorted(earlier - said)
        ]

    def _signal(self, label: str, probability: float, note: str) -> Signal:
        return Signal(f"persistence.{label}", probability, self.name, self.version, note=note)

    def _volume(self, message: Message, history: HistoryView, limits: Limits) -> Signal | None:
        contacts = [past.at for past in history.messages] + [
            e.at for e in history.events if e.kind is EventKind.LOGGED_CALL
        ]
        day = _since(contacts, message.received_at, 1) + 1
        week = _since(contacts, message.received_at, 7) + 1
        if day >= limits.volume_per_day or week >= limits.volume_per_week:
            return self._signal("volume", LOOK, f"{day} in a day, {week} in a week")
        if day >= max(3, limits.volume_per_day - 1):
            return self._signal("volume", NOTED, f"{day} in a day")
        return None

    def _length(self, message: Message, history: HistoryView, limits: Limits) -> Signal | None:
        today = [len(past.own_text.split()) for past in history.within(message.received_at, 1)]
        mine = len(message.own_text.split())
        too_much = sum(today) + mine >= limits.length_words_per_day and mine > _LONG_LETTER_WORDS
        again = mine >= _LONG_LETTER_WORDS and any(words >= _LONG_LETTER_WORDS for words in today)
        if too_much or again:
            return self._signal("length", LOOK, f"{sum(today) + mine} words in a day")
        return None

    def _scattergun(self, message: Message, history: HistoryView, limits: Limits) -> Signal | None:
        if not history.messages and len(message.to) < limits.scattergun_recipients:
            return None
        recent = list(history.within(message.received_at, limits.scattergun_window_days))
        same = [past for past in recent if _same_matter(message.own_text, past)]
        places = {_place(past.to) for past in same} | {_place(message.to)} - {""}
        if any(_PASSED_ON.search(text) for text in (message.own_text, *(past.own_text for past in recent))):
            return None
        if _sent_by_a_desk(message.own_text, [address for past in recent for address in past.to]):
            return None
        replied = [
            e
            for e in history.events
            if e.kind is EventKind.STAFF_REPLY
            and e.at >= message.received_at - timedelta(days=limits.scattergun_window_days)
        ]
        at_once = len(message.to) >= limits.scattergun_recipients
        if (len(places) >= limits.scattergun_recipients and not replied) or at_once:
            return self._signal("scattergun", LOOK, f"{max(len(places), len(message.to))} recipients")
        return None

    def _copied_in(self, message: Message, history: HistoryView, limits: Limits) -> Signal | None:
        if not _only_copied(message.to, message.cc, history.own_addresses):
            return None
        earlier = sum(
            _only_copied(past.to, past.cc, history.own_addresses)
            for past in history.within(message.received_at, limits.copied_in_window_days)
        )
        count = earlier + 1
        if count >= limits.copied_in_times:
            return self._signal("copied_in", LOOK, f"copied in {count} times")
        return self._signal("copied_in", NOTED, f"copied in {count} times") if count > 1 else None

    def _after_decision(
        self, message: Message, found: Sequence[Signal], history: HistoryView, limits: Limits
    ) -> list[Signal | None]:
        settled = [
            event
            for event in history.events
            if event.kind in {EventKind.DECISION_LETTER, EventKind.RESTRICTION}
            and timedelta(0) <= message.received_at - event.at <= timedelta(days=limits.after_decision_window_days)
        ]
        if not settled:
            return []
        first = min(event.at for event in settled)
        since = [past for past in history.messages if first <= past.at]
        novelty = highest(found, "novelty")
        related = _related(message, settled, history.messages)
        refuses = _REFUSES.search(message.own_text)
        restricted = bool(history.restrictions_in_force(message.received_at)) and novelty < 0.5
        renamed = _renamed(message, settled)
        if not (related or refuses or restricted or renamed) and len(content(message.own_text)) >= 3:
            return []
        count = 1 + sum(
            _related(past, settled, history.messages) or bool(_REFUSES.search(past.own_text)) for past in since
        )
        look = count >= limits.after_decision_review_at and novelty < 0.5
        signals: list[Signal | None] = [
            self._signal("after_decision", LOOK if look else NOTED, f"{count} since the decision")
        ]
        if renamed and not look:
            signals = [self._signal("after_decision", DOUBT, "perhaps the settled matter by another name")]
        if refuses or any(
            signal.label == "persistence.refuses_decision" and signal.probability >= 0.5 for signal in found
        ):
            spans = (Span(*refuses.span()),) if refuses and refuses.end() > refuses.start() else ()
            probability = LOOK if look else NOTED
            signals.append(
                Signal(
                    "persistence.refuses_decision",
                    probability,
                    self.name,
                    self.version,
                    spans,
                    note=f"{count} since the decision",
                )
            )
        elif look and count >= limits.refuses_decision_review_at:
            signals.append(self._signal("refuses_decision", LOOK, f"{count} since the decision"))
        return signals

    def _drift(self, message: Message, history: HistoryView, limits: Limits) -> Signal | None:
        """The subject of one complaint changes again and again: earlier points are dropped, not added to."""
        if not history.messages:
            return None
        recent = [past.own_text for past in history.within(message.received_at, limits.topic_drift_window_days)]
        chain = [text for text in (*recent, message.own_text) if len(content(text)) >= 2]
        if len(chain) < 2:
            return None
        dropped = sum(bool(_DROPS.search(fold(text))) for text in chain[1:])
        drops = _DROPS.search(fold(message.own_text)) is not None
        moved = overlap(chain[-2], message.own_text) < _OTHER_MATTER
        changes = sum(overlap(a, b) < _OTHER_MATTER for a, b in pairwise(chain))
        if (drops or moved) and dropped >= 2 and changes >= limits.topic_drift_changes - 1:
            return self._signal("topic_drift", LOOK, f"{changes} changes of subject")
        return self._signal("topic_drift", NOTED, f"{changes} changes of subject") if drops else None


_DROPS = re.compile(
    # put aside: leave, forget or drop the one thing
    r"\b(?:forget|never mind|leave(?= (?:the|that|my|it|aside|this))|set(?:ting)? aside|put(?:ting)? aside|drop (?:the|that|my)|side (?:matter|issue)|beside the point|no longer about|"
    r"not (?:really )?about|isn't about|nothing to do with|instead|why are you (?:still )?(?:asking|talking|writing))\b|"
    # put in its place: what really matters now
    r"\b(?:real|main|true|actual|proper) (?:matter|issue|complaint|problem|point|question|grievance)\b|\b(?:troubles|concerns|worries|bothers) me more\b|\bon reflection\b|"
    r"\bmore (?:important|pressing|serious)(?:ly)? (?:is|still|than|now)\b|\b(?:now|rather|actually|really) (?:like|want|wish|prefer|about|mean)\b|\bis what i (?:want|mean|wish)|"
    r"\bi now (?:come|turn)\b|\b(?:moving|turning) (?:on|now) to\b|\bmy complaint is (?:now |really |actually )?(?:about|that)\b|\bchange my complaint\b|"
    # Welsh
    r"\b(?:anghofiwch|anghofia|gadewch|heb son|nid am|y gwir (?:gwyn|fater|broblem)|y (?:broblem|peth|mater) (?:go iawn|pwysicach)|yn lle hynny|yn hytrach|erbyn meddwl|newid fy nghwyn|fy nghwyn (?:nawr|rwan))\b",
    re.IGNORECASE,
)


def _since(times: Sequence[datetime], now: datetime, days: float) -> int:
    return sum(now - timedelta(days=days) <= at <= now for at in times)


def _same_matter(text: str, past: PastMessage) -> bool:
    return shared(text, past.own_text) >= SAME_MATTER or alike(text, past.own_text, 0.6)


def _sent_by_a_desk(text: str, earlier: Sequence[str]) -> bool:
    """True when the text says that a desk written to before sent the person on."""
    desks = {part for address in earlier for part in re.split(r"[^a-z]+", address.partition("@")[0]) if len(part) > 4}
    folded = fold(text)
    return any(re.search(rf"\b{re.escape(desk)}\b[^.!?]{{0,30}}\b(?:{_SENDS})", folded) for desk in desks)


def _place(recipients: Sequence[str]) -> str:
    return ",".join(sorted(recipients))


def _only_copied(to: Sequence[str], cc: Sequence[str], own: Sequence[str]) -> bool:
    """True when the organisation stands in Cc alone."""
    mine = set(own)
    if not mine:
        return False
    return bool(mine & set(cc)) and not mine & set(to)


def _renamed(message: Message, settled: Sequence[FormalEvent]) -> bool:
    """True for a 'new' complaint without any particulars soon after the last word on another: only a person can tell."""
    text, month = message.own_text, timedelta(days=_RENAMED_DAYS)
    recent = any(e.kind is EventKind.DECISION_LETTER and message.received_at - e.at <= month for e in settled)
    bare = len(content(text)) <= _RENAMED_WORDS and not any(c.isdigit() for c in text) and not message.attachments
    return recent and bare and _NEW_COMPLAINT.search(fold(text)) is not None


def _related(message: Message | PastMessage, settled: Sequence[object], earlier: Sequence[PastMessage]) -> bool:
    text = message.own_text
    if any(shared(text, getattr(event, "text", "")) >= 0.2 for event in settled):
        return True
    mine = getattr(message, "native_id", None)
    others = [past for past in earlier if past.native_id != mine]
    return any(shared(text, past.own_text) >= SAME_MATTER for past in others)
