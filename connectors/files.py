"""The connector `files`: mail and posts that lie in files, with a folder as the quarantine."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import orjson

from connectors.archive import mbox, posts, x_archive
from connectors.archive.open import Form, form_of, open_bytes
from connectors.base import Batch, Fetched, Options, Place
from connectors.held import HeldItems
from connectors.mail.parse import parse_mail, unreadable
from models.domain import Action, Channel, Connection, Enforcement, MessageKey, Outcome

BATCH_ITEMS = 200
FILE_BYTES_AT_MOST = 200_000_000
_SKIPPED = ("tmp",)
_NOT_MAIL = "neither mail nor posts were recognised in this file: its bytes are kept as they are"


class FilesOptions(Options):
    """Where the mail or posts lie, and whose word on the sender counts."""

    path: Path
    authserv_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Position:
    """How far a source was read: items of a stream, or the newest change time of a folder."""

    items: int = 0
    changed_ns: int = 0

    @classmethod
    def of(cls, cursor: str | None) -> "_Position":
        return cls(**orjson.loads(cursor)) if cursor else cls()

    def text(self) -> str:
        return orjson.dumps({"items": self.items, "changed_ns": self.changed_ns}).decode()


class FilesConnector:
    """Reads one source: an mbox, a Maildir, a folder of mails, a mail, JSON Lines posts, or an X archive.

    A mail's native id is the hash of its bytes and how many identical ones came before it in the
    stream, or its file name in a folder; a post's is the platform's own.
    """

    kind = "files"
    live = False
    options = FilesOptions

    def __init__(self, connection: Connection, options: FilesOptions, held_dir: Path) -> None:
        self._connection = connection
        self._path = options.path
        self._authserv_id = options.authserv_id
        self._held = HeldItems(held_dir)

    @classmethod
    def open(cls, connection: Connection, options: FilesOptions, place: Place) -> "FilesConnector":
        """Return the connector; its folder is the quarantine."""
        return cls(connection, options, place.state_dir)

    def can(self) -> frozenset[Action]:
        """Return what can be done to files: hold, hide, mute and block, all on record and undoable."""
        return frozenset({Action.FILE, Action.HIDE, Action.MUTE, Action.QUARANTINE, Action.BLOCK})

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new after `cursor` in the order it lies there.

        Raises:
            Refused: The source is missing, damaged or may not be read.
            Unavailable: The disk did not answer.
        """
        position = _Position.of(cursor)
        form = form_of(self._path)
        if form is Form.FOLDER:
            yield from self._folder(position)
            return
        stream = islice(enumerate(self._items(form), start=1), position.items, None)
        while chunk := list(islice(stream, BATCH_ITEMS)):
            yield Batch(tuple(item for _, item in chunk), _Position(items=chunk[-1][0]).text())

    def act(self, enforcement: Enforcement) -> Outcome:
        """Hold or release, hide or show: a file in the quarantine folder says which."""
        return self._held.bring_about(enforcement)

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Return whether the effect is on record."""
        return self._held.is_held(enforcement)

    def _items(self, form: Form) -> Iterator[Fetched]:
        if form is Form.MBOX:
            with open_bytes(self._path) as file:
                yield from self._mails(mbox.mails(file))
        elif form is Form.POSTS:
            with open_bytes(self._path) as file:
                yield from self._posts(line for line in file if line.strip())
        elif form is Form.X_ARCHIVE:
            yield from self._posts(orjson.dumps(entry) for entry in x_archive.entries(self._path))
        else:
            with open_bytes(self._path) as file:
                raw = file.read(FILE_BYTES_AT_MOST)
            yield self._mail(raw, f"{_digest(raw)}-1") if form is Form.MAIL else self._unread(raw, _NOT_MAIL)

    def _mails(self, raws: Iterator[bytes]) -> Iterator[Fetched]:
        seen: dict[str, int] = {}
        for raw in raws:
            digest = _digest(raw)
            seen[digest] = seen.get(digest, 0) + 1
            yield self._mail(raw, f"{digest}-{seen[digest]}")

    def _mail(self, raw: bytes, native_id: str) -> Fetched:
        message = parse_mail(
            raw,
            key=self._key(native_id),
            org=self._connection.org,
            own_addresses=self._connection.own_addresses,
            received_at=_received(raw),
            authserv_id=self._authserv_id,
        )
        return Fetched(message, raw)

    def _posts(self, lines: Iterator[bytes]) -> Iterator[Fetched]:
        for number, line in enumerate(lines, start=1):
            try:
                fields = posts.fields_of(line)
                native_id = posts.text_field(fields, "id") or f"{_digest(line)}-{number}"
                org = posts.text_field(fields, "org") or self._connection.org
                own = (*self._connection.own_addresses, x_archive.OWNER)
                post = posts.read_post(fields, self._key(native_id), org, datetime.now(UTC), own)
            except posts.PostError as error:
                yield self._unread(line, f"line {number}: {error}", Channel.X)
            else:
                yield Fetched(post.message, post.raw_mail or line.rstrip(b"\r\n"))

    def _unread(self, raw: bytes, why: str, channel: Channel = Channel.EMAIL) -> Fetched:
        key = self._key(f"{_digest(raw)}-unread")
        message = unreadable(
            raw, key=key, org=self._connection.org, received_at=datetime.now(UTC), why=why, channel=channel
        )
        return Fetched(message, raw)

    def _folder(self, position: _Position) -> Iterator[Batch]:
        files = sorted(
            (stat.st_ctime_ns, path)
            for path in self._path.rglob("*")
            if not set(path.relative_to(self._path).parts[:-1]) & set(_SKIPPED) and path.is_file()
            for stat in [path.stat()]
            if stat.st_ctime_ns >= position.changed_ns
        )
        stream = iter(files)
        while chunk := list(islice(stream, BATCH_ITEMS)):
            items = tuple(self._file(path) for _, path in chunk)
            yield Batch(items, _Position(changed_ns=chunk[-1][0]).text(), total_hint=len(files))

    def _file(self, path: Path) -> Fetched:
        with open_bytes(path) as file:
            raw = file.read(FILE_BYTES_AT_MOST)
        name = path.relative_to(self._path).as_posix().split(":2,")[0]
        folderless = name.removeprefix("new/").removeprefix("cur/")
        return self._mail(raw, folderless)

    def _key(self, native_id: str) -> MessageKey:
        return MessageKey(self._connection.connection_id, native_id)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:40]


def _received(raw: bytes) -> datetime:
    """Return when our side took the mail, by its topmost Received line; now where there is none.

    The Date header is the sender's word and never used for this.
    """
    from email import message_from_bytes
    from email.utils import parsedate_to_datetime

    head = raw[:16_000].split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0]
    line = message_from_bytes(head + b"\n\n").get("received")
    now = datetime.now(UTC)
    try:
        at = parsedate_to_datetime(str(line).rsplit(";", 1)[1].strip())
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (IndexError, ValueError, TypeError, OverflowError):
        return now
    return min(at, now)
