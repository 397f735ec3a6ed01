"""What gives an advertisement or a lure away in words and links: named tests with weights, for posts and for mails.

Weights are log-odds, set by hand; the learned heads carry the rest.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import ahocorasick

from classifiers.fold import fold
from classifiers.gated import Caseless
from classifiers.hosts import host_of, is_doubtful
from models.domain import Channel, Message, Span

CAP = 4.5


@dataclass(frozen=True, slots=True)
class Wording:
    """One test of the wording: its name, its weight, and the expression that holds when found."""

    name: str
    weight: float
    literals: str
    """Separated by `/`: of these one stands in any text the expression can find, so most texts need no look."""
    found: Caseless


FRAUD = "warns of or asks about a fraud"
"""The name of what whoever reports a scam writes."""


def _lines(name: str) -> list[list[str]]:
    text = (resources.files("classifiers") / "lexicons" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


@cache
def _wordings() -> tuple[Wording, ...]:
    """Return what speaks for an advertisement and what against it, as `lexicons/promotion.tsv` has it."""
    expressions: dict[tuple[str, float], list[str]] = {}
    literals: dict[tuple[str, float], str] = {}
    for name, weight, expression in _lines("promotion.tsv"):
        key = (name, float(weight))
        if expression.startswith("@"):
            literals[key] = expression[1:]
        else:
            expressions.setdefault(key, []).append(expression)
    return tuple(
        Wording(name, weight, literals[name, weight], Caseless(rf"\b(?:{'|'.join(parts)})"))
        for (name, weight), parts in expressions.items()
    )


@cache
def _brands() -> tuple[dict[str, str], Caseless]:
    brands = {line[0]: line[1] for line in _lines("brands.tsv")}
    return brands, Caseless(r"\b(?:" + "|".join(map(re.escape, brands)) + r")\b")


def false_brand(words: str, hosts: Iterable[str]) -> bool:
    """True when words name a brand that criminals like to borrow and none of the hosts is its own."""
    hosts = [host for host in hosts if host]
    owned, pattern = _brands()
    brands = pattern.words(words) if hosts else set()
    return bool(brands) and not any(owned[brand] in host for brand in brands for host in hosts)


_ADDRESSED, _EMOJI = re.compile(r"\s*@\w"), re.compile(r"[💰💸🚀🔥👇👉🎁🤑💵💯🎉]")
_REFERENCE = re.compile(
    r"https?://(?:[\w-]+\.)*(?:gov\.uk|gov\.wales|llyw\.cymru|nhs\.uk|nhs\.wales|bbc\.co\.uk|bbc\.com|theguardian\.com|walesonline\.co\.uk|dailypost\.co\.uk|nation\.cymru|golwg\.360\.cymru|wikipedia\.org|parliament\.uk|senedd\.wales|senedd\.cymru|ombudsman\.(?:wales|org\.uk))\b",
    re.IGNORECASE,
)


def _refers(text: str) -> bool:
    """True for a text with a link to a newspaper or public body."""
    return "://" in text and _REFERENCE.search(text) is not None


def _links(text: str) -> bool:
    """True for a text with a link in it."""
    return "www." in text or ("://" in text and ("http://" in text or "https://" in text))


_SHAPES: tuple[tuple[str, float, Callable[[Message], bool]], ...] = (
    ("a link in a post", 0.9, lambda m: m.channel is not Channel.EMAIL and _links(m.own_text) and not _refers(m.own_text)),
    ("a shortened or look-alike link", 0.7, lambda m: any(is_doubtful(link) for link in m.links)),
    ("a known brand and a link that is not its own", 1.2, lambda m: bool(m.links) and _links(m.own_text) and not _refers(m.own_text) and false_brand(m.own_text[:400] + (m.subject or ""), [host_of(k.target) for k in m.links])),
    ("a link and hardly a word", 0.8, lambda m: bool(m.links) and len(m.own_text) < 90 + sum(len(k.shown) for k in m.links)),
    ("four tags or more", 0.5, lambda m: m.channel is not Channel.EMAIL and m.own_text.count("#") >= 4),
    ("signs of excitement", 0.6, lambda m: not m.own_text.isascii() and len(_EMOJI.findall(m.own_text)) >= 2),
    ("speaks to one account", -0.8, lambda m: m.channel is not Channel.EMAIL and _ADDRESSED.match(m.own_text) is not None and not _links(m.own_text)),
    ("a link to a newspaper or public body", -0.8, lambda m: _refers(m.own_text)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promotion:
    """What was found: log-odds towards spam, the names of what spoke for it, and where its words stand."""

    weight: float
    names: tuple[str, ...]
    spans: tuple[Span, ...]
    asked_about: bool = False
    """The writer warns of a fraud, or asks whether it is one."""


@cache
def _gate() -> ahocorasick.Automaton:
    wanted: dict[str, set[int]] = {}
    for number, wording in enumerate(_wordings()):
        for literal in wording.literals.split("/"):
            wanted.setdefault(literal, set()).add(number)
    automaton = ahocorasick.Automaton()
    for literal, numbers in wanted.items():
        automaton.add_word(literal, frozenset(numbers))
    automaton.make_automaton()
    return automaton


def possible(folded: str) -> list[Wording]:
    """Return the wordings that a folded text may hold, in their order."""
    found: set[int] = set()
    for _, numbers in _gate().iter(folded):
        found |= numbers
    return [_wordings()[number] for number in sorted(found)]


def promotion(message: Message, suspected: bool = True) -> Promotion:
    """Return what the words and links of a message say of advertising or luring.

    What speaks against it is only looked for where something speaks for it or spam is `suspected`.
    """
    weight = 0.0
    names: list[str] = []
    spans: list[Span] = []
    worded = possible(fold(f"{message.own_text}\n{message.subject or ''}"))
    for wording in (one for one in worded if one.weight > 0):
        span, there = _where(wording, message)
        if there:
            weight += wording.weight
            names.append(wording.name)
            spans.extend(span)
    for name, worth, holds in _SHAPES if message.links or message.channel is not Channel.EMAIL else ():
        if holds(message):
            weight += worth
            names.extend([name] if worth > 0 else [])
    asked = False
    if weight > 0 or suspected:
        against = [wording for wording in worded if wording.weight < 0 and _where(wording, message)[1]]
        weight += sum(wording.weight for wording in against)
        asked = any(wording.name == FRAUD for wording in against)
    return Promotion(max(-CAP, min(CAP, weight)), tuple(names), tuple(spans), asked)


def _where(wording: Wording, message: Message) -> tuple[tuple[Span, ...], bool]:
    match = wording.found.search(message.own_text)
    if match is not None:
        return (Span(*match.span()),), True
    return (), bool(message.subject) and wording.found.search(message.subject or "") is not None
