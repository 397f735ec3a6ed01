"""Which case a decided message goes to: the person's open one, the open campaign of the same words, or a new one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from models.domain import Attention, Decision, Message, Nature
from models.policy.in_force import PolicyInForce
from models.store import facets, ranking, webhooks
from models.store.rows import insert_new
from models.store.webhooks import Event
from models.tables import case, case_item

CAMPAIGN = "duplicate.campaign"
LIVING = ("open", "escalated")


def into_case(
    connection: Connection,
    message_id: int,
    contact_id: int,
    message: Message,
    final: Decision,
    labels: Sequence[str],
    lookalikes: Sequence[int],
    policy: PolicyInForce,
    now: datetime,
) -> int:
    """Put a decided message into its case in the caller's transaction; return the case.

    One open urgent case a contact, which later items join. `lookalikes` are messages of other hands with the
    same words: where they make a campaign, the message joins theirs unless it is urgent by itself.
    """
    severity = max((policy.index.severity.get(clause, 0) for clause in final.clauses), default=1)
    target = ranking.target_at(policy.pack.targets, final.attention, severity, now)
    found: Row[Any] | None = None
    follows: int | None = None
    campaign = CAMPAIGN in labels and final.attention < Attention.URGENT and bool(lookalikes)
    if campaign:
        found = _open_campaign(connection, lookalikes, message.org)
        follows = _decided_campaign(connection, lookalikes) if found is None else None
    elif not (message.nature is Nature.OPAQUE and not message.author.address):
        found = _open_of(connection, contact_id, message.org)
    values: dict[str, Any] = {
        "attention": max(final.attention.value, found.attention if found else 0),
        "weight": max(weight(final, policy), found.weight if found else 0.0),
        "updated_at": now,
        "due_at": ranking.earliest([final.provisional_until, found.due_at if found else None]),
        "harsh": facets.harsh(labels) or bool(found and found.harsh),
    }
    values["target_at"] = ranking.earliest([target, values["due_at"], found.target_at if found else None])
    values["rank"] = ranking.rank(values["weight"], values["target_at"])
    if found is None:
        made = insert(case).values(
            contact_id=contact_id,
            org=message.org,
            state="open",
            opened_at=now,
            campaign=campaign,
            follows_id=follows,
            **values,
        )
        case_id = int(connection.execute(made).inserted_primary_key[0])  # type: ignore[index]
    else:
        case_id = found.id
        connection.execute(update(case).where(case.c.id == case_id).values(version=case.c.version + 1, **values))
    insert_new(connection, case_item, [{"case_id": case_id, "message_id": message_id}])
    facets.note(connection, case_id, message_id)
    told(connection, case_id, message.org, values["attention"], found, now)
    if campaign:
        gather(connection, case_id, lookalikes, now)
    return case_id


def told(
    connection: Connection, case_id: int, org: str, attention: int, before: Row[Any] | None, now: datetime
) -> None:
    """Write what other systems may want to hear: that a case was opened, that it turned urgent."""
    urgent = attention >= Attention.URGENT.value
    if before is None:
        webhooks.of_case(connection, Event.CASE_OPENED, str(case_id), case_id, org, now, urgent=urgent)
    if urgent and (before is None or before.attention < attention):
        key = f"{case_id}:{before.version if before else 0}"
        webhooks.of_case(connection, Event.CASE_URGENT, key, case_id, org, now, urgent=True)


def weight(final: Decision, policy: PolicyInForce) -> float:
    """Return severity times confidence, for the order of the queue."""
    severity = max((policy.index.severity.get(clause, 0) for clause in final.clauses), default=1)
    confidence = max((entry.probability for entry in final.signals), default=0.5)
    return max(1, severity) * confidence


def _open_of(connection: Connection, contact_id: int, org: str) -> Row[Any] | None:
    mine = select(case).where(
        case.c.contact_id == contact_id, case.c.org == org, case.c.state.in_(LIVING), ~case.c.campaign
    )
    return connection.execute(mine.order_by(case.c.attention.desc(), case.c.id).limit(1)).first()


def _cases_of(message_ids: Iterable[int]) -> Any:
    return select(case).where(
        case.c.id.in_(select(case_item.c.case_id).where(case_item.c.message_id.in_(list(message_ids))))
    )


def _open_campaign(connection: Connection, lookalikes: Sequence[int], org: str) -> Row[Any] | None:
    query = _cases_of(lookalikes).where(case.c.campaign, case.c.state.in_(LIVING), case.c.org == org)
    return connection.execute(query.order_by(case.c.id).limit(1)).first()


def _decided_campaign(connection: Connection, lookalikes: Sequence[int]) -> int | None:
    query = _cases_of(lookalikes).where(case.c.campaign, case.c.state == "closed")
    row = connection.execute(query.order_by(case.c.id.desc()).limit(1)).first()
    return None if row is None else int(row.id)


def gather(connection: Connection, case_id: int, lookalikes: Sequence[int], now: datetime) -> None:
    """Bring the look-alikes that came first into a campaign: those in no case, and those alone in an open one."""
    held = select(case_item.c.case_id, case_item.c.message_id).where(case_item.c.message_id.in_(list(lookalikes)))
    standing = {row.message_id: row.case_id for row in connection.execute(held)}
    free = [number for number in lookalikes if number not in standing]
    insert_new(connection, case_item, [{"case_id": case_id, "message_id": number} for number in free])
    for number in free:
        facets.note(connection, case_id, number)
    for number, old in standing.items():
        if old != case_id and _is_alone(connection, old):
            connection.execute(update(case_item).where(case_item.c.message_id == number).values(case_id=case_id))
            facets.note(connection, case_id, number)
            connection.execute(
                update(case)
                .where(case.c.id == old)
                .values(state="joined", joined_into=case_id, updated_at=now, version=case.c.version + 1)
            )


def _is_alone(connection: Connection, case_id: int) -> bool:
    """True for an open case of one item that nothing urgent stands in and no person has taken up."""
    row = connection.execute(select(case).where(case.c.id == case_id)).one()
    items = connection.execute(select(func.count()).where(case_item.c.case_id == case_id)).scalar_one()
    taken = row.assigned_to or row.second_by or row.claimed_by
    return bool(
        row.state == "open"
        and not row.campaign
        and row.attention < Attention.URGENT.value
        and items == 1
        and row.version == 1
        and not taken
    )


def take_out(connection: Connection, case_id: int, message_ids: Sequence[int], now: datetime) -> list[int]:
    """Take items out of a case into cases of their own, in the caller's transaction; return those cases."""
    from models.tables import message

    made = []
    old = connection.execute(select(case).where(case.c.id == case_id)).one()
    query = (
        select(message.c.id, message.c.contact_id)
        .join(case_item, case_item.c.message_id == message.c.id)
        .where(case_item.c.case_id == case_id, message.c.id.in_(list(message_ids)))
    )
    for row in list(connection.execute(query)):
        kept = ("org", "attention", "weight", "rank", "target_at", "due_at", "queue_id", "routed_by")
        values = {name: getattr(old, name) for name in kept}
        new = connection.execute(
            insert(case).values(
                contact_id=row.contact_id,
                state="open",
                opened_at=old.opened_at,
                updated_at=now,
                harsh=old.harsh,
                **values,
            )
        )
        number = int(new.inserted_primary_key[0])  # type: ignore[index]
        moved = (case_item.c.case_id == case_id) & (case_item.c.message_id == row.id)
        connection.execute(update(case_item).where(moved).values(case_id=number))
        facets.note(connection, number, row.id)
        told(connection, number, old.org, old.attention, None, now)
        made.append(number)
    return made
