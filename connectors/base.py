"""The connector interface and the errors that tell the engine what to do next."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict

from models.domain import Action, Connection, Enforcement, Message, Outcome
from models.trouble import Trouble


class ConnectorError(Exception):
    """Root of what a connector may raise: each child says what the engine does next, and which `trouble` it is.

    Its text is for those who look after the machine: the platform, the call and what came back, in English.
    """

    trouble: ClassVar[Trouble] = Trouble.UNAVAILABLE


class RateLimited(ConnectorError):
    """Try again after `retry_after_s` seconds."""

    trouble = Trouble.LIMITED

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class AuthFailed(ConnectorError):
    """The credentials no longer hold: pause the connection and tell a person."""

    trouble = Trouble.AUTH


class MessageGone(ConnectorError):
    """The target no longer exists: nothing left to act on."""

    trouble = Trouble.GONE


class Unavailable(ConnectorError):
    """The other side cannot be reached now: back off and try again."""


class Refused(ConnectorError):
    """The other side said no for good: record it and tell a person."""

    trouble = Trouble.REFUSED


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message with the bytes it came as: a raw mail, or the platform's JSON."""

    message: Message
    raw: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages and the cursor *after* them: both are saved in one transaction."""

    items: tuple[Fetched, ...]
    cursor: str
    total_hint: int | None = None


class Options(BaseModel):
    """What a kind of connection needs set beside its name; every connector has a child of its own.

    A secret is never written here but referred to: `env:NAME` or `file:/path`, read with `Place.secret`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Place:
    """What the bot lends a connector: a folder of its own (mode 0700), secrets by reference, and the clock."""

    state_dir: Path
    secret: Callable[[str], str]
    clock: Callable[[], datetime]


@runtime_checkable
class Connector(Protocol):
    """A platform behind four calls."""

    kind: ClassVar[str]
    options: ClassVar[type[Options]]

    @classmethod
    def open(cls, connection: Connection, options: Any, place: Place) -> Self:
        """Make a connector ready; no network is touched before the first call.

        Raises:
            Refused: The options do not fit together.
        """

    def can(self) -> frozenset[Action]:
        """Return the actions this account can carry out here and now."""

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new after `cursor`, oldest first.

        Raises:
            ConnectorError: By what the engine shall do next.
        """

    def act(self, enforcement: Enforcement) -> Outcome:
        """Bring about the effect, or its undoing, once; repeating it is harmless."""

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Return whether the effect is in force there, or None where the platform cannot say."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a platform may be called: `calls` within `per_s` seconds."""

    calls: int
    per_s: float


@runtime_checkable
class Paced(Protocol):
    """May be offered: how often the engine may call. It reschedules what is too much and never waits."""

    pace: ClassVar[Pace]


@runtime_checkable
class Metered(Protocol):
    """May be offered where reading costs money."""

    def spent(self) -> float:
        """Return what was spent since this was last asked, in the platform's currency."""


@runtime_checkable
class Linking(Protocol):
    """May be offered: where on the platform a person does by hand what the bot can't."""

    def deep_link(self, enforcement: Enforcement) -> str | None:
        """Return the address of the target's page, or None; no network is touched."""


@runtime_checkable
class Witnessing(Protocol):
    """May be offered: what the platform shows besides the message, kept before anything is done."""

    def witness(self, enforcement: Enforcement) -> Mapping[str, bytes]:
        """Return parts by name, such as `author_profile` and `thread`, as the platform gives them."""


@runtime_checkable
class TellsOfNews(Protocol):
    """A connector that can say when something came, so that nobody waits for the next poll."""

    def wait(self, timeout_s: float) -> bool:
        """Wait for a hint that something came; False when none did. Only a hint: `fetch` is the truth.

        Raises:
            ConnectorError: By what the engine shall do next.
        """


@runtime_checkable
class TakesHints(Protocol):
    """May be offered: the platform tells of news at an https address of the operator's."""

    def hint(self, body: bytes) -> bool:
        """Take what came to that address; True when it is genuine, and `wait` then returns at once.

        Raises:
            ConnectorError: What proves it cannot be read.
        """


@runtime_checkable
class Keyed(Protocol):
    """May be offered: effects that cannot be read back but are keyed, so that repeating them changes nothing."""

    keyed: ClassVar[frozenset[Action]]


class Talk(Protocol):
    """How a connector speaks with the person who sets a connection up."""

    def say(self, text: str) -> None:
        """Show a sentence, such as an address to open and a code to type there."""

    def ask(self, question: str, default: str | None = None) -> str:
        """Return what the person answers."""

    def keep(self, name: str, secret: str) -> str:
        """Keep a secret in a file of the bot's alone and return the reference to write into the settings."""


@runtime_checkable
class Guided(Protocol):
    """May be offered where set-up is more than answering questions: a PKCE or device-code flow."""

    @classmethod
    def set_up(cls, talk: Talk, place: Place, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the options to write, secrets by reference; `known` are those given already.

        None says that an option stays unset and need not be asked for.

        Raises:
            ConnectorError: The platform did not agree.
        """


@runtime_checkable
class Probing(Protocol):
    """May be offered: a cheap call that shows whether the rights are there."""

    def probe(self) -> str:
        """Return one sentence on who this is for the platform, such as the account's name.

        Raises:
            ConnectorError: It does not work; the words say what to do.
        """
