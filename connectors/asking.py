"""Asks the person who sets a connection up for what a sign-in needs; a secret is kept apart and referred to."""

import re
from collections.abc import Mapping
from typing import Any

from connectors.base import Talk

_REFERENCE = re.compile(r"^(?:env|file):.+")
HOW = "env:NAME, file:/path, or type it in"


def is_reference(answer: str) -> bool:
    """True for `env:NAME` and `file:/path`."""
    return _REFERENCE.match(answer) is not None


def asked(talk: Talk, known: Mapping[str, Any], name: str, question: str) -> str:
    """Return an option: as it is known already, else as it is answered."""
    return str(known.get(name) or talk.ask(question))


def asked_secret(talk: Talk, known: Mapping[str, Any], name: str, question: str, *, needed: bool = True) -> str | None:
    """Return where a secret stands; one that is typed in is kept. None where there is none and none is `needed`."""
    answer = str(known.get(name) or talk.ask(f"{question} ({HOW})", None if needed else ""))
    if answer and not is_reference(answer):
        return talk.keep(name, answer)
    return answer or None


def signed_in(talk: Talk, page: str, where: str) -> str:
    """Show the page to open and return the address that the browser was sent to."""
    talk.say(f"Open this page in a browser where {where} is signed in, and allow the app: {page}")
    return talk.ask("the whole address that the browser was sent to").strip()
