"""The history a decision may look at: one contact's messages and formal events, immutable."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from models.domain import Action, Attention, Channel


class EventKind(StrEnum):
    """The formal events and context that change what a pattern means."""

    DECISION_LETTER = "decision_letter_sent"
    WARNING = "warning_sent"
    RESTRICTION = "restriction_started"
    RESTRICTION_END = "restriction_ended"
    ADJUSTMENT = "adjustment_recorded"
    LOGGED_CALL = "logged_call"
    STAFF_REPLY = "staff_reply"


class RestrictionType(StrEnum):
    """What a restriction in force means for a message that arrives."""

    READ_AND_FILE = "read_and_file"
    VOLUME_LIMIT = "volume_limit"
    ONE_CHANNEL = "one_channel"
    BLOCK_CONTACT = "block_contact"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FormalEvent:
    """One formal step or logged contact in a person's history, with the words it was put in.

    Of a restriction: `until` is its end (None: by the pack's clock), `max_items` per `per_days` and
    `weekdays` (Monday is 0) are what it still allows, `open_channels` where it leaves contact open and
    `closed_channels` what blocking closes (empty: everything).
    """

    kind: EventKind
    at: datetime
    text: str = ""
    channel: Channel | None = None
    restriction: RestrictionType | None = None
    until: datetime | None = None
    matter: str = ""
    max_items: int | None = None
    per_days: int | None = None
    weekdays: tuple[int, ...] = ()
    open_channels: tuple[Channel, ...] = ()
    closed_channels: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True)
class PastMessage:
    """One earlier message as the detectors need it. `signals` maps label to probability."""

    native_id: str
    at: datetime
    channel: Channel
    author: str
    own_text: str
    subject: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    signals: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    attention: Attention = Attention.DELIVER
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the contact as a person, not of one message.

    `rung` is the hardest step of a platform's ladder that was taken about them and not taken back.
    """

    adjustment: bool = False
    organisation_or_professional: bool = False
    urgent_case_open: bool = False
    rung: Action | None = None


@dataclass(frozen=True, slots=True)
class RestrictedPerson:
    """Somebody else whose contact is restricted just now: what they may be known by, and what it is about."""

    names: frozenset[str]
    addresses: frozenset[str]
    matter: str = ""


@dataclass(frozen=True, slots=True)
class HistoryView:
    """A contact's past, oldest first; `others` are recent messages of other authors that look alike.

    Only messages whose origin is proven stand in `messages`. `restricted` are other people of the organisation
    under a restriction, who might write from an address that is not theirs. `alongside` are texts that other people
    sent within the last day, looked up for somebody who has no past of their own.
    """

    messages: tuple[PastMessage, ...] = ()
    events: tuple[FormalEvent, ...] = ()
    others: tuple[PastMessage, ...] = ()
    standing: Standing = Standing()
    own_addresses: tuple[str, ...] = ()
    restricted: tuple[RestrictedPerson, ...] = ()
    alongside: tuple[str, ...] = ()

    @classmethod
    def empty(cls) -> "HistoryView":
        """A history that holds nothing, as `porthor classify` uses."""
        return cls()

    def within(self, now: datetime, days: float) -> Iterator[PastMessage]:
        """Yield the messages of the last `days` days before `now`, oldest first."""
        since = now - timedelta(days=days)
        return (past for past in self.messages if since <= past.at <= now)

    def last(self, kind: EventKind, before: datetime) -> FormalEvent | None:
        """Return the latest event of `kind` not after `before`."""
        return max(
            (event for event in self.events if event.kind is kind and event.at <= before),
            key=lambda event: event.at,
            default=None,
        )

    def restrictions_in_force(self, now: datetime) -> tuple[FormalEvent, ...]:
        """Return restrictions begun by `now` and neither run out nor ended since."""
        ended = self.last(EventKind.RESTRICTION_END, now)
        return tuple(
            event
            for event in self.events
            if event.kind is EventKind.RESTRICTION
            and event.at <= now
            and (event.until is None or now < event.until)
            and (ended is None or ended.at < event.at)
        )

    def adding(self, past: PastMessage) -> "HistoryView":
        """Return this history with `past` folded in, so that the next decision sees it."""
        return replace(self, messages=(*self.messages, past))
