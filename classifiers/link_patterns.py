"""Links against the pack and over time: too many in one message, or one link again and again."""

import re
from collections.abc import Sequence

from classifiers.hosts import host_of, is_public_body
from classifiers.links import address, facts_of, spans_of
from models.domain import Channel, Link, Message, Signal
from models.policy.history import HistoryView
from models.policy.limits import Limits

VERSION = "1"
AGAIN = 0.6
REPEATS_DAYS = 7
_WRITTEN = re.compile(r"https?://[^\s<>\"')]+", re.IGNORECASE)


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
        facts = facts_of(message)
        if strength := facts.strength(limits, mail=message.channel is Channel.EMAIL):
            signals.append(self._signal(strength, message.links, f"{facts.counted} links"))
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
            {address(found) for found in _WRITTEN.findall(past.own_text)}
            for past in recent
            if past.channel is not Channel.EMAIL and "://" in past.own_text
        ]
        counts = [
            (1 + sum(address(link.target) in known for known in written), link)
            for link in message.links
            if not is_public_body(host_of(link.target))
        ]
        times, best = max(counts, key=lambda pair: pair[0], default=(0, None))
        return ([best] if best else []), times

    def _signal(self, probability: float, links: Sequence[Link], note: str) -> Signal:
        return Signal("links.excessive", probability, self.name, self.version, spans_of(links), note=note)
