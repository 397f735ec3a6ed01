"""Takes personal data out of a text before anybody outside sees it."""

import re
from functools import cache
from typing import Any

from classifiers.identifiers import identifiers
from models.domain import Message

_HANDLE = re.compile(r"(?<![\w.])@[\w.-]{2,}")
_TITLES = "mr mrs ms miss dr prof cllr cyng parch sir lady syr councillor doctor cynghorydd".split()
_INTRODUCED = "named called am yw ydw i'm enw is".split()
_SIGNED = re.compile(r"\n+(?:[A-Z][\w.'’-]* ?){1,4}\s*$")
_FIGURES = re.compile(r"\d{4,}")


def masked(message: Message) -> str:
    """Return subject and own text with addresses, numbers, handles, titled names and the closing name masked."""
    text = f"{message.subject}\n{message.own_text}" if message.subject else message.own_text
    for found in sorted(identifiers(text), key=lambda one: -one.start):
        text = f"{text[: found.start]}[{found.kind}]{text[found.end :]}"
    text = _SIGNED.sub("\n[name]", text)
    text = _without_names(text)
    text = _HANDLE.sub("[handle]", text)
    for name in _own_names(message):
        text = re.sub(rf"\b{re.escape(name)}\b", "[name]", text, flags=re.IGNORECASE)
    return _FIGURES.sub("[number]", text)


@cache
def _names() -> tuple[Any, Any]:
    """Return spaCy's tokeniser of any language and a matcher of names: after a title, or two and more capitalised words."""
    import spacy
    from spacy.matcher import Matcher

    language = spacy.blank("xx")
    matcher = Matcher(language.vocab)
    capital: dict[str, Any] = {"IS_TITLE": True, "IS_ALPHA": True}
    titled: list[dict[str, Any]] = [{"LOWER": {"IN": _TITLES}}, {"IS_PUNCT": True, "OP": "?"}, {**capital, "OP": "+"}]
    introduced: list[dict[str, Any]] = [{"LOWER": {"IN": _INTRODUCED}}, capital, {**capital, "OP": "+"}]
    matcher.add("titled", [titled], greedy="LONGEST")
    matcher.add("introduced", [introduced], greedy="LONGEST")
    return language, matcher


def _without_names(text: str) -> str:
    language, matcher = _names()
    document = language(text)
    for label, start, end in sorted(matcher(document), key=lambda found: -found[1]):
        first = start + 1 if language.vocab.strings[label] == "introduced" else start
        piece = document[first:end]
        text = f"{text[: piece.start_char]}[name]{text[piece.end_char :]}"
    return text


def _own_names(message: Message) -> list[str]:
    """Return the names that the sender goes by; short words are left, they are words too."""
    given = f"{message.author.display_name} {re.split('[@+]', message.author.address)[0].replace('.', ' ')}"
    return list(re.findall(r"[^\W\d_]{4,}", given))
