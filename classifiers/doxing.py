"""Doxing: whose details stand in the text — the writer's own, somebody else's, or a member of staff's."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from classifiers.base import capped
from classifiers.batch import NOTHING_BELOW, MessageBatch
from classifiers.fold import fold
from classifiers.learned import RULE_CARRIES_TO, Learned, learned_signals, raised
from classifiers.staff import StaffDirectory
from classifiers.whose import HEADS, Detail, Weighed, hinted, weigh
from models.domain import Channel, Message, Signal, Span

NAMED = "doxing.staff_named"
LABELS: Mapping[str, str] = {
    "own": "doxing.own_details",
    "third": "doxing.third_party",
    "staff": "doxing.staff_details",
}
_TARGETS = {NAMED: "staff", "doxing.staff_details": "staff", "doxing.third_party": "third_party"}
_MEANT = {"own": {"me", "nobody", "you"}, "staff": {"staff", "you", "they"}, "third": {"other", "they", "nobody"}}
"""The words that stand beside a detail of each owner."""
NAMED_ALONE = 0.75
NOTHING_SEEN = 0.4
"""Where no detail is seen, the learned heads alone are not enough for more than this."""
SPANS_AT_MOST = 6


class DoxingClassifier(Learned):
    """Emits `doxing.*`; staff are known from the directory. Details are weighed only where something hints at them."""

    name = "doxing"
    labels: ClassVar = (NAMED, *LABELS.values())

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
        heads = batch.learned(index)
        named = self._named(message)
        weighed = None
        if hinted(message, heads, named):
            learned = {label: batch.probability(index, label) for label in HEADS}
            weighed = weigh(message, fold(message.own_text), named, learned)
        signals = learned_signals(batch, index, shown, self.name)
        if not signals and weighed is None and not named:
            return []
        signals = _decided(signals, weighed, shown, self.name, batch.version)
        if named and public:
            signals = raised(signals, {NAMED: (NAMED_ALONE, named)}, self.name, batch.version)
        return [_targeted(signal if public else _reviewed(signal)) for signal in signals]

    def _named(self, message: Message) -> tuple[Span, ...]:
        pattern = self._staff.pattern(message.org)
        if pattern is None:
            return ()
        return tuple(Span(*match.span()) for match in pattern.finditer(fold(message.own_text)))


def _decided(
    signals: Sequence[Signal], weighed: Weighed | None, shown: Container[str], name: str, version: str
) -> list[Signal]:
    """Return the signals with the weighed probability in place of the heads'; they are among what was weighed."""
    rest = [signal for signal in signals if signal.label == NAMED]
    if weighed is None:
        return rest + [capped(signal, NOTHING_SEEN) for signal in signals if signal.label != NAMED]
    return rest + [
        Signal(
            LABELS[owner],
            probability,
            name,
            version,
            _spans(weighed.details, owner),
            _TARGETS.get(LABELS[owner], "self"),
        )
        for owner, probability in weighed.probabilities.items()
        if probability >= NOTHING_BELOW and LABELS[owner] in shown
    ]


def _spans(found: Sequence[Detail], owner: str) -> tuple[Span, ...]:
    """Return where the details of `owner` stand, what leads to one person first; all of them where none is plainly so."""
    mine = [detail for detail in found if detail.owner.split(",")[0] in _MEANT[owner]] or list(found)
    first = sorted(mine, key=lambda detail: (not detail.precise, detail.span.start))
    return tuple(dict.fromkeys(detail.span for detail in first))[:SPANS_AT_MOST]


def _reviewed(signal: Signal) -> Signal:
    """In mail the details of others are evidence as a rule: a person may look, nothing acts."""
    return capped(signal, RULE_CARRIES_TO) if signal.label == "doxing.third_party" else signal


def _targeted(signal: Signal) -> Signal:
    target = _TARGETS.get(signal.label, "self")
    return signal if signal.target == target else replace(signal, target=target)
