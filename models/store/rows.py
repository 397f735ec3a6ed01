"""Rows to domain types and back: what a message looks like in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from models.domain import Attachment, Author, Channel, Link, Message, MessageKey, Nature, Signal, Span

_DETAIL = ("signature", "disclaimer", "to", "cc", "reply_to_id", "html_notes", "defects", "headers", "lang_hint")


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, leaving alone those whose key is already there; on SQLite and PostgreSQL alike."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])


def message_row(message: Message) -> dict[str, Any]:
    """Return the columns that come from the message itself."""
    detail: dict[str, Any] = {name: getattr(message, name) for name in _DETAIL}
    detail["links"] = [asdict(link) for link in message.links]
    detail["attachments"] = [asdict(attachment) for attachment in message.attachments]
    return {
        "connection_id": message.key.connection_id,
        "native_id": message.key.native_id,
        "channel": message.channel.value,
        "org": message.org,
        "author": message.author.address[:320],
        "author_name": message.author.display_name[:300],
        "verified": message.author.verified,
        "subject": message.subject,
        "own_text": message.own_text,
        "quoted_text": message.quoted_text,
        "received_at": message.received_at,
        "sent_at": message.sent_at,
        "thread": message.thread,
        "message_id": message.message_id,
        "nature": message.nature.value,
        "raw_sha256": message.raw_sha256,
        "detail": detail,
    }


def message_of(row: Mapping[str, Any]) -> Message:
    """Return the message of a row."""
    detail = row["detail"]
    return Message(
        key=MessageKey(row["connection_id"], row["native_id"]),
        channel=Channel(row["channel"]),
        org=row["org"],
        author=Author(row["author"], row["author_name"], row["verified"]),
        own_text=row["own_text"],
        received_at=row["received_at"],
        subject=row["subject"],
        quoted_text=row["quoted_text"],
        signature=detail["signature"],
        disclaimer=detail["disclaimer"],
        to=tuple(detail["to"]),
        cc=tuple(detail["cc"]),
        sent_at=row["sent_at"],
        thread=row["thread"],
        reply_to_id=detail["reply_to_id"],
        message_id=row["message_id"],
        links=tuple(_link(link) for link in detail["links"]),
        attachments=tuple(Attachment(**attachment) for attachment in detail["attachments"]),
        headers=tuple((name, value) for name, value in detail["headers"]),
        html_notes=tuple(detail["html_notes"]),
        defects=tuple(detail["defects"]),
        nature=Nature(row["nature"]),
        lang_hint=detail["lang_hint"],
        raw_sha256=row["raw_sha256"],
    )


def _link(fields: Mapping[str, Any]) -> Link:
    span = fields["span"]
    return Link(fields["target"], fields["shown"], None if span is None else Span(**span))


def signal_row(message_id: int, signal: Signal, chance: float | None = None) -> dict[str, Any]:
    """Return the row of a signal, with the chance that people are told where it is other than the score."""
    return {
        "message_id": message_id,
        "label": signal.label,
        "probability": signal.probability,
        "chance": chance,
        "classifier": signal.classifier,
        "version": signal.version,
        "target": signal.target,
        "spans": [[span.start, span.end] for span in signal.spans],
        "note": signal.note,
    }


def signal_of(row: Mapping[str, Any]) -> Signal:
    """Return the signal of a row."""
    spans = tuple(Span(start, end) for start, end in row["spans"])
    return Signal(
        row["label"], row["probability"], row["classifier"], row["version"], spans, row["target"], row["note"]
    )
