"""Finds, reads and moves mails in an Exchange mailbox, where every move gives a new id."""

from collections.abc import Iterable
from typing import Any

from exchangelib import Account, FolderCollection
from exchangelib.errors import ErrorFolderNotFound, ErrorItemNotFound, ErrorToFolderNotFound
from exchangelib.folders import Folder

from connectors.base import Unavailable
from connectors.mail.ews_account import Folders
from connectors.mail.ews_answers import translated
from connectors.mail.ledger import Item, Ledger, Spot
from connectors.mail.mailbox import MailboxOptions, digest

CANDIDATES_AT_MOST = 500
_IDENTITY = ("parent_folder_id", "message_id", "search_key", "datetime_received", "size")


class EwsShelves:
    """The folders of one Exchange mailbox."""

    def __init__(self, account: Account, folders: Folders, options: MailboxOptions, ledger: Ledger) -> None:
        self._account = account
        self._folders = folders
        self._options = options
        self._ledger = ledger

    def find(self, item: Item) -> Spot | None:
        """Return where `item` lies: by its known id, then by its search key on the shelves, then in every folder."""
        with translated():
            found = self.item(item.spot.id, ("parent_folder_id",))
            if found is not None:
                return Spot(self._folders.name_of(found.parent_folder_id.id), "", found.id)
            names = dict.fromkeys((*self._options.shelves, item.origin, item.spot.folder, *self._options.folders))
            likely = [folder for name in names if name and (folder := self._folders.get(name))]
            return self._search(likely, item) or self._search(self._folders.every(), item)

    def is_there(self, item: Item) -> bool:
        """True when `item` still lies exactly where it was known to be."""
        with translated():
            found = self.item(item.spot.id, ("parent_folder_id",))
            return found is not None and self._folders.name_of(found.parent_folder_id.id) == item.spot.folder

    def recover(self, native_id: str) -> Item | None:
        """Return a mail that the ledger has lost: its id tells the beginning of its fingerprint."""
        with translated():
            for name in (*self._options.shelves, *self._options.folders):
                folder = self._folders.get(name)
                for found in folder.all().only(*_IDENTITY) if folder else ():
                    if name_of(found) == native_id:
                        spot = Spot(name, "", found.id)
                        return Item(native_id, fingerprint(found), plain(found.message_id), found.size or 0, spot)
        return None

    def move(self, spot: Spot, folder: str) -> Spot | None:
        """Move to a folder, made if missing, and return the new id."""
        with translated():
            target = self._folders.get(folder, make=True)
            try:
                (moved,) = self._account.bulk_move([(spot.id, None)], to_folder=target)
            except (ErrorToFolderNotFound, ErrorFolderNotFound) as error:
                self._folders.forget(folder)
                raise Unavailable(f"the folder {folder!r} was deleted meanwhile: it is made again next time") from error
            if isinstance(moved, ErrorItemNotFound):
                return None
            if isinstance(moved, Exception):
                raise moved
            return Spot(folder, "", moved[0])

    def has_folder(self, folder: str) -> bool:
        """True when there is such a folder."""
        with translated():
            self._folders.forget(folder)
            return self._folders.get(folder) is not None

    def item(self, item_id: str, fields: tuple[str, ...]) -> Any:
        """Return an item with some of its fields, None when there is none of this id."""
        return next((found for found in self.items([item_id], fields) if found is not None), None)

    def items(self, ids: list[str], fields: tuple[str, ...]) -> Iterable[Any]:
        """Yield the items of these ids, in order; None for each that has gone."""
        for found in self._account.fetch([(each, None) for each in ids], only_fields=fields):
            if isinstance(found, ErrorItemNotFound):
                yield None
            elif isinstance(found, Exception):
                raise found
            else:
                yield found

    def _search(self, folders: list[Folder], item: Item) -> Spot | None:
        """Return where a mail of this fingerprint lies that is no other known mail."""
        if not folders:
            return None
        kind, _, value = item.fingerprint.partition(":")
        wanted = {"search_key": bytes.fromhex(value)} if kind == "key" else {"message_id": f"<{item.message_id}>"}
        query = FolderCollection(account=self._account, folders=folders).filter(**wanted).only(*_IDENTITY)
        for found in query[:CANDIDATES_AT_MOST]:
            spot = Spot(self._folders.name_of(found.parent_folder_id.id), "", found.id)
            other = self._ledger.at(spot)
            if fingerprint(found) == item.fingerprint and (other is None or other.native_id == item.native_id):
                return spot
        return None


def fingerprint(found: Any) -> str:
    """Return what no move changes of an item: its search key, else a digest of Message-ID and time."""
    if getattr(found, "search_key", None):
        return f"key:{found.search_key.hex()}"
    return f"digest:{digest(f'{plain(found.message_id)} {found.datetime_received}')}"


def name_of(found: Any) -> str:
    """Return the native id of an item seen for the first time."""
    return f"{found.datetime_received:%Y%m%d%H%M%S}.{digest(fingerprint(found))[:32]}"


def plain(message_id: str | None) -> str:
    """Return a Message-ID without its brackets."""
    return (message_id or "").strip().strip("<>")
