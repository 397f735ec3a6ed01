"""Novelty: what a message adds to what the same contact, or the campaign, already said."""

import re
from collections.abc import Sequence

from classifiers.matters import content, words_of
from models.domain import Message, Signal, Span
from models.policy.history import HistoryView
from models.policy.schema import Limits

VERSION = "1"
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_FACT = re.compile(
    r"£\s?\d[\d,.]*|\b\d{1,2}(?:st|nd|rd|th)?\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Ion|Chw|Maw|Ebr|Mai|Meh|Gor|Aws|Med|Hyd|Tach|Rhag)\w*|"
    r"\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b|\b[A-Z]{2,}[-/]?\d{2,}\b|\b\d{3,}\b"
)
_EVIDENCE = re.compile(
    r"\b(?:attach(?:ed|ing)?|enclos(?:e|ed|ing)|report|photographs?|photos?|pictures?|letter from|statement|witness(?:ed)?|recording|invoice|receipt|"
    r"evidence|survey|gp|doctor|hospital|police|solicitor|diagnos\w+|died|death|new|since then|last night|this morning|yesterday|today|now|"
    r"atodaf|atodi|ynghlwm|adroddiad|lluniau?|tystiolaeth|meddyg|ysbyty|heddlu|newydd|neithiwr|bore 'ma|heddiw|ddoe)\b",
    re.IGNORECASE,
)
NEW_WORDS_AT_LEAST = 4
NEW_SHARE = 0.5
LETTERS_ONLY = 0.45
"""Against our own letters alone almost every word is new: that proves little."""


class NoveltyDetector:
    """Emits `novelty` where there is a past to be new against."""

    name = "novelty"
    version = VERSION
    labels = ("novelty",)

    def detect(self, message: Message, _found: Sequence[Signal], history: HistoryView, limits: Limits) -> list[Signal]:
        """Return what is new, with the sentences that hold it."""
        before = [past.own_text for past in history.within(message.received_at, limits.after_decision_window_days)]
        before += [event.text for event in history.events if event.at <= message.received_at and event.text]
        before += [past.own_text for past in history.others if past.at <= message.received_at]
        if not before:
            return []
        before.append(message.quoted_text)
        known = frozenset().union(*(content(text) for text in before))
        figures = {word for text in before for word in words_of(text) if word[0].isdigit()}
        spans, weight = self._new_parts(message.own_text, known, figures)
        seen = {name for past in history.messages for name in past.attachments}
        attached = [a.name for a in message.attachments if a.name not in seen]
        numbers = {word for word in words_of(message.own_text) if word[0].isdigit()} - figures
        fresh = len(content(message.own_text) - known)
        added = 0.2 * min(len(numbers), 2) + 0.03 * min(fresh, 5)
        probability = min(0.97, 0.25 * weight + 0.3 * bool(attached) + added)
        if not history.messages and not history.others:
            probability = min(probability, LETTERS_ONLY)
        if probability < 0.1:
            return []
        note = f"new attachments: {len(attached)}" if attached else ""
        return [Signal("novelty", probability, self.name, self.version, spans[:8], note=note)]

    @staticmethod
    def _new_parts(text: str, known: frozenset[str], figures: set[str]) -> tuple[tuple[Span, ...], float]:
        """Return the sentences with something new and how much that is, in sentences' worth."""
        spans, weight = [], 0.0
        for match in _SENTENCE.finditer(text):
            worth = _worth(match.group(), known, figures)
            if worth > 0:
                spans.append(Span(*match.span()))
                weight += worth
        return tuple(spans), weight


def _worth(sentence: str, known: frozenset[str], figures: set[str]) -> float:
    words = content(sentence)
    new = words - known
    facts = [fact for fact in _FACT.findall(sentence) if not set(words_of(fact)) & figures]
    worth = 0.0
    if facts and new:
        worth += 1.2
    if new and _EVIDENCE.search(sentence):
        worth += 1.2
    if len(new) >= NEW_WORDS_AT_LEAST and len(new) >= NEW_SHARE * len(words):
        worth += 1.0 + 0.15 * (len(new) - NEW_WORDS_AT_LEAST)
    elif len(new) >= 2 and len(new) >= NEW_SHARE * len(words):
        worth += 0.8 if len(new) >= NEW_WORDS_AT_LEAST - 1 else 0.4
    return worth
