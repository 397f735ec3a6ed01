"""Weighs one message: its signals with those of its history, and the decision that they give. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from classifiers.registry import Registry, joined
from models.domain import Decision, Message, Signal
from models.policy.decide import decide
from models.policy.history import HistoryView
from models.policy.in_force import PolicyInForce


@dataclass(frozen=True, slots=True)
class Weighed:
    """A decision with the signals it was made from; `patterns` are those of the history."""

    decision: Decision
    signals: tuple[Signal, ...]
    patterns: tuple[Signal, ...]
    missing: frozenset[str]


def weigh(
    registry: Registry,
    item: Message,
    found: Sequence[Signal],
    history: HistoryView,
    policy: PolicyInForce,
    now: datetime,
    missing: frozenset[str],
) -> Weighed:
    """Return the decision on `item` whose text gave `found`."""
    patterns, failed = registry.detect(item, found, history, policy.pack.limits)
    everything = joined(found, patterns)
    gone = missing | failed
    decision = decide(item, everything, history, policy, now, gone)
    return Weighed(decision, tuple(everything), tuple(patterns), gone)
