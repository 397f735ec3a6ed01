"""Which named queue a message's case goes to: conditions in order, the first rule that fits counts. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FIELDS = ("channel", "connection", "label", "clause", "lang", "recipient", "list")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule can ask of a message. `recipients` are lower-case addresses, `lists` the kinds of list entries that fit."""

    channel: str
    connection: str
    labels: frozenset[str]
    clauses: frozenset[str]
    lang: str
    recipients: frozenset[str]
    lists: frozenset[str]

    def of(self, field: str) -> frozenset[str]:
        """Return the values that a field has."""
        single = {"channel": self.channel, "connection": self.connection, "lang": self.lang}
        if field in single:
            return frozenset({single[field]})
        return {"label": self.labels, "clause": self.clauses, "recipient": self.recipients, "list": self.lists}[field]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a message goes whose every named field has one of the values that stand beside it."""

    queue_id: int
    conditions: Mapping[str, tuple[str, ...]]

    def fits(self, facts: Facts) -> bool:
        """True when every condition fits; a rule without any fits nothing."""
        return bool(self.conditions) and all(
            any(_is(field, value, facts) for value in values) for field, values in self.conditions.items()
        )


def _is(field: str, value: str, facts: Facts) -> bool:
    if field != "recipient" or not value.startswith("@"):
        return value in facts.of(field)
    domains = {address.rpartition("@")[2] for address in facts.recipients}
    return any(domain == value[1:] or domain.endswith(f".{value[1:]}") for domain in domains)


def routed(rules: Iterable[Rule], facts: Facts) -> int | None:
    """Return the queue of the first rule that fits, None for the default queue."""
    return next((rule.queue_id for rule in rules if rule.fits(facts)), None)
