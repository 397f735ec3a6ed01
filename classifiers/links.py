"""Links: too many, too dense, shortened, look-alike or lying; the evidence of a complaint is none of these."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from classifiers.batch import MessageBatch
from classifiers.hosts import host_of, is_doubtful, is_public_body, lies, registered
from classifiers.learned import Learned, learned_signals, raised
from models.domain import Channel, Link, Message, Signal, Span
from models.policy.limits import Limits
from models.policy.links import DOUBTFUL, MOST, LinkFacts

FEW_LINKS_KEEP = 0.3
"""Where no rule sees too many links, the words alone prove little: evidence is linked too."""
MESSAGES_REMEMBERED = 512
"""The classifier, the detector and the store ask for the same facts, one after another over a batch."""
_LETTER = re.compile(r"[^\W\d_]+")
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
        hidden, crowded = hiding(message), facts_of(message).crowding(_DEFAULT, mail=message.channel is Channel.EMAIL)
        if not hidden and not crowded:
            return [replace(signal, probability=signal.probability * FEW_LINKS_KEEP) for signal in signals]
        if not hidden:
            return signals
        strength = min(MOST, crowded + DOUBTFUL * len(hidden))
        return raised(signals, {"links.excessive": (strength, spans_of(hidden))}, self.name, batch.version)


def facts_of(message: Message) -> LinkFacts:
    """Return what counts of a message's links."""
    return _facts(message.own_text, message.links, message.to)


@lru_cache(maxsize=MESSAGES_REMEMBERED)
def _facts(text: str, links: Sequence[Link], to: Sequence[str]) -> LinkFacts:
    words = len(_LETTER.findall(text)) - sum(len(_LETTER.findall(link.target)) for link in links)
    return LinkFacts(len(counted(links)), words, len(_hiding(links, to)))


def hiding(message: Message) -> list[Link]:
    """Return the links that do not show where they go: shortened, look-alike, or another than the text says."""
    return list(_hiding(message.links, message.to))


@lru_cache(maxsize=MESSAGES_REMEMBERED)
def _hiding(links: Sequence[Link], to: Sequence[str]) -> tuple[Link, ...]:
    own = tuple(sorted({registered(address.rpartition("@")[2]) for address in to if "@" in address}))
    return tuple(link for link in links if is_doubtful(link, own) or lies(link))


def counted(links: Iterable[Link]) -> set[str]:
    """Return the addresses that links go to, those of public bodies left out."""
    return {address(link.target) for link in links if not is_public_body(host_of(link.target))}


def address(target: str) -> str:
    """Return a link as it is counted: without its scheme, `www.` and closing stops."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", target.strip(), flags=re.IGNORECASE).rstrip("/.,;:!?)]'\"").lower()


def spans_of(links: Sequence[Link]) -> tuple[Span, ...]:
    """Return the stretch from the first to the last of the links that stand in the text."""
    spans = [link.span for link in links if link.span is not None]
    return (Span(min(s.start for s in spans), max(s.end for s in spans)),) if spans else ()
