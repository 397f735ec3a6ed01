"""Classify and decide line by line without a database: each message by itself, with an empty history."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from bot.policies import ReferencePolicies, UnknownPack
from classifiers.registry import Classified, Registry
from connectors.mail.parse import parse_mail
from connectors.mail.quotes import OwnText, split_own
from models.domain import Author, Channel, Decision, Message, MessageKey, Signal
from models.policy.decide import decide
from models.policy.history import HistoryView

BATCH_LINES = 500
SHOWN_FROM = 0.01
"""Every label at this probability or over is printed."""

_CHANNELS = ("x", "bluesky", "mastodon", "facebook", "instagram", "youtube", "email")


class LineError(Exception):
    """A line that cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A line read: the message, and how its own text maps into the input's `text`."""

    identifier: Any
    message: Message
    own: OwnText | None
    raw: bool


@dataclass(frozen=True, slots=True)
class _Unread:
    """A line that could not be read, and why."""

    identifier: Any
    error: str


def classify_lines(
    lines: Iterable[bytes], registry: Registry, policies: ReferencePolicies, pack: str | None
) -> Iterator[tuple[bytes, bool]]:
    """Yield for each non-empty line one line of JSON and whether the line could be read, in order."""
    now = datetime.now(UTC)
    waiting = (line for line in lines if line.strip())
    number = 0
    while chunk := list(islice(waiting, BATCH_LINES)):
        items = [_read(line, number + index, policies, pack, now) for index, line in enumerate(chunk)]
        number += len(chunk)
        yield from _answers(items, registry, policies, now)


def _answers(
    items: list[_Item | _Unread], registry: Registry, policies: ReferencePolicies, now: datetime
) -> Iterator[tuple[bytes, bool]]:
    found = iter(registry.classify([item.message for item in items if isinstance(item, _Item)]))
    for item in items:
        if isinstance(item, _Unread):
            yield orjson.dumps({"id": item.identifier, "error": item.error}), False
            continue
        classified = next(found)
        policy = policies.of(item.message.org)
        signals, history = list(classified.signals), HistoryView.empty()
        signals += registry.detect(item.message, signals, history, policy.pack.limits)
        decision = decide(item.message, signals, history, policy, now, classified.missing)
        yield orjson.dumps(_answer(item, replace(classified, signals=tuple(signals)), decision)), True


def _answer(item: _Item, classified: Classified, decision: Decision) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": item.identifier,
        "handling": decision.handling.value,
        "actions": [action.value for action in decision.actions],
        "signals": [_shown(signal, item.own) for signal in classified.signals if signal.probability >= SHOWN_FROM],
        "clauses": list(decision.clauses),
        "why": decision.why.en,
        "why_cy": decision.why.cy,
        "lang": classified.lang,
    }
    if item.raw:
        answer["own_text"] = item.message.own_text
    if classified.missing:
        answer["missing"] = sorted(classified.missing)
    return answer


def _shown(signal: Signal, own: OwnText | None) -> dict[str, Any]:
    spans = [span if own is None else own.to_source(span) for span in signal.spans]
    first = spans[0] if spans else None
    shown: dict[str, Any] = {
        "label": signal.label,
        "probability": round(signal.probability, 4),
        "start": None if first is None else first.start,
        "end": None if first is None else first.end,
        "target": signal.target,
        "classifier": signal.classifier,
        "version": signal.version,
    }
    if len(spans) > 1:
        shown["spans"] = [[span.start, span.end] for span in spans]
    return shown


def _read(line: bytes, number: int, policies: ReferencePolicies, pack: str | None, now: datetime) -> _Item | _Unread:
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _Unread(None, f"not valid JSON: {error}")
    if not isinstance(fields, dict):
        return _Unread(None, "a line must be one JSON object")
    try:
        return _item(fields, number, policies, pack, now)
    except (LineError, UnknownPack) as error:
        return _Unread(fields.get("id"), str(error))


def _item(
    fields: Mapping[str, Any], number: int, policies: ReferencePolicies, pack: str | None, now: datetime
) -> _Item:
    org = _text(fields, "org") or pack
    if org is None:
        raise LineError("'org' is missing: name the pack in each line or with --pack")
    policies.of(org)
    return _raw(fields, org, number, now) if fields.get("raw_b64") is not None else _plain(fields, org, number, now)


def _plain(fields: Mapping[str, Any], org: str, number: int, now: datetime) -> _Item:
    channel, text = _channel(fields), _text(fields, "text")
    if text is None:
        raise LineError("'text' is missing: give 'text', or a whole raw mail as 'raw_b64'")
    own = split_own(text) if channel is Channel.EMAIL else None
    message = Message(
        key=MessageKey("classify", f"{number}"),
        channel=channel,
        org=org,
        author=Author((_text(fields, "author") or "").lstrip("@").lower()),
        own_text=text if own is None else own.own,
        received_at=_time(fields, now),
        subject=_text(fields, "subject"),
        quoted_text="" if own is None else own.quoted,
        signature="" if own is None else own.signature,
        disclaimer="" if own is None else own.disclaimer,
        to=_addresses(fields, "to"),
        cc=_addresses(fields, "cc"),
        lang_hint=_text(fields, "lang"),
    )
    return _Item(fields.get("id"), message, own, raw=False)


def _raw(fields: Mapping[str, Any], org: str, number: int, now: datetime) -> _Item:
    try:
        raw = base64.b64decode(_text(fields, "raw_b64") or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise LineError(f"'raw_b64' is not base64: {error}") from error
    key = MessageKey("classify", f"{number}")
    message = parse_mail(raw, key=key, org=org, own_addresses=(), received_at=_time(fields, now))
    return _Item(fields.get("id"), message, None, raw=True)


def _channel(fields: Mapping[str, Any]) -> Channel:
    name = fields.get("channel")
    if name not in _CHANNELS:
        raise LineError(f"'channel' is {name!r}: use one of {', '.join(_CHANNELS)}")
    return Channel(name)


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise LineError(f"'{name}' must be text, not {type(value).__name__}")


def _addresses(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value.lower(),)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return tuple(entry.lower() for entry in value)
    raise LineError(f"'{name}' must be a list of addresses")


def _time(fields: Mapping[str, Any], now: datetime) -> datetime:
    text = _text(fields, "posted_at")
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise LineError(f"'posted_at' is {text!r}: give an ISO 8601 time such as 2026-03-09T09:14:00Z") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
