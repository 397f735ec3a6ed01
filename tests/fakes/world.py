"""A whole small bot for tests: a store in memory or on disk, a clock to turn, and a connector that can fail."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.pipeline import Pipeline
from bot.policies import policy_of
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from connectors.base import Batch, ConnectorError, Fetched
from models.domain import (
    Action,
    Author,
    Channel,
    Connection,
    Enforcement,
    EnforcementState,
    Message,
    MessageKey,
    Mode,
    Outcome,
)
from models.session import open_store, writing
from models.store import connections

START = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
ABUSE = "You useless fucking cunts, you are worthless scum"
INNOCENT = "Thank you for mending the fence so quickly, we are very pleased"


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class Platform:
    """A connector over a set: what is in force stands in it. `fail_with` is raised by the next calls."""

    kind: str = "fake"
    in_force: set[tuple[str, str]] = field(default_factory=set)
    calls: list[tuple[str, bool]] = field(default_factory=list)
    fail_with: list[ConnectorError] = field(default_factory=list)
    fail_after_effect: list[ConnectorError] = field(default_factory=list)

    def can(self) -> frozenset[Action]:
        return frozenset({Action.HIDE, Action.QUARANTINE, Action.BLOCK, Action.FILE})

    def fetch(self, _cursor: str | None) -> Iterator[Batch]:
        return iter(())

    def act(self, job: Enforcement) -> Outcome:
        if self.fail_with:
            raise self.fail_with.pop(0)
        place = (job.effect.value, job.target.native_id)
        self.calls.append((job.effect.value, job.wanted))
        self.in_force.add(place) if job.wanted else self.in_force.discard(place)
        if self.fail_after_effect:
            raise self.fail_after_effect.pop(0)
        return Outcome(EnforcementState.DONE)

    def read_back(self, job: Enforcement) -> bool | None:
        return (job.effect.value, job.target.native_id) in self.in_force


class World:
    """Everything a test of the bot needs."""

    def __init__(self, url: str = "sqlite://", mode: Mode = Mode.ENFORCE, policies: Callable = policy_of) -> None:
        self.clock = Clock()
        self.platform = Platform()
        self.engine = open_store(url)
        self.connection = Connection("c1", "files", "psow", mode)
        with writing(self.engine) as database:
            connections.ensure(database, self.connection, self.platform.can())
        self.registry = Registry.default(StaffDirectory.empty())
        self.pipeline = Pipeline(self.engine, self.registry, policies, self.clock)

    def message(self, native_id: str, text: str, author: str = "somebody", channel: Channel = Channel.X) -> Message:
        return Message(MessageKey("c1", native_id), channel, "psow", Author(author), text, self.clock.now)

    def batch(self, *messages: Message, cursor: str = "1") -> Batch:
        return Batch(
            tuple(Fetched(item, f"{item.key.native_id}:{item.own_text}".encode()) for item in messages), cursor
        )
