"""Reads a Microsoft 365 mailbox by delta, folder by folder, and makes good what delta is known to leave out."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from connectors.base import Batch, ConnectorError, Fetched, MessageGone, RateLimited, Unavailable
from connectors.mail.graph_client import FolderMissing, GraphClient, Resync
from connectors.mail.graph_shelves import GraphFolders, GraphShelves
from connectors.mail.ledger import Item, Ledger, Spot
from connectors.mail.mailbox import BATCH_BYTES, BATCH_ITEMS, Arrived, Intake, MailboxOptions, Position, is_news

FIELDS = "id,receivedDateTime,parentFolderId,internetMessageId"


class DeltaOptions(MailboxOptions):
    """What reading by delta may have set."""

    sweep_hours: Annotated[int, Field(ge=1, le=720)] = 24


class GraphDelta:
    """The reading side of one mailbox."""

    def __init__(
        self,
        client: GraphClient,
        user: str,
        folders: GraphFolders,
        shelves: GraphShelves,
        options: DeltaOptions,
        ledger: Ledger,
        intake: Intake,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._user = user
        self._folders = folders
        self._shelves = shelves
        self._options = options
        self._ledger = ledger
        self._intake = intake
        self._clock = clock

    def fetch(self, position: Position) -> Iterator[Batch]:
        """Yield what is new in each folder that is read: the settings' own, the quarantine, and staff's.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        options = self._options
        for folder in dict.fromkeys((*options.folders, options.quarantine_folder, *options.staff_marks)):
            try:
                yield from self._changes(folder, position)
                yield from self._sweep(folder, position)
            except FolderMissing as error:
                self._folders.forget(folder)
                raise Unavailable(f"the folder {folder!r} has gone: {error}") from error

    def _changes(self, name: str, position: Position) -> Iterator[Batch]:
        """Yield what the delta of one folder tells; a page is handed over with the link of the next."""
        state = position.folders.get(name, {})
        folder_id = self._folders.need(name, make=name not in self._options.folders)
        start = f"{self._user}/mailFolders/{folder_id}/messages/delta?$select={FIELDS}"
        swept = state.get("swept") or self._clock().isoformat()
        link = state.get("link")
        while True:
            try:
                page = self._client.json("GET", link or start)
            except Resync as error:
                if link is None:
                    raise Unavailable(f"{error}, though it was asked from the start") from error
                link = None
                continue
            after = page.get("@odata.nextLink") or page["@odata.deltaLink"]
            here, then = {"link": link, "swept": swept}, {"link": after, "swept": swept}
            yield from self._hand_over(name, self._entries(page.get("value", [])), position, here, then)
            link = after
            if "@odata.nextLink" not in page:
                return

    def _sweep(self, name: str, position: Position) -> Iterator[Batch]:
        """Once in a while look through a whole folder for what delta did not tell of."""
        state, now = position.folders[name], self._clock()
        if now - datetime.fromisoformat(state["swept"]) < timedelta(hours=self._options.sweep_hours):
            return
        path = f"{self._user}/mailFolders/{self._folders.need(name)}/messages"
        listed = self._client.pages(path, {"$select": FIELDS})
        yield from self._hand_over(name, listed, position, state, state | {"swept": now.isoformat()})

    def _entries(self, told: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield what a page says, each once.

        A mail that went away and came back between two rounds is told of as `removed` only, so each that the store
        does not have is asked for: wherever it lies now, it did arrive here.
        """
        for entry in {each["id"]: each for each in told}.values():
            if "@removed" not in entry:
                yield entry
                continue
            known = self._ledger.item(entry["id"])
            if known is None or is_news(known):
                found = self._shelves.get(entry["id"], FIELDS)
                if found is not None:
                    yield found

    def _hand_over(
        self,
        folder: str,
        entries: Iterable[dict[str, Any]],
        position: Position,
        here: dict[str, Any],
        then: dict[str, Any],
    ) -> Iterator[Batch]:
        """Yield what is new in bounded batches: all but the last leave the cursor at `here`, the last brings it to `then`.

        What was read before an error is handed over first, so that a throttled first sync gets on.
        """
        pairs: list[tuple[Fetched, Item]] = []
        trouble: ConnectorError | None = None
        waiting = iter(entries)
        while trouble is None:
            try:
                pair = self._next(folder, waiting)
            except (RateLimited, Unavailable) as error:
                trouble = error
                break
            if pair is None:
                break
            pairs.append(pair)
            if len(pairs) >= BATCH_ITEMS or sum(len(fetched.raw) for fetched, _ in pairs) >= BATCH_BYTES:
                yield self._batch(folder, pairs, position, here)
                pairs = []
        if trouble is not None:
            if pairs:
                yield self._batch(folder, pairs, position, here)
            raise trouble
        if pairs or position.folders.get(folder) != then:
            yield self._batch(folder, pairs, position, then)

    def _batch(
        self, folder: str, pairs: list[tuple[Fetched, Item]], position: Position, state: dict[str, Any]
    ) -> Batch:
        cursor = position.after(folder, state)
        self._ledger.offer([item for _, item in pairs], position.batch)
        ordered = sorted(pairs, key=lambda pair: pair[0].message.received_at)
        return Batch(tuple(fetched for fetched, item in ordered if is_news(item)), cursor)

    def _next(self, folder: str, entries: Iterator[dict[str, Any]]) -> tuple[Fetched, Item] | None:
        """Return the next mail that the store does not have, None at the end."""
        mark = self._options.staff_marks.get(folder)
        for entry in entries:
            known = self._ledger.item(entry["id"])
            if known is not None and not is_news(known) and known.mark == (mark or known.mark):
                continue
            try:
                raw, size, whole, fingerprint = self._shelves.bytes_of(entry["id"])
            except MessageGone:
                continue
            arrived = Arrived(
                raw=raw,
                spot=Spot(folder, "", entry["id"]),
                native_id=entry["id"],
                fingerprint=fingerprint,
                size_bytes=size,
                received_at=datetime.fromisoformat(entry["receivedDateTime"]),
                whole=whole,
                held_by_rule=folder == self._options.quarantine_folder,
            )
            return self._intake.read(arrived, self._shelves.is_there)
        return None
