"""What one copy of a text says that another does not: the words that differ, and which of them are new information."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from models.store.cards import CardItem

_TOKENS = re.compile(r"\s+|[^\W_]+(?:['’-][^\W_]+)*|.", re.UNICODE)
_WORD = re.compile(r"[^\W_]{2,}")
_CHARACTERS_AT_MOST = 8_000
MATTERS_FROM = 4
"""So many new words in a row are news; a number or an address among them makes fewer news as well."""
SIGNED = 5
"""At the very end so few new words are a signature."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of words: the same in both, added here, or gone from here."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One message of a campaign against its common text; `news` are the stretches that say something new."""

    item: CardItem
    stretches: tuple[Stretch, ...]
    news: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Many messages that say the same: the common text, those exactly like it, and those that differ, news first."""

    common: CardItem
    same: tuple[CardItem, ...]
    variants: tuple[Variant, ...]


def stretches(common: str, text: str) -> tuple[Stretch, ...]:
    """Return `text` against `common`, word by word; without what is gone it is `text` again."""
    before, after = (_TOKENS.findall(one[:_CHARACTERS_AT_MOST]) for one in (common, text))
    found: list[Stretch] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in {"delete", "replace"}:
            found.append(Stretch("gone", "".join(before[a:b])))
        if kind in {"insert", "replace"}:
            found.append(Stretch("added", "".join(after[c:d])))
        if kind == "equal":
            found.append(Stretch("same", "".join(after[c:d])))
    rest = text[_CHARACTERS_AT_MOST:]
    return (*found, Stretch("added", rest)) if rest else tuple(found)


def news(found: Sequence[Stretch]) -> tuple[str, ...]:
    """Return what was added that is more than a slip, a greeting or a signature."""
    said = []
    for place, stretch in enumerate(found):
        words = _WORD.findall(stretch.text)
        if stretch.kind != "added" or not words:
            continue
        telling = any(character.isdigit() for character in stretch.text)
        signed = place >= len(found) - 1 and len(words) <= SIGNED
        if telling or (len(words) >= MATTERS_FROM and not signed):
            said.append(stretch.text.strip())
    return tuple(said)


def cluster(items: Sequence[CardItem]) -> Cluster:
    """Return the items around the text that most of them hold; of equals the oldest is the common one."""
    counted = Counter(_key(item) for item in items)
    oldest = sorted(items, key=lambda item: (item.message["received_at"], item.message["id"]))
    common = max(oldest, key=lambda item: (counted[_key(item)], -oldest.index(item)))
    same = tuple(item for item in oldest if _key(item) == _key(common) and item is not common)
    others = (item for item in oldest if _key(item) != _key(common))
    variants = sorted((_variant(common, item) for item in others), key=lambda one: not one.news)
    return Cluster(common, same, tuple(variants))


def _key(item: CardItem) -> str:
    return " ".join(item.message["own_text"].split())


def _variant(common: CardItem, item: CardItem) -> Variant:
    found = stretches(common.message["own_text"], item.message["own_text"])
    return Variant(item, found, news(found))


def repeats(items: Iterable[CardItem]) -> dict[int, tuple[int, tuple[Stretch, ...]]]:
    """Return, of a person's own messages, which repeat an earlier shown one: message → (that one, the differences)."""
    from rapidfuzz import fuzz

    shown: list[Any] = []
    found: dict[int, tuple[int, tuple[Stretch, ...]]] = {}
    for item in items:
        text = item.message["own_text"]
        like = (
            next((m for m in shown if fuzz.ratio(m["own_text"], text, score_cutoff=80)), None) if text.strip() else None
        )
        if like is None:
            shown.append(item.message)
        else:
            found[item.message["id"]] = (like["id"], stretches(like["own_text"], text))
    return found
