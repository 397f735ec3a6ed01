"""Taking messages in: accounts, evidence, messages and revisions, in the caller's transaction."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy import Row as SqlRow

from models.domain import Channel, Message
from models.mail_notes import STAFF_NOTE
from models.store.rows import insert_new, message_row
from models.tables import account, contact, evidence, message, revision

UNPROVEN = "unproven-email"
"""Mail whose origin is not proven stands under accounts of its own: a forged From joins nobody's history."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a batch."""

    new: int = 0
    edited: int = 0
    known: int = 0


def save(connection: Connection, items: Sequence[tuple[Message, bytes]], now: datetime) -> TakenIn:
    """Keep messages with their bytes; a key already there is left alone, or becomes a revision when it changed.

    What staff newly say of a mail by a folder of theirs is such a change: it is decided anew.
    """
    unique = {item.key.native_id: (item, raw, hashlib.sha256(raw).hexdigest()) for item, raw in items}
    if not unique:
        return TakenIn()
    known = _known(connection, next(iter(unique.values()))[0].key.connection_id, unique)
    fresh = {key: value for key, value in unique.items() if key not in known}
    changed = {key: value for key, value in unique.items() if key in known and _differs(known[key], value[0], value[2])}
    _keep_evidence(connection, [*fresh.values(), *changed.values()], now)
    contacts = _contacts(connection, [entry[0] for entry in fresh.values()], now)
    rows = [
        message_row(item) | {"raw_sha256": digest, "contact_id": contacts[_account_of(item)], "taken_in_at": now}
        for item, _, digest in fresh.values()
    ]
    if rows:
        connection.execute(insert(message), rows)
    for key, (item, _, digest) in changed.items():
        _revise(connection, known[key], item, digest, now)
    return TakenIn(len(fresh), len(changed), len(unique) - len(fresh) - len(changed))


def _differs(old: SqlRow[Any], item: Message, digest: str) -> bool:
    said = item.header(STAFF_NOTE)
    return old.raw_sha256 != digest or (said is not None and said != dict(old.detail["headers"]).get(STAFF_NOTE))


def _known(connection: Connection, connection_id: str, native_ids: Iterable[str]) -> dict[str, SqlRow[Any]]:
    found = select(message).where(message.c.connection_id == connection_id, message.c.native_id.in_(list(native_ids)))
    return {row.native_id: row for row in connection.execute(found)}


def _keep_evidence(connection: Connection, entries: Iterable[tuple[Message, bytes, str]], now: datetime) -> None:
    rows = {
        digest: {"sha256": digest, "size_bytes": len(raw), "body": zlib.compress(raw, 3), "kept_at": now}
        for _, raw, digest in entries
    }
    insert_new(connection, evidence, list(rows.values()))


def _account_of(item: Message) -> tuple[str, str]:
    platform = item.channel.value
    if item.channel is Channel.EMAIL and not item.author.verified:
        platform = UNPROVEN
    return platform, item.author.address[:320]


def _contacts(connection: Connection, items: Sequence[Message], now: datetime) -> dict[tuple[str, str], int]:
    """Return the contact of each account, making those not seen before: one contact an account until people join them."""
    names = {_account_of(item): item.author.display_name[:300] for item in items}
    addresses = {address for _, address in names}
    rows = connection.execute(select(account).where(account.c.address.in_(addresses)))
    found = {(row.platform, row.address): row.contact_id for row in rows}
    for key in [key for key in names if key not in found]:
        made = connection.execute(insert(contact).values(name=names[key] or key[1], created_at=now))
        contact_id = made.inserted_primary_key[0]  # type: ignore[index]
        connection.execute(
            insert(account).values(platform=key[0], address=key[1], name=names[key], contact_id=contact_id)
        )
        found[key] = contact_id
    return found


def _revise(connection: Connection, old: SqlRow[Any], item: Message, digest: str, now: datetime) -> None:
    connection.execute(
        insert(revision).values(
            message_id=old.id, number=old.revision, own_text=old.own_text, raw_sha256=old.raw_sha256, replaced_at=now
        )
    )
    values = {key: value for key, value in message_row(item).items() if key not in {"connection_id", "native_id"}}
    connection.execute(
        update(message)
        .where(message.c.id == old.id)
        .values(**values | {"raw_sha256": digest, "revision": old.revision + 1, "received_at": old.received_at})
    )


def raw_of(connection: Connection, sha256: str) -> bytes | None:
    """Return the bytes kept under `sha256`."""
    body = connection.execute(select(evidence.c.body).where(evidence.c.sha256 == sha256)).scalar()
    return None if body is None else zlib.decompress(body)


def waiting(connection: Connection, stage: str, limit: int) -> list[Mapping[str, Any]]:
    """Return up to `limit` messages whose `stage` (`classified` or `decided`) lags behind their revision."""
    lagging = message.c[stage] < message.c.revision
    ready = lagging if stage == "classified" else lagging & (message.c.classified == message.c.revision)
    query = select(message).where(ready).order_by(message.c.received_at, message.c.id).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]


def count_waiting(connection: Connection) -> int:
    """Return how many messages have no decision on their latest revision."""
    from sqlalchemy import func

    query = select(func.count()).select_from(message).where(message.c.decided < message.c.revision)
    return connection.execute(query).scalar_one()


def raw_of_message(connection: Connection, message_id: int) -> bytes | None:
    """Return the bytes a message came as."""
    sha256 = connection.execute(select(message.c.raw_sha256).where(message.c.id == message_id)).scalar()
    return None if sha256 is None else raw_of(connection, sha256)
