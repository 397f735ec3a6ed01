"""Reads many lists of comments, newest first, so that a kill after any page loses nothing: all that is due stands in the cursor."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from connectors.base import Batch, Fetched, MessageGone, Refused, Unavailable

KNOWN_AT_MOST = 200
LISTS_AT_MOST = 1000
RECHECK = timedelta(minutes=10)


class TokenLapsed(Exception):
    """A page token is no longer known: the list is read again from its newest page, down to what is taken in."""


@dataclass(frozen=True, slots=True)
class Task:
    """One list to read: `stamp` changes when its content does; a `deep` reading goes on where a page has nothing new.

    A `watched` list is read deeply every so often, for edits.
    """

    kind: str
    native_id: str
    stamp: str = ""
    deep: bool = False
    watched: bool = False
    token: str | None = None

    @property
    def name(self) -> str:
        """What the list is remembered by."""
        return f"{self.kind}:{self.native_id}"


@dataclass(frozen=True, slots=True)
class Page:
    """What one request brought: `token` leads to the next, older page; `due` are the lists that it tells of."""

    items: tuple[Fetched, ...]
    token: str | None = None
    due: tuple[Task, ...] = ()


Ask = Callable[[Task], Page]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was taken in of a list: all up to `floor`, and above it what is `known`, by id with a digest and its time.

    While a list is read `rising` holds what the floor becomes at the end: until then older pages are still to come.
    """

    floor: str = ""
    rising: str = ""
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stamp: str = ""

    def is_new(self, item: Fetched) -> bool:
        """True when this version of an item was not taken in."""
        entry = self.known.get(item.message.key.native_id)
        return _time(item) > self.floor if entry is None else entry[0] != _digest(item)

    def after(self, items: Sequence[Fetched]) -> "Shelf":
        """Return the shelf with these on it; twice as many are kept while a list is read, so that none is met again as new."""
        known = {**self.known, **{item.message.key.native_id: (_digest(item), _time(item)) for item in items}}
        return replace(self, known=known).trimmed(2 * KNOWN_AT_MOST)

    def read(self, stamp: str) -> "Shelf":
        """Return the shelf after the list's last page."""
        kept = self.trimmed(KNOWN_AT_MOST)
        floor = max(kept.floor, kept.rising)
        return Shelf(floor, "", {name: entry for name, entry in kept.known.items() if entry[1] > floor}, stamp)

    def trimmed(self, number: int) -> "Shelf":
        """Return the shelf with the newest `number` known one by one."""
        by_time = sorted(self.known.items(), key=lambda entry: entry[1][1])
        dropped = by_time[: max(0, len(by_time) - number)]
        rising = max([self.rising, *(entry[1][1] for entry in dropped)])
        return replace(self, rising=rising, known=dict(by_time[len(dropped) :]))


@dataclass(frozen=True, slots=True)
class Position:
    """The cursor: the shelves, the lists that this round still has to read, and when all were last gone through."""

    shelves: Mapping[str, Shelf] = field(default_factory=dict)
    queue: tuple[Task, ...] = ()
    checked: str = ""
    thorough: bool = False

    @classmethod
    def of(cls, cursor: str | None) -> "Position":
        """Return the position that `cursor` holds."""
        if cursor is None:
            return cls()
        stored: dict[str, Any] = orjson.loads(cursor)
        shelves = {name: Shelf(*parts) for name, parts in stored["shelves"].items()}
        return cls(shelves, tuple(Task(*parts) for parts in stored["queue"]), stored["checked"], stored["thorough"])

    def text(self) -> str:
        """Return the cursor."""
        shelves = {name: [one.floor, one.rising, one.known, one.stamp] for name, one in self.shelves.items()}
        queue = [[task.kind, task.native_id, task.stamp, task.deep, task.watched, task.token] for task in self.queue]
        return orjson.dumps(
            {"shelves": shelves, "queue": queue, "checked": self.checked, "thorough": self.thorough}
        ).decode()

    def begun(self, roots: Sequence[Task], now: datetime) -> "Position":
        """Return a new round over `roots`; every so often it looks for edits too."""
        thorough = not self.checked or datetime.fromisoformat(self.checked) + RECHECK <= now
        checked = now.isoformat() if thorough else self.checked
        return replace(self, queue=tuple(roots), checked=checked, thorough=thorough)

    def without(self, task: Task) -> "Position":
        """Return the position without a list that cannot be read; one read in part is forgotten, and read anew later."""
        shelves = {name: one for name, one in self.shelves.items() if task.token is None or name != task.name}
        return replace(self, shelves=shelves, queue=tuple(one for one in self.queue if one.name != task.name))

    def after(self, task: Task, page: Page, new: Sequence[Fetched]) -> "Position":
        """Return the position after a page of the queue's first list."""
        shelf = self.shelves.get(task.name, Shelf())
        deep = task.deep or (task.watched and self.thorough)
        oldest = min((_time(item) for item in page.items), default=None)
        beyond = oldest is not None and (oldest <= shelf.floor or not (new or deep))
        ended = page.token is None or beyond
        shelf = shelf.after(new)
        first = () if ended else (replace(task, token=page.token),)
        queued = {one.name for one in self.queue}
        due = tuple(one for one in page.due if one.name not in queued and self._is_due(one))
        shelves = {name: one for name, one in self.shelves.items() if name != task.name}
        shelves[task.name] = shelf.read(task.stamp) if ended else shelf
        kept = dict(list(shelves.items())[-LISTS_AT_MOST:])
        return replace(self, shelves=kept, queue=(*first, *self.queue[1:], *due))

    def _is_due(self, task: Task) -> bool:
        shelf = self.shelves.get(task.name)
        looks = task.watched and self.thorough
        return shelf is None or looks or not task.stamp or shelf.stamp != task.stamp


def rounds(ask: Ask, roots: Sequence[Task], position: Position, now: datetime) -> Iterator[Batch]:
    """Yield batches: first what a killed round left, then a round over `roots` and all that they lead to.

    Raises:
        Refused: A list cannot be read; the others were.
        ConnectorError: By what the engine shall do next.
    """
    given: set[bytes] = set()
    refused: list[Refused] = []
    for start in (position.queue, None):
        if start is None:
            position = position.begun(roots, now)
        while position.queue:
            task = position.queue[0]
            try:
                task, page = _asked(ask, task)
            except (MessageGone, Refused) as error:
                if isinstance(error, Refused):
                    refused.append(error)
                elif task.name in {root.name for root in roots}:
                    raise
                position = position.without(task)
                continue
            shelf = position.shelves.get(task.name, Shelf())
            new = [item for item in page.items if shelf.is_new(item)]
            position = position.after(task, page, new)
            yield Batch(_unseen(new, given), position.text())
    if refused:
        raise refused[0]


def _asked(ask: Ask, task: Task) -> tuple[Task, Page]:
    """Ask for a page; one that leads back to itself is asked for once more, and a lapsed one from the list's start."""
    try:
        page = ask(task)
        if page.token is not None and page.token == task.token:
            page = ask(task)
    except TokenLapsed:
        task = replace(task, token=None, deep=True)
        page = ask(task)
    if page.token is not None and page.token == task.token:
        raise Unavailable("the pages of a list lead in a circle; it is tried again later")
    return task, page


def _unseen(items: Sequence[Fetched], given: set[bytes]) -> tuple[Fetched, ...]:
    """Return what this fetch has not given already, oldest first."""
    new = {sha256(item.raw).digest(): item for item in items}
    found = [item for digest, item in new.items() if digest not in given]
    given.update(new)
    return tuple(sorted(found, key=lambda item: (item.message.received_at, item.message.key)))


def _time(item: Fetched) -> str:
    return item.message.received_at.astimezone(UTC).isoformat(timespec="milliseconds")


def _digest(item: Fetched) -> str:
    return sha256(item.raw).hexdigest()[:10]
