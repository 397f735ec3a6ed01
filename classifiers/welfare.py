"""Welfare: self-harm, emergency, safeguarding, and needs disclosed — recall first, by heads and by phrases."""

from collections.abc import Sequence

from classifiers.cued import cued_signals
from classifiers.hazards import weighed
from classifiers.learned import Learned
from models.domain import Message, Signal


class WelfareClassifier(Learned):
    """Emits `welfare.*`."""

    name = "welfare"
    labels = ("welfare.self_harm", "welfare.emergency", "welfare.safeguarding", "welfare.adjustment")

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the welfare signals of each message."""
        found = cued_signals(messages, self.labels, self.name, "welfare")
        return [weighed(message.own_text, signals) for message, signals in zip(messages, found, strict=True)]
