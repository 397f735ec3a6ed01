"""Reads a Mastodon account's lists oldest first, and looks again at recent posts for edits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson

from connectors.base import Batch, Fetched, MessageGone
from connectors.mail.parse import unreadable
from connectors.social.book import Book, PostNote
from connectors.social.mastodon_client import MastodonAccess
from connectors.social.mastodon_posts import Json, address_of, read_status, version
from models.domain import Channel, Connection, MessageKey, Nature

PAGE = 40
WATCHED_AT_MOST = 200
WATCHED_FOR = timedelta(days=7)
RECHECK = timedelta(minutes=10)
IDS_AT_ONCE = 20
ONE_BY_ONE_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Position:
    """How far each list was read; `watched` are posts looked at again for edits, with the version last taken in."""

    mentions: str = "0"
    conversations: str = "0"
    own: str | None = None
    watched: Mapping[str, str] = field(default_factory=dict)
    checked: str | None = None

    @classmethod
    def of(cls, cursor: str | None) -> "Position":
        """Return the position that `cursor` holds."""
        return cls(**orjson.loads(cursor)) if cursor else cls()

    def text(self) -> str:
        """Return the cursor."""
        return orjson.dumps(asdict(self)).decode()

    def watching(self, statuses: Sequence[Json]) -> "Position":
        """Return the position that watches these too; the oldest ones are let go."""
        watched = {**self.watched, **{str(status["id"]): status.get("edited_at") or "" for status in statuses}}
        newest = sorted(watched, key=int)[-WATCHED_AT_MOST:]
        return replace(self, watched={name: watched[name] for name in newest})

    def knows(self, status: Json) -> bool:
        """True when this version was taken in."""
        return self.watched.get(str(status["id"])) == (status.get("edited_at") or "")


class MastodonReader:
    """One account's own posts, mentions and conversations; each answer of the instance is a batch or more."""

    def __init__(
        self, connection: Connection, access: MastodonAccess, book: Book, domain: str, clock: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._access = access
        self._book = book
        self._domain = domain
        self._clock = clock

    def own_id(self) -> str:
        """Return the own account's id, asked for once."""
        known = self._book.fact("own_id")
        if known is None:
            answer = self._access.ask("asking for the own account", lambda client: client.account_verify_credentials())
            known = str(answer["id"])
            self._book.note_fact("own_id", known)
        return known

    def own_posts(self, position: Position) -> Iterator[tuple[Batch, Position]]:
        """Yield the account's own posts, context only: on the first reading the newest page, then all that follow."""
        own_id = self.own_id()
        while True:
            page = self._access.ask("reading own posts", partial(_own_page, own_id=own_id, after=position.own))
            if not page:
                return
            first = position.own is None
            position = replace(position, own=_highest(page))
            yield self._batch([(status, self._own_time(status)) for status in page], position), position
            if first:
                return

    def mentions(self, position: Position) -> Iterator[tuple[Batch, Position]]:
        """Yield mentions of every visibility, each received when the own instance told of it."""
        while page := self._access.ask("reading mentions", partial(_mention_page, after=position.mentions)):
            told = [note for note in page if note.get("status") is not None]
            entries = [(note["status"], _time(note["created_at"])) for note in told]
            further = replace(position, mentions=_highest(page))
            yield from self._taken(entries, position, further)
            position = further.watching([status for status, _ in entries])

    def conversations(self, position: Position) -> Iterator[tuple[Batch, Position]]:
        """Yield direct posts that no mention told of, staff's own answers among them."""
        while page := self._access.ask(
            "reading conversations", partial(_conversation_page, after=position.conversations)
        ):
            last = [entry["last_status"] for entry in page if entry.get("last_status") is not None]
            if not last:
                return
            entries = [(status, min(_time(status["created_at"]), self._clock())) for status in last]
            further = replace(position, conversations=_highest(last))
            yield from self._taken(entries, position, further)
            position = further.watching(last)

    def edits(self, position: Position) -> Iterator[tuple[Batch, Position]]:
        """Yield newer versions of the posts lately taken in: an instance tells nobody that a mention was edited."""
        if position.checked is not None and _time(position.checked) + RECHECK > self._clock():
            return
        names = sorted(position.watched, key=int)
        found = [
            status
            for at in range(0, len(names), IDS_AT_ONCE)
            for status in self._statuses(names[at : at + IDS_AT_ONCE])
        ]
        kept = {str(status["id"]) for status in found if _time(status["created_at"]) > self._clock() - WATCHED_FOR}
        further = replace(
            position,
            watched={name: seen for name, seen in position.watched.items() if name in kept},
            checked=self._clock().isoformat(),
        )
        changed = [(status, _time(status["created_at"])) for status in found if not position.knows(status)]
        if changed:
            yield from self._taken(changed, position, further)
        else:
            yield Batch((), further.text()), further

    def _taken(
        self, entries: Sequence[tuple[Json, datetime]], position: Position, further: Position
    ) -> Iterator[tuple[Batch, Position]]:
        """Yield the versions of edited posts that were not seen, each in a batch of its own, then all as they stand."""
        new = [(status, at) for status, at in entries if not position.knows(status)]
        for status, at in new:
            if status.get("edited_at"):
                for earlier in self._earlier(status, position.watched.get(str(status["id"]))):
                    position = position.watching([earlier])
                    yield self._batch([(earlier, at)], position), position
        further = further.watching([status for status, _ in entries])
        yield self._batch(new, further), further

    def _earlier(self, status: Json, seen: str | None) -> list[Json]:
        """Return the versions between the one last taken in (None: none, empty: the first) and the present one."""
        try:
            history = self._access.ask("reading a post's history", lambda client: client.status_history(status["id"]))
        except MessageGone:
            return []
        versions = [version(status, entry) for entry in history]
        present = status["edited_at"]
        return [
            one for one in versions if (seen is None or (one["edited_at"] or "") > seen) and one["edited_at"] != present
        ]

    def _statuses(self, names: Sequence[str]) -> list[Json]:
        try:
            found: list[Json] = self._access.ask("looking for edits", lambda client: client.statuses(list(names)))
        except MessageGone:  # an instance before 4.3 knows no such list
            return [status for name in names[-ONE_BY_ONE_AT_MOST:] for status in self._status(name)]
        return found

    def _status(self, name: str) -> list[Json]:
        try:
            return [self._access.ask("looking for an edit", lambda client: client.status(name))]
        except MessageGone:
            return []

    def _batch(self, entries: Sequence[tuple[Json, datetime]], position: Position) -> Batch:
        ordered = sorted(entries, key=lambda entry: int(entry[0]["id"]))
        return Batch(tuple(self._read(status, at) for status, at in ordered), position.text())

    def _read(self, status: Json, received_at: datetime) -> Fetched:
        """Read a post and remember it; one that cannot be read is kept with its bytes and comes before a person."""
        name = str(status["id"])
        parent = status.get("in_reply_to_id")
        known = self._book.post(parent) if parent else None
        thread = known.thread if known and known.thread else parent or name
        try:
            item = read_status(status, self._connection, self._domain, self.own_id(), received_at, thread)
            author = (address_of(status["account"], self._domain), str(status["account"]["id"]))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raw = orjson.dumps(status)
            key = MessageKey(self._connection.connection_id, name)
            why = f"the post {name} is of an unknown form: {type(error).__name__}"
            org = self._connection.org
            message = unreadable(raw, key=key, org=org, received_at=received_at, why=why, channel=Channel.MASTODON)
            return Fetched(message, raw)
        own = item.message.nature is Nature.OWN
        self._book.note(PostNote(name, name, thread, author[1], own), author[0])
        return item

    def _own_time(self, status: Json) -> datetime:
        return min(_time(status["created_at"]), self._clock())


def _own_page(client: Any, own_id: str, after: str | None) -> Any:
    return client.account_statuses(own_id, exclude_reblogs=True, min_id=after, limit=PAGE)


def _mention_page(client: Any, after: str) -> Any:
    return client.notifications(types=["mention"], min_id=after, limit=PAGE)


def _conversation_page(client: Any, after: str) -> Any:
    return client.conversations(min_id=after, limit=PAGE)


def _highest(page: Sequence[Json]) -> str:
    return max((str(entry["id"]) for entry in page), key=int)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
