"""The mailbox connectors' own memory: where each known mail lies now, where it came from, and which senders are blocked.

It is a SQLite file in the connection's folder. The store of the bot stays the truth about what was received: a row
here counts as *kept* only when the cursor that the engine hands back is at or past the batch that held it. A lost
ledger costs time, not mail: identities are made from what the server shows, so they come out the same again.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.base import Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
  native_id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, message_id TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  folder TEXT NOT NULL, epoch TEXT NOT NULL, spot TEXT NOT NULL, origin TEXT, mark TEXT, divert INTEGER NOT NULL,
  offered INTEGER
);
CREATE INDEX IF NOT EXISTS item_fingerprint ON item (fingerprint);
CREATE INDEX IF NOT EXISTS item_spot ON item (folder, epoch, spot);
CREATE INDEX IF NOT EXISTS item_divert ON item (divert) WHERE divert;
CREATE TABLE IF NOT EXISTS block (address TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_COLUMNS = "native_id, fingerprint, message_id, size_bytes, folder, epoch, spot, origin, mark, divert, offered"
_PLACES = ", ".join("?" * 11)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a mail lies: a folder, the folder's epoch (UIDVALIDITY, or empty) and the id there."""

    folder: str
    epoch: str
    id: str


@dataclass(frozen=True, slots=True)
class Item:
    """One known mail.

    `fingerprint` is a digest of what no move changes. `origin` is the folder a release brings it back to, `mark`
    what staff said of it by a folder, `divert` that it awaits its move to the quarantine at intake. `offered` is the
    number of the batch that held it, None when that batch was never acknowledged.
    """

    native_id: str
    fingerprint: str
    message_id: str
    size_bytes: int
    spot: Spot
    origin: str | None = None
    mark: str | None = None
    divert: bool = False
    offered: int | None = None


class Ledger:
    """The file, shared by the threads that fetch and act."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = folder / "ledger.sqlite3"
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, check_same_thread=False, timeout=30)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(f"{folder}: the connection's ledger cannot be opened: {error}; free the disk") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def acknowledge(self, batch: int) -> None:
        """Take the engine's word that batches up to number `batch` are kept, and none after it."""
        self._write("UPDATE item SET offered = NULL, divert = 0 WHERE offered > ?", (batch,))

    def offer(self, items: Iterable[Item], batch: int) -> None:
        """Write `items` as part of batch number `batch`, before it is handed over."""
        rows = [_row(replace(item, offered=batch)) for item in items]
        with self._transaction() as database:
            database.executemany(f"INSERT OR REPLACE INTO item ({_COLUMNS}) VALUES ({_PLACES})", rows)  # noqa: S608 - constants

    def item(self, native_id: str) -> Item | None:
        """Return the mail with this id."""
        return next(iter(self._select("native_id = ?", (native_id,))), None)

    def at(self, spot: Spot) -> Item | None:
        """Return the mail known to lie at `spot`."""
        where = "folder = ? AND epoch = ? AND spot = ?"
        return next(iter(self._select(where, (spot.folder, spot.epoch, spot.id))), None)

    def alike(self, fingerprint: str) -> list[Item]:
        """Return the mails with this fingerprint, oldest first."""
        return self._select("fingerprint = ? ORDER BY rowid", (fingerprint,))

    def to_divert(self) -> list[Item]:
        """Return the kept mails of blocked senders that still await their move."""
        return self._select("divert AND offered IS NOT NULL", ())

    def moved(self, item: Item, spot: Spot, origin: str | None) -> None:
        """Note that `item` lies at `spot` now, and where a release brings it back to."""
        self._write(
            "UPDATE item SET folder = ?, epoch = ?, spot = ?, origin = ?, divert = 0 WHERE native_id = ?",
            (spot.folder, spot.epoch, spot.id, origin, item.native_id),
        )

    def settle(self, item: Item) -> None:
        """Note that nothing is left to divert for `item`."""
        self._write("UPDATE item SET divert = 0 WHERE native_id = ?", (item.native_id,))

    def known(self, item: Item) -> None:
        """Write down a mail that was found again without having been fetched."""
        with self._transaction() as database:
            database.execute(f"INSERT OR IGNORE INTO item ({_COLUMNS}) VALUES ({_PLACES})", _row(item))  # noqa: S608 - constants

    def block(self, address: str, wanted: bool) -> None:
        """Block or unblock a sender at intake."""
        text = "INSERT OR IGNORE INTO block VALUES (?)" if wanted else "DELETE FROM block WHERE address = ?"
        self._write(text, (address.lower(),))

    def is_blocked(self, address: str) -> bool:
        """True while `address` is blocked."""
        with self._transaction() as database:
            found = database.execute("SELECT 1 FROM block WHERE address = ?", (address.lower(),)).fetchone()
        return found is not None

    def note(self, name: str) -> str | None:
        """Return what was last remembered under `name`."""
        with self._transaction() as database:
            found = database.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def remember(self, name: str, value: str) -> None:
        """Remember `value` under `name`."""
        self._write("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))

    def _select(self, where: str, values: tuple[object, ...]) -> list[Item]:
        with self._transaction() as database:
            rows = database.execute(f"SELECT {_COLUMNS} FROM item WHERE {where}", values).fetchall()  # noqa: S608 - constants
        return [_item(row) for row in rows]

    def _write(self, text: str, values: tuple[object, ...]) -> None:
        with self._transaction() as database:
            database.execute(text, values)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction at a time; what goes wrong is said as such."""
        with self._lock:
            try:
                with self._db:
                    yield self._db
            except sqlite3.Error as error:
                raise Unavailable(f"the connection's ledger cannot be used: {error}; free the disk") from error


def _row(item: Item) -> tuple[object, ...]:
    spot = item.spot
    return (
        item.native_id, item.fingerprint, item.message_id, item.size_bytes, spot.folder, spot.epoch, spot.id,
        item.origin, item.mark, int(item.divert), item.offered,
    )  # fmt: skip


def _item(row: tuple[object, ...]) -> Item:
    native_id, fingerprint, message_id, size, folder, epoch, spot, origin, mark, divert, offered = row
    return Item(
        native_id=str(native_id),
        fingerprint=str(fingerprint),
        message_id=str(message_id),
        size_bytes=int(str(size)),
        spot=Spot(str(folder), str(epoch), str(spot)),
        origin=None if origin is None else str(origin),
        mark=None if mark is None else str(mark),
        divert=bool(divert),
        offered=None if offered is None else int(str(offered)),
    )
