"""Rights: requests for information and appeals, which pass everything."""

from collections.abc import Sequence

from classifiers.cued import cued_signals
from classifiers.learned import Learned
from models.domain import Message, Signal


class RightsClassifier(Learned):
    """Emits `rights.request` and `rights.appeal`."""

    name = "rights"
    labels = ("rights.request", "rights.appeal")

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the rights signals of each message."""
        return cued_signals(messages, self.labels, self.name, "rights")
