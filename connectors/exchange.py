"""The connector `exchange`: a mailbox on an Exchange server of the organisation's own, by Exchange Web Services."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from exchangelib import Account
from exchangelib import Message as ExchangeMessage
from exchangelib.errors import ErrorInvalidSyncStateData, ErrorOutlookRuleBlobExists
from exchangelib.fields import FieldPath
from exchangelib.properties import Actions, Address, Conditions, FolderId, MoveToFolder, Rule
from exchangelib.services import CreateInboxRule, SyncFolderItems
from pydantic import AfterValidator

from connectors.base import Batch, Fetched, MessageGone, Pace, Place, Refused
from connectors.mail import ews_shelves
from connectors.mail.abilities import abilities
from connectors.mail.ews_account import Folders, open_account
from connectors.mail.ews_answers import translated
from connectors.mail.ews_shelves import EwsShelves
from connectors.mail.ledger import Item, Ledger, Spot
from connectors.mail.mailbox import BATCH_ITEMS, Arrived, Intake, MailboxOptions, Position, in_portions, is_news
from connectors.mail.moving import Mover
from connectors.mail.security import require_encrypted
from models.domain import Action, Connection, Enforcement, EnforcementState, Outcome

SECONDS_A_MINUTE = 60
_WHOLE = ("mime_content", "datetime_received", "message_id", "search_key", "size")
_HEADS = ("headers", "text_body", "datetime_received", "message_id", "search_key", "size")
_CONTENT_HEADERS = frozenset({"content-type", "content-transfer-encoding", "mime-version"})


class ExchangeOptions(MailboxOptions):
    """Where the server is, whose mailbox it is, and as whom to sign in."""

    url: Annotated[str, AfterValidator(require_encrypted)]
    mailbox: str
    username: str
    password: str
    auth: Literal["basic", "ntlm"] = "ntlm"
    access: Literal["impersonation", "delegate"] = "impersonation"
    ca_file: Path | None = None


class ExchangeConnector:
    """Reads folders by their sync state and moves mails, which get a new id each time.

    A mail's native id is made of its time of receipt and of its search key, which no move changes.
    """

    kind = "exchange"
    options = ExchangeOptions
    pace: ClassVar[Pace] = Pace(300, 60.0)
    """Under the budget that Exchange throttles by default."""

    def __init__(self, connection: Connection, options: ExchangeOptions, place: Place) -> None:
        self._options = options
        self._place = place
        self._ledger = Ledger(place.state_dir)
        self._intake = Intake(connection, options, self._ledger, place.clock)

    @classmethod
    def open(cls, connection: Connection, options: ExchangeOptions, place: Place) -> Self:
        """Return the connector; the server is not touched yet."""
        return cls(connection, options, place)

    def close(self) -> None:
        """Hang up."""
        if "_account" in self.__dict__:
            self._account.protocol.close()
        self._ledger.close()

    def can(self) -> frozenset[Action]:
        """Return what this mailbox lets us do; while it cannot be asked, what it let us do last."""
        return abilities(self._ledger, self._abilities)

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield the mails that came after `cursor`, folder by folder.

        The quarantine is read too: an inbox rule puts a blocked sender's mail straight there. A sync state that the
        server no longer takes means a full resync, in which what the store has is left out.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        position = Position.of(cursor)
        self._ledger.acknowledge(position.batch)
        quarantine = self._options.quarantine_folder
        for folder in dict.fromkeys((*self._options.folders, quarantine, *self._options.staff_marks)):
            yield from self._folder(folder, position)

    def wait(self, timeout_s: float) -> bool:
        """Wait until the server tells of something new in the first folder; it listens for whole minutes.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        with translated():
            folder = self._known_folder(self._options.folders[0])
            with folder.streaming_subscription(event_types=["NewMailEvent", "CreatedEvent", "MovedEvent"]) as name:
                minutes = max(1, math.ceil(timeout_s / SECONDS_A_MINUTE))
                for _ in folder.get_streaming_events(name, connection_timeout=minutes, max_notifications_returned=1):
                    return True
        return False

    def act(self, enforcement: Enforcement) -> Outcome:
        """Move to a shelf or back, set a category, or keep an inbox rule for a sender; repeating it is harmless.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        if self._options.shelf(enforcement.effect):
            return self._mover.bring_about(enforcement)
        with translated():
            if self.read_back(enforcement) == enforcement.wanted:
                return Outcome(EnforcementState.ALREADY_DONE, read_back=enforcement.wanted)
            if enforcement.effect is Action.LABEL:
                self._label(enforcement)
            elif enforcement.effect is Action.BLOCK:
                self._block(enforcement.target.native_id, enforcement.wanted)
            else:
                raise Refused(f"a mailbox cannot {enforcement.effect.value}")
            return Outcome(EnforcementState.DONE, read_back=self.read_back(enforcement))

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Look whether the mail lies on its shelf, bears the category, or the sender's rule is there."""
        with translated():
            if self._options.shelf(enforcement.effect):
                return self._mover.in_force(enforcement)
            if enforcement.effect is Action.LABEL:
                return self._options.label in (self._labelled(enforcement.target.native_id).categories or ())
            if enforcement.effect is Action.BLOCK:
                return self._rule(enforcement.target.native_id) is not None
        return None

    @cached_property
    def _account(self) -> Account:
        options = self._options
        return open_account(
            options.url,
            options.mailbox,
            options.username,
            self._place.secret(options.password),
            ntlm=options.auth == "ntlm",
            delegate=options.access == "delegate",
            ca_file=options.ca_file,
        )

    @cached_property
    def _folders(self) -> Folders:
        options = self._options
        return Folders(self._account, (*options.folders, *options.shelves, *options.staff_marks))

    @cached_property
    def _shelves(self) -> EwsShelves:
        return EwsShelves(self._account, self._folders, self._options, self._ledger)

    @cached_property
    def _mover(self) -> Mover:
        return Mover(self._options, self._ledger, self._shelves)

    def _abilities(self) -> frozenset[Action]:
        found = {Action.QUARANTINE, Action.LABEL, *([Action.FILE] if self._options.filed_folder else [])}
        with translated():
            self._known_folder(self._options.folders[0])
        try:
            self._rule("nobody@invalid")
        except Refused:
            return frozenset(found)
        return frozenset(found | {Action.BLOCK})

    def _known_folder(self, name: str, make: bool = False) -> Any:
        folder = self._folders.get(name, make)
        if folder is None:
            raise Refused(f"the mailbox has no folder {name!r}: correct `folders`, or make it")
        return folder

    def _folder(self, name: str, position: Position) -> Iterator[Batch]:
        state = position.folders.get(name, {}).get("state")
        while True:
            try:
                created, after, last = self._page(name, state)
            except ErrorInvalidSyncStateData:
                created, after, last = self._page(name, None)
                state = None
            portions = list(in_portions((each, min(each[1], self._options.mail_bytes_at_most)) for each in created))
            for portion in portions or [[]]:
                if not portion and after == state:
                    break
                pairs = self._read(name, portion)
                done = not portions or portion is portions[-1]
                cursor = position.after(name, {"state": after if done else state})
                self._ledger.offer([item for _, item in pairs], position.batch)
                yield Batch(tuple(fetched for fetched, item in pairs if is_news(item)), cursor)
            if last or after == state:
                return
            state = after

    def _page(self, name: str, state: str | None) -> tuple[list[tuple[str, int]], str, bool]:
        """Return (id, size) of what was added since `state`, the state after that, and whether it was all.

        Raises:
            ErrorInvalidSyncStateData: The server no longer takes `state`.
        """
        resync = False
        with translated():
            folder = self._known_folder(name, make=name not in self._options.folders)
            service = SyncFolderItems(account=self._account)
            size = FieldPath(field=ExchangeMessage.get_field_by_fieldname("size"))
            try:
                changes = list(service.call(folder, "IdOnly", [size], state, None, BATCH_ITEMS, None))
            except ErrorInvalidSyncStateData:
                resync = True
        if resync:
            raise ErrorInvalidSyncStateData("the sync state is too old")
        created = [(item.id, item.size or 0) for kind, item in changes if kind == SyncFolderItems.CREATE]
        return created, service.sync_state, bool(service.includes_last_item_in_range)

    def _read(self, folder: str, portion: list[tuple[str, int]]) -> list[tuple[Fetched, Item]]:
        limit = self._options.mail_bytes_at_most
        unknown = [each for each in portion if not self._is_kept(folder, each[0])]
        pairs: list[tuple[Fetched, Item]] = []
        with translated():
            for fields, huge in ((_WHOLE, False), (_HEADS, True)):
                ids = [item_id for item_id, size in unknown if (size > limit) == huge]
                found = [each for each in self._shelves.items(ids, fields) if each is not None] if ids else []
                arrived = (self._arrived(each, folder, huge) for each in found)
                pairs += [self._intake.read(each, self._shelves.is_there) for each in arrived]
        return sorted(pairs, key=lambda pair: pair[0].message.received_at)

    def _is_kept(self, folder: str, item_id: str) -> bool:
        known = self._ledger.at(Spot(folder, "", item_id))
        return (
            known is not None and not is_news(known) and known.mark == self._options.staff_marks.get(folder, known.mark)
        )

    def _arrived(self, found: Any, folder: str, huge: bool) -> Arrived:
        return Arrived(
            raw=_heads(found, self._options.mail_bytes_at_most) if huge else bytes(found.mime_content),
            spot=Spot(folder, "", found.id),
            native_id=ews_shelves.name_of(found),
            fingerprint=ews_shelves.fingerprint(found),
            size_bytes=found.size or 0,
            received_at=datetime.fromtimestamp(found.datetime_received.timestamp(), UTC),
            whole=not huge,
            held_by_rule=folder == self._options.quarantine_folder,
        )

    def _labelled(self, native_id: str) -> Any:
        spot = self._mover.where(self._mover.item(native_id))
        found = self._shelves.item(spot.id, ("categories",))
        if found is None:
            raise MessageGone(f"mail {native_id} was deleted meanwhile")
        return found

    def _label(self, enforcement: Enforcement) -> None:
        found = self._labelled(enforcement.target.native_id)
        others = [each for each in found.categories or () if each != self._options.label]
        found.categories = [*others, *([self._options.label] if enforcement.wanted else [])] or None
        found.save(update_fields=["categories"])

    def _rule(self, address: str) -> Rule | None:
        with translated():
            rules = self._account.rules
            for rule in rules:
                if isinstance(rule, Exception):
                    raise rule
            return next((rule for rule in rules if rule.display_name == _rule_name(address)), None)

    def _block(self, address: str, wanted: bool) -> None:
        """Keep or lift the inbox rule that takes a sender's mail to the quarantine: exactly this address, no other."""
        if not wanted:
            rule = self._rule(address)
            if rule is not None:
                rule.delete()
            return
        quarantine = self._known_folder(self._options.quarantine_folder, make=True)
        rule = Rule(
            account=self._account,
            display_name=_rule_name(address),
            priority=1,
            is_enabled=True,
            conditions=Conditions(from_addresses=[Address(email_address=address)]),
            actions=Actions(
                move_to_folder=MoveToFolder(folder_id=FolderId(id=quarantine.id)), stop_processing_rules=True
            ),
        )
        try:
            CreateInboxRule(account=self._account).get(rule=rule, remove_outlook_rule_blob=False)
        except ErrorOutlookRuleBlobExists as error:
            raise Refused("Outlook keeps rules of its own in this mailbox, which a new rule would erase") from error


def _rule_name(address: str) -> str:
    return f"Porthor: {address.lower()}"


def _heads(found: Any, bytes_at_most: int) -> bytes:
    """Return the headers and the words of a mail too big to be taken whole."""
    headers = [f"{h.name}: {h.value}" for h in found.headers or () if h.name.lower() not in _CONTENT_HEADERS]
    content = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    head = "\r\n".join([*headers, *content]) + "\r\n\r\n"
    return f"{head}{found.text_body or ''}".encode()[:bytes_at_most]
