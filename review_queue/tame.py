"""Text that stays in its place on a page: signs that turn lines round end with it, piled-up marks are cut, nothing unseen breaks it."""

import re
from typing import Any

from markupsafe import Markup

PILED_AT_MOST = 6
_MARK = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED = re.compile(f"([{_MARK}]{{{PILED_AT_MOST}}})[{_MARK}]+")
_JOINED = re.compile("((?:[^\u200d]\u200d){7}[^\u200d])\u200d")
_VOWELS = re.compile("([\u1160-\u11a7]{3})(?=[\u1160-\u11a7])")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EMBEDS, _ISOLATES = "\u202a\u202b\u202d\u202e", "\u2066\u2067\u2068"
_POP, _POP_ISOLATE = "\u202c", "\u2069"
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def tame(value: Any) -> Any:
    """Return what is put on a page so that it cannot reach beyond itself.

    What turns the direction of writing is closed where the text ends; of marks piled on one letter `PILED_AT_MOST` stay;
    signs joined without end to one that no line can break are parted; control signs are shown as U+FFFD. What is no text,
    and markup of our own, is left as it is.
    """
    if not isinstance(value, str) or isinstance(value, Markup) or (value.isascii() and value.isprintable()):
        return value
    text = _UNSEEN.sub("\ufffd", _PILED.sub(r"\1", value))
    text = _VOWELS.sub("\\1\u200b", _JOINED.sub(r"\1", text))
    return text + _closing(text) if _TURNS.search(text) else text


def _closing(text: str) -> str:
    """Return what closes the embeddings and isolates that a text leaves open, innermost first."""
    left: list[str] = []
    for sign in _TURNS.findall(text):
        if sign in _EMBEDS:
            left.append(_POP)
        elif sign in _ISOLATES:
            left.append(_POP_ISOLATE)
        elif sign in left:
            while sign == _POP_ISOLATE and left[-1] != sign:
                left.pop()
            if left[-1] == sign:
                left.pop()
    return "".join(reversed(left))
