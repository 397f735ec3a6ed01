"""The connector interface and the errors that tell the engine what to do next."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict

from models.domain import Action, Connection, Enforcement, Message, Outcome


class ConnectorError(Exception):
    """Root of what a connector may raise: each child says what the engine does next."""


class RateLimited(ConnectorError):
    """Try again after `retry_after_s` seconds."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class AuthFailed(ConnectorError):
    """The credentials no longer hold: pause the connection and tell a person."""


class MessageGone(ConnectorError):
    """The target no longer exists: nothing left to act on."""


class Unavailable(ConnectorError):
    """The other side cannot be reached now: back off and try again."""


class Refused(ConnectorError):
    """The other side said no for good: record it and tell a person."""


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


@runtime_checkable
class TellsOfNews(Protocol):
    """A connector that can say when something came, so that nobody waits for the next poll."""

    def wait(self, timeout_s: float) -> bool:
        """Wait for a hint that something came; False when none did. Only a hint: `fetch` is the truth.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
