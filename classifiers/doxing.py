"""Doxing: whose details stand in the text — the writer's own, somebody else's, or a member of staff's."""

import re
from collections.abc import Sequence
from typing import ClassVar

from classifiers.batch import MessageBatch
from classifiers.fold import fold
from classifiers.identifiers import Identifier, identifiers
from classifiers.learned import Learned, learned_signals, raised
from classifiers.staff import StaffDirectory
from models.domain import Channel, Message, Signal, Span

_OWN = re.compile(
    r"\b(?:my|me|i'm|i am|i live|we live|our|mine|call me|ring me|text me|fy|fi|dw i|dwi'n byw|rwy'n byw|rwy|ein|ffoniwch fi|cysylltwch â mi)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:his|her|their|he|she|they|him|them|my (?:neighbour|ex|sister|brother|husband|wife|landlord|tenant|mother|father|son|daughter)|"
    r"neighbour|landlord|ei (?:gyfeiriad|rif|thŷ|dŷ|chyfeiriad)|eu|cymydog|hi'n byw|fe'n byw|o'n byw|mae'n byw)\b",
    re.IGNORECASE,
)
_LIFE = re.compile(
    r"\b(?:lives? (?:at|in|on|next)|parks? (?:her|his|their|the|at|outside|in)|drives? (?:a|the|her|his)|gets the|catches the|leaves (?:work|the office)|"
    r"drinks (?:in|at)|shops at|(?:her|his|their) (?:house|home|car|kids?|children|daughter|son|husband|wife|partner|mum|mother|address|mobile|number)|"
    r"picks (?:up )?(?:her|his) (?:kids?|children)|yn byw (?:yn|ar|mewn)|yn parcio|yn gyrru|ei (?:gŵr|gwraig|phlant|blant|char|gar|chartref|gartref))\b",
    re.IGNORECASE,
)
_NEAR = 60


class DoxingClassifier(Learned):
    """Emits `doxing.*`; staff are known from the directory."""

    name = "doxing"
    labels: ClassVar = ("doxing.staff_named", "doxing.staff_details", "doxing.third_party", "doxing.own_details")

    def __init__(self, staff: StaffDirectory) -> None:
        self._staff = staff

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the doxing signals of each message."""
        batch = MessageBatch.of(messages)
        return [self._one(batch, index) for index in range(len(batch))]

    def _one(self, batch: MessageBatch, index: int) -> list[Signal]:
        message = batch[index]
        public = message.channel is not Channel.EMAIL
        shown = self.labels if public else ("doxing.staff_details", "doxing.third_party")
        signals = learned_signals(batch, index, shown, self.name)
        hits: dict[str, tuple[float, tuple[Span, ...]]] = {}
        named = self._named(message)
        if named and public:
            hits["doxing.staff_named"] = (0.75, named)
        life = _LIFE.search(message.own_text) if named else None
        if life is not None:
            hits["doxing.staff_details"] = (0.5, (Span(*life.span()),))
        for found in identifiers(message.own_text):
            self._whose(message, found, named, public, hits)
        return [_targeted(signal) for signal in (raised(signals, hits, self.name, batch.version) if hits else signals)]

    def _named(self, message: Message) -> tuple[Span, ...]:
        pattern = self._staff.pattern(message.org)
        if pattern is None:
            return ()
        return tuple(Span(*match.span()) for match in pattern.finditer(fold(message.own_text)))

    def _whose(
        self,
        message: Message,
        found: Identifier,
        named: tuple[Span, ...],
        public: bool,
        hits: dict[str, tuple[float, tuple[Span, ...]]],
    ) -> None:
        text = message.own_text
        around = text[max(0, found.start - _NEAR) : found.start]
        own, others = _last(_OWN, around), _last(_OTHERS, around)
        span = (Span(found.start, found.end),)
        if named:
            _put(hits, "doxing.staff_details", 0.7, span)
        elif own >= others and own >= 0:
            if public:
                _put(hits, "doxing.own_details", 0.7, span)
        elif others >= 0:
            _put(hits, "doxing.third_party", 0.55 if public else 0.25, span)
        elif public and found.kind in {"phone", "nino", "nhs", "bank", "born", "address"}:
            _put(hits, "doxing.own_details", 0.35, span)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _put(hits: dict[str, tuple[float, tuple[Span, ...]]], label: str, strength: float, spans: tuple[Span, ...]) -> None:
    before, known = hits.get(label, (0.0, ()))
    hits[label] = (max(before, strength), (*known, *spans))


def _targeted(signal: Signal) -> Signal:
    target = {"doxing.staff_named": "staff", "doxing.staff_details": "staff", "doxing.third_party": "third_party"}
    return Signal(
        signal.label,
        signal.probability,
        signal.classifier,
        signal.version,
        signal.spans,
        target.get(signal.label, "self"),
    )
