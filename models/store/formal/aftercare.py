"""Risks nobody is recorded as told of, contact after a closed case, and reviews of the policy itself."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select

from models.formal_tables import measure, policy_review
from models.measures import deadlines
from models.measures.dossier import Dossier
from models.measures.permits import reason
from models.measures.refusals import refusal
from models.measures.steps import RecordKind
from models.policy.schema import Pack
from models.store import audit
from models.store.formal import files, notices
from models.store.formal.desk import Desk, StepRefused
from models.store.formal.sealed import seal
from models.tables import message, signal

RISKS = ("welfare.self_harm", "welfare.safeguarding", "welfare.emergency")
SURE = 0.5


def untold(database: Connection, org: str, contact_id: int | None = None) -> list[Mapping[str, Any]]:
    """Return the messages with a risk to somebody after which nobody is recorded as told, oldest first."""
    query = (
        select(message.c.id, message.c.contact_id, message.c.received_at, signal.c.label)
        .join(signal, signal.c.message_id == message.c.id)
        .where(message.c.org == org, signal.c.label.in_(RISKS), signal.c.probability >= SURE)
        .order_by(message.c.received_at, message.c.id)
    )
    if contact_id is not None:
        query = query.where(message.c.contact_id == contact_id)
    told = _told(database, org)
    rows = [dict(row) for row in database.execute(query).mappings()]
    return [
        row for row in rows if not any(f"message:{row['id']}" == about for about in told.get(row["contact_id"], ()))
    ]


def _told(database: Connection, org: str) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    query = select(measure.c.contact_id, measure.c.detail).where(measure.c.org == org, measure.c.kind == "record")
    for row in database.execute(query):
        if row.detail["kind"] == RecordKind.WELFARE.value:
            found.setdefault(row.contact_id, set()).add(row.detail["about"])
    return found


def since_closed(database: Connection, file: Dossier) -> list[Mapping[str, Any]]:
    """Return what came after a case was closed, oldest first, each with the record that somebody read it, if any."""
    closed = [record.taken.at for record in file.records if record.kind is RecordKind.CASE_CLOSED]
    if not closed:
        return []
    read = {record.about: record for record in file.records if record.kind is RecordKind.READ_AGAIN}
    query = (
        select(message.c.id, message.c.received_at, message.c.channel)
        .where(message.c.contact_id == file.contact_id, message.c.org == file.org, message.c.received_at > min(closed))
        .order_by(message.c.received_at, message.c.id)
    )
    rows = database.execute(query).mappings()
    return [dict(row) | {"read": read.get(f"message:{row['id']}")} for row in rows]


def policy_reviewed(desk: Desk, held_on: date, changes: str, in_force_from: date | None) -> int:
    """Record that the policy itself was reviewed; where it changed, each restricted person is to be told in writing.

    Raises:
        StepRefused: It lies ahead, it changed without a day from which, or the role is not the highest.
    """
    highest = max(desk.pack.roles, key=lambda role: role.rank)
    found = [] if held_on <= deadlines.london_day(desk.now) else [refusal("state")]
    found += [] if desk.officer.role == highest.id else [refusal("too_low", role=highest.title.en)]
    if changes.strip() and in_force_from is None:
        found += reason("")
    if found:
        raise StepRefused(found)
    values = {
        "org": desk.pack.id, "held_on": held_on, "changes": changes.strip(), "in_force_from": in_force_from,
        "by": desk.officer.name, "at": desk.now,
    }  # fmt: skip
    made = desk.database.execute(insert(policy_review).values(**values))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    seal(desk.database, desk.key, desk.now, desk.officer.name, "policy.reviewed", policy_review, number)
    if changes.strip():
        today = deadlines.london_day(desk.now)
        for _, _, restriction in files.standing_restrictions(desk.database, desk.pack.id):
            about = f"measure:{restriction.restriction_id}"
            notices.tell(
                desk.database, desk.pack.id, "policy_changed", about, restriction.taken.by.role, today, desk.now
            )
    return number


def policy_issued(database: Connection, pack: Pack) -> date | None:
    """Return when the policy was last issued or reviewed."""
    issued = [document.issued for document in pack.documents if document.issued]
    held = database.execute(select(policy_review.c.held_on).where(policy_review.c.org == pack.id)).scalars()
    return max([*issued, *held], default=None)


def seen(desk: Desk, number: int) -> None:
    """Mark a notice as seen to by somebody of its role or a higher one; the trail says who.

    Raises:
        StepRefused: There is no such open notice, or it is for a higher role.
    """
    open_now = {row["id"]: row for row in notices.open_ones(desk.database, desk.pack.id)}
    ranks = {role.id: role.rank for role in desk.pack.roles}
    row = open_now.get(number)
    if row is None or ranks.get(row["to_role"], 0) > ranks.get(desk.officer.role, 0):
        raise StepRefused([refusal("state")])
    notices.done(desk.database, number, desk.officer.name, desk.now)
    detail = {"kind": row["kind"]}
    audit.append(desk.database, desk.key, desk.now, desk.officer.name, "notice.seen", f"notice:{number}", detail)
