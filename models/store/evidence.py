"""Evidence before enforcement: what a message was, by hash, kept before anything is done about it."""

import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from models.engine_tables import evidence_record
from models.store.rows import insert_new
from models.tables import evidence, message, revision

PART_BYTES_AT_MOST = 5_000_000
THREAD_AT_MOST = 50
MANIFEST = "manifest"


def keep(connection: Connection, message_id: int, now: datetime) -> None:
    """Keep a message as it stands: its bytes, its words, its author, its thread and its times, each by hash.

    Within the caller's transaction; a second time changes nothing.
    """
    row = dict(connection.execute(select(message).where(message.c.id == message_id)).mappings().one())
    known = select(evidence_record.c.part).where(
        evidence_record.c.message_id == message_id,
        evidence_record.c.revision == row["revision"],
        evidence_record.c.part == MANIFEST,
    )
    if connection.execute(known).first() is not None:
        return
    _record(connection, row, "raw", row["raw_sha256"], now)
    body = orjson.dumps(_manifest(connection, row, now), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    _record(connection, row, MANIFEST, store(connection, body, now), now)


def add(connection: Connection, message_id: int, parts: Mapping[str, bytes], now: datetime) -> None:
    """Keep what a platform gives besides the message, an author's profile for one; a part known already stays."""
    row = dict(connection.execute(select(message).where(message.c.id == message_id)).mappings().one())
    for name, body in parts.items():
        _record(connection, row, name[:40], store(connection, body[:PART_BYTES_AT_MOST], now), now)


def is_kept(connection: Connection, message_id: int) -> bool:
    """True when the latest revision of a message stands in the evidence."""
    query = (
        select(evidence_record.c.part)
        .join(message, message.c.id == evidence_record.c.message_id)
        .where(
            message.c.id == message_id,
            evidence_record.c.revision == message.c.revision,
            evidence_record.c.part == MANIFEST,
        )
    )
    return connection.execute(query).first() is not None


def parts_of(connection: Connection, message_id: int) -> list[tuple[int, str, str, bytes]]:
    """Return revision, part, hash and bytes of all that is kept of a message."""
    query = (
        select(evidence_record, evidence.c.body)
        .join(evidence, evidence.c.sha256 == evidence_record.c.sha256)
        .where(evidence_record.c.message_id == message_id)
        .order_by(evidence_record.c.revision, evidence_record.c.part)
    )
    return [(row.revision, row.part, row.sha256, zlib.decompress(row.body)) for row in connection.execute(query)]


def _manifest(connection: Connection, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    detail = row["detail"]
    text = row["own_text"]
    earlier = select(revision.c.number, revision.c.raw_sha256).where(revision.c.message_id == row["id"])
    return {
        "connection": row["connection_id"],
        "native_id": row["native_id"],
        "message_id": row["message_id"],
        "channel": row["channel"],
        "author": {"address": row["author"], "name": row["author_name"], "verified": row["verified"]},
        "times": {"received": row["received_at"], "sent": row["sent_at"], "taken_in": row["taken_in_at"], "kept": now},
        "text": {
            "own": text,
            "quoted": row["quoted_text"],
            "subject": row["subject"],
            "signature": detail["signature"],
        },
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "attachments": detail["attachments"],
        "links": [link["target"] for link in detail["links"]],
        "raw_sha256": row["raw_sha256"],
        "revision": row["revision"],
        "earlier_revisions": [{"number": r.number, "raw_sha256": r.raw_sha256} for r in connection.execute(earlier)],
        "thread": {"id": row["thread"], "reply_to": detail["reply_to_id"], "messages": _thread(connection, row)},
    }


def _thread(connection: Connection, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    if row["thread"] is None:
        return []
    same = (message.c.connection_id == row["connection_id"]) & (message.c.thread == row["thread"])
    query = select(message).where(same, message.c.id != row["id"]).order_by(message.c.received_at.desc())
    return [
        {"native_id": r.native_id, "author": r.author, "received": r.received_at, "raw_sha256": r.raw_sha256}
        for r in connection.execute(query.limit(THREAD_AT_MOST))
    ]


def store(connection: Connection, body: bytes, now: datetime) -> str:
    """Keep bytes under their hash and return it; what is known already is kept once."""
    digest = hashlib.sha256(body).hexdigest()
    packed = {"sha256": digest, "size_bytes": len(body), "body": zlib.compress(body, 3), "kept_at": now}
    insert_new(connection, evidence, [packed])
    return digest


def body_of(connection: Connection, digest: str) -> bytes:
    """Return the bytes that are kept under a hash."""
    return zlib.decompress(connection.execute(select(evidence.c.body).where(evidence.c.sha256 == digest)).scalar_one())


def _record(connection: Connection, row: Mapping[str, Any], part: str, digest: str, now: datetime) -> None:
    values = {"message_id": row["id"], "revision": row["revision"], "part": part, "sha256": digest, "kept_at": now}
    insert_new(connection, evidence_record, [values])
