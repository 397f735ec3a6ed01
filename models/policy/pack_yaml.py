"""Reads the YAML of a pack into plain values and notes on which line each stands; hostile files are refused early."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

BYTES_AT_MOST = 2_000_000
DEPTH_AT_MOST = 40

Where = tuple[str | int, ...]
"""The way to a value: the names of fields and the places in lists."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", re.ASCII)
_NUMBER_LENGTH = 40


class PackError(Exception):
    """A pack cannot be used; `problems` holds every sentence, each with file, line and field."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def dotted(where: Where) -> str:
    """Return the way to a field as a person writes it: `clauses[12].signals[0].label`."""
    out = ""
    for part in where:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out or "the pack"


class PackYaml:
    """The values of one pack file, read event by event, so that depth and aliases cost nothing."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._lines: dict[Where, int] = {}
        self._twice: list[str] = []
        self._events: Iterator[Any] = yaml.parse(_decoded(data, name), Loader=_LOADER)
        self.value = self._document()

    def problem(self, where: Where, sentence: str) -> str:
        """Return `sentence` with the file, the line of the nearest known field, and the field."""
        near = where
        while near and near not in self._lines:
            near = near[:-1]
        return f"{self._name}:{self._lines.get(near, 1)}: {dotted(where)}: {sentence}"

    def _document(self) -> Any:
        try:
            event = self._next()
            while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
                event = self._next()
            if isinstance(event, yaml.StreamEndEvent):
                raise PackError([f"{self._name}:1: the file is empty; a pack needs at least id, version and clauses"])
            value = self._value(event, ())
            self._next()
            if not isinstance(self._next(), yaml.StreamEndEvent):
                raise PackError([f"{self._name}: the file holds two documents; a pack is one: remove the second `---`"])
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            what = f"this is not valid YAML: {error.problem}; correct the line"
            raise PackError([f"{self._name}:{line}: {what}"]) from error
        except yaml.YAMLError as error:
            raise PackError([f"{self._name}: this is not valid YAML: {error}; save the pack as plain text"]) from error
        if self._twice:
            raise PackError(self._twice)
        return value

    def _next(self) -> Any:
        return next(self._events)

    def _value(self, event: Any, where: Where) -> Any:
        self._lines.setdefault(where, _line(event))
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise PackError([self.problem(where, "anchors and aliases are not allowed in a pack; write the value out")])
        if event.tag is not None:
            raise PackError([self.problem(where, f"the tag {event.tag} is not allowed in a pack; remove it")])
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value) if event.implicit[0] else event.value
        if len(where) >= DEPTH_AT_MOST:
            raise PackError([self.problem(where[:2], "the nesting is deeper than any pack's; check the brackets")])
        return self._mapping(where) if isinstance(event, yaml.MappingStartEvent) else self._sequence(where)

    def _sequence(self, where: Where) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._value(event, (*where, len(found))))
        return found

    def _mapping(self, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                line = _line(key)
                raise PackError([f"{self._name}:{line}: {dotted(where)}: the name of a field must be plain text"])
            here = (*where, key.value)
            line = _line(key)
            if key.value in found:
                first = self._lines[here]
                what = f"the field stands twice, first on line {first}; keep one of them"
                self._twice.append(f"{self._name}:{line}: {dotted(here)}: {what}")
            self._lines[here] = line
            found[key.value] = self._value(self._next(), here)
        return found


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _decoded(data: bytes, name: str) -> str:
    if len(data) > BYTES_AT_MOST:
        raise PackError([f"{name}: the file is larger than {BYTES_AT_MOST} bytes; no pack is: check the path"])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError([f"{name}: this is not UTF-8 text (byte {error.start}); save the pack as UTF-8"]) from error


def _scalar(text: str) -> Any:
    """Return the value of a plain scalar by the core schema of YAML 1.2: `no` is a word, not a truth value."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if len(text) <= _NUMBER_LENGTH and text[0] in "+-.0123456789":
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text
