"""The connector interface and the errors that tell the engine what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from models.domain import Action, Enforcement, Message, Outcome


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


@runtime_checkable
class Connector(Protocol):
    """A platform behind four calls."""

    kind: str

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
