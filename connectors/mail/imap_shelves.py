"""Finds and moves mails on an IMAP server: real UID MOVE, and a look before every retry."""

from collections.abc import Iterable

from imapclient import IMAPClient
from imapclient import exceptions as imap

from connectors.base import Refused
from connectors.mail.imap_session import Sessions
from connectors.mail.ledger import Item, Ledger, Spot
from connectors.mail.mailbox import INBOX, MailboxOptions, digest

CANDIDATES_AT_MOST = 500
_WHOLE = "BODY.PEEK[]"


class ImapShelves:
    """The folders of one IMAP mailbox."""

    def __init__(self, sessions: Sessions, options: MailboxOptions, ledger: Ledger) -> None:
        self._sessions = sessions
        self._options = options
        self._ledger = ledger

    def find(self, item: Item) -> Spot | None:
        """Return where `item` lies: its known place, the shelves, its old folders, then every other folder."""
        with self._sessions.borrow() as session:
            if self._is_at(session, item.spot):
                return item.spot
            tried: set[str] = set()
            for folder in (*self._likely(item), *self._every(session)):
                if folder not in tried and (spot := self._search(session, folder, item)):
                    return spot
                tried.add(folder)
        return None

    def is_there(self, item: Item) -> bool:
        """True when `item` still lies exactly where it was known to be."""
        with self._sessions.borrow() as session:
            return self._is_at(session, item.spot)

    def recover(self, native_id: str) -> Item | None:
        """Return a mail the ledger has lost: by its UID where that still holds, else by its digest on the shelves."""
        validity, uid, folder_digest, head = (*native_id.split("."), "", "", "")[:4]
        with self._sessions.borrow() as session:
            for folder in self._options.folders:
                spot = Spot(folder, validity, uid)
                if digest(folder)[:6] == folder_digest and self._is_at(session, spot):
                    return self._taken(session, native_id, spot)
            for folder in self._options.shelves:
                for found in self._everything(session, folder):
                    item = self._taken(session, native_id, found)
                    if item and head and item.fingerprint.startswith(head):
                        return item
        return None

    def move(self, spot: Spot, folder: str) -> Spot | None:
        """Move by UID MOVE; the folder is made if missing."""
        with self._sessions.borrow() as session:
            if not _select(session, folder):
                make_folder(session, folder)
            if not self._is_at(session, spot, readonly=False):
                return None
            session.move([int(spot.id)], folder)
            _, answers = session._imap.response("COPYUID")  # noqa: SLF001 - IMAPClient does not hand it out
            return _copied(answers, folder)

    def has_folder(self, folder: str) -> bool:
        """True when there is such a folder."""
        with self._sessions.borrow() as session:
            return bool(_select(session, folder))

    def _likely(self, item: Item) -> tuple[str, ...]:
        return (
            *self._options.shelves,
            *([item.origin] if item.origin else []),
            item.spot.folder,
            *self._options.folders,
        )

    def _every(self, session: IMAPClient) -> Iterable[str]:
        for flags, _, name in session.list_folders():
            if not {b"\\Noselect", b"\\NonExistent"} & set(flags):
                yield name

    def _is_at(self, session: IMAPClient, spot: Spot, readonly: bool = True) -> bool:
        if not spot.id.isdigit() or _select(session, spot.folder, readonly) != spot.epoch:
            return False
        return int(spot.id) in session.search(["UID", spot.id])

    def _search(self, session: IMAPClient, folder: str, item: Item) -> Spot | None:
        """Return where in `folder` a mail of this Message-ID, size and digest lies that is no other known mail."""
        epoch = _select(session, folder)
        if epoch is None:
            return None
        criteria = ["LARGER", max(item.size_bytes - 1, 0), "SMALLER", item.size_bytes + 1]
        if item.message_id.isascii() and item.message_id:
            criteria += ["HEADER", "Message-ID", item.message_id]
        for uid in session.search(criteria)[:CANDIDATES_AT_MOST]:
            spot = Spot(folder, epoch, str(uid))
            other = self._ledger.at(spot)
            if (other is None or other.native_id == item.native_id) and self._fingerprint(
                session, uid
            ) == item.fingerprint:
                return spot
        return None

    def _everything(self, session: IMAPClient, folder: str) -> list[Spot]:
        epoch = _select(session, folder)
        return [] if epoch is None else [Spot(folder, epoch, str(uid)) for uid in session.search()]

    def _taken(self, session: IMAPClient, native_id: str, spot: Spot) -> Item | None:
        _select(session, spot.folder)
        found = session.fetch([int(spot.id)], ["RFC822.SIZE"]).get(int(spot.id))
        if found is None:
            return None
        fingerprint = self._fingerprint(session, int(spot.id))
        return Item(native_id, fingerprint, "", found[b"RFC822.SIZE"], spot)

    def _fingerprint(self, session: IMAPClient, uid: int) -> str:
        return digest(take(session, [uid], self._options.mail_bytes_at_most).get(uid, b""))


def take(session: IMAPClient, uids: list[int], bytes_at_most: int) -> dict[int, bytes]:
    """Return the first bytes of each mail of the selected folder; those that have gone are left out."""
    found = session.fetch(uids, [f"{_WHOLE}<0.{bytes_at_most}>"])
    bodies = {
        uid: [value for name, value in parts.items() if name.startswith(b"BODY[]")] for uid, parts in found.items()
    }
    return {uid: values[0] for uid, values in bodies.items() if values and uid in uids}


def make_folder(session: IMAPClient, folder: str) -> None:
    """Make `folder` and subscribe to it, so that people see it; one that is there already is fine."""
    try:
        session.create_folder(folder)
    except imap.IMAPClientError as error:
        if not session.folder_exists(folder):
            raise Refused(f"the folder {folder!r} could not be made: {error}; make it by hand") from error
    session.subscribe_folder(folder)


def _select(session: IMAPClient, folder: str, readonly: bool = True) -> str | None:
    """Select `folder` and return its UIDVALIDITY, None when there is no such folder."""
    try:
        return str(session.select_folder(folder, readonly=readonly)[b"UIDVALIDITY"])
    except imap.IMAPClientError as error:
        if isinstance(error, imap.IMAPClientAbortError) or folder == INBOX or session.folder_exists(folder):
            raise
        return None


def _copied(answers: list[bytes | None] | None, folder: str) -> Spot | None:
    """Read COPYUID: the folder's UIDVALIDITY, the old and the new UID. Source: RFC 4315."""
    for answer in answers or []:
        parts = (answer or b"").decode("ascii", "replace").split()
        if len(parts) == 3 and parts[2].isdigit():
            return Spot(folder, parts[0], parts[2])
    return None
