"""What a decision is made from: the signals that reach their thresholds and the clauses they meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.domain import ChannelGroup, Message, Signal
from models.labels import LABELS, URGENT_WELFARE, Stance
from models.policy.history import HistoryView
from models.policy.in_force import PolicyInForce
from models.policy.rules import RULES
from models.policy.schema import Clause, SignalMatch


@dataclass(frozen=True, slots=True)
class Finding:
    """A signal at or over its review threshold with the clauses of the pack that it meets.

    `acts` when its probability reaches the certified threshold of a label that may be acted on.
    """

    signal: Signal
    clauses: tuple[Clause, ...]
    acts: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision looks at, gathered once. `best` maps label to its highest probability."""

    message: Message
    history: HistoryView
    policy: PolicyInForce
    now: datetime
    group: ChannelGroup
    best: dict[str, float]
    findings: tuple[Finding, ...]
    missing: frozenset[str]

    def has(self, *labels: str) -> bool:
        """True when one of `labels` reaches its review threshold."""
        best, review_at = self.best, self.policy.review_at
        if best.keys().isdisjoint(labels):
            return False
        return any(label in best and best[label] >= review_at(label, self.group) for label in labels)

    def counts(self, finding: Finding) -> bool:
        """True when a finding is worth a person's look: by a clause, or because the pack is silent on it.

        A pack that names the label but not for this channel or group has spoken: nothing counts then.
        """
        if finding.clauses or LABELS[finding.signal.label] is Stance.PROTECTIVE:
            return True
        weighs = LABELS[finding.signal.label] in {Stance.HARM, Stance.NOTICE, Stance.PATTERN}
        return weighs and finding.signal.label not in self.policy.index.labels

    def gravity(self, finding: Finding) -> int:
        """Return how grave a finding is: welfare above all, then the severity of its clauses."""
        if finding.signal.label in URGENT_WELFARE:
            return len(RULES)
        return max((self.policy.index.severity[clause.id] for clause in finding.clauses), default=0)


def gather(
    message: Message,
    signals: Sequence[Signal],
    history: HistoryView,
    policy: PolicyInForce,
    now: datetime,
    missing: frozenset[str],
) -> Facts:
    """Gather the facts of one decision."""
    group = message.channel.group
    best: dict[str, float] = {}
    over = []
    for signal in signals:
        best[signal.label] = max(best.get(signal.label, 0.0), signal.probability)
        if signal.probability >= policy.review_at(signal.label, group):
            over.append(signal)
    findings = tuple(_finding(signal, group, history, policy, now) for signal in over)
    return Facts(message, history, policy, now, group, best, findings, missing)


def _finding(
    signal: Signal, group: ChannelGroup, history: HistoryView, policy: PolicyInForce, now: datetime
) -> Finding:
    pairs = policy.index.by_label.get((signal.label, group), ())
    clauses = tuple(clause for clause, match in pairs if _meets(signal, match, group, history, policy, now))
    act_at = policy.act_at(signal.label, group)
    acts = LABELS[signal.label] is Stance.HARM and act_at is not None and signal.probability >= act_at
    return Finding(signal, clauses, acts)


def _meets(
    signal: Signal,
    match: SignalMatch,
    group: ChannelGroup,
    history: HistoryView,
    policy: PolicyInForce,
    now: datetime,
) -> bool:
    if match.groups and signal.target not in {f"group:{name}" for name in match.groups}:
        return False
    if match.items_at_least == 1:
        return True
    threshold = policy.review_at(signal.label, group)
    window = history.within(now, policy.pack.limits.derogatory_window_days)
    earlier = sum(past.signals.get(signal.label, 0.0) >= threshold for past in window)
    return earlier + 1 >= match.items_at_least
