"""Writing decisions: with their case, quota and enforcement rows in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from models.domain import Action, Attention, Decision, Message, Signal
from models.labels import RIGHTS
from models.policy.in_force import PolicyInForce
from models.policy.links import LinkFacts
from models.policy.reasons import reason
from models.store import casework, daily, evidence, mail_notes, outbox, quotas, routing
from models.store.formal import incidents
from models.store.rows import insert_new, signal_row
from models.tables import decision, message, rights_clock, signal


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision on its way into the store. `patterns` are the signals that the history gave.

    `links` are counted with what they had to come to for a person to look, None for a message without any.
    `lookalikes` are the messages of other hands that say the same, where they make a campaign.
    """

    message_id: int
    contact_id: int
    revision: int
    message: Message
    decision: Decision
    patterns: tuple[Signal, ...]
    labels: tuple[str, ...]
    missing: frozenset[str]
    lookalikes: tuple[int, ...] = ()
    links: tuple[LinkFacts, float] | None = None


KEPT_FROM = 0.02
"""A signal less likely than this decides nothing, ever."""


def save_signals(
    connection: Connection,
    row: Mapping[str, Any],
    found: Sequence[tuple[Signal, float | None]],
    lang: str,
    missing: frozenset[str],
) -> None:
    """Keep what the classifiers found in a message's text from KEPT_FROM on, in place of what an earlier revision gave.

    Each finding comes with the chance that people are told, None where that is its probability.
    """
    connection.execute(delete(signal).where(signal.c.message_id == row["id"]))
    kept = [signal_row(row["id"], entry, chance) for entry, chance in found if entry.probability >= KEPT_FROM]
    if kept:
        connection.execute(insert(signal), kept)
    values: dict[str, Any] = {"classified": row["revision"], "lang": lang}
    if missing:
        values["detail"] = row["detail"] | {"missing": sorted(missing)}
    connection.execute(update(message).where(message.c.id == row["id"]).values(**values))


def save(connection: Connection, decided: Decided, policy: PolicyInForce, now: datetime) -> Decision:
    """Write a decision and all that follows from it; return it as it stood after the quotas."""
    final = _within_quota(connection, decided, policy, now)
    spoken = select(message.c.lang).where(message.c.id == decided.message_id).scalar_subquery()
    connection.execute(insert(decision).values(_row(decided, final) | {"lang": spoken}))
    daily.count(connection, decided.message_id, decided.revision)
    if decided.patterns:
        connection.execute(insert(signal), [signal_row(decided.message_id, entry) for entry in decided.patterns])
    wishes = outbox.wishes_of(final, decided.message, decided.message_id)
    if wishes:
        evidence.keep(connection, decided.message_id, now)
    for wish in wishes:
        outbox.enter(connection, wish, now)
    mail_notes.settle(connection, decided.message, decided.message_id, final, now)
    clocks = [
        {"message_id": decided.message_id, "label": label, "started_at": decided.message.received_at}
        for label in decided.labels
        if label in RIGHTS
    ]
    insert_new(connection, rights_clock, clocks)
    incidents.propose(connection, policy.pack, decided.message, decided.message_id, decided.contact_id, final)
    if final.attention > Attention.DELIVER:
        case_id = casework.into_case(
            connection,
            decided.message_id,
            decided.contact_id,
            decided.message,
            final,
            decided.labels,
            decided.lookalikes,
            policy,
            now,
        )
        routing.place(connection, case_id, decided.message_id)
    connection.execute(update(message).where(message.c.id == decided.message_id).values(decided=decided.revision))
    return final


def _within_quota(connection: Connection, decided: Decided, policy: PolicyInForce, now: datetime) -> Decision:
    """Reserve the day's quota of each automatic action; without it a person decides."""
    final, automation = decided.decision, policy.pack.automation
    where = decided.message.key.connection_id
    automatic = [
        action for action in final.actions if final.provisional_until is not None and action is not Action.FILE
    ]
    asked = {action: quotas.allow(connection, where, action, automation, now) for action in automatic}
    refused = {action: rule for action, rule in asked.items() if rule is not None}
    if not refused:
        return final
    left = tuple(action for action in final.actions if action not in refused)
    attention = max(final.attention, Attention.REVIEW)
    rules = (*final.rules, *dict.fromkeys(refused.values()))
    return replace(
        final,
        actions=left,
        attention=attention,
        provisional_until=final.provisional_until if left else None,
        rules=rules,
        why=reason(tuple(dict.fromkeys(entry.label for entry in final.signals)), attention, left, rules),
    )


def _row(decided: Decided, final: Decision) -> dict[str, object]:
    return {
        "message_id": decided.message_id,
        "revision": decided.revision,
        "attention": final.attention.value,
        "handling": final.handling.value,
        "actions": [action.value for action in final.actions],
        "proposed": [action.value for action in final.proposed],
        "clauses": list(final.clauses),
        "labels": list(decided.labels),
        "missing": sorted(decided.missing),
        "rules": list(final.rules),
        "why_en": final.why.en,
        "why_cy": final.why.cy,
        "pack_id": final.pack_id,
        "pack_version": final.pack_version,
        "mode": final.mode.value,
        "certificate_id": final.certificate_id,
        "links": _links(decided.links),
        "decided_at": final.decided_at,
        "provisional_until": final.provisional_until,
    }


def _links(found: tuple[LinkFacts, float] | None) -> dict[str, float]:
    """Return what is kept of a message's links; nothing at all stands with what was decided before they were counted."""
    return {} if found is None else asdict(found[0]) | {"look_from": found[1]}
