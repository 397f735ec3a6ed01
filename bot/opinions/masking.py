"""Takes personal data out of a text before anybody outside sees it."""

import re

from classifiers.identifiers import identifiers
from models.domain import Message

_HANDLE = re.compile(r"(?<![\w.])@[\w.-]{2,}")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Cllr|Cyng|Y Parch|Parch|Sir|Lady|Syr)\.? (?:[A-Z][\w'’-]+ ?){1,3}")
_SIGNED = re.compile(r"\n+(?:[A-Z][\w.'’-]* ?){1,4}\s*$")
_FIGURES = re.compile(r"\d{4,}")


def masked(message: Message) -> str:
    """Return subject and own text with addresses, numbers, handles, titled names and the closing name masked."""
    text = f"{message.subject}\n{message.own_text}" if message.subject else message.own_text
    for found in sorted(identifiers(text), key=lambda one: -one.start):
        text = f"{text[: found.start]}[{found.kind}]{text[found.end :]}"
    text = _SIGNED.sub("\n[name]", text)
    text = _TITLED.sub("[name] ", text)
    text = _HANDLE.sub("[handle]", text)
    for name in _own_names(message):
        text = re.sub(rf"\b{re.escape(name)}\b", "[name]", text, flags=re.IGNORECASE)
    return _FIGURES.sub("[number]", text)


def _own_names(message: Message) -> list[str]:
    """Return the names that the sender goes by; short words are left, they are words too."""
    given = f"{message.author.display_name} {re.split('[@+]', message.author.address)[0].replace('.', ' ')}"
    return list(re.findall(r"[^\W\d_]{4,}", given))
