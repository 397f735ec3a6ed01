"""Limits of a pack that people move: tried on the own history, proposed by one, approved by another, then in force."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from models.desk_tables import change
from models.domain import Action
from models.policy.foretold import Late, Pressing
from models.policy.loader import builtin_pack
from models.policy.movable import LINKS, PATTERNS, TARGETS, numbers_of, with_all, with_moved
from models.policy.schema import Pack
from models.policy.what_if import Wanted, WhatIf, compared
from models.store import agreeing, audit, foretelling
from models.tables import decision, enforcement, message

HISTORY_DAYS = 90
_STOPPED = {"quota_reached", "breaker_open"}


def in_force(connection: Connection) -> dict[str, dict[str, int]]:
    """Return the limits that were moved, by organisation: the newest approved value of each."""
    query = select(change.c.org, change.c.field, change.c.value).where(change.c.state == "in_force")
    found: dict[str, dict[str, int]] = {}
    for org, field, value in connection.execute(query.order_by(change.c.decided_at, change.c.id)):
        found.setdefault(org, {})[field] = value
    return found


def pack_of(connection: Connection, org: str) -> Pack:
    """Return the pack of `org` with its numbers as they stand now."""
    return with_all(builtin_pack(org), in_force(connection).get(org, {}))


def tried(connection: Connection, org: str, field: str, value: int, now: datetime) -> WhatIf | Pressing | Late:
    """Return what a moved limit would have meant for the last `HISTORY_DAYS`.

    Raises:
        UnknownLimit: The pack has no such limit, or the value is out of bounds.
    """
    before, since = pack_of(connection, org), now - timedelta(days=HISTORY_DAYS)
    after = with_moved(before, field, value)
    if field in LINKS:
        return foretelling.linking(connection, before, after, since)
    if field in PATTERNS:
        return foretelling.pressing(connection, before, after, field, since)
    if field in TARGETS:
        return foretelling.late(connection, before, after, field, since, now)
    return compared(_wanted(connection, org, since), before.automation, after.automation)


def _wanted(connection: Connection, org: str, since: datetime) -> list[Wanted]:
    """Return every automatic action that the machine took or was kept from by a limit, in order of time."""
    taken = (
        select(enforcement.c.created_at, enforcement.c.connection_id, enforcement.c.effect, message.c.id)
        .join(message, message.c.id == enforcement.c.message_id)
        .where(
            message.c.org == org,
            enforcement.c.verdict_id.is_(None),
            enforcement.c.wanted,
            enforcement.c.effect != Action.FILE.value,
            enforcement.c.created_at >= since,
        )
    )
    found = [Wanted(at, place, Action(effect), number) for at, place, effect, number in connection.execute(taken)]
    kept = (
        select(decision.c.decided_at, message.c.connection_id, decision.c.proposed, decision.c.actions, message.c.id)
        .add_columns(decision.c.rules)
        .join(message, message.c.id == decision.c.message_id)
        .where(message.c.org == org, decision.c.decided_at >= since, decision.c.handling.in_(["review", "urgent"]))
    )
    for at, place, proposed, actions, number, rules in connection.execute(kept):
        if _STOPPED & set(rules):
            found += [Wanted(at, place, Action(name), number) for name in proposed if name not in actions]
    return sorted(found, key=lambda entry: (entry.at, entry.message_id or 0))


def propose(
    connection: Connection, audit_key: bytes, org: str, field: str, value: int, by: str, now: datetime, why: str
) -> int:
    """Write a change that waits for a second person; return its number.

    Raises:
        UnknownLimit: The pack has no such limit, or the value is out of bounds.
    """
    standing = pack_of(connection, org)
    with_moved(standing, field, value)
    before = numbers_of(standing)[field]
    values = {"org": org, "field": field, "value": value, "before": before, "why": why}
    made = connection.execute(insert(change).values(**values, state="proposed", by=by, at=now))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    detail = {"org": org, "field": field, "value": value, "before": before}
    audit.append(connection, audit_key, now, by, "policy.propose", f"change:{number}", detail)
    return number


def decide(connection: Connection, audit_key: bytes, number: int, approve: bool, by: str, now: datetime) -> None:
    """Approve a change, which then is in force, or refuse it.

    Raises:
        NotPossible: `gone`, or `own`: who proposed may refuse it, never approve it.
    """
    row = agreeing.decide(connection, change, number, approve, by, now)
    what = f"policy.{'approve' if approve else 'refuse'}"
    audit.append(connection, audit_key, now, by, what, f"change:{number}", {"org": row["org"], "field": row["field"]})


def find(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """Return a change, None when there is none."""
    return agreeing.find(connection, change, number)


def listed(connection: Connection, org: str) -> list[Mapping[str, Any]]:
    """Return the changes of `org`, newest first."""
    query = select(change).where(change.c.org == org).order_by(change.c.id.desc()).limit(50)
    return [dict(row) for row in connection.execute(query).mappings()]


def waiting(connection: Connection) -> int:
    """Return how many changes wait for a second person."""
    query = select(func.count()).select_from(change).where(change.c.state == "proposed")
    return connection.execute(query).scalar_one()


def examples(connection: Connection, ids: Sequence[int], limit: int = 5) -> list[Mapping[str, Any]]:
    """Return some messages by their numbers, with why they were decided as they were."""
    query = (
        select(message.c.id, message.c.author, message.c.channel, message.c.received_at, decision.c.why_en)
        .add_columns(decision.c.why_cy)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.id.in_(list(ids)[:limit]))
        .order_by(message.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
