"""A mailbox in memory that behaves as Exchange stores do: a moved mail gets a new id, a change log feeds the syncs."""

import itertools
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parseaddr

WELL_KNOWN = {"msgfolderroot": None, "inbox": "Inbox", "deleteditems": "Deleted Items", "sentitems": "Sent Items"}


@dataclass(slots=True)
class Folder:
    """A folder; `well_known` is the name programs use for it."""

    id: str
    name: str
    parent: str | None
    well_known: str | None = None


@dataclass(slots=True)
class Mail:
    """A mail: `id` changes with every move, `immutable_id` and `search_key` stay."""

    id: str
    immutable_id: str
    search_key: bytes
    raw: bytes
    folder: str
    received_at: datetime
    categories: list[str] = field(default_factory=list)
    read: bool = False
    change: int = 1

    def header(self, name: str) -> str:
        """Return a header of the mail."""
        head = self.raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
        return str(message_from_bytes(head).get(name) or "")

    @property
    def sender(self) -> str:
        """The address of From."""
        return parseaddr(self.header("From"))[1].lower()


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change log."""

    number: int
    kind: str
    folder: str
    id: str
    mail: Mail


@dataclass(slots=True)
class Rule:
    """A rule of the inbox: mails of these senders go to a folder."""

    id: str
    name: str
    senders: list[str]
    move_to: str
    body: object


class MailStore:
    """One mailbox."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.numbers = itertools.count(1)
        self.generation = 1
        self.folders: dict[str, Folder] = {}
        self.mails: dict[str, Mail] = {}
        self.log: list[Change] = []
        self.rules: list[Rule] = []
        for known, name in WELL_KNOWN.items():
            parent = None if known == "msgfolderroot" else "F-msgfolderroot"
            self.folders[f"F-{known}"] = Folder(f"F-{known}", name or "Top of Information Store", parent, known)

    def folder_named(self, name: str) -> Folder:
        """Return the folder under the root with this name, made if missing."""
        wanted = "Inbox" if name.upper() == "INBOX" else name
        for folder in self.folders.values():
            if folder.parent == "F-msgfolderroot" and folder.name.lower() == wanted.lower():
                return folder
        return self.make_folder(wanted, "F-msgfolderroot")

    def make_folder(self, name: str, parent: str) -> Folder:
        """Make a folder."""
        with self.lock:
            made = Folder(f"F-{next(self.numbers)}", name, parent)
            self.folders[made.id] = made
            return made

    def deliver(self, raw: bytes, folder: str = "INBOX") -> Mail:
        """Bring a mail in; the rules of the inbox are applied."""
        with self.lock:
            number = next(self.numbers)
            target = self.folder_named(folder).id
            mail = Mail(f"I-{number}", f"M-{number}", secrets.token_bytes(16), raw, target, datetime.now(UTC))
            if target == "F-inbox":
                for rule in self.rules:
                    mail.folder = rule.move_to if mail.sender in rule.senders else mail.folder
            self.mails[mail.id] = mail
            self._note("Create", mail.folder, mail)
            return mail

    def move(self, mail: Mail, folder: str) -> Mail:
        """Move a mail: its id is another one afterwards."""
        with self.lock:
            old = self.mails.pop(mail.id)
            self._note("Delete", old.folder, old)
            old.id, old.folder = f"I-{next(self.numbers)}", folder
            self.mails[old.id] = old
            self._note("Create", folder, old)
            return old

    def delete(self, mail: Mail) -> None:
        """Delete a mail for good."""
        with self.lock:
            self._note("Delete", mail.folder, self.mails.pop(mail.id))

    def update(self, mail: Mail) -> None:
        """Note that a mail was changed."""
        with self.lock:
            mail.change += 1
            self._note("Update", mail.folder, mail)

    def by_subject(self, subject: str) -> list[Mail]:
        """Return the mails with this subject."""
        return [mail for mail in self.mails.values() if mail.header("Subject") == subject]

    def of_immutable(self, immutable_id: str) -> Mail | None:
        """Return the mail with this immutable id."""
        return next((mail for mail in self.mails.values() if mail.immutable_id == immutable_id), None)

    def changes(self, folder: str, since: int) -> list[Change]:
        """Return what happened in a folder after change number `since`."""
        return [change for change in self.log if change.folder == folder and change.number > since]

    def _note(self, kind: str, folder: str, mail: Mail) -> None:
        with self.changed:
            self.log.append(Change(next(self.numbers), kind, folder, mail.id, mail))
            self.changed.notify_all()
