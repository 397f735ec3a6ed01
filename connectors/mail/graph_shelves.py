"""Finds, reads and moves mails through Microsoft Graph, whose immutable ids stay the same in every folder."""

import threading
from typing import Any
from urllib.parse import quote

from connectors.base import MessageGone, Refused, Unavailable
from connectors.mail.graph_client import FolderMissing, GraphClient
from connectors.mail.ledger import Item, Ledger, Spot
from connectors.mail.mailbox import INBOX, MailboxOptions, digest

CANDIDATES_AT_MOST = 50


class GraphFolders:
    """The folders of a mailbox by name: INBOX, a path below the top like `Casework/2026`, or `#` and an id."""

    def __init__(self, client: GraphClient, user: str, ours: tuple[str, ...]) -> None:
        self._client = client
        self._user = user
        self._ours = ours
        self._lock = threading.RLock()
        self._ids: dict[str, str] = {}

    def id_of(self, name: str, make: bool = False) -> str | None:
        """Return a folder's id, None where there is none; with `make` it is made."""
        with self._lock:
            if name not in self._ids:
                found = self._look(name, make)
                if found is None:
                    return None
                self._ids[name] = found
            return self._ids[name]

    def need(self, name: str, make: bool = False) -> str:
        """Return a folder's id, fit for an address.

        Raises:
            Refused: There is no such folder.
        """
        found = self.id_of(name, make)
        if found is None:
            raise Refused(f"the mailbox has no folder {name!r}: correct `folders`, or make it")
        return quote(found, safe="")

    def name_of(self, folder_id: str) -> str:
        """Return the name the settings use for a folder, or `#` and its id."""
        return next((name for name in self._ours if self.id_of(name) == folder_id), f"#{folder_id}")

    def forget(self, name: str) -> None:
        """Look again next time: the folder may have been deleted or renamed."""
        with self._lock:
            self._ids.pop(name, None)

    def _look(self, name: str, make: bool) -> str | None:
        if name.upper() == INBOX or name.startswith("#"):
            wanted = "inbox" if name.upper() == INBOX else quote(name[1:], safe="")
            try:
                return str(self._client.json("GET", f"{self._user}/mailFolders/{wanted}")["id"])
            except (FolderMissing, MessageGone):
                return None
        parent = f"{self._user}/mailFolders"
        found = None
        for part in name.split("/"):
            same = {"$filter": f"displayName eq '{part.replace(chr(39), chr(39) * 2)}'"}
            entries = list(self._client.pages(parent, same))
            if not entries and not make:
                return None
            entry = entries[0] if entries else self._client.json("POST", parent, {"displayName": part})
            found = str(entry["id"])
            parent = f"{self._user}/mailFolders/{quote(found, safe='')}/childFolders"
        return found


class GraphShelves:
    """The mails of one mailbox."""

    def __init__(
        self, client: GraphClient, user: str, folders: GraphFolders, options: MailboxOptions, ledger: Ledger
    ) -> None:
        self._client = client
        self._user = user
        self._folders = folders
        self._options = options
        self._ledger = ledger

    def find(self, item: Item) -> Spot | None:
        """Return where `item` lies: by its id, which no move changes, else by Message-ID and bytes (an import, a restore)."""
        found = self.get(item.spot.id)
        if found is not None:
            return Spot(self._folders.name_of(found["parentFolderId"]), "", item.spot.id)
        if not item.message_id:
            return None
        wanted = f"internetMessageId eq '<{item.message_id.replace(chr(39), chr(39) * 2)}>'"
        params = {"$filter": wanted, "$select": "id,parentFolderId", "$top": str(CANDIDATES_AT_MOST)}
        for entry in self._client.pages(f"{self._user}/messages", params):
            spot = Spot(self._folders.name_of(entry["parentFolderId"]), "", entry["id"])
            other = self._ledger.at(spot)
            if (other is None or other.native_id == item.native_id) and self.bytes_of(spot.id)[3] == item.fingerprint:
                return spot
        return None

    def is_there(self, item: Item) -> bool:
        """True when `item` still lies exactly where it was known to be."""
        found = self.get(item.spot.id)
        return found is not None and self._folders.name_of(found["parentFolderId"]) == item.spot.folder

    def recover(self, native_id: str) -> Item | None:
        """Return a mail that the ledger has lost: its native id is its immutable id."""
        found = self.get(native_id)
        if found is None:
            return None
        raw, size, _, fingerprint = self.bytes_of(native_id)
        del raw
        message_id = str(found.get("internetMessageId") or "").strip("<>")
        return Item(
            native_id,
            fingerprint,
            message_id,
            size,
            Spot(self._folders.name_of(found["parentFolderId"]), "", native_id),
        )

    def move(self, spot: Spot, folder: str) -> Spot | None:
        """Move to a folder, made if missing."""
        target = self._folders.id_of(folder, make=True)
        try:
            moved = self._client.json("POST", f"{self.path(spot.id)}/move", {"destinationId": target})
        except MessageGone:
            return None
        except FolderMissing as error:
            self._folders.forget(folder)
            raise Unavailable(f"the folder {folder!r} was deleted meanwhile: it is made again next time") from error
        return Spot(folder, "", str(moved["id"]))

    def has_folder(self, folder: str) -> bool:
        """True when there is such a folder."""
        self._folders.forget(folder)
        return self._folders.id_of(folder) is not None

    def get(self, message_id: str, fields: str = "id,parentFolderId,internetMessageId,receivedDateTime") -> Any:
        """Return some fields of a mail, None when it has gone."""
        try:
            return self._client.json("GET", self.path(message_id), params={"$select": fields})
        except (MessageGone, FolderMissing):
            return None
        except Refused as error:
            if "ErrorInvalidIdMalformed" in str(error):
                return None
            raise

    def bytes_of(self, message_id: str) -> tuple[bytes, int, bool, str]:
        """Return a mail's first bytes, its size, whether they are all, and their digest.

        Raises:
            MessageGone: It was deleted.
        """
        limit = self._options.mail_bytes_at_most
        raw, size, whole = self._client.first_bytes(f"{self.path(message_id)}/$value", limit)
        return raw, size, whole, digest(raw)

    def path(self, message_id: str) -> str:
        """Return the address of a mail."""
        return f"{self._user}/messages/{quote(message_id, safe='')}"
