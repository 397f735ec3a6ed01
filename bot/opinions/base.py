"""What every remote classifier has in common: it is asked of what is uncertain, and its answer only brings a person."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from classifiers.learned import RULE_CARRIES_TO
from classifiers.registry import Classified, merged
from models.domain import Message, Signal
from models.labels import LABELS, Stance

CARRIES_TO = RULE_CARRIES_TO
"""No answer from outside says more than this: it lies below every threshold that the machine may act from."""
log = structlog.get_logger()


class OpinionError(Exception):
    """The other side did not answer, or answered nonsense: nothing changes."""


class Opinion(Protocol):
    """A classifier that is asked over the network."""

    @property
    def name(self) -> str:
        """What it is called in signals and logs."""

    def wants(self, message: Message, signals: Sequence[Signal]) -> bool:
        """True when this message lies in the band that the other side may see."""

    def ask(self, message: Message) -> list[Signal]:
        """Return what the other side says.

        Raises:
            OpinionError: It did not answer in time, or not in the form agreed.
        """


def attentive(signals: Sequence[Signal], said: Sequence[Signal]) -> list[Signal]:
    """Return the signals with what was `said` outside, so far as it can only raise attention.

    A label that speaks in the writer's favour is not taken from outside: it could stop a rule.
    """
    known = {signal.label: signal for signal in signals}
    taken = []
    for signal in said:
        if signal.label not in LABELS or LABELS[signal.label] not in {Stance.HARM, Stance.NOTICE}:
            continue
        before = known[signal.label].probability if signal.label in known else 0.0
        if before < min(signal.probability, CARRIES_TO):
            taken.append(replace(signal, probability=min(signal.probability, CARRIES_TO)))
    return merged([*signals, *taken])


def with_opinions(
    messages: Sequence[Message], classified: Sequence[Classified], opinions: Sequence[Opinion]
) -> list[Classified]:
    """Return what was classified with the second opinions on what is uncertain; who fails to answer changes nothing."""
    out = []
    for message, one in zip(messages, classified, strict=True):
        signals: Sequence[Signal] = one.signals
        for opinion in opinions:
            if not opinion.wants(message, signals):
                continue
            try:
                signals = attentive(signals, opinion.ask(message))
            except OpinionError as error:
                log.warning("no_second_opinion", opinion=opinion.name, message=message.key.native_id, why=str(error))
        out.append(replace(one, signals=tuple(signals)))
    return out
