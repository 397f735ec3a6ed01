"""Cases: the verdict that closes one, how many there are, and that no message was forgotten."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from models.domain import Action, VerdictKind
from models.store import audit, webhooks
from models.store.webhooks import Event
from models.tables import (
    case,
    case_item,
    decision,
    message,
    verdict,
)

WRONG_BECAUSE = ("criticism", "quoted", "irony", "not_at_staff", "wrong_person", "missed", "other")
"""Why a proposal was wrong: fair criticism, somebody else's words, irony, at nobody here, another's, too little, else."""


_NOBODYS: dict[str, None] = dict.fromkeys(("claimed_by", "claimed_until", "second_by", "grade"))


class CaseMoved(Exception):
    """The case changed since it was shown; `by` gave the last verdict, if anybody did."""

    def __init__(self, by: str | None) -> None:
        super().__init__(f"the case was changed by {by}" if by else "something new arrived in the case")
        self.by = by


def record_verdict(
    connection: Connection,
    audit_key: bytes,
    case_id: int,
    version: int,
    kind: VerdictKind,
    actions: Sequence[Action],
    by: str,
    at: datetime,
    note: str = "",
    reason: str = "",
) -> int:
    """Write a person's verdict, the case's new state and the audit event in the caller's transaction.

    `reason` says why the machine's proposal was wrong, one of `WRONG_BECAUSE`.

    Raises:
        CaseMoved: The case is no longer at `version`.
    """
    state = {VerdictKind.ESCALATE: "escalated", VerdictKind.UNDO: "open"}.get(kind, "closed")
    moved = connection.execute(
        update(case)
        .where(case.c.id == case_id, case.c.version == version)
        .values(state=state, version=version + 1, updated_at=at, **_NOBODYS)
    )
    if not moved.rowcount:
        last = select(verdict.c.by).where(verdict.c.case_id == case_id, verdict.c.case_version >= version)
        raise CaseMoved(connection.execute(last.order_by(verdict.c.id.desc())).scalar())
    names = [action.value for action in actions]
    made = connection.execute(
        insert(verdict).values(
            case_id=case_id,
            case_version=version,
            kind=kind.value,
            actions=names,
            by=by,
            at=at,
            note=note,
            reason=reason,
        )
    )
    audit.append(
        connection,
        audit_key,
        at,
        by,
        f"verdict.{kind.value}",
        f"case:{case_id}",
        {"actions": names, "version": version} | ({"reason": reason} if reason else {}),
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    org = connection.execute(select(case.c.org).where(case.c.id == case_id)).scalar_one()
    event = {VerdictKind.ESCALATE: Event.CASE_ESCALATED, VerdictKind.UNDO: Event.CASE_UNDONE}.get(
        kind, Event.CASE_DECIDED
    )
    webhooks.of_case(connection, event, str(number), case_id, org, at, verdict=kind.value)
    return number


def counts(connection: Connection) -> dict[str, int]:
    """Return how many cases stand open, urgent, escalated and closed."""
    query = select(case.c.state, case.c.attention, func.count()).group_by(case.c.state, case.c.attention)
    found = {"open": 0, "urgent": 0, "escalated": 0, "closed": 0}
    for state, attention, number in connection.execute(query):
        found[state] = found.get(state, 0) + number
        if state == "open" and attention == 2:
            found["urgent"] += number
    return found


def unaccounted(connection: Connection) -> list[int]:
    """Return the messages that are neither decided nor, where a person must look, in a case: always empty in the end."""
    undecided = select(message.c.id).where(message.c.decided < message.c.revision)
    orphaned = (
        select(message.c.id)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(
            decision.c.attention > 0,
            ~select(case_item.c.case_id).where(case_item.c.message_id == message.c.id).exists(),
        )
    )
    return [*connection.execute(undecided).scalars(), *connection.execute(orphaned).scalars()]
