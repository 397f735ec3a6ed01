"""A case as the API gives it: its line in the queue, its card, and what a verdict will do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from models.domain import Action, Channel, Handling
from models.records.case_note import reference_of
from models.store.cards import Card
from models.store.queue import QueueRow
from review_queue import effects, marks
from review_queue.api.shapes.base import Shape, Words
from review_queue.api.shapes.messages import Message, message_of, subject_of
from review_queue.effects import Offer

EXCERPT_CHARACTERS = 200
State = Literal["open", "escalated", "closed"]


class Effect(Shape):
    """One thing that a verdict will do, on `count` messages.

    `how`: `bot` does it and reads it back, `person` a task is made, `lift` it is taken back, `confirmed` it stands already
    and is made lasting, `stays` the message stays where it is, `never` and `nothing` nothing is done.
    """

    how: str
    action: str
    channel: str
    count: int


class Choice(Shape):
    """A verdict that may be given, and what it will do; `proposed` is the machine's own proposal."""

    kind: str = Field(validation_alias="name")
    proposed: bool
    effects: list[Effect]


class Account(Shape):
    """An address or handle of a person."""

    platform: str
    address: str


class Person(Shape):
    """Whose messages a case holds. With a recorded need nothing is done automatically."""

    id: int
    name: str
    recorded_need: bool = Field(validation_alias="adjustment")
    professional: bool


class Verdict(Shape):
    """What a person decided."""

    id: int
    kind: str
    actions: list[str]
    by: str
    at: datetime
    note: str
    reason: str


class Note(Shape):
    """A note for colleagues."""

    id: int
    by: str
    at: datetime
    text: str


class Standing(Shape):
    """How a case stands: what its line in the queue and its card say alike."""

    id: int
    reference: str
    version: int = Field(description="Send it with a verdict: a case that moved on meanwhile is not decided")
    organisation: str
    state: State
    urgent: bool
    campaign: bool
    queue: int | None = Field(description="The queue with a name in which it stands; null for the default one")
    opened_at: datetime
    updated_at: datetime
    target_at: datetime | None
    due_at: datetime | None
    assigned_to: str | None
    claimed_by: str | None
    second_opinion_for: str | None
    grade: str | None


class Summary(Standing):
    """A case as a line of the queue, with its gravest message."""

    people: int
    messages: int
    contact: str
    channel: Channel
    handling: Handling
    language: str | None
    subject: str | None
    excerpt: str
    words_hidden: bool
    why: Words
    clauses: list[str]
    labels: list[str]


class CaseList(Shape):
    """A page of the queue. `total` counts at most 1,000; `more` says that there are at least so many."""

    cases: list[Summary]
    page: int
    pages: int
    total: int
    more: bool


class Case(Standing):
    """A case opened: its messages, the person, what may be decided and what each verdict will do."""

    follows: int | None = Field(description="The campaign of the same words that was decided before")
    sets: list[int] = Field(description="Verdicts on many that decided it or wait to")
    contact: Person
    accounts: list[Account]
    message_count: int
    messages: list[Message]
    proposal: list[Action]
    choices: list[Choice]
    verdicts: list[Verdict]
    notes: list[Note]


def summary_of(row: QueueRow, mask: bool, now: datetime) -> Summary:
    """Return a line of the queue."""
    top, case = row.top, row.case
    return Summary(
        **_standing(case, now),
        people=row.people,
        messages=row.items,
        contact=row.contact_name,
        channel=top["channel"],
        handling=top["decision_handling"],
        language=top["lang"],
        subject=subject_of(top["subject"], mask, row.signals),
        excerpt=marks.blotted(top["own_text"], row.signals, mask)[:EXCERPT_CHARACTERS],
        words_hidden=mask and marks.is_harsh(row.signals),
        why=Words(en=top["decision_why_en"], cy=top["decision_why_cy"]),
        clauses=top["decision_clauses"],
        labels=top["decision_labels"],
    )


def case_of(card: Card, notes: list[Mapping[str, Any]], sets: list[int], mask: bool, now: datetime) -> Case:
    """Return a case opened."""
    return Case(
        **_standing(card.case, now),
        follows=card.case["follows_id"],
        sets=sets,
        contact=Person.model_validate(card.contact),
        accounts=[] if card.case["campaign"] else [Account.model_validate(row) for row in card.accounts],
        message_count=card.count,
        messages=[message_of(item, card.case["org"], mask) for item in card.items],
        proposal=list(effects.proposed(card)),
        choices=[_choice(offer) for offer in effects.offers(card)] if card.case["state"] != "closed" else [],
        verdicts=[Verdict.model_validate(row) for row in card.verdicts],
        notes=[Note.model_validate(row) for row in notes],
    )


def _standing(case: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return what a line of the queue and a card say alike of how a case stands."""
    held = case["claimed_until"] is not None and case["claimed_until"] > now
    same = (
        "id",
        "version",
        "state",
        "campaign",
        "opened_at",
        "updated_at",
        "target_at",
        "due_at",
        "assigned_to",
        "grade",
    )
    return {name: case[name] for name in same} | {
        "reference": reference_of(case["org"], case["id"]),
        "organisation": case["org"],
        "urgent": case["attention"] == 2,
        "queue": case["queue_id"],
        "claimed_by": case["claimed_by"] if held else None,
        "second_opinion_for": case["second_by"],
    }


def _choice(offer: Offer) -> Choice:
    return Choice.model_validate(offer)
