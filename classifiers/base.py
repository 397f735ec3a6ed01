"""The two interfaces of a classifier: one reads a message, the other reads a history as well."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from models.domain import Message, Signal
from models.policy.history import HistoryView
from models.policy.limits import Limits


class ClassifierError(Exception):
    """Root of what a classifier may raise; the pipeline then sends the message to a person."""


class ArtefactMissing(ClassifierError):
    """A trained artefact is not where it should be, or is damaged."""


@runtime_checkable
class Classifier(Protocol):
    """Reads messages in a batch, each by itself."""

    @property
    def name(self) -> str:
        """What signals and coverage call it."""

    @property
    def version(self) -> str:
        """Changes whenever its answers may."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it may emit."""

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the signals of each message, in order; spans index `message.own_text`."""


@runtime_checkable
class PatternDetector(Protocol):
    """Reads one message against the history of its contact. Pure."""

    @property
    def name(self) -> str:
        """What signals and coverage call it."""

    @property
    def version(self) -> str:
        """Changes whenever its answers may."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it may emit."""

    def detect(
        self, message: Message, found: Sequence[Signal], /, history: HistoryView, limits: Limits
    ) -> list[Signal]:
        """Return the pattern signals of `message`, given the signals its text already gave."""


def capped(signal: Signal, most: float) -> Signal:
    """Return the signal with a probability of `most` at most."""
    return signal if signal.probability <= most else replace(signal, probability=most)


def highest(signals: Sequence[Signal], label: str) -> float:
    """Return the highest probability of `label` among `signals`, 0.0 where it is not there."""
    return max((signal.probability for signal in signals if signal.label == label), default=0.0)
