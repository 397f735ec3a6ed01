"""How far an account was read: it survives newest-first lists, late arrivals, and a kill at any page."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import orjson

SEEN_AT_MOST = 5_000
REPLIES_AT_MOST = 500
DIGEST_LETTERS = 12


def digest(uri: str) -> str:
    """Return a short name of an address, enough to know it again."""
    return hashlib.sha256(uri.encode()).hexdigest()[:DIGEST_LETTERS]


@dataclass(frozen=True, slots=True)
class OwnThread:
    """A post of ours: how many answers and quotes it had when last looked at, and which of them were given out."""

    answers: int = 0
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """How far everything was read.

    `floor`: everything listed at or above it is in `seen`; the list is read down to it each time, since a post
    shows under its author's clock and may turn up late, below others already read. `pending` is the newest time of
    a sweep under way and `page` where it goes on; when it ends, `floor` follows `pending` at a distance. `swept_at` is when a sweep last ended: what shows later and says to be
    much older was dated back by its author.
    """

    since: datetime
    floor: datetime
    swept_at: datetime | None = None
    pending: datetime | None = None
    page: str | None = None
    seen: tuple[tuple[float, str], ...] = ()
    threads: dict[str, OwnThread] = field(default_factory=dict)
    threads_at: datetime | None = None
    chat: str | None = None

    @classmethod
    def of(cls, cursor: str | None, now: datetime, history: timedelta) -> "Position":
        """Return the position that `cursor` tells, or the start."""
        if cursor is None:
            return cls(since=now, floor=now - history)
        kept = orjson.loads(cursor)
        return cls(
            since=_time(kept["since"]),
            floor=_time(kept["floor"]),
            swept_at=_maybe(kept["swept_at"]),
            pending=_maybe(kept["pending"]),
            page=kept["page"],
            seen=tuple((at, name) for at, name in kept["seen"]),
            threads={name: OwnThread(count, tuple(given)) for name, (count, given) in kept["threads"].items()},
            threads_at=_maybe(kept["threads_at"]),
            chat=kept["chat"],
        )

    def text(self) -> str:
        """Return the position as a cursor."""
        return orjson.dumps(
            {
                "since": self.since.timestamp(),
                "floor": self.floor.timestamp(),
                "swept_at": self.swept_at.timestamp() if self.swept_at else None,
                "pending": self.pending.timestamp() if self.pending else None,
                "page": self.page,
                "seen": self.seen,
                "threads": {name: [thread.answers, thread.given] for name, thread in self.threads.items()},
                "threads_at": self.threads_at.timestamp() if self.threads_at else None,
                "chat": self.chat,
            }
        ).decode()

    def knows(self, uri: str) -> bool:
        """Return whether `uri` was given out lately."""
        name = digest(uri)
        return any(name == known for _, known in self.seen)

    def with_seen(self, found: Iterable[tuple[datetime, str]]) -> "Position":
        """Return the position after the posts of `found` (time, address) were given out."""
        return replace(self, seen=(*self.seen, *((at.timestamp(), digest(uri)) for at, uri in found)))

    def mid_sweep(self, newest: datetime | None, page: str) -> "Position":
        """Return the position after a page that others follow."""
        return replace(self, pending=self.pending or newest, page=page)

    def ended(self, newest: datetime | None, overlap: timedelta, now: datetime) -> "Position":
        """Return the position after the last page: the floor follows the newest that was there when it began."""
        top = self.pending or newest
        floor = max(self.floor, top - overlap) if top else self.floor
        seen = sorted(entry for entry in self.seen if entry[0] >= floor.timestamp())
        if len(seen) > SEEN_AT_MOST:
            seen = seen[-SEEN_AT_MOST:]
            floor = _time(seen[0][0])
        return replace(self, floor=floor, seen=tuple(seen), pending=None, page=None, swept_at=now)


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _maybe(at: float | None) -> datetime | None:
    return None if at is None else _time(at)
