"""The spam family: words, links, and what the envelope and the HTML of a mail give away."""

import re
from collections.abc import Sequence
from dataclasses import replace

from classifiers.batch import MessageBatch
from classifiers.learned import Learned, learned_signals, raised
from models.domain import Channel, Message, Signal, Span

_UPSTREAM = re.compile(r"\bscl[:=]\s*([5-9])\b|^yes\b", re.IGNORECASE)
_LURE = re.compile(
    r"verify your (?:account|identity)|account (?:has been |is )?(?:suspended|limited|locked)|confirm your (?:password|details|payment)|"
    r"click (?:here|below|the link) to (?:verify|confirm|unlock|claim|avoid)|unusual (?:sign-in|activity)|parcel (?:is )?(?:held|waiting)|"
    r"gwirio eich cyfrif|cadarnhau eich manylion",
    re.IGNORECASE,
)
_BANK_CHANGE = re.compile(
    r"(?:new|changed|updated|change of) (?:bank|account|payment) (?:details|account)|manylion banc newydd|newid (?:ein )?manylion banc",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:is (?:this|it|that)[^.!?]{0,25}(?:real|genuine|legit|scam|true|you)\b[^.!?]{0,20}\?|"
    r"(?:got|had) (?:a|this) (?:text|email|message)|(?:reporting|warning|beware of) (?:a |this )?scam|yd[iy] hwn yn (?:wir|go iawn))",
    re.IGNORECASE,
)
_ASKING_KEEPS = 0.2
"""Whoever asks whether a message is genuine, or warns of it, is not its sender."""
_MONEY = re.compile(r"invoice|payment|remittance|anfoneb|taliad", re.IGNORECASE)


class SpamClassifier(Learned):
    """Emits `spam` and its kinds; words alone never carry a mail to certainty."""

    name = "spam"
    labels = ("spam", "spam.phishing", "spam.invoice_fraud", "spam.subscription_bomb")

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the spam signals of each message."""
        batch = MessageBatch.of(messages)
        return [self._one(batch, index) for index in range(len(batch))]

    def _one(self, batch: MessageBatch, index: int) -> list[Signal]:
        message = batch[index]
        signals = learned_signals(batch, index, self.labels, self.name)
        hits: dict[str, tuple[float, tuple[Span, ...]]] = {}
        tricks = _tricks(message)
        if tricks:
            hits["spam"] = (min(0.9, 0.3 * tricks), ())
        text = message.own_text
        lure = _LURE.search(text)
        if lure is not None and message.links:
            hits["spam.phishing"] = (0.6, (Span(*lure.span()),))
        change = _BANK_CHANGE.search(text)
        if change is not None and _MONEY.search(text):
            hits["spam.invoice_fraud"] = (0.6, (Span(*change.span()),))
        if _ASKS.search(text):
            return [replace(signal, probability=signal.probability * _ASKING_KEEPS) for signal in signals]
        if not hits:
            return signals
        found = raised(signals, hits, self.name, batch.version)
        return _with_parent(found, self.name, batch.version)


def _with_parent(signals: list[Signal], name: str, version: str) -> list[Signal]:
    """Phishing and invoice fraud are spam: the parent is at least as likely as its kind."""
    strongest = max(
        (signal for signal in signals if signal.label.startswith("spam.")), key=lambda s: s.probability, default=None
    )
    parent = next((signal for signal in signals if signal.label == "spam"), None)
    if strongest is None or (parent is not None and parent.probability >= strongest.probability):
        return signals
    rest = [signal for signal in signals if signal is not parent]
    return [*rest, Signal("spam", strongest.probability, name, version, strongest.spans, None)]


def _tricks(message: Message) -> int:
    """Count what the envelope and HTML give away; a social post has neither."""
    if message.channel is not Channel.EMAIL:
        return 0
    count = int("hidden_text" in message.html_notes)
    count += any(_mismatch(link.shown, link.target) for link in message.links)
    for name in ("x-spam-flag", "x-forefront-antispam-report", "x-ms-exchange-organization-scl", "x-spam-status"):
        value = message.header(name)
        count += value is not None and _UPSTREAM.search(value) is not None
    return count


def _mismatch(shown: str, target: str) -> bool:
    """True when a link shows one web address and goes to another host."""
    said = re.match(r"(?:https?://)?([\w.-]+\.[a-z]{2,})", shown.strip().lower())
    goes = re.match(r"https?://([\w.-]+)", target.lower())
    return bool(said and goes and "@" not in shown and said.group(1).removeprefix("www.") not in goes.group(1))
