"""Near-duplicates: of one contact across channels and months, and of many authors in a campaign."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from classifiers.copies import alike
from classifiers.matters import novel_share
from models.domain import Channel, Message, Signal, Span
from models.policy.history import HistoryView, PastMessage
from models.policy.limits import Limits

VERSION = "2"
COUNTED = 0.99
"""A flood is counted, not guessed."""
FLOOD_MINUTES = 30
FLOOD_ITEMS = 4
LINK_SHARED_BY = 3
OWN_VOICE = 0.3
"""A letter that adds this share of its own to a template is a complaint by itself."""
_SENT_AGAIN = re.compile(
    r"\b(?:(?:second|third|another) (?:try|attempt)|re-?sen(?:d|t|ding)|bounced|came back|attachment|server|too (?:big|large)|undelivered|"
    r"ail-?anfon|anfon eto|heb gyrraedd|atodiad)\b",
    re.IGNORECASE,
)


class DuplicatesDetector:
    """Emits `duplicate.*`, and `spam` where one account floods or many post one link at once."""

    name = "duplicates"
    version = VERSION
    labels = ("duplicate.same_contact", "duplicate.campaign", "spam")

    def detect(self, message: Message, _found: Sequence[Signal], history: HistoryView, limits: Limits) -> list[Signal]:
        """Return what the message repeats."""
        nobody = not history.messages and not history.others and limits.campaign_authors > 1
        if nobody or not message.own_text.strip():
            return []
        whole = (Span(0, len(message.own_text)),)
        signals = []
        copies = self._copies(message, history.within(message.received_at, limits.duplicate_window_days), limits)
        if copies:
            count = len(copies) + 1
            pressing = count >= limits.duplicate_review_at and not _SENT_AGAIN.search(message.own_text)
            probability = 0.95 if pressing else 0.4
            signals.append(
                self._signal(
                    "duplicate.same_contact", probability, whole, f"copy {count} in {limits.duplicate_window_days} days"
                )
            )
        since = message.received_at - timedelta(days=limits.campaign_window_days)
        recent = (past for past in history.others if since <= past.at <= message.received_at)
        crowd = self._copies(message, recent, limits)
        authors = {past.author for past in crowd} - {message.author.address}
        if len(authors) + 1 >= limits.campaign_authors:
            voice = novel_share(message.own_text, [past.own_text for past in crowd])
            own_letter = message.channel is Channel.EMAIL and voice > OWN_VOICE
            signals.append(
                self._signal("duplicate.campaign", 0.4 if own_letter else 0.9, whole, f"{len(authors) + 1} authors")
            )
        flooded = self._flood(message, copies, authors, crowd)
        if flooded:
            signals.append(self._signal("spam", COUNTED, whole, flooded))
        return signals

    @staticmethod
    def _copies(message: Message, past: Iterable[PastMessage], limits: Limits) -> list[PastMessage]:
        return [old for old in past if alike(message.own_text, old.own_text, limits.duplicate_similarity)]

    @staticmethod
    def _flood(message: Message, copies: list[PastMessage], authors: set[str], crowd: list[PastMessage]) -> str:
        """Say why this is a flood: the same comment again within minutes, or one link from many new hands at once."""
        if message.channel is Channel.EMAIL:
            return ""
        since = message.received_at - timedelta(minutes=FLOOD_MINUTES)
        burst = [past for past in copies if past.at >= since and past.channel is not Channel.EMAIL]
        if len(burst) + 1 >= FLOOD_ITEMS:
            return f"the same comment {len(burst) + 1} times in {FLOOD_MINUTES} minutes"
        linked = "://" in message.own_text and [past for past in crowd if past.at >= since]
        if linked and len(authors) + 1 >= LINK_SHARED_BY:
            return f"one link from {len(authors) + 1} accounts in {FLOOD_MINUTES} minutes"
        return ""

    def _signal(self, label: str, probability: float, spans: tuple[Span, ...], note: str) -> Signal:
        return Signal(label, probability, self.name, self.version, spans, note=note)
