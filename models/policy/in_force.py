"""A pack in force on a connection: the pack, its certificate, the mode, and an index of its clauses."""

from dataclasses import dataclass, field

from models.domain import ChannelGroup, Mode
from models.policy.certificate import Certificate
from models.policy.schema import SEVERITY_ORDER, Clause, Pack, SignalMatch


@dataclass(frozen=True, slots=True)
class ClauseIndex:
    """The clauses of a pack by the signal and channel group they listen to."""

    by_label: dict[tuple[str, ChannelGroup], tuple[tuple[Clause, SignalMatch], ...]]
    labels: frozenset[str]
    severity: dict[str, int]
    urgent_labels: frozenset[str]

    @classmethod
    def of(cls, pack: Pack) -> "ClauseIndex":
        """Build the index of `pack`."""
        table: dict[tuple[str, ChannelGroup], list[tuple[Clause, SignalMatch]]] = {}
        for clause in pack.clauses:
            for match in clause.signals:
                for group in set(match.channels) & set(clause.channels or match.channels):
                    table.setdefault((match.label, group), []).append((clause, match))
        return cls(
            by_label={key: tuple(pairs) for key, pairs in table.items()},
            labels=frozenset(label for label, _ in table),
            severity={clause.id: SEVERITY_ORDER.index(clause.severity) for clause in pack.clauses},
            urgent_labels=frozenset(
                match.label for clause in pack.clauses if clause.urgent for match in clause.signals
            ),
        )


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """What decides on one connection: the pack, the measured guarantee, and what the machine may do.

    `withheld` names the rule for which the mode stands lower than the connection's own.
    """

    pack: Pack
    certificate: Certificate | None
    mode: Mode
    withheld: str = ""
    index: ClauseIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", ClauseIndex.of(self.pack))

    def act_at(self, label: str, group: ChannelGroup) -> float | None:
        """Return the probability from which `label` may be acted on, or None for never."""
        return None if self.certificate is None else self.certificate.act_at(label, group)

    def review_at(self, label: str, group: ChannelGroup) -> float:
        """Return the probability from which a person looks."""
        return 0.5 if self.certificate is None else self.certificate.review_at(label, group)

    def urgent_at(self, label: str, group: ChannelGroup) -> float:
        """Return the probability from which a person looks at once."""
        return 0.5 if self.certificate is None else self.certificate.urgent_at(label, group)
