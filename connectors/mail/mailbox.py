"""What the mailbox connectors share: their options, and one arrived mail turned into one message with its identity."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Annotated, Any

import orjson
from pydantic import Field

from connectors.base import Fetched, Options
from connectors.mail.ledger import Item, Ledger, Spot
from connectors.mail.parse import parse_mail
from models.domain import Action, Connection, Message, MessageKey, Nature
from models.mail_notes import BLOCKED, INTAKE_NOTE, NOT_ABUSE, REPORTED, STAFF_NOTE

INBOX = "INBOX"
BATCH_ITEMS = 200
BATCH_BYTES = 16_000_000


class MailboxOptions(Options):
    """What every mailbox may have set: its folders, whose word on the sender counts, and how much is kept of a mail."""

    folders: Annotated[tuple[str, ...], Field(min_length=1)] = (INBOX,)
    quarantine_folder: str = "Porthor quarantine"
    filed_folder: str | None = None
    report_folder: str | None = None
    not_abuse_folder: str | None = None
    label: str = "Porthor"
    authserv_id: str | None = None
    mail_bytes_at_most: Annotated[int, Field(ge=100_000, le=150_000_000)] = 25_000_000

    @property
    def staff_marks(self) -> dict[str, str]:
        """What staff say of a mail by putting it into a folder."""
        pairs = ((self.report_folder, REPORTED), (self.not_abuse_folder, NOT_ABUSE))
        return {folder: mark for folder, mark in pairs if folder}

    def shelf(self, effect: Action) -> str | None:
        """Return the folder into which `effect` moves a mail, None where it moves none."""
        if effect is Action.QUARANTINE:
            return self.quarantine_folder
        return self.filed_folder if effect is Action.FILE else None

    @property
    def shelves(self) -> tuple[str, ...]:
        """The folders that the connector itself fills."""
        return (self.quarantine_folder, *([self.filed_folder] if self.filed_folder else []))


@dataclass(slots=True)
class Position:
    """How far each folder was read, and how many batches were handed over: the cursor, taken apart."""

    batch: int = 0
    folders: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: str | None) -> "Position":
        """Take a cursor apart."""
        return cls(**orjson.loads(cursor)) if cursor else cls()

    def after(self, folder: str, state: dict[str, Any]) -> str:
        """Return the cursor after one more batch that brought `folder` to `state`."""
        self.batch += 1
        self.folders[folder] = state
        return orjson.dumps({"batch": self.batch, "folders": self.folders}).decode()


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail as the server gave it; `whole` is False where only the first bytes were taken."""

    raw: bytes
    spot: Spot
    native_id: str
    fingerprint: str
    size_bytes: int
    received_at: datetime
    whole: bool = True
    held_by_rule: bool = False


class Intake:
    """Turns arrived mails into messages that keep their identity through moves, resyncs and restarts."""

    def __init__(
        self, connection: Connection, options: MailboxOptions, ledger: Ledger, clock: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._options = options
        self._ledger = ledger

    def read(self, arrived: Arrived, is_there: Callable[[Item], bool]) -> tuple[Fetched, Item]:
        """Return the message and its row; `is_there` tells whether a known mail still lies where it was.

        The row's `offered` says whether the store already has it (`is_news` reads that).
        """
        mark = self._options.staff_marks.get(arrived.spot.folder)
        known = self._known(arrived, mark, is_there)
        native_id = known.native_id if known else self._free(arrived.native_id)
        copied = mark is not None and known is not None and known.spot != arrived.spot and is_there(known)
        message = parse_mail(
            arrived.raw,
            key=MessageKey(self._connection.connection_id, native_id),
            org=self._connection.org,
            own_addresses=self._connection.own_addresses,
            received_at=min(arrived.received_at.astimezone(UTC), self._clock()),
            authserv_id=self._options.authserv_id,
        )
        fresh = known is None or (known.offered is None and known.origin is None)
        diverted = fresh and (arrived.held_by_rule or self._is_blocked(message, arrived.spot.folder))
        item = Item(
            native_id=native_id,
            fingerprint=arrived.fingerprint,
            message_id=message.message_id or "",
            size_bytes=arrived.size_bytes,
            spot=known.spot if known and copied else arrived.spot,
            origin=known.origin if known else None,
            mark=mark or (known.mark if known else None),
            divert=diverted and not arrived.held_by_rule,
            offered=known.offered if known and known.mark == (mark or known.mark) else None,
        )
        return Fetched(self._noted(message, arrived, mark, diverted), arrived.raw), item

    def _known(self, arrived: Arrived, mark: str | None, is_there: Callable[[Item], bool]) -> Item | None:
        """Return the row of this mail: the one at its place, else one alike that has left the place it was at."""
        if (here := self._ledger.at(arrived.spot)) is not None:
            return here
        for item in self._ledger.alike(arrived.fingerprint):
            renumbered = item.spot.folder == arrived.spot.folder and item.spot.epoch != arrived.spot.epoch
            if mark or renumbered or not is_there(item):
                return item
        return None

    def _free(self, native_id: str) -> str:
        """Return an id that no other mail has: a copy made on the server may share all that an id is made of."""
        tried = (native_id if number == 1 else f"{native_id}.{number}" for number in count(1))
        return next(each for each in tried if self._ledger.item(each) is None)

    def _is_blocked(self, message: Message, folder: str) -> bool:
        """True when a standing block holds it: only a proven sender, and never our own or staff's folders."""
        if folder not in self._options.folders or not message.author.verified or message.nature is Nature.OWN:
            return False
        return self._ledger.is_blocked(message.author.address) and not self._is_history(message)

    def _is_history(self, message: Message) -> bool:
        return self._connection.since is not None and message.received_at < self._connection.since

    def _noted(self, message: Message, arrived: Arrived, mark: str | None, diverted: bool) -> Message:
        """Return `message` with our own notes; `parse_mail` has taken out a sender's imitation of them."""
        notes = [(STAFF_NOTE, mark)] if mark else []
        notes += [(INTAKE_NOTE, BLOCKED)] if diverted else []
        headers = (*notes, *message.headers)
        defects = message.defects
        if not arrived.whole:
            defects = (*defects, f"{arrived.size_bytes} bytes: only the first {len(arrived.raw)} were taken")
        old = self._is_history(message) and message.nature is not Nature.OWN
        return replace(message, headers=headers, defects=defects, nature=Nature.HISTORY if old else message.nature)


def is_news(item: Item) -> bool:
    """True unless the store already has this mail with what staff say of it."""
    return item.offered is None


def digest(text: str | bytes) -> str:
    """Return the fingerprint of bytes or text."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def in_portions(sized: Iterable[tuple[Any, int]], bytes_at_most: int = BATCH_BYTES) -> Iterable[list[Any]]:
    """Group (thing, size in bytes) into lists that are bounded in number and in bytes."""
    portion: list[Any] = []
    total = 0
    for thing, size in sized:
        if portion and (len(portion) >= BATCH_ITEMS or total + size > bytes_at_most):
            yield portion
            portion, total = [], 0
        portion.append(thing)
        total += size
    if portion:
        yield portion
