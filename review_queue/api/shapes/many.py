"""Verdicts on many, and replies to many, as the API gives them."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from review_queue.api.shapes.base import Shape, Words
from review_queue.api.shapes.cases import Effect


class View(Shape):
    """A search that an account keeps."""

    id: int
    title: str
    search: Mapping[str, str]


class SetTried(Shape):
    """What one verdict would do to the cases of a search. `more`: the search finds more than a set may hold.

    `left_out` gives cases by reason; `made_of` counts cases by proposal, clause, signal, language and channel.
    """

    verdict: str
    seal: str = Field(description="Send it with the proposal: a set that changed meanwhile is not proposed")
    cases: list[int]
    more: bool
    effects: list[Effect]
    made_of: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, list[int]]


class SetItem(Shape):
    """One case of a set: its verdict, and how far it is.

    `state`: `waiting`, `done`, `left` (nothing was done), `undone`, or `kept` (decided again since, so not undone).
    """

    case: int
    version: int
    kind: str
    actions: list[str]
    state: str
    why: str


class Set(Shape):
    """One verdict for many cases: proposed, running, done, stopped, refused, undoing or undone."""

    id: int
    state: str
    verdict: str
    search: Mapping[str, str]
    why: str
    by: str
    at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_at: datetime | None
    undone_by: str | None
    left_out: Mapping[str, int]
    progress: Mapping[str, int]
    cases: list[SetItem] | None = Field(description="Null in the list")


class ReplyPlan(Shape):
    """Whom a reply would reach: mails by language, threads in which a person answers, and who is left out by reason."""

    mails: int
    languages: Mapping[str, int]
    threads: int
    left_out: Mapping[str, list[str]]
    contacts: Mapping[int, str] = Field(description="Who gets the mail, by number of the person")


class Reply(Shape):
    """The reply to a campaign. `may`: it was decided to be legitimate, so that it may be answered.

    `sent` is its number, null while there is none; `outcome` counts mails and tasks by state.
    """

    case: int
    may: bool
    plan: ReplyPlan | None = Field(description="Null once it was answered")
    sent: int | None
    subject: Words | None
    text: Words | None
    by: str | None
    at: datetime | None
    outcome: Mapping[str, Mapping[str, int]]
