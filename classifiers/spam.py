"""The spam family: learned words, the wording of lures and advertisements, and what a mail's envelope gives away."""

import math
from collections.abc import Sequence

from classifiers.batch import MessageBatch
from classifiers.envelope import evidence
from classifiers.learned import SHOWN_FROM, Learned
from classifiers.promotion import Promotion, promotion
from models.domain import Channel, Message, Signal

_MAIL_OFFSET, _PUBLIC_WEIGHT, _WORDS_WEIGHT = -1.6, 0.8, 0.3
"""How a whole mail's score is made: envelope + public head + wording, set on raw mail that is not trained on."""
_MAIL_WORDING = 0.4
"""Newsletters and notices use the wording of advertisements too: in mail it counts for less."""
_SUSPECTED = 0.05
_LIKELY = 0.004
"""What the learned heads do not tell at all counts as this."""
_KINDS = {
    "spam.phishing": ("an account to be saved", "a parcel, prize or fee to pay"),
    "spam.invoice_fraud": ("payment to a new account or by vouchers",),
}
_KIND_WEIGHT = 1.8
_MOST = 0.995
ASKED_ABOUT = 0.35
"""Whoever asks whether something is a fraud, or warns of one, quotes it: a customer who waits for an answer, not spam."""


class SpamClassifier(Learned):
    """Emits `spam` and its kinds; words alone never carry a whole mail to certainty."""

    name = "spam"
    labels = ("spam", "spam.phishing", "spam.invoice_fraud", "spam.subscription_bomb")

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the spam signals of each message."""
        batch = MessageBatch.of(messages)
        return [self._one(batch, index) for index in range(len(batch))]

    def _one(self, batch: MessageBatch, index: int) -> list[Signal]:
        message, learned = batch[index], batch.learned(index)
        worded = promotion(message, suspected=learned.get("spam", 0.0) >= _SUSPECTED)
        kinds = {kind: self._kind(kind, learned.get(kind, _LIKELY), worded) for kind in _KINDS}
        whole, note = self._spam(batch, index, worded, learned.get("spam", _LIKELY))
        found = {**kinds, "spam": max(whole, *kinds.values())}
        spans = worded.spans if worded.weight > 0 else ()
        return [
            Signal(label, probability, self.name, batch.version, spans or batch.spans(index, label), None, note)
            for label, probability in found.items()
            if probability >= SHOWN_FROM
        ]

    @staticmethod
    def _spam(batch: MessageBatch, index: int, worded: Promotion, learned: float) -> tuple[float, str]:
        """Return the probability of spam: a mail with its route by its envelope, all else by words and wording."""
        message = batch[index]
        if message.channel is Channel.EMAIL and (message.headers or message.html_notes):
            weight, names = evidence(message)
            public = batch.score(index, "public.spam")
            total = _MAIL_OFFSET + weight + _PUBLIC_WEIGHT * public + _WORDS_WEIGHT * worded.weight
            return _sigmoid(total), ", ".join((*names, *worded.names)[:6])
        most = ASKED_ABOUT if worded.asked_about else _MOST
        share = _MAIL_WORDING if message.channel is Channel.EMAIL and worded.weight > 0 else 1.0
        return min(most, _sigmoid(_logit(learned) + share * worded.weight)), ", ".join(worded.names[:4])

    @staticmethod
    def _kind(kind: str, learned: float, worded: Promotion) -> float:
        named = any(name in worded.names for name in _KINDS[kind])
        most = ASKED_ABOUT if worded.asked_about else _MOST
        return min(most, _sigmoid(_logit(learned) + (_KIND_WEIGHT if named else 0.0) + min(0.0, worded.weight)))


def _logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


def _sigmoid(score: float) -> float:
    return min(_MOST, 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score)))))
