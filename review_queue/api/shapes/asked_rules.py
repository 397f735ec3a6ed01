"""What the API takes of rules: entries of lists, queues and what leads there, limits of the policy."""

from datetime import date
from typing import Annotated

from pydantic import Field

from models.policy.lists import Kind, Matches
from models.policy.routing import FIELDS
from review_queue.api.shapes.asked import Taken, WordsAsked
from review_queue.numbers import Number

Why = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]


class EntryQuery(Taken):
    """An entry of the lists, as it would be proposed."""

    kind: Kind
    matches: Matches
    value: Annotated[str, Field(min_length=1, max_length=320)]
    org: str
    connection_id: str | None = None


class EntryAsked(EntryQuery):
    """An entry of the lists, to be agreed to by a second person on the page."""

    until: Annotated[date | None, Field(description="The last day on which it counts, in London")] = None
    why: Why


class NameAsked(Taken):
    """A queue of an organisation, with its name in both languages."""

    org: str
    name: WordsAsked


class MemberAsked(Taken):
    """Whether somebody works in a queue."""

    name: Annotated[str, Field(max_length=120)]
    member: bool = True


Values = Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=30, default_factory=list)]


class Conditions(Taken):
    """What a message must be for a rule to fit: of every field that is named, one of its values."""

    channel: Values
    connection: Values
    label: Values
    clause: Values
    lang: Values
    recipient: Values
    list: Values


assert tuple(Conditions.model_fields) == FIELDS


class RuleQuery(Conditions):
    """A rule as it would be proposed: where it leads and at which place, the last where none is given."""

    org: str
    queue: Number
    position: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000_000


class RuleAsked(RuleQuery):
    """A rule of the queues, to be agreed to by a second person on the page."""

    why: Why


class LimitQuery(Taken):
    """A limit of the policy at another value."""

    field: Annotated[str, Field(max_length=80)]
    value: Annotated[int, Field(ge=0, le=999_999)]


class LimitAsked(LimitQuery):
    """A limit to be moved, to be agreed to by a second person on the page."""

    why: Why
