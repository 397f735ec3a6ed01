"""Reads posts as JSON Lines: one message a line, in the form that `porthor classify` reads as well."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from connectors.mail.links import links_in
from connectors.mail.parse import parse_mail
from connectors.mail.quotes import OwnText, split_own
from models.domain import Author, Channel, Message, MessageKey, Nature

CHANNELS = ("x", "bluesky", "mastodon", "facebook", "instagram", "youtube", "email")


class PostError(ValueError):
    """A line is not a post; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Post:
    """A line as a message; `own` maps its own text into the line's `text`, None where they are the same."""

    identifier: Any
    message: Message
    own: OwnText | None
    raw_mail: bytes | None


def fields_of(line: bytes) -> Mapping[str, Any]:
    """Return the object of a line.

    Raises:
        PostError: It is not one JSON object.
    """
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise PostError(f"not valid JSON: {error}") from error
    if not isinstance(fields, dict):
        raise PostError("a line must be one JSON object")
    return fields


def read_post(
    fields: Mapping[str, Any], key: MessageKey, org: str, now: datetime, own_addresses: tuple[str, ...] = ()
) -> Post:
    """Return the message of `fields`.

    Raises:
        PostError: A field is missing or of the wrong kind.
    """
    if fields.get("raw_b64") is not None:
        raw = _decoded(text_field(fields, "raw_b64") or "")
        at = _time(fields, now)
        message = parse_mail(raw, key=key, org=org, own_addresses=own_addresses, received_at=at)
        return Post(fields.get("id"), message, None, raw)
    text = text_field(fields, "text")
    if text is None:
        raise PostError("'text' is missing: give 'text', or a whole raw mail as 'raw_b64'")
    channel = _channel(fields)
    own = split_own(text) if channel is Channel.EMAIL else None
    message = _message(fields, key, org, now, own_addresses, channel, text, own)
    return Post(fields.get("id"), message, own, None)


def _message(
    fields: Mapping[str, Any],
    key: MessageKey,
    org: str,
    now: datetime,
    own_addresses: tuple[str, ...],
    channel: Channel,
    text: str,
    own: OwnText | None,
) -> Message:
    author = (text_field(fields, "author") or "").removeprefix("@").lower()
    own_text = text if own is None else own.own
    return Message(
        key=key,
        channel=channel,
        org=org,
        author=Author(author, text_field(fields, "author_name") or ""),
        own_text=own_text,
        received_at=_time(fields, now),
        subject=text_field(fields, "subject"),
        quoted_text="" if own is None else own.quoted,
        signature="" if own is None else own.signature,
        disclaimer="" if own is None else own.disclaimer,
        to=_addresses(fields, "to"),
        cc=_addresses(fields, "cc"),
        thread=text_field(fields, "thread"),
        reply_to_id=text_field(fields, "reply_to"),
        links=links_in(own_text),
        nature=Nature.OWN if author and author in own_addresses else Nature.ORDINARY,
        lang_hint=text_field(fields, "lang"),
    )


def text_field(fields: Mapping[str, Any], name: str) -> str | None:
    """Return a field that is text or absent.

    Raises:
        PostError: It is something else.
    """
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise PostError(f"'{name}' must be text, not {type(value).__name__}")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PostError(f"'raw_b64' is not base64: {error}") from error


def _channel(fields: Mapping[str, Any]) -> Channel:
    name = fields.get("channel")
    if name not in CHANNELS:
        raise PostError(f"'channel' is {name!r}: use one of {', '.join(CHANNELS)}")
    return Channel(name)


def _addresses(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = fields.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value.lower(),)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return tuple(entry.lower() for entry in value)
    raise PostError(f"'{name}' must be a list of addresses")


def _time(fields: Mapping[str, Any], now: datetime) -> datetime:
    text = text_field(fields, "posted_at")
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise PostError(f"'posted_at' is {text!r}: give an ISO 8601 time such as 2026-03-09T09:14:00Z") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
