"""What the API takes of cases: searches, verdicts, notes, what is given on, releases."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.domain import Action, Channel, Handling
from models.store.cases import WRONG_BECAUSE
from review_queue.numbers import LARGEST, Number

Version = Annotated[int, Field(ge=1, le=LARGEST - 1)]
Text = Annotated[str, Field(max_length=2_000)]
Reason = Literal["", "criticism", "quoted", "irony", "not_at_staff", "wrong_person", "missed", "other"]
assert Reason.__args__ == ("", *WRONG_BECAUSE)  # type: ignore[attr-defined]


class Taken(BaseModel):
    """A part of a call: an unknown field is an error, so that no slip of the pen goes unseen."""

    model_config = ConfigDict(extra="forbid")


class Search(Taken):
    """What cases are narrowed to; empty means all."""

    state: Literal["open", "escalated", "closed", "any"] | None = None
    channel: Channel | None = None
    label: Annotated[str, Field(max_length=60)] = ""
    clause: Annotated[str, Field(max_length=60)] = ""
    lang: Annotated[str, Field(max_length=10)] = ""
    handling: Handling | None = None
    org: Annotated[str, Field(max_length=40)] = ""
    assigned: Annotated[str, Field(max_length=120, description="A name, `me`, or `-` for nobody's")] = ""
    restricted: Annotated[bool, Field(description="Only people under a restriction")] = False
    grade: Annotated[bool, Field(description="Only cases escalated to a role of the account")] = False
    words: Annotated[str, Field(max_length=200, description="Searched in texts, subjects and names, of any state")] = ""
    queue: Annotated[
        str, Field(pattern=r"^(|-|mine|\d{1,8})$", description="A number, `mine`, or `-` for the default one")
    ] = ""


class CaseQuery(Search):
    """What the list is narrowed to. Urgent cases come first, then the order of the queue."""

    shown: Annotated[bool, Field(description="Give insults and threats unblotted")] = False
    page: Annotated[int, Field(ge=1, le=1_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 25


class VerdictAsked(Taken):
    """A verdict on a case as it stood at `version`.

    `kind` is one of the case's `choices`; `enforce` takes the effects from `actions`. `apart` takes messages out of a
    campaign into cases of their own. `reason` says why the machine's proposal was wrong.
    """

    version: Version
    kind: Literal["deliver", "proposed", "hide", "quarantine", "mute", "block", "report", "no_action", "enforce"]
    actions: list[Action] = []
    apart: Annotated[list[Number], Field(max_length=300)] = []
    reason: Reason = ""
    note: Text = ""


class UndoAsked(Taken):
    """The undoing of the last verdict on a case as it stands at `version`."""

    version: Version
    note: Text = ""


class EscalationAsked(Taken):
    """A case given up to a higher grade; `grade` is a role of the organisation's policy, empty for whoever may."""

    version: Version
    grade: Annotated[str, Field(max_length=40)] = ""
    note: Text = ""


class NoteAsked(Taken):
    """A note for colleagues."""

    text: Annotated[str, Field(min_length=1, max_length=2_000)]


class AssignmentAsked(Taken):
    """Whom a case is given to; null for nobody."""

    to: Annotated[str, Field(max_length=120)] | None


class CaseAtVersion(Taken):
    """A case as it stood when somebody looked."""

    case: Number
    version: Version


class ReleaseAsked(Taken):
    """Cases to release whole; one that changed meanwhile is left alone."""

    cases: Annotated[list[CaseAtVersion], Field(min_length=1, max_length=500)]
    note: Text = ""


class HeldQuery(Taken):
    """What the quarantine is narrowed to; empty means all."""

    text: Annotated[str, Field(max_length=200)] = ""
    org: Annotated[str, Field(max_length=40)] = ""
    channel: Channel | None = None
    by: Literal["", "machine", "person"] = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 25


class WordsAsked(Taken):
    """One text in both languages."""

    en: Annotated[str, Field(min_length=1, max_length=10_000)]
    cy: Annotated[str, Field(min_length=1, max_length=10_000)]


class MoveAsked(Taken):
    """The queue that a case is put into by hand, null for the default one, and why; no rule moves it any more."""

    to: Number | None
    why: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]
