"""Finds the links that stand in a text, and joins them with those that HTML hid behind other words."""

import re
from collections.abc import Sequence

from models.domain import Link, Span

LINKS_AT_MOST = 300
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'\]\[{}|\\^`]{3,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}'\"»”’"


def links_in(text: str) -> tuple[Link, ...]:
    """Return the links written in `text`, in order, each with its span."""
    if "://" not in text and "www." not in text.lower():
        return ()
    found: list[Link] = []
    for match in _URL.finditer(text):
        target = match.group().rstrip(_TRAILING)
        if len(found) < LINKS_AT_MOST and target:
            found.append(Link(target, target, Span(match.start(), match.start() + len(target))))
    return tuple(found)


def with_hidden(written: tuple[Link, ...], anchors: Sequence[tuple[str, str]], own: str) -> tuple[Link, ...]:
    """Return `written` and the web links of `anchors` (target, shown) that show other words."""
    known = {link.target for link in written}
    out = list(written)
    for target, shown in anchors[:LINKS_AT_MOST]:
        if not target.lower().startswith(("http://", "https://")) or target in known:
            continue
        at = own.find(shown) if shown else -1
        out.append(Link(target, shown, Span(at, at + len(shown)) if at >= 0 else None))
        known.add(target)
    return tuple(out)
