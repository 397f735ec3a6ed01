"""The desk as the API gives it: what is held, what was done, tasks, connections, insights."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pydantic import Field

from models.domain import Channel
from review_queue.api.shapes.base import Shape, Words


class Held(Shape):
    """One held message. `case` and `case_version` are what releasing it needs; it lifts itself at `released_at`."""

    message: int
    case: int
    case_version: int
    case_state: str
    organisation: str
    channel: Channel
    connection_id: str
    author: str
    author_name: str
    subject: str | None
    text: str
    words_hidden: bool
    language: str | None
    effect: str
    held_at: datetime
    released_at: datetime | None
    confirmed: bool
    why: Words
    clauses: list[str]


class HeldList(Shape):
    """A page of the quarantine, what lapses first coming first."""

    held: list[Held]
    page: int
    pages: int
    total: int


class HeldSum(Shape):
    """How much is held of one organisation and channel."""

    organisation: str = Field(validation_alias="org")
    channel: Channel
    count: int
    confirmed: int
    oldest: datetime
    next_release: datetime | None


class Released(Shape):
    """How many cases were released, and how many had changed and were left alone."""

    released: int
    moved: int


class Task(Shape):
    """What a person must do by hand on a platform."""

    id: int
    why: str
    state: str
    connection_id: str | None
    message_id: int | None
    effect: str | None
    wanted: bool | None
    target_kind: str | None
    target_id: str | None
    link: str | None
    advice: str | None
    created_at: datetime
    ended_by: str | None


class ConnectionState(Shape):
    """One connection: its mode, how far behind it is, and what stands in its way."""

    name: str
    kind: str
    org: str
    mode: str
    can: list[str]
    lag_s: int | None
    paused_at: datetime | None
    paused_by: str | None
    resting_until: datetime | None
    trouble: str | None = Field(description="Why it is not read or acted through, one word; none while all is well")
    trouble_answer: str | None
    spend: float
    breakers: list[str]


class Alarm(Shape):
    """What people must be told about the bot itself."""

    kind: str
    connection: str | None
    detail: str = Field(description="What it says, in the language of Accept-Language (en or cy)")
    answer: str = Field(description="What the other side or a program said, as it came; may be empty")
    raised_at: datetime


class Status(Shape):
    """The whole bot at one moment."""

    at: datetime
    undecided: int
    oldest_undecided_s: int | None
    cases: Mapping[str, int]
    outbox: Mapping[str, int]
    oldest_due_s: int | None
    tasks_open: int
    commands_waiting: int
    connections: list[ConnectionState]
    alarms: list[Alarm]


class Waited(Shape):
    """How long cases of one kind took to their first verdict, in minutes."""

    kind: str
    cases: int
    median_min: float
    slowest_tenth_min: float


class Reliability(Shape):
    """What blind readers found of one stratum; `low` and `high` bound the share of wrong ones at 95 %."""

    stratum: str
    judged: int
    wrong: int
    low: float
    high: float


class Insights(Shape):
    """What the desk has done. Counts by day, channel and language stand in the order of `handlings`.

    `load`, verdicts by reviewer, is given to those who may approve; null for others.
    """

    days: int
    handlings: list[str]
    by_day: Mapping[str, Sequence[int]]
    by_channel: Mapping[str, Sequence[int]]
    by_language: Mapping[str, Sequence[int]]
    clauses: list[tuple[str, int]]
    held_by_machine: int
    held_and_judged: int
    overturned: int
    waited: list[Waited]
    reliability: list[Reliability]
    campaign_days: Mapping[str, int]
    load: Mapping[str, Mapping[str, int]] | None


class UrgentCase(Shape):
    """An urgent case that nobody has taken up."""

    case: int
    since: datetime


class OnCall(Shape):
    """How an organisation is on call: `day` is when the duty began; while `staffed` nobody is called."""

    org: str
    active: bool
    staffed: bool
    day: date
    names: list[str]
    ahead: Mapping[date, list[str]]
    unanswered: list[UrgentCase]


class PublicStatement(Shape):
    """What an organisation tells the public of how it moderates, Welsh first and English after it."""

    organisation: str
    text: str
    html: str
