"""Rights: requests for information and appeals, which pass everything."""

from collections.abc import Sequence

from classifiers.batch import MessageBatch
from classifiers.cued import cued_signals
from models.domain import Message, Signal


class RightsClassifier:
    """Emits `rights.request` and `rights.appeal`."""

    name = "rights"
    labels = ("rights.request", "rights.appeal")

    @property
    def version(self) -> str:
        """The version of the trained heads."""
        return MessageBatch([]).version

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the rights signals of each message."""
        return cued_signals(messages, self.labels, self.name, "rights")
