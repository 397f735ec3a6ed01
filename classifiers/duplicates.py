"""Near-duplicates: of one contact across channels and months, and of many authors in a campaign."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache

from rensa import RMinHash, RMinHashLSH

from classifiers.matters import novel_share, words_of
from models.domain import Channel, Message, Signal, Span
from models.policy.history import HistoryView, PastMessage
from models.policy.schema import Limits

VERSION = "1"
PERMUTATIONS = 128
BANDS = 32
SEED = 7
CHARACTERS_OF_A_SHINGLE = 5
FLOOD_MINUTES = 30
FLOOD_ITEMS = 4
LINK_SHARED_BY = 3
SHORT_CHARACTERS = 90
LINKED_AT_MOST = 20
_LINK = re.compile(r"https?://[^\s<>\"')]+")
SHORT_WORDS_SHARED = 0.75
TYPED_OVER_SHINGLES, TYPED_OVER_LETTERS = 0.2, 0.65
"""One slip of the finger changes five shingles: what shares this many is compared by shorter ones."""
SENTENCE_CHARACTERS = 30
OWN_VOICE = 0.3
"""A letter that adds this share of its own to a template is a complaint by itself."""
_SENT_AGAIN = re.compile(
    r"\b(?:(?:second|third|another) (?:try|attempt)|re-?sen(?:d|t|ding)|bounced|came back|attachment|server|too (?:big|large)|undelivered|"
    r"ail-?anfon|anfon eto|heb gyrraedd|atodiad)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def _shingles(text: str) -> frozenset[str]:
    plain = " ".join(words_of(text))
    if len(plain) <= CHARACTERS_OF_A_SHINGLE:
        return frozenset({plain}) if plain else frozenset()
    return frozenset(plain[i : i + CHARACTERS_OF_A_SHINGLE] for i in range(len(plain) - CHARACTERS_OF_A_SHINGLE + 1))


def similarity(a: str, b: str) -> float:
    """Return the Jaccard likeness of the shingles of two texts, from 0 to 1."""
    one, two = _shingles(a), _shingles(b)
    return len(one & two) / len(one | two) if one and two else 0.0


def containment(part: str, whole: str) -> float:
    """Return the share of `part` that stands in `whole`: a signature added on top leaves it near 1."""
    one, two = _shingles(part), _shingles(whole)
    return len(one & two) / len(one) if one and two else 0.0


def alike(a: str, b: str, at_least: float) -> bool:
    """True for near-copies: much the same, or nearly all of the one inside the other of about its length."""
    if similarity(a, b) >= at_least or (max(len(a), len(b)) <= SHORT_CHARACTERS and _same_words(a, b)):
        return True
    shorter, longer = sorted((a, b), key=len)
    if _typed_over(shorter, longer):
        return True
    return len(shorter) >= 0.35 * len(longer) and len(shorter) > 40 and containment(shorter, longer) >= 0.85


def _typed_over(shorter: str, longer: str) -> bool:
    """True for a letter copied by hand, slips and all: most of the same three-letter shingles."""
    if len(shorter) <= SHORT_CHARACTERS or len(shorter) < 0.8 * len(longer):
        return False
    if similarity(shorter, longer) < TYPED_OVER_SHINGLES:
        return False
    one, two = _trigrams(shorter), _trigrams(longer)
    return len(one & two) >= TYPED_OVER_LETTERS * len(one | two)


@lru_cache(maxsize=4_096)
def _trigrams(text: str) -> frozenset[str]:
    """Return the three-letter shingles: a slip changes three of these, and comparing stays linear in the length."""
    plain = " ".join(words_of(text))
    return frozenset(plain[i : i + 3] for i in range(len(plain) - 2))


def _same_words(a: str, b: str) -> bool:
    """True for short texts that share most of their words: a word or two typed over changes many shingles."""
    one, two = set(words_of(a)), set(words_of(b))
    return len(one & two) >= SHORT_WORDS_SHARED * len(one | two) if len(one | two) >= 3 else one == two


def signature(text: str) -> bytes:
    """Return the MinHash of `text`, 4 bytes a permutation; one a message is kept in the store."""
    return b"".join(int(value).to_bytes(4, "little") for value in _minhash(text).digest())


def _minhash(text: str) -> RMinHash:
    made = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    made.update(sorted(_shingles(text)))
    return made


class CampaignIndex:
    """Look-alikes across authors within a window, in memory; whoever deals with the store owns it."""

    def __init__(self, threshold: float = 0.5) -> None:
        self._lsh = RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=BANDS)
        self._by_link: dict[str, list[int]] = {}
        self._by_sentence: dict[str, list[int]] = {}

    def neighbours(self, text: str) -> list[int]:
        """Return the ids of texts that are likely near-copies of `text` or hold one of its links or long sentences."""
        near = {int(found) for found in self._lsh.query(_minhash(text))} if _shingles(text) else set()
        for link in _links(text):
            near.update(self._by_link.get(link, ())[-LINKED_AT_MOST:])
        for sentence in _sentences(text):
            near.update(self._by_sentence.get(sentence, ())[-LINKED_AT_MOST:])
        return sorted(near)

    def add(self, message_id: int, text: str) -> None:
        """Make a text known under its message's id."""
        if _shingles(text):
            self._lsh.insert(message_id, _minhash(text))
        for link in _links(text):
            self._by_link.setdefault(link, []).append(message_id)
        for sentence in _sentences(text):
            self._by_sentence.setdefault(sentence, []).append(message_id)


def _links(text: str) -> set[str]:
    return set(_LINK.findall(text)) if "://" in text else set()


def _sentences(text: str) -> set[str]:
    """Return the long sentences, folded: a template inside a longer letter shares few shingles but whole sentences."""
    plain = (" ".join(words_of(part)) for part in re.split(r"[.!?\n]+", text))
    return {sentence for sentence in plain if len(sentence) >= SENTENCE_CHARACTERS}


class DuplicatesDetector:
    """Emits `duplicate.*`, and `spam` where one account floods or many post one link at once."""

    name = "duplicates"
    version = VERSION
    labels = ("duplicate.same_contact", "duplicate.campaign", "spam")

    def detect(self, message: Message, _found: Sequence[Signal], history: HistoryView, limits: Limits) -> list[Signal]:
        """Return what the message repeats."""
        if not message.own_text.strip():
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
            signals.append(self._signal("spam", 0.97, whole, flooded))
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
