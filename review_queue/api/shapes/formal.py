"""The formal side as the API gives it: people, measures and the register; never grounds, never anything of health."""

from datetime import date, datetime

from pydantic import Field

from models.domain import Channel
from review_queue.api.shapes.base import Shape, Words
from review_queue.api.shapes.cases import Account


class Measure(Shape):
    """A step of the policy that was taken. `about_id` is the measure that a review or an appeal speaks of."""

    id: int
    contact_id: int
    org: str
    kind: str
    at: datetime
    state: str
    about_id: int | None
    ends_at: datetime | None
    review_on: date | None


class Restricting(Shape):
    """One measure of a restriction, with what the pack calls it."""

    measure: str
    text: Words
    channels: list[Channel]
    officer: str
    third_party: str


class Incident(Shape):
    """An incident on file, by the clauses it came under."""

    id: int
    at: datetime
    channel: Channel
    clauses: list[str]
    state: str


class Contact(Shape):
    """A person on the formal side of one organisation."""

    id: int
    name: str
    professional: bool
    recorded_need: bool
    language: str
    accounts: list[Account]
    next_steps: list[str]
    why: Words
    open_lines: list[Channel]
    in_force: list[Restricting]
    incidents: list[Incident]
    measures: list[Measure]


class Moment(Shape):
    """One thing in a person's file at its time; `message` is the message that it is about."""

    at: datetime
    kind: str
    text: str
    said: str = Field(description="How a message begins; insults and threats are blotted out unless `shown`")
    by: str
    message: int | None
    code: str = Field(
        description="The channel of a message, the effect that was brought about, or the kind of a letter"
    )
    state: str = Field(description="How far an effect has come")


class Letter(Shape):
    """A letter that waits or went. `state`: writing, approved, going, unsure, failed or sent."""

    id: int
    contact_id: int
    kind: str
    reference: str
    state: str
    languages: list[str]
    ready: bool
    wanted_at: datetime


class RegisterEntry(Shape):
    """A restriction in force: whom it is about, what to do, what stays open, until when."""

    org: str
    restriction: int
    name: str
    addresses: list[str]
    measures: list[Restricting]
    open_lines: list[Channel]
    review_on: date | None
