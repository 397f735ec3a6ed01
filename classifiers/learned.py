"""What the families share: signals made from a head's probability and a rule's word, with their spans."""

import math
from collections.abc import Collection, Mapping

from classifiers import linear
from classifiers.batch import NOTHING_BELOW, SPAN_FROM, MessageBatch
from models.domain import Signal, Span
from models.labels import LABELS, URGENT_WELFARE, Stance

SHOWN_FROM = NOTHING_BELOW
SURE_ENOUGH = 0.5
RULE_CARRIES_TO = linear.PEOPLE_TO
"""A rule brings harm before a person; only with a head that leans the same way does it reach what may be acted on."""
WHOLE_WEIGHS, PHRASE_WEIGHS, WITNESSED = 0.85, 0.41, 1.62
"""What the log-odds of the heads and of a phrase of danger count, and what is added: fitted on messages that no model saw."""
DOUBTED = 0.01
"""The heads never find danger less likely than this where a phrase speaks of it."""


class Learned:
    """A classifier whose version is that of the trained heads."""

    @property
    def version(self) -> str:
        """The version of the trained heads."""
        return linear.load().version


def learned_signals(batch: MessageBatch, index: int, labels: Collection[str], classifier: str) -> list[Signal]:
    """Return the signals of message `index` that the heads give for `labels`."""
    found = batch.learned(index)
    if found.keys().isdisjoint(labels):
        return []
    version = batch.version
    out = []
    for label, probability in found.items():
        if label not in labels:
            continue
        if probability >= SPAN_FROM:
            spans, target = batch.spans(index, label), _target(batch, index, label)
            out.append(Signal(label, probability, classifier, version, spans, target))
        else:
            out.append(Signal(label, probability, classifier, version))
    return out


def witnessed(before: float, strength: float) -> float:
    """Return how likely danger to somebody is, of what the heads say of the whole and how strong the phrases in it are."""
    log_odds = [math.log(p / (1.0 - p)) for p in (min(max(before, DOUBTED), 0.99), min(max(strength, 0.01), 0.99))]
    return 1.0 / (1.0 + math.exp(-(WHOLE_WEIGHS * log_odds[0] + PHRASE_WEIGHS * log_odds[1] + WITNESSED)))


def _target(batch: MessageBatch, index: int, label: str) -> str | None:
    if label in {"abuse.identity_hate", "abuse.microaggression"}:
        return batch.target(index, groups_only=True)
    return batch.target(index) if label.startswith("abuse.") else None


def raised(
    signals: list[Signal], hits: Mapping[str, tuple[float, tuple[Span, ...]]], classifier: str, version: str
) -> list[Signal]:
    """Return `signals` raised by rule hits (label → strength and spans): two doubts add up, the rule's spans lead."""
    by_label = {signal.label: signal for signal in signals}
    for label, (strength, spans) in hits.items():
        old = by_label.get(label)
        before = old.probability if old is not None else 0.0
        joined = witnessed(before, strength) if label in URGENT_WELFARE else 1.0 - (1.0 - before) * (1.0 - strength)
        if before < SURE_ENOUGH and LABELS[label] is Stance.HARM:
            joined = min(joined, max(before, RULE_CARRIES_TO))
        target = old.target if old is not None else None
        by_label[label] = Signal(
            label, min(joined, 0.99), classifier, version, spans or (old.spans if old else ()), target
        )
    return [signal for signal in by_label.values() if signal.probability >= SHOWN_FROM]
