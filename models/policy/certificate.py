"""A certificate: the measured guarantee under which the machine may act by itself."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from models.domain import ChannelGroup
from models.labels import LABELS, Stance

LEAST_ACTED_ON = 0.75
"""What rules, histories and other opinions carry by themselves stays under this, and is never acted on."""
NEVER_BY_ITSELF: Mapping[ChannelGroup, frozenset[str]] = {
    ChannelGroup.MAIL: frozenset({"doxing.staff_details", "doxing.third_party", "abuse.harassment"}),
    ChannelGroup.SOCIAL: frozenset({"abuse.harassment"}),
}
"""Harm that hangs on context: a person looks, the machine does not act. Details in a mail are shown to nobody else."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Thresholds with the error rate that was measured for the decisions they give.

    `act`, `review` and `urgent` map (label, channel group) to a probability; a label without an
    entry in `act` is never acted on. `level` is the common threshold of a channel group, from which those of
    its labels lie apart by fixed offsets. `false_action_upper` is the one-sided 95 % bound of the share of
    legitimate messages acted on, per channel group. A `reference` certificate has no end.
    """

    certificate_id: str
    basis: Literal["reference", "own", "accepted"]
    model_version: str
    issued_at: datetime
    valid_until: datetime | None
    act: Mapping[tuple[str, ChannelGroup], float]
    review: Mapping[tuple[str, ChannelGroup], float]
    false_action_upper: Mapping[ChannelGroup, float]
    legitimate_n: Mapping[ChannelGroup, int]
    worst_source: str = ""
    urgent: Mapping[tuple[str, ChannelGroup], float] = field(default_factory=lambda: MappingProxyType({}))
    level: Mapping[ChannelGroup, float] = field(default_factory=lambda: MappingProxyType({}))

    def permits(self, group: ChannelGroup, limit: float, now: datetime) -> bool:
        """True when it is in force at `now` and its bound for `group` keeps to `limit`."""
        in_force = self.valid_until is None or now < self.valid_until
        return in_force and self.false_action_upper.get(group, 1.0) <= limit

    def act_at(self, label: str, group: ChannelGroup) -> float | None:
        """Return the probability from which `label` may be acted on, or None for never."""
        return self.act.get((label, group))

    def review_at(self, label: str, group: ChannelGroup) -> float:
        """Return the probability from which a person looks; 0.5 where nothing was chosen."""
        return self.review.get((label, group), 0.5)

    def urgent_at(self, label: str, group: ChannelGroup) -> float:
        """Return the probability from which a person looks at once; `review_at` where nothing was chosen."""
        chosen = self.urgent.get((label, group))
        return self.review_at(label, group) if chosen is None else chosen


def acted_on(group: ChannelGroup) -> tuple[str, ...]:
    """Return the labels that the machine may act on in a channel group."""
    never = NEVER_BY_ITSELF[group]
    return tuple(label for label, stance in LABELS.items() if stance is Stance.HARM and label not in never)


def acted_from(threshold: float, offset: float) -> float:
    """Return from where a label is acted on: the common threshold moved by its offset, never too low."""
    return max(LEAST_ACTED_ON, shifted(threshold, offset))


def shifted(threshold: float, offset: float) -> float:
    """Return a threshold moved by `offset` log-odds."""
    return threshold if not offset or threshold <= 0 else 1 / (1 + math.exp(-offset) * (1 - threshold) / threshold)
