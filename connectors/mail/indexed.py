"""A mail part that finds a header by its name at once, where the standard library reads through all of them."""

import re
from email import message_from_string
from email.message import Message
from email.policy import Policy, compat32
from typing import Any

_FIELD = re.compile(r"[!-9;-~]+:")
_FIELD_END = {"\r\n": re.compile(r"\r\n(?![ \t])"), "\n": re.compile(r"\n(?![ \t])")}


class IndexedPart(Message):
    """A parsed part; its headers are put in order by name when one is first asked for."""

    def __init__(self, policy: "Policy[Any]" = compat32) -> None:
        super().__init__(policy)
        self._by_name: dict[str, list[tuple[str, Any]]] = {}
        self._indexed = 0

    def get(self, name: str, failobj: Any = None) -> Any:
        """Return the first header called `name`, `failobj` where there is none."""
        found = self._named(name)
        return self.policy.header_fetch_parse(*found[0]) if found else failobj

    def get_all(self, name: str, failobj: Any = None) -> Any:
        """Return every header called `name` in order, `failobj` where there is none."""
        found = self._named(name)
        return [self.policy.header_fetch_parse(*pair) for pair in found] if found else failobj

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._named(name))

    def _named(self, name: str) -> list[tuple[str, Any]]:
        if self._indexed != len(self):
            self._by_name, self._indexed = {}, len(self)
            for pair in self.raw_items():
                self._by_name.setdefault(pair[0].lower(), []).append(pair)
        return self._by_name.get(name.lower(), [])


def read_parts(raw: bytes) -> IndexedPart:
    """Return a raw mail as the standard library parses it.

    A mail without parts whose headers are in form is not read line by line: its body is one piece.
    """
    text = raw.decode("ascii", "surrogateescape")
    found = _plain(text)
    return message_from_string(text, IndexedPart) if found is None else found


def _plain(text: str) -> IndexedPart | None:
    """Return a mail without parts, None where it has some or its headers end and continue in ways that the library must judge."""
    line_end, at = _end_of_headers(text)
    head = text[:at]
    lowered = head.lower()
    if not at or "multipart" in lowered or "message/" in lowered:
        return None
    mail, fields = IndexedPart(), _FIELD_END[line_end].split(head)
    if fields[0].startswith("From ") and line_end not in fields[0]:
        mail.set_unixfrom(fields.pop(0))
    for field in fields:
        if _FIELD.match(field) is None:
            return None
        first, _, more = field.partition(line_end)
        mail.set_raw(*mail.policy.header_source_parse([first + line_end, *([more + line_end] if more else [])]))
    mail.set_payload(text[at + 2 * len(line_end) :])
    return mail


def _end_of_headers(text: str) -> tuple[str, int]:
    """Return how lines end, and where the last header does; 0 where they end in more than one way, or no empty line comes."""
    for line_end in ("\r\n", "\n") if "\r\n" in text else ("\n",):
        at = text.find(2 * line_end)
        rest = text[:at].replace(line_end, "") if at > 0 else "\r"
        if "\r" not in rest and "\n" not in rest:
            return line_end, at
    return "\n", 0
