"""A message as the API gives it: its text, what stands in it, what was decided and what was done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from models.domain import Action, Channel, Handling
from models.policy.loader import builtin_pack
from models.policy.notes import note_in
from models.policy.wording import LABEL_WORDS
from models.store.cards import CardItem
from review_queue import marks
from review_queue.api.shapes.base import Shape, Words


class Clause(Shape):
    """A clause of the policy that a decision cites."""

    id: str
    text: Words


class Signal(Shape):
    """What a classifier says of a message: `spans` are stretches of its text, from and to, in characters."""

    label: str
    words: Words
    probability: float = Field(description="The score that thresholds are made for")
    chance: float | None = Field(description="How likely it is, as told to people; none where that is the score")
    classifier: str
    version: str
    target: str | None
    spans: list[tuple[int, int]]
    note: str
    note_cy: str | None = Field(description="The note in Welsh; none where another service said it")


class Enforcement(Shape):
    """One effect on a platform: wanted, or wanted undone, and how far it has come."""

    id: int
    message_id: int | None
    connection_id: str
    target_kind: str
    target_id: str
    effect: Action
    wanted: bool
    generation: int
    state: str
    attempts: int
    read_back: bool | None
    provisional_until: datetime | None
    detail: str
    created_at: datetime
    ended_at: datetime | None


class Decided(Shape):
    """What the machine decided of a message, with its clauses and why."""

    handling: Handling
    why: Words
    clauses: list[Clause]
    labels: list[str]
    actions: list[str]
    proposed: list[str]
    mode: str
    pack: str
    pack_version: str
    decided_at: datetime
    provisional_until: datetime | None


class Attachment(Shape):
    """An attachment, which is never opened."""

    name: str
    content_type: str
    size_bytes: int


class Message(Shape):
    """A message of a case. Where `words_hidden`, insults and threats are blotted out, each letter by one sign."""

    id: int
    channel: Channel
    connection_id: str
    author: str
    author_name: str
    verified: bool
    subject: str | None
    text: str
    words_hidden: bool
    language: str | None
    received_at: datetime
    sent_at: datetime | None
    attachments: list[Attachment]
    links: list[str] = Field(description="Made harmless: they can be read but not followed")
    sha256: str
    decision: Decided
    signals: list[Signal]
    enforcements: list[Enforcement]


class Said(Shape):
    """A message of the same thread; `replied_to` marks the one that was answered."""

    id: int
    channel: Channel
    author: str
    author_name: str
    subject: str | None
    text: str
    words_hidden: bool
    received_at: datetime
    sent_at: datetime | None
    replied_to: bool


def message_of(item: CardItem, org: str, mask: bool) -> Message:
    """Return a message of a case, its harsh words blotted out where `mask`."""
    row, detail = item.message, item.message["detail"]
    same = ("id", "channel", "connection_id", "author", "author_name", "verified", "received_at", "sent_at")
    return Message(
        **{name: row[name] for name in same},
        subject=subject_of(row["subject"], mask, item.signals),
        text=marks.blotted(row["own_text"], item.signals, mask),
        words_hidden=mask and marks.is_harsh(item.signals),
        language=row["lang"],
        attachments=[Attachment.model_validate(entry) for entry in detail["attachments"]],
        links=[marks.defanged(link["target"]) for link in detail["links"]],
        sha256=row["raw_sha256"],
        decision=_decided(item.decision, org),
        signals=[_signal(hit) for hit in item.signals],
        enforcements=[Enforcement.model_validate(entry) for entry in item.enforcements],
    )


def subject_of(subject: str | None, mask: bool, signals: tuple[Mapping[str, Any], ...]) -> str | None:
    """Return a subject; that of a harsh message is blotted out whole, since no signal says where in it."""
    if subject is None or not (mask and marks.is_harsh(signals)):
        return subject
    return marks.BLOT * len(subject)


def _decided(row: Mapping[str, Any], org: str) -> Decided:
    texts = {clause.id: clause.text for clause in builtin_pack(org).clauses}
    same = ("handling", "labels", "actions", "proposed", "mode", "pack_version", "decided_at", "provisional_until")
    return Decided(
        **{name: row[name] for name in same},
        why=Words(en=row["why_en"], cy=row["why_cy"]),
        clauses=[Clause(id=name, text=Words.model_validate(texts[name])) for name in row["clauses"] if name in texts],
        pack=row["pack_id"],
    )


def _signal(hit: Mapping[str, Any]) -> Signal:
    words = Words(en=LABEL_WORDS[hit["label"]].en, cy=LABEL_WORDS[hit["label"]].cy)
    same = ("label", "probability", "chance", "classifier", "version", "target", "spans", "note")
    return Signal(**{name: hit[name] for name in same}, words=words, note_cy=note_in(hit["note"], "cy"))
