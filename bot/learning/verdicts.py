"""What the queue's verdicts say of messages: the last one that stands, never an undone one, never the blind sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import select

from models.domain import Message, VerdictKind
from models.labels import LABELS, Stance
from models.store import blind
from models.store.rows import message_of
from models.tables import case_item, decision, message, signal, verdict

MISSED = "missed"
UNTAUGHT = frozenset({"quoted", "not_at_staff", "wrong_person"})
"""Reasons that say nothing of the words themselves: quoted abuse stays abuse, and so does what was said to others."""
HARM = tuple(label for label, stance in LABELS.items() if stance is Stance.HARM)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What people decided of one message: `harmful` for enforced, else delivered.

    `known` maps labels to whether they apply, only where the verdict says so: a delivered message bears no
    harm; an enforced one bears the likeliest harm that was pointed out, and of the others nothing is known.
    `reason` says why the machine was wrong, where somebody said it; one of `UNTAUGHT` leaves what was pointed out unknown.
    """

    message_id: int
    contact_id: int
    message: Message
    harmful: bool
    known: Mapping[str, bool]
    reason: str = ""


def standing(rows: Sequence[Any]) -> Mapping[int, Any]:
    """Return case → the verdict that stands, from verdict rows in order; an undo takes the last one away.

    That nothing is done decides a message only where a reason says that the machine was wrong.
    """
    stacks: dict[int, list[Any]] = {}
    for row in rows:
        stack = stacks.setdefault(row.case_id, [])
        if row.kind != VerdictKind.UNDO.value:
            stack.append(row)
        elif stack:
            stack.pop()
    decided = {VerdictKind.DELIVER.value, VerdictKind.ENFORCE.value}
    last = {case_id: stack[-1] for case_id, stack in stacks.items() if stack}
    wrong = {case_id for case_id, row in last.items() if row.kind == VerdictKind.NO_ACTION.value and row.reason}
    return {case_id: row for case_id, row in last.items() if row.kind in decided or case_id in wrong}


def judgements(database: Database, for_training: bool = True) -> list[Judgement]:
    """Return what people decided of messages, oldest first.

    For training, whoever has a message in the blind sample is left out: those messages certify, author by author.
    """
    in_force = standing(database.execute(select(verdict).order_by(verdict.c.id)).all())
    certifying = blind.drawn_contacts(database) if for_training else set()
    found: dict[int, Judgement] = {}
    for row in _items(database):
        word = in_force.get(row["case_id"])
        if word is None or row["decided_at"] > word.at or row["contact_id"] in certifying:
            continue
        missed = word.reason == MISSED and word.kind != VerdictKind.DELIVER.value
        one = _judged(database, row, missed or word.kind == VerdictKind.ENFORCE.value, word.reason)
        if one is not None:
            found[one.message_id] = one
    return [found[number] for number in sorted(found)]


def _items(database: Database) -> list[Mapping[str, Any]]:
    query = (
        select(message, case_item.c.case_id, decision.c.decided_at, decision.c.labels)
        .join(case_item, case_item.c.message_id == message.c.id)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.own_text != "", message.c.nature.in_(["ordinary", "automatic"]))
        .order_by(case_item.c.case_id, message.c.id)
    )
    return [dict(row) for row in database.execute(query).mappings()]


def _judged(database: Database, row: Mapping[str, Any], harmful: bool, reason: str) -> Judgement | None:
    """Return what a verdict says of one message of its case; of an innocent one in an enforced case it says nothing.

    Where the machine saw too little, the message is harmful though nothing was pointed out: it measures, it teaches no label.
    """
    pointed = [label for label in row["labels"] if label in HARM]
    if harmful and not pointed and reason != MISSED:
        return None
    known: dict[str, bool] = {}
    if harmful and pointed:
        known = {_likeliest(database, row["id"], pointed): True}
    elif not harmful:
        untaught = set(pointed) if reason in UNTAUGHT else set()
        known = {label: False for label in HARM if label not in untaught}
    return Judgement(row["id"], row["contact_id"], message_of(row), harmful, known, reason)


def _likeliest(database: Database, message_id: int, labels: Sequence[str]) -> str:
    query = select(signal.c.label, signal.c.probability).where(signal.c.message_id == message_id)
    scores = {row.label: row.probability for row in database.execute(query.order_by(signal.c.probability))}
    return max(labels, key=lambda label: scores.get(label, 0.0))
