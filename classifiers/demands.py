"""Demands: deadlines, information, officers by name, and refusals of procedure or decision."""

from collections.abc import Sequence

from classifiers.cued import cued_signals
from classifiers.learned import Learned
from models.domain import Message, Signal


class DemandsClassifier(Learned):
    """Emits `demand.*` and the wording of `persistence.refuses_decision`."""

    name = "demands"
    labels = (
        "demand.deadline", "demand.information", "demand.named_officer", "demand.refuses_procedure",
        "persistence.refuses_decision",
    )  # fmt: skip

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the demand signals of each message."""
        return cued_signals(messages, self.labels, self.name, "demands")
