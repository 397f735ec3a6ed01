"""Reads what is addressed to an account: its notifications, and the answers below its own posts that none told of."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from connectors.base import Batch, Fetched, Refused
from connectors.bsky.cursor import REPLIES_AT_MOST, OwnThread, Position, digest
from connectors.bsky.fields import Json, dict_at, did_of, list_at, text_at, time_at
from connectors.bsky.posts import Found, Reader
from connectors.bsky.session import BlueskySession
from models.domain import Connection

REASONS = ("mention", "reply", "quote")
PAGE = 100
ASKED_AT_ONCE = 25
OWN_POSTS = 100
DEPTH = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of an account at one moment."""

    session: BlueskySession
    connection: Connection
    now: datetime
    overlap: timedelta

    def notifications(self, position: Position) -> Generator[Batch, None, Position]:
        """Yield page after page, newest page first, each oldest first; a sweep left half way is ended, then a new one made.

        A page that the server no longer knows starts the sweep anew.
        """
        resumed = position.page is not None
        while True:
            page = self._page(position)
            entries = list_at(page, "notifications")
            times = [time_at(entry, "indexedAt") or self.now for entry in entries]
            fresh = [
                (at, entry)
                for at, entry in zip(times, entries, strict=True)
                if at >= position.floor and text_at(entry, "reason") in REASONS
                if not position.knows(text_at(entry, "uri"))
            ]
            reader = self._reader(position)
            items = self._items(reader, [self._told(entry) for _, entry in reversed(fresh)])
            position = position.with_seen((at, text_at(entry, "uri")) for at, entry in fresh)
            newest = min(max(times, default=self.now), self.now) if times else None
            token = text_at(page, "cursor")
            ended = not token or token == position.page or (bool(times) and min(times) < position.floor)
            position = position.ended(newest, self.overlap, self.now) if ended else position.mid_sweep(newest, token)
            yield Batch(items, position.text())
            if ended and not resumed:
                return position
            resumed = resumed and not ended

    def own_threads(self, position: Position) -> Generator[Batch, None, Position]:
        """Yield our own posts not given out yet, and answers and quotes that no notification told of.

        The list of notifications goes by the authors' own clocks and leaves out muted accounts: a post dated back is
        found only here, by a changed count below one of our posts.
        """
        asked = {"actor": self.session.did, "limit": OWN_POSTS, "filter": "posts_with_replies"}
        feed = list_at(self.session.query("app.bsky.feed.getAuthorFeed", asked), "feed")
        own = [dict_at(entry, "post") for entry in feed if "reason" not in entry]
        threads: dict[str, OwnThread] = {}
        for post in reversed(own):
            name = digest(text_at(post, "uri"))
            known = position.threads.get(name)
            found = [] if known else [self._found(post, "own")]
            answers = _count(post, "replyCount") + _count(post, "quoteCount")
            thread = known or OwnThread()
            if answers != thread.answers:
                below = [answer for answer in self._answers(post) if did_of(answer.uri) != self.session.did]
                found += [answer for answer in below if self._unseen(answer, position, thread)]
                given = dict.fromkeys((*thread.given, *(digest(answer.uri) for answer in below)))
                thread = OwnThread(answers, tuple(given)[-REPLIES_AT_MOST:])
            threads[name] = thread
            if found:
                items = self._items(self._reader(position), found)
                position = replace(position, threads=position.threads | {name: thread})
                yield Batch(items, position.text())
        position = replace(position, threads=threads, threads_at=self.now)
        yield Batch((), position.text())
        return position

    def _page(self, position: Position) -> Json:
        asked: dict[str, object] = {"limit": PAGE, "reasons": list(REASONS)}
        if position.page is None:
            return self.session.query("app.bsky.notification.listNotifications", asked)
        try:
            return self.session.query("app.bsky.notification.listNotifications", asked | {"cursor": position.page})
        except Refused:
            return self.session.query("app.bsky.notification.listNotifications", asked)

    def _reader(self, position: Position) -> Reader:
        since = self.connection.since or position.since
        listed_from = position.swept_at - self.overlap if position.swept_at else None
        return Reader(self.connection, self.session.did, since, self.now, listed_from)

    def _unseen(self, answer: Found, position: Position, thread: OwnThread) -> bool:
        return digest(answer.uri) not in thread.given and not position.knows(answer.uri)

    def _answers(self, post: Json) -> Iterator[Found]:
        uri = text_at(post, "uri")
        if _count(post, "replyCount"):
            asked = {"uri": uri, "depth": DEPTH, "parentHeight": 0}
            thread = dict_at(self.session.query("app.bsky.feed.getPostThread", asked), "thread")
            yield from (self._found(below, "reply") for below in _below(thread))
        if _count(post, "quoteCount"):
            quotes = self.session.query("app.bsky.feed.getQuotes", {"uri": uri, "limit": PAGE})
            yield from (self._found(quote, "quote") for quote in list_at(quotes, "posts"))

    def _told(self, entry: Json) -> Found:
        uri, reason = text_at(entry, "uri"), text_at(entry, "reason")
        return Found(uri, reason, dict_at(entry, "record"), dict_at(entry, "author"), notification=entry)

    def _found(self, post: Json, reason: str) -> Found:
        return Found(text_at(post, "uri"), reason, dict_at(post, "record"), dict_at(post, "author"), post=post)

    def _items(self, reader: Reader, found: Sequence[Found]) -> tuple[Fetched, ...]:
        """Return `found` with what each answers and who wrote it, asked for in as few calls as there can be."""
        wanted = dict.fromkeys(chain.from_iterable((entry.uri, *context_of(entry.record)) for entry in found))
        posts = self.posts(wanted)
        profiles = self.profiles(dict.fromkeys(did_of(entry.uri) for entry in found))
        return tuple(
            reader.fetched(
                replace(
                    entry,
                    post=posts.get(entry.uri, entry.post),
                    thread=tuple(posts[uri] for uri in context_of(entry.record) if uri in posts),
                    profile=profiles.get(did_of(entry.uri)),
                )
            )
            for entry in found
        )

    def posts(self, uris: Iterable[str]) -> dict[str, Json]:
        """Return the posts of `uris` that are there to be read."""
        found: dict[str, Json] = {}
        for some in _some(uris):
            answer = self.session.query("app.bsky.feed.getPosts", {"uris": some})
            found |= {text_at(post, "uri"): post for post in list_at(answer, "posts")}
        return found

    def profiles(self, dids: Iterable[str]) -> dict[str, Json]:
        """Return the profiles of `dids` that are there to be read."""
        found: dict[str, Json] = {}
        for some in _some(dids):
            answer = self.session.query("app.bsky.actor.getProfiles", {"actors": some})
            found |= {text_at(profile, "did"): profile for profile in list_at(answer, "profiles")}
        return found


def context_of(record: Json) -> tuple[str, ...]:
    """Return the first post of the thread and the one answered, without doubles."""
    reply = dict_at(record, "reply")
    uris = (text_at(dict_at(reply, name), "uri") for name in ("root", "parent"))
    return tuple(dict.fromkeys(uri for uri in uris if uri))


def _below(thread: Json) -> Iterator[Json]:
    for reply in list_at(thread, "replies"):
        if post := dict_at(reply, "post"):
            yield post
        yield from _below(reply)


def _count(post: Json, name: str) -> int:
    value = post.get(name)
    return value if isinstance(value, int) else 0


def _some(names: Iterable[str]) -> Iterator[list[str]]:
    whole = list(names)
    yield from (whole[start : start + ASKED_AT_ONCE] for start in range(0, len(whole), ASKED_AT_ONCE))
