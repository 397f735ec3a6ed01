"""Reads the facts of a letter: the person's file, the message it answers, who signs, and how the person is reached."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models.domain import Action, Channel
from models.formal_tables import letter, letter_wanted, office
from models.labels import LABELS, Stance
from models.letters.facts import Facts, Recipient, Returned
from models.measures.steps import MACHINE, Officer, Taken
from models.store.formal.desk import Desk
from models.tables import account, contact, enforcement, message, signal

MARKED_FROM = 0.5
_HOLDS = (Action.HIDE.value, Action.QUARANTINE.value, Action.BLOCK.value, Action.MUTE.value)


def facts_of(desk: Desk, wanted: Mapping[str, Any], row: Mapping[str, Any]) -> Facts:
    """Return everything that a wanted letter is composed from."""
    contact_id = wanted["contact_id"]
    written = row["approved_at"] or desk.now
    facts = Facts(
        pack=desk.pack,
        kind=wanted["kind"],
        file=desk.file(contact_id),
        number=wanted["measure_id"] or 0,
        now=written,
        recipient=_recipient(desk.database, contact_id, row["recipient"]),
        reference=f"{desk.pack.id.upper()}-{contact_id}-{wanted['id']}",
        signed=desk.officer,
        message=_message(desk.database, row),
        calendar=desk.calendar,
    )
    signed = _signed(desk, facts, wanted, row)
    return replace(facts, signed=signed, machine_held=_machine_held(desk.database, facts, row["message_id"]))


def _recipient(database: Connection, contact_id: int, given: Mapping[str, Any]) -> Recipient:
    """Return whom the letter is for: as written on it, else as on the person's last letter, else by the contact's name."""
    if given:
        return Recipient(given["name"], tuple(given["address"]))
    query = (
        select(letter.c.recipient)
        .join(letter_wanted, letter_wanted.c.id == letter.c.id)
        .where(letter_wanted.c.contact_id == contact_id, letter_wanted.c.sent_at.is_not(None))
        .order_by(letter.c.id.desc())
    )
    last = next((found for found in database.execute(query).scalars() if found), None)
    if last is not None:
        return Recipient(last["name"], tuple(last["address"]))
    name = database.execute(select(contact.c.name).where(contact.c.id == contact_id)).scalar_one()
    return Recipient("" if "@" in name else name)


def addresses(database: Connection, contact_id: int) -> tuple[str, ...]:
    """Return the mail addresses that the person has written from with proven origin, latest used first."""
    query = (
        select(account.c.address)
        .join(message, message.c.author == account.c.address)
        .where(account.c.contact_id == contact_id, account.c.platform == "email", message.c.verified)
        .order_by(message.c.received_at.desc())
    )
    return tuple(dict.fromkeys(database.execute(query).scalars()))


def _message(database: Connection, row: Mapping[str, Any]) -> Returned | None:
    if row["message_id"] is None:
        return None
    found = database.execute(select(message).where(message.c.id == row["message_id"])).one()
    marks = tuple((start, end) for start, end in row["marks"] if 0 <= start < end <= len(found.own_text))
    return Returned(found.own_text, found.received_at, Channel(found.channel), marks)


def marks_of_signals(database: Connection, message_id: int) -> list[list[int]]:
    """Return where the classifiers saw harm in a message, in order and apart."""
    query = select(signal.c.label, signal.c.spans).where(
        signal.c.message_id == message_id, signal.c.probability >= MARKED_FROM
    )
    harm = [row for row in database.execute(query) if LABELS.get(row.label) in {Stance.HARM, Stance.NOTICE}]
    return apart((start, end) for row in harm for start, end in row.spans)


def apart(ranges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return ranges in order, those that touch made one."""
    found: list[list[int]] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        elif start < end:
            found.append([start, end])
    return found


def _signed(desk: Desk, facts: Facts, wanted: Mapping[str, Any], row: Mapping[str, Any]) -> Officer:
    """Return who signs: whoever took the step, else whoever asked for the letter, in the role they then held.

    What the clock wanted is signed by whoever approves it.
    """
    taken = _taken(facts)
    if taken is not None:
        return taken.by
    by = wanted["wanted_by"]
    if by == MACHINE:
        return Officer(row["approved_by"], row["approved_role"]) if row["approved_by"] else desk.officer
    return Officer(by, _role(desk.database, by, desk.pack.id, wanted["wanted_at"]) or desk.officer.role)


def _taken(facts: Facts) -> Taken | None:
    match facts.kind:
        case "ask" | "warning" | "not_replying":
            step = facts.ask or facts.warning or facts.record
            return None if step is None else step.taken
        case "restriction":
            return None if facts.restriction is None else facts.restriction.taken
        case "review":
            return None if facts.review is None else facts.review.taken
        case "appeal_outcome":
            return None if facts.appeal is None else facts.appeal.heard
        case _:
            return None


def _role(database: Connection, name: str, org: str, at: datetime) -> str:
    query = select(office.c.role).where(office.c.name == name, office.c.org == org, office.c.since <= at)
    return database.execute(query.order_by(office.c.since.desc()).limit(1)).scalar() or ""


def _machine_held(database: Connection, facts: Facts, message_id: int | None) -> bool:
    """True when something of what the letter is about was held, hidden or blocked before any person said so."""
    ids = {i.message_id for i in facts.incidents() if i.message_id is not None} | (
        {message_id} if message_id else set()
    )
    query = select(enforcement.c.id).where(
        enforcement.c.message_id.in_(ids),
        enforcement.c.verdict_id.is_(None),
        enforcement.c.effect.in_(_HOLDS),
        enforcement.c.wanted,
        enforcement.c.state.in_(["done", "already_done"]),
    )
    return bool(ids) and database.execute(query).first() is not None  # fmt: skip
