"""Links: too many, shortened, look-alike or lying ones; the evidence of a complaint is none of these."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from classifiers.batch import MessageBatch
from classifiers.learned import Learned, learned_signals, raised
from models.domain import Channel, Link, Message, Signal, Span

_SHORTENERS = frozenset(
    "bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly shorturl.at rb.gy tiny.cc s.id lnkd.in".split()
)
_KNOWN = (
    "gov.uk",
    "gov.wales",
    "llyw.cymru",
    "nhs.uk",
    "nhs.wales",
    "ombudsman.wales",
    "ombudsman.org.uk",
    "police.uk",
)
_LETTER = re.compile(r"[^\W\d_]+")
LINKS_OF_A_POST = 3
LINKS_OF_A_MAIL = 15
WORDS_A_LINK = 6
FEW_LINKS_KEEP = 0.3
"""Where no rule sees too many links, the words alone prove little: evidence is linked too."""


class LinksClassifier(Learned):
    """Emits `links.excessive`; which number is excessive is the default of the packs."""

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
        strength = _strength(message)
        if not strength:
            return [replace(signal, probability=signal.probability * FEW_LINKS_KEEP) for signal in signals]
        spans = tuple(link.span for link in message.links if link.span is not None)
        whole = (Span(min(s.start for s in spans), max(s.end for s in spans)),) if spans else ()
        return raised(signals, {"links.excessive": (strength, whole)}, self.name, batch.version)


def _strength(message: Message) -> float:
    """Return how excessive the links are: by number and density, more for shortened or lying ones."""
    count = len({link.target for link in message.links})
    most = LINKS_OF_A_MAIL if message.channel is Channel.EMAIL else LINKS_OF_A_POST
    words = len(_LETTER.findall(message.own_text)) - sum(len(_LETTER.findall(link.target)) for link in message.links)
    strength = 0.0
    if count >= most:
        strength = 0.6
    elif count >= 2 and words < WORDS_A_LINK * count and message.channel is not Channel.EMAIL:
        strength = 0.3
    doubtful = sum(is_doubtful(link) for link in message.links)
    return min(0.95, strength + 0.15 * doubtful)


def is_doubtful(link: Link) -> bool:
    """True for a shortener or a host drawn to look like a public body's."""
    host = host_of(link.target)
    return host in _SHORTENERS or any(_looks_like(host, known) for known in _KNOWN)


def host_of(target: str) -> str:
    """Return the host a link goes to, without `www.`; empty where there is none."""
    found = re.match(r"(?:https?://)?([^/:?#\s]+)", target.lower())
    return found.group(1).removeprefix("www.") if found else ""


def _looks_like(host: str, known: str) -> bool:
    """True when `host` carries the name of a public body but lies outside its domain."""
    if host == known or host.endswith("." + known):
        return False
    name = known.replace(".", "-")
    return name in host or known in host.removesuffix("." + registered(host)) or known in host.replace("-", ".")


def registered(host: str) -> str:
    """Return the registered domain of `host`, from the bundled list of suffixes."""
    return str(_extractor()(host).top_domain_under_public_suffix or host)


@cache
def _extractor() -> Any:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
