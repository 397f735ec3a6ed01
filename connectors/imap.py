"""The connector `imap`: a mailbox on any IMAP server, with a folder of its own as the quarantine."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from imapclient import IMAPClient
from imapclient import exceptions as imap
from pydantic import Field, model_validator

from connectors.base import Batch, Fetched, Pace, Place, Refused
from connectors.mail.abilities import abilities
from connectors.mail.imap_session import Sessions, hang_up, has_spoken
from connectors.mail.imap_shelves import ImapShelves, make_folder, take
from connectors.mail.ledger import Item, Ledger, Spot
from connectors.mail.mailbox import BATCH_ITEMS, Arrived, Intake, MailboxOptions, Position, digest, in_portions, is_news
from connectors.mail.moving import Mover
from connectors.mail.security import is_this_machine, tls_context
from models.domain import Action, Connection, Enforcement, EnforcementState, Outcome

WINDOW_UIDS = 2_000
WINDOW_UIDS_AT_MOST = 50_000
IDLE_AT_MOST_S = 25 * 60


class ImapOptions(MailboxOptions):
    """Where the mailbox is, and as whom to sign in."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str
    password: str
    ca_file: Path | None = None
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 60.0

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        if self.security == "none" and not is_this_machine(self.host):
            raise ValueError("security 'none' is allowed only to a server on this machine: use 'tls' or 'starttls'")
        return self


class ImapConnector:
    """Reads folders by UID and moves mails by UID MOVE.

    A mail's native id is made of the folder's UIDVALIDITY, its UID there when first seen, and its digest.
    """

    kind = "imap"
    options = ImapOptions
    pace: ClassVar[Pace] = Pace(600, 60.0)
    """Our own restraint: a mailbox server names no limit."""

    def __init__(self, connection: Connection, options: ImapOptions, place: Place) -> None:
        logging.getLogger("imapclient").setLevel(logging.WARNING)  # its debug lines would hold what mails say
        self._options = options
        self._place = place
        self._sessions = Sessions(self._connect)
        self._ledger = Ledger(place.state_dir)
        self._intake = Intake(connection, options, self._ledger, place.clock)
        self._shelves = ImapShelves(self._sessions, options, self._ledger)
        self._mover = Mover(options, self._ledger, self._shelves)
        self._seen_next: int | None = None

    @classmethod
    def open(cls, connection: Connection, options: ImapOptions, place: Place) -> Self:
        """Return the connector; the server is not touched yet."""
        return cls(connection, options, place)

    def close(self) -> None:
        """Hang up."""
        self._sessions.close()
        self._ledger.close()

    def can(self) -> frozenset[Action]:
        """Return what this server lets us do; while it cannot be asked, what it let us do last."""
        return abilities(self._ledger, self._abilities)

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield the mails that came after `cursor`, folder by folder, oldest first.

        A batch counts as kept once the next one is asked for. Staff's folders give mails known already once more,
        with the note `mail_notes.STAFF_NOTE`.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        position = Position.of(cursor)
        self._ledger.acknowledge(position.batch)
        self._mover.divert()
        with self._sessions.borrow() as session:
            for folder in (*self._options.folders, *self._options.staff_marks):
                yield from self._folder(session, folder, position)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the inbox says that something came; True then, False when the time is over.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        deadline = time.monotonic() + timeout_s
        with self._sessions.borrow() as session:
            if not session.has_capability("IDLE"):
                raise Refused("this mail server cannot say when mail comes (no IDLE): rely on polling")
            inbox = session.select_folder(self._options.folders[0], readonly=True)
            if self._seen_next is not None and inbox.get(b"UIDNEXT", 0) > self._seen_next:
                return True
            while (left := deadline - time.monotonic()) > 0:
                if _told(session, min(left, IDLE_AT_MOST_S)):
                    return True
        return False

    def act(self, enforcement: Enforcement) -> Outcome:
        """Move to a shelf or back, label, or block a sender at intake; repeating it is harmless.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        if self._options.shelf(enforcement.effect):
            return self._mover.bring_about(enforcement)
        if enforcement.effect is Action.LABEL:
            return self._label(enforcement)
        if enforcement.effect is not Action.BLOCK:
            raise Refused(f"a mailbox cannot {enforcement.effect.value}")
        before = self._ledger.is_blocked(enforcement.target.native_id)
        self._ledger.block(enforcement.target.native_id, enforcement.wanted)
        state = EnforcementState.ALREADY_DONE if before == enforcement.wanted else EnforcementState.DONE
        return Outcome(state, "applied at intake", enforcement.wanted)

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Look whether the mail lies on its shelf, bears the label, or the sender is blocked."""
        if self._options.shelf(enforcement.effect):
            return self._mover.in_force(enforcement)
        if enforcement.effect is Action.BLOCK:
            return self._ledger.is_blocked(enforcement.target.native_id)
        if enforcement.effect is not Action.LABEL:
            return None
        spot = self._mover.where(self._mover.item(enforcement.target.native_id))
        with self._sessions.borrow() as session:
            return self._has_label(session, spot, readonly=True)

    def _connect(self) -> IMAPClient:
        options = self._options
        password = self._place.secret(options.password)
        context = None if options.security == "none" else tls_context(options.ca_file)
        session = IMAPClient(
            options.host,
            port=options.port,
            ssl=options.security == "tls",
            ssl_context=context if options.security == "tls" else None,
            timeout=options.timeout_s,
        )
        session.normalise_times = False
        try:
            if options.security == "starttls":
                session.starttls(context)
            session.login(options.username, password)
        except BaseException:
            hang_up(session)
            raise
        return session

    def _abilities(self) -> frozenset[Action]:
        found = {Action.BLOCK}
        with self._sessions.borrow() as session:
            if session.has_capability("MOVE"):
                found |= {Action.QUARANTINE, *([Action.FILE] if self._options.filed_folder else [])}
            flags = session.select_folder(self._options.folders[0]).get(b"PERMANENTFLAGS", ())
            session.select_folder(self._options.folders[0], readonly=True)  # CLOSE would expunge what others deleted
        return frozenset(found | ({Action.LABEL} if b"\\*" in flags else set()))

    def _folder(self, session: IMAPClient, folder: str, position: Position) -> Iterator[Batch]:
        try:
            selected = session.select_folder(folder, readonly=True)
        except imap.IMAPClientError:
            if folder not in self._options.staff_marks or session.folder_exists(folder):
                raise
            make_folder(session, folder)
            selected = session.select_folder(folder, readonly=True)
        following = selected.get(b"UIDNEXT") or session.folder_status(folder, ["UIDNEXT"])[b"UIDNEXT"]
        epoch, end = str(selected[b"UIDVALIDITY"]), int(following) - 1
        left = position.folders.get(folder, {})
        start = int(left["uid"]) + 1 if left.get("validity") == epoch else 1
        width = WINDOW_UIDS
        while start <= end:
            last = min(start + width - 1, end)
            uids = [uid for uid in session.search(["UID", f"{start}:{last}"]) if start <= uid <= last]
            yield from self._window(
                session, Spot(folder, epoch, str(last)), sorted(uids), position, selected[b"EXISTS"]
            )
            width = WINDOW_UIDS if uids else min(width * 2, WINDOW_UIDS_AT_MOST)
            start = last + 1
        if folder == self._options.folders[0]:
            self._seen_next = end + 1

    def _window(
        self, session: IMAPClient, end: Spot, uids: list[int], position: Position, total: int
    ) -> Iterator[Batch]:
        """Yield the mails of one range of UIDs in portions; the last one's cursor is the end of the range."""
        limit = self._options.mail_bytes_at_most
        for slice_start in range(0, len(uids), BATCH_ITEMS):
            sizes = _sizes(session, uids[slice_start : slice_start + BATCH_ITEMS])
            for portion in in_portions((uid, min(size, limit)) for uid, (size, _) in sizes.items()):
                raws = take(session, portion, limit)
                pairs = [
                    self._read(raws[uid], Spot(end.folder, end.epoch, str(uid)), *sizes[uid])
                    for uid in portion
                    if uid in raws
                ]
                uid = int(end.id) if portion[-1] == uids[-1] else portion[-1]
                cursor = position.after(end.folder, {"validity": end.epoch, "uid": uid})
                self._ledger.offer([item for _, item in pairs], position.batch)
                yield Batch(tuple(fetched for fetched, item in pairs if is_news(item)), cursor, total)
                if any(item.divert for _, item in pairs):
                    self._mover.divert()

    def _read(self, raw: bytes, spot: Spot, size: int, received_at: Any) -> tuple[Fetched, Item]:
        fingerprint = digest(raw)
        native_id = f"{spot.epoch}.{spot.id}.{digest(spot.folder)[:6]}.{fingerprint[:20]}"
        whole = len(raw) < self._options.mail_bytes_at_most
        arrived = Arrived(raw, spot, native_id, fingerprint, size, received_at, whole)
        return self._intake.read(arrived, self._shelves.is_there)

    def _label(self, enforcement: Enforcement) -> Outcome:
        item = self._mover.item(enforcement.target.native_id)
        spot = self._mover.where(item)
        with self._sessions.borrow() as session:
            if self._has_label(session, spot, readonly=False) == enforcement.wanted:
                return Outcome(EnforcementState.ALREADY_DONE, read_back=enforcement.wanted)
            change = session.add_flags if enforcement.wanted else session.remove_flags
            change([int(spot.id)], [self._options.label.encode()])
            return Outcome(EnforcementState.DONE, read_back=self._has_label(session, spot, readonly=True))

    def _has_label(self, session: IMAPClient, spot: Spot, readonly: bool) -> bool:
        session.select_folder(spot.folder, readonly=readonly)
        flags = session.get_flags([int(spot.id)]).get(int(spot.id), ())
        return self._options.label.lower().encode() in {flag.lower() for flag in flags}


def _sizes(session: IMAPClient, uids: list[int]) -> dict[int, tuple[int, Any]]:
    """Return (size in bytes, when it was received) by UID, in order; what has gone is left out."""
    found = session.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
    return {
        uid: (found[uid][b"RFC822.SIZE"], found[uid][b"INTERNALDATE"])
        for uid in uids
        if b"RFC822.SIZE" in found.get(uid, {})
    }


def _told(session: IMAPClient, timeout_s: float) -> bool:
    """True when the server said within `timeout_s` that there is more in the folder, be it with its last words."""
    session.idle()
    answers = []
    try:
        if not has_spoken(session):
            answers = session.idle_check(timeout=timeout_s)
    finally:
        _, last = session.idle_done()
    return any(len(answer) > 1 and answer[1] == b"EXISTS" for answer in (*answers, *last))
