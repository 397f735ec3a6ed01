"""Moves a mail into the quarantine and back, once, wherever it lies by now: the same for every mail server."""

from typing import Protocol

from connectors.base import MessageGone
from connectors.mail.ledger import Item, Ledger, Spot
from connectors.mail.mailbox import INBOX, MailboxOptions
from models.domain import Enforcement, EnforcementState, Outcome


class Shelves(Protocol):
    """What a mail server must offer so that mails can be moved between its folders."""

    def find(self, item: Item) -> Spot | None:
        """Return where `item` lies now: where it was known to be, else by Message-ID and fingerprint; None when gone."""

    def recover(self, native_id: str) -> Item | None:
        """Return a mail that the ledger has lost, by what its id tells; None when there is none."""

    def move(self, spot: Spot, folder: str) -> Spot | None:
        """Move the mail at `spot` to `folder`, made if missing; return its new place where the server says it."""

    def has_folder(self, folder: str) -> bool:
        """True when there is such a folder."""


class Mover:
    """Brings mails to the shelves and back."""

    def __init__(self, options: MailboxOptions, ledger: Ledger, shelves: Shelves) -> None:
        self._options = options
        self._ledger = ledger
        self._shelves = shelves

    def bring_about(self, enforcement: Enforcement) -> Outcome:
        """Move the mail to its shelf, or back to where it was; harmless when that is already so.

        Raises:
            MessageGone: The mail is in no folder any more.
        """
        item = self.item(enforcement.target.native_id)
        spot = self.where(item)
        shelf = str(self._options.shelf(enforcement.effect))
        if (spot.folder == shelf) == enforcement.wanted:
            self._ledger.moved(item, spot, item.origin)
            return Outcome(EnforcementState.ALREADY_DONE, f"it lies in {spot.folder}", enforcement.wanted)
        goal = shelf if enforcement.wanted else self._home(item)
        moved = self.move(item, spot, goal)
        if moved is None:
            raise MessageGone(f"mail {item.native_id} was deleted while it was being moved to {goal}")
        return Outcome(EnforcementState.DONE, f"from {spot.folder} to {goal}", (moved.folder == shelf))

    def move(self, item: Item, spot: Spot, goal: str) -> Spot | None:
        """Move `item` to the folder `goal`; where it came from is written down first."""
        origin = item.origin if spot.folder in self._options.shelves else spot.folder
        self._ledger.moved(item, spot, origin)
        new = self._shelves.move(spot, goal)
        if new is None:  # the server did not say: look
            new = self._shelves.find(item)
        if new is not None:
            self._ledger.moved(item, new, origin)
        return new

    def in_force(self, enforcement: Enforcement) -> bool:
        """True while the mail lies on its shelf."""
        item = self._ledger.item(enforcement.target.native_id) or self._shelves.recover(enforcement.target.native_id)
        spot = self._shelves.find(item) if item else None
        return spot is not None and spot.folder == self._options.shelf(enforcement.effect)

    def item(self, native_id: str) -> Item:
        """Return the mail of this id.

        Raises:
            MessageGone: It is not in the mailbox.
        """
        item = self._ledger.item(native_id)
        if item is None:
            item = self._shelves.recover(native_id)
            if item is None:
                raise MessageGone(f"mail {native_id} is not in the mailbox")
            self._ledger.known(item)
        return item

    def where(self, item: Item) -> Spot:
        """Return where the mail lies.

        Raises:
            MessageGone: It is in no folder.
        """
        spot = self._shelves.find(item)
        if spot is None:
            raise MessageGone(f"mail {item.native_id} is in no folder any more")
        return spot

    def divert(self) -> None:
        """Move what a standing block holds at intake to the quarantine; only mails that the store has."""
        for item in self._ledger.to_divert():
            spot = self._shelves.find(item)
            if spot is None or spot.folder not in self._options.folders:
                self._ledger.settle(item)
            else:
                self.move(item, spot, self._options.quarantine_folder)

    def _home(self, item: Item) -> str:
        """Return the folder a release brings it back to; the inbox where that folder has gone."""
        if item.origin and item.origin not in self._options.shelves and self._shelves.has_folder(item.origin):
            return item.origin
        return INBOX
