"""A whole small bot for tests: a store in memory or on disk, a clock to turn, and a connector that can fail."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot import commands, enforcement, handing_over, verdicts
from bot.intake import take_in
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
    VerdictKind,
)
from models.session import open_store, reading, writing
from models.store import cases, connections
from models.store import commands as told
from models.store.commands import CommandKind
from models.tables import case

KEY = b"k" * 32

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
    abilities: frozenset[Action] = frozenset({Action.HIDE, Action.QUARANTINE, Action.BLOCK, Action.FILE})
    reads: int = 0

    def can(self) -> frozenset[Action]:
        return self.abilities

    def deep_link(self, job: Enforcement) -> str | None:
        return f"https://platform.example/{job.target.kind}/{job.target.native_id}"

    def witness(self, job: Enforcement) -> Mapping[str, bytes]:
        return {"author_profile": b'{"followers": 3}'} if job.target.kind == "account" else {}

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
        self.reads += 1
        if job.effect is Action.REPORT:
            return None
        return (job.effect.value, job.target.native_id) in self.in_force


class World:
    """Everything a test of the bot needs."""

    def __init__(
        self,
        url: str = "sqlite://",
        mode: Mode = Mode.ENFORCE,
        policies: Callable = policy_of,
        platform: Platform | None = None,
    ) -> None:
        self.clock = Clock()
        self.platform = platform or Platform()
        self.policies = policies
        self.after: Callable = lambda *_: None
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

    def put(self, *items: Message, cursor: str = "1") -> None:
        """Take messages in and decide them."""
        take_in(self.engine, "c1", self.batch(*items, cursor=cursor), self.clock())
        self.pipeline.run()

    def act(self) -> int:
        """One round of the bot's acting."""
        connectors = {"c1": self.platform}
        commands.carry_out(self.engine, connectors, self.clock)
        verdicts.carry_out(self.engine, self.clock)
        ended = enforcement.run_due(self.engine, connectors, self.clock, self.after)
        handing_over.hand_over(self.engine, connectors, self.policies, self.clock)
        return ended

    def tell(self, kind: CommandKind, effect: Action | None = None, task_id: int | None = None) -> None:
        """Write a person's command."""
        with writing(self.engine) as database:
            where = None if task_id is not None else "c1"
            told.write(database, KEY, kind, "nia", self.clock(), where, effect, task_id)

    def judge(self, kind: VerdictKind, actions: Sequence[Action] = (), case_id: int = 1) -> None:
        """Write a person's verdict on a case."""
        with writing(self.engine) as database:
            version = database.execute(select(case.c.version).where(case.c.id == case_id)).scalar_one()
            cases.record_verdict(database, KEY, case_id, version, kind, actions, "nia", self.clock())

    def every(self, query: Any) -> list[Any]:
        """Return the rows of a query."""
        with reading(self.engine) as database:
            return list(database.execute(query))
