"""Rules as the API gives them: lists, queues and what leads there, limits, and what changing one would have meant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from review_queue.api.shapes.base import Shape, Words


class Proposed(Shape):
    """What one person proposed and another decides: `proposed`, `in_force`, `refused` or `ended`."""

    id: int
    org: str
    why: str
    state: str
    by: str
    at: datetime
    decided_by: str | None
    decided_at: datetime | None


class ListEntry(Proposed):
    """A sender or phrase that staff allow, deny or watch."""

    kind: str
    matches: str
    value: str
    connection_id: str | None
    expires_at: datetime | None


class EntryTried(Shape):
    """What an entry would have changed: of `looked_at` messages `matched`, and what would have become of them."""

    looked_at: int
    matched: int
    unchanged: int
    delivered: int
    to_person: int
    released: int


class Queue(Shape):
    """A queue with a name: who works in it and how many cases stand open there."""

    id: int
    org: str
    name: Words
    members: list[str]
    open: int


class Queues(Shape):
    """The queues with names, and how many cases stand open in the default one."""

    queues: list[Queue]
    default_open: int


class QueueRule(Proposed):
    """A rule that leads to a queue: of every field of `conditions` one value must fit; the first that fits counts."""

    queue: int = Field(validation_alias="queue_id")
    position: int
    conditions: Mapping[str, list[str]]


class QueueMove(Shape):
    """How many messages would have gone from one queue to another; null is the default one."""

    before: int | None
    after: int | None
    messages: int


class RuleTried(Shape):
    """What a rule would have changed: of `looked_at` messages that went before a person `matched` fit it."""

    looked_at: int
    matched: int
    moved: list[QueueMove]


class Limit(Shape):
    """A number of the policy that may be moved: as the pack is written, and as it stands."""

    field: str
    written: int
    standing: int


class LimitChange(Proposed):
    """A limit that somebody moved, or wants to."""

    field: str
    before: int
    value: int


class Limits(Shape):
    """The numbers of an organisation's policy that may be moved, and what was proposed, newest first."""

    org: str
    limits: list[Limit]
    changes: list[LimitChange]


class LimitTried(Shape):
    """What a moved limit would have meant for the last 90 days.

    `kind` says what is counted before and after: `automation` actions by the machine alone, `pattern` messages that a
    pattern speaks of, `target` cases past their time. `looked_at` is out of how many. `to_person` and `otherwise` are
    messages that a person would then see, or that the machine or nobody would; `cases` are those of another outcome;
    `uncounted` are messages of which too little is kept to tell.
    """

    kind: Literal["automation", "pattern", "target"]
    looked_at: int
    before: int
    after: int
    to_person: list[int]
    otherwise: list[int]
    cases: list[int]
    uncounted: int = 0


class ThresholdTried(Shape):
    """What acting from a higher probability only would have meant on one connection: of `acted` what goes to a person."""

    connection_id: str
    group: str
    now_at: float
    acted: int
    to_person: list[int]
