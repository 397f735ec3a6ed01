"""Links: too many by the pack, again and again, shortened, look-alike or lying; the evidence of a complaint is none of these."""

import re
from collections.abc import Sequence
from dataclasses import replace

from classifiers.batch import MessageBatch
from classifiers.hosts import host_of, is_doubtful, is_public_body, lies, registered
from classifiers.learned import Learned, learned_signals, raised
from models.domain import Channel, Link, Message, Signal, Span
from models.policy.history import HistoryView
from models.policy.schema import Limits

VERSION = "2"
WORDS_A_LINK = 6
FEW_LINKS_KEEP = 0.3
"""Where no rule sees too many links, the words alone prove little: evidence is linked too."""
TOO_MANY, DENSE, DOUBTFUL, MOST = 0.6, 0.3, 0.15, 0.95
AGAIN = 0.6
REPEATS_DAYS = 7
_LETTER = re.compile(r"[^\W\d_]+")
_WRITTEN = re.compile(r"https?://[^\s<>\"')]+", re.IGNORECASE)
_DEFAULT = Limits()


class LinksClassifier(Learned):
    """Emits `links.excessive` by the wording, and for links that hide where they go."""

    name = "links"
    labels = ("links.excessive",)

    def classify(self, messages: Sequence[Message]) -> list[list[Signal]]:
        """Return the link signal of each message."""
        batch = MessageBatch.of(messages)
        return [self._one(batch, index) for index in range(len(batch))]

    def _one(self, batch: MessageBatch, index: int) -> list[Signal]:
        message = batch[index]
        if not message.links:
            return []
        signals = learned_signals(batch, index, self.labels, self.name)
        hidden = hiding(message)
        if not hidden and not crowding(message, _DEFAULT):
            return [replace(signal, probability=signal.probability * FEW_LINKS_KEEP) for signal in signals]
        if not hidden:
            return signals
        strength = min(MOST, crowding(message, _DEFAULT) + DOUBTFUL * len(hidden))
        return raised(signals, {"links.excessive": (strength, _spans(hidden))}, self.name, batch.version)


class LinkPatternsDetector:
    """Emits `links.excessive` by the pack: too many in one message, too dense, or one link again and again."""

    name = "link_patterns"
    version = VERSION
    labels = ("links.excessive",)

    def detect(self, message: Message, _found: Sequence[Signal], history: HistoryView, limits: Limits) -> list[Signal]:
        """Return what the links of the message, and those before it, come to."""
        if not message.links:
            return []
        signals = []
        strength = crowding(message, limits)
        if strength:
            strength = min(MOST, strength + DOUBTFUL * len(hiding(message)))
            signals.append(self._signal(strength, message.links, f"{len(_counted(message))} links"))
        repeated, times = self._again(message, history)
        if times >= limits.link_repeats_per_week:
            note = f"one link {times} times in {REPEATS_DAYS} days"
            signals.append(self._signal(AGAIN, repeated, note))
        return sorted(signals, key=lambda signal: signal.probability)[-1:]

    @staticmethod
    def _again(message: Message, history: HistoryView) -> tuple[list[Link], int]:
        """Return the link this contact posts most and how often; in mail one may point to one's evidence as often as one likes."""
        if message.channel is Channel.EMAIL:
            return [], 0
        recent = list(history.within(message.received_at, REPEATS_DAYS))
        written = [
            {_address(found) for found in _WRITTEN.findall(past.own_text)}
            for past in recent
            if past.channel is not Channel.EMAIL and "://" in past.own_text
        ]
        counts = [
            (1 + sum(_address(link.target) in known for known in written), link)
            for link in message.links
            if not is_public_body(host_of(link.target))
        ]
        times, best = max(counts, key=lambda pair: pair[0], default=(0, None))
        return ([best] if best else []), times

    def _signal(self, probability: float, links: Sequence[Link], note: str) -> Signal:
        return Signal("links.excessive", probability, self.name, self.version, _spans(links), note=note)


def crowding(message: Message, limits: Limits) -> float:
    """Return how excessive the number and the density of links are; links to public bodies are references."""
    counted = _counted(message)
    mail = message.channel is Channel.EMAIL
    if len(counted) >= (limits.links_per_mail if mail else limits.links_per_post):
        return TOO_MANY
    words = len(_LETTER.findall(message.own_text)) - sum(len(_LETTER.findall(link.target)) for link in message.links)
    return DENSE if not mail and len(counted) >= 2 and words < WORDS_A_LINK * len(counted) else 0.0


def hiding(message: Message) -> list[Link]:
    """Return the links that do not show where they go: shortened, look-alike, or another than the text says."""
    own = tuple(sorted({registered(address.rpartition("@")[2]) for address in message.to if "@" in address}))
    return [link for link in message.links if is_doubtful(link, own) or lies(link)]


def _counted(message: Message) -> set[str]:
    return {_address(link.target) for link in message.links if not is_public_body(host_of(link.target))}


def _address(target: str) -> str:
    """Return a link as it is counted: without its scheme, `www.` and closing stops."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", target.strip(), flags=re.IGNORECASE).rstrip("/.,;:!?)]'\"").lower()


def _spans(links: Sequence[Link]) -> tuple[Span, ...]:
    spans = [link.span for link in links if link.span is not None]
    return (Span(min(s.start for s in spans), max(s.end for s in spans)),) if spans else ()
