"""What a case holds as evidence: its messages as they came, each version, and what was kept of them; nothing of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select

from models.engine_tables import evidence_record
from models.policy.clocks import LONDON
from models.store import evidence as kept
from models.store.messages import raw_of
from models.tables import account, case, case_item, contact, decision, message, revision, signal


class NoSuchCase(Exception):
    """There is no case of that number, or nothing in it is of its person; the message says which."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a message: its number, the bytes it came as, and until when it stood (None for the latest)."""

    number: int
    raw: bytes
    raw_sha256: str
    own_text: str
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One message with its versions, oldest first. `parts` is what a platform gave besides, by name."""

    number: int
    row: Mapping[str, Any]
    versions: tuple[Version, ...]
    kept_at: datetime | None
    manifest_sha256: str | None
    parts: Mapping[str, bytes]
    labels: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holding:
    """Everything of a case that belongs to its person, oldest message first."""

    case_id: int
    org: str
    contact_id: int
    name: str
    accounts: tuple[tuple[str, str], ...]
    exhibits: tuple[Exhibit, ...]


def both_times(at: datetime | None) -> dict[str, str] | None:
    """Return a moment in UTC and as a clock in London showed it, with its offset."""
    return None if at is None else {"utc": at.isoformat(), "local": at.astimezone(LONDON).isoformat()}


def gather(database: Connection, case_id: int) -> Holding:
    """Return what a case holds. A message that belongs to another person by now is left out.

    Raises:
        NoSuchCase: There is none, or it holds no message of its person.
    """
    row = database.execute(select(case).where(case.c.id == case_id)).first()
    if row is None:
        raise NoSuchCase(f"there is no case {case_id}; its number stands at the top of its page")
    who = database.execute(select(contact.c.name).where(contact.c.id == row.contact_id)).scalar_one()
    mine = select(account.c.platform, account.c.address).where(account.c.contact_id == row.contact_id)
    query = (
        select(message)
        .join(case_item, case_item.c.message_id == message.c.id)
        .where(case_item.c.case_id == case_id, message.c.contact_id == row.contact_id)
        .order_by(message.c.received_at, message.c.id)
    )
    found = [dict(entry) for entry in database.execute(query).mappings()]
    if not found:
        raise NoSuchCase(f"case {case_id} holds no message of its person: there is nothing to pack")
    return Holding(
        case_id,
        row.org,
        row.contact_id,
        who,
        tuple((entry.platform, entry.address) for entry in database.execute(mine.order_by(account.c.id))),
        tuple(_exhibit(database, number, entry) for number, entry in enumerate(found, 1)),
    )


def _exhibit(database: Connection, number: int, row: Mapping[str, Any]) -> Exhibit:
    records = select(evidence_record.c.part, evidence_record.c.sha256, evidence_record.c.kept_at).where(
        evidence_record.c.message_id == row["id"], evidence_record.c.revision == row["revision"]
    )
    manifest = next((entry for entry in database.execute(records) if entry.part == kept.MANIFEST), None)
    heard = select(signal.c.label).where(signal.c.message_id == row["id"], signal.c.probability >= 0.5).distinct()
    decided = select(decision.c.clauses).where(decision.c.message_id == row["id"])
    last = database.execute(decided.order_by(decision.c.revision.desc()).limit(1)).scalar()
    return Exhibit(
        number,
        row,
        tuple(_versions(database, row)),
        None if manifest is None else manifest.kept_at,
        None if manifest is None else manifest.sha256,
        {
            part: body
            for revision_number, part, _, body in kept.parts_of(database, row["id"])
            if revision_number == row["revision"] and part not in {"raw", kept.MANIFEST}
        },
        tuple(sorted(database.execute(heard).scalars())),
        tuple(last or ()),
    )


def _versions(database: Connection, row: Mapping[str, Any]) -> list[Version]:
    earlier = select(revision).where(revision.c.message_id == row["id"]).order_by(revision.c.number)
    found = [
        Version(old.number, _raw(database, old.raw_sha256), old.raw_sha256, old.own_text, old.replaced_at)
        for old in database.execute(earlier)
    ]
    latest = Version(row["revision"], _raw(database, row["raw_sha256"]), row["raw_sha256"], row["own_text"], None)
    return [*found, latest]


def _raw(database: Connection, sha256: str) -> bytes:
    body = raw_of(database, sha256)
    assert body is not None, f"the bytes {sha256} are kept as long as the message that cites them"
    return body


def described(exhibit: Exhibit) -> dict[str, Any]:
    """Return what is known of a message as data: who, where, when and by which hash. Only its own author is named."""
    row = exhibit.row
    return {
        "exhibit": exhibit.number,
        "message": row["id"],
        "connection": row["connection_id"],
        "native_id": row["native_id"],
        "message_id": row["message_id"],
        "channel": row["channel"],
        "author": {"address": row["author"], "name": row["author_name"], "origin_proven": row["verified"]},
        "subject": row["subject"],
        "times": {
            "sent_as_claimed_by_sender": both_times(row["sent_at"]),
            "received": both_times(row["received_at"]),
            "taken_in": both_times(row["taken_in_at"]),
            "kept_as_evidence": both_times(exhibit.kept_at),
        },
        "versions": [
            {
                "number": version.number,
                "size_bytes": len(version.raw),
                "sha256": version.raw_sha256,
                "replaced": both_times(version.replaced_at),
            }
            for version in exhibit.versions
        ],
        "attachments": row["detail"]["attachments"],
        "kept_record_sha256": exhibit.manifest_sha256,
        "found_by_machine": list(exhibit.labels),
        "clauses": list(exhibit.clauses),
    }


def as_json(data: object) -> bytes:
    """Return data as readable JSON in a fixed order."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
