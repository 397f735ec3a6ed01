"""Novelty: what a message adds to what the same contact, or the campaign, already said."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from classifiers.facts import Fact, facts_in, is_stated, known_facts
from classifiers.known import is_known
from classifiers.matters import content, on_one_matter
from classifiers.slips import is_mutation
from models.domain import Message, Signal, Span
from models.policy.history import HistoryView
from models.policy.limits import Limits

VERSION = "2"
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\w)[^.!?\n]+)*[.!?]*")
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
SPANS_AT_MOST = 8
COMPARED_AT_MOST = 24
"""So many words that nobody knows are looked at as slips of words said before."""
_FIGURES = ("amount", "date", "time", "reference", "number")


@dataclass(frozen=True, slots=True)
class _Past:
    """What was said before: stems of words, and facts."""

    words: frozenset[str]
    facts: frozenset[str]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "_Past":
        return cls(frozenset().union(*(content(text) for text in texts)), frozenset().union(*map(known_facts, texts)))

    def new_words(self, words: Iterable[str]) -> set[str]:
        """Return which stems were not said in any form: as written, mutated, or with a slip of the finger."""
        new = {word for word in words if word not in self.words}
        doubtful = sorted(word for word in new if len(word) >= NEW_WORDS_AT_LEAST)[:COMPARED_AT_MOST]
        if not doubtful:
            return new
        endings: dict[str, list[str]] = defaultdict(list)
        wanted = {word[-2:] for word in doubtful}
        for old in self.words:
            if old[-2:] in wanted:
                endings[old[-2:]].append(old)
        return new - {word for word in doubtful if self._said_otherwise(word, endings[word[-2:]])}

    def _said_otherwise(self, word: str, ending_alike: Sequence[str]) -> bool:
        if any(abs(len(old) - len(word)) <= 2 and is_mutation(old, word) for old in ending_alike):
            return True
        if is_known(word):
            return False
        return process.extractOne(word, self.words, scorer=OSA.distance, score_cutoff=1) is not None


class NoveltyDetector:
    """Emits `novelty` where there is a past to be new against."""

    name = "novelty"
    version = VERSION
    labels = ("novelty",)

    def detect(self, message: Message, _found: Sequence[Signal], history: HistoryView, limits: Limits) -> list[Signal]:
        """Return what is new, with the sentences that hold it, or the new facts alone where the sentence was said before."""
        before = _said_before(message, history, limits)
        neighbours = [] if before else _by_neighbours(message, history)
        if not before and not neighbours:
            return []
        past = _Past.of([*before, *neighbours, message.quoted_text])
        new_facts = [fact for fact in facts_in(message.own_text) if not is_stated(fact, past.facts)]
        fresh = past.new_words(content(message.own_text))
        spans, weight = _new_parts(message.own_text, fresh, new_facts)
        seen = {name for old in history.messages for name in old.attachments}
        attached = [entry.name for entry in message.attachments if entry.name not in seen]
        figures = {fact.same for fact in new_facts if fact.kind in _FIGURES}
        names = {fact.same for fact in new_facts if fact.kind == "name"}
        added = 0.2 * min(len(figures), 2) + 0.03 * min(len(fresh), 5) + 0.1 * min(len(names), 2)
        probability = min(0.97, 0.25 * weight + 0.3 * bool(attached) + added)
        if not neighbours and not history.messages and not history.others:
            probability = min(probability, LETTERS_ONLY)
        if probability < 0.1:
            return []
        note = _note(new_facts, len(attached), len(neighbours))
        return [Signal("novelty", probability, self.name, self.version, spans[:SPANS_AT_MOST], note=note)]


def _said_before(message: Message, history: HistoryView, limits: Limits) -> list[str]:
    """Return what the contact, our letters to them and look-alikes of others have said."""
    before = [past.own_text for past in history.within(message.received_at, limits.after_decision_window_days)]
    before += [event.text for event in history.events if event.at <= message.received_at and event.text]
    return before + [past.own_text for past in history.others if past.at <= message.received_at]


def _by_neighbours(message: Message, history: HistoryView) -> list[str]:
    """Return what other people wrote today of the matter that somebody without a past writes of."""
    if not history.alongside:
        return []
    ours = " ".join((message.org, *history.own_addresses))
    return on_one_matter(f"{message.author.address} {message.own_text}", history.alongside, ours)


def _note(facts: Sequence[Fact], attachments: int, neighbours: int) -> str:
    """Say what kinds of facts are new; never the facts, since notes stand in lists."""
    counts = [(f"new {kind}s", sum(fact.kind == kind for fact in facts)) for kind in (*_FIGURES, "name")]
    counts += [("new attachments", attachments), ("messages of others today", neighbours)]
    return ", ".join(f"{what}: {count}" for what, count in counts if count)


def _new_parts(text: str, fresh: set[str], new_facts: Sequence[Fact]) -> tuple[tuple[Span, ...], float]:
    """Return where something new stands and how much it is, in sentences' worth."""
    spans: list[Span] = []
    weight = 0.0
    for match in _SENTENCE.finditer(text):
        inside = [fact for fact in new_facts if match.start() <= fact.span.start < match.end()]
        worth = _worth(match.group(), fresh, inside)
        if worth > 0:
            spans.append(_trimmed(match))
            weight += worth
        else:
            spans.extend(fact.span for fact in inside)
    return tuple(spans), weight


def _trimmed(match: re.Match[str]) -> Span:
    words = match.group()
    return Span(match.start() + len(words) - len(words.lstrip()), match.start() + len(words.rstrip()))


def _worth(sentence: str, fresh: set[str], facts: Sequence[Fact]) -> float:
    words = content(sentence)
    new = words & fresh
    worth = 0.0
    if new and any(fact.kind in _FIGURES for fact in facts):
        worth += 1.2
    if new and _EVIDENCE.search(sentence):
        worth += 1.2
    if len(new) >= NEW_WORDS_AT_LEAST and len(new) >= NEW_SHARE * len(words):
        worth += 1.0 + 0.15 * (len(new) - NEW_WORDS_AT_LEAST)
    elif len(new) >= 2 and len(new) >= NEW_SHARE * len(words):
        worth += 0.8 if len(new) >= NEW_WORDS_AT_LEAST - 1 else 0.4
    return worth
