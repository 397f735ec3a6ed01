"""Remembers who is behind a handle and where a post stands: handles change hands, ids do not."""

import sqlite3
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.base import Refused, Unavailable

_SCHEMA = """
create table if not exists account (handle text, id text, primary key (handle, id));
create table if not exists post (
    native_id text primary key, latest_id text not null, thread text, author_id text not null, own integer not null
);
create index if not exists post_author on post (author_id);
create table if not exists fact (name text primary key, value text not null);
"""


@dataclass(frozen=True, slots=True)
class PostNote:
    """A post as it was last seen: `latest_id` is the id of its newest version."""

    native_id: str
    latest_id: str
    thread: str | None
    author_id: str
    own: bool = False


class Book:
    """One small SQLite file in a connection's own folder; what is lost with it can be asked again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def note(self, post: PostNote, handle: str | None = None) -> None:
        """Remember a post and its author, if the handle is known; the handle's earlier holders stay on record.

        Raises:
            Unavailable: The file cannot be written.
        """
        if handle is not None:
            self.note_account(handle, post.author_id)
        self._run(
            "insert or replace into post values (?, ?, ?, ?, ?)",
            (post.native_id, post.latest_id, post.thread, post.author_id, post.own),
        )

    def post(self, native_id: str) -> PostNote | None:
        """Return what is known of a post."""
        rows = self._run(
            "select native_id, latest_id, thread, author_id, own from post where native_id = ?", (native_id,)
        )
        if not rows:
            return None
        first, latest, thread, author_id, own = rows[0]
        return PostNote(first, latest, thread, author_id, bool(own))

    def newest_of(self, author_id: str) -> str | None:
        """Return the latest id of an account's newest known post; ids of these platforms grow with time."""
        query = "select latest_id from post where author_id = ? order by length(latest_id) desc, latest_id desc limit 1"
        rows = self._run(query, (author_id,))
        return rows[0][0] if rows else None

    def own_since(self, native_id: str) -> list[str]:
        """Return the account's own posts that opened a conversation after `native_id`, newest first."""
        query = "select native_id from post where own and thread = native_id and cast(native_id as integer) > ? order by cast(native_id as integer) desc"
        return [row[0] for row in self._run(query, (int(native_id),))]

    def account_id(self, handle: str) -> str | None:
        """Return the id behind `handle`, None when it was never seen.

        Raises:
            Refused: Two accounts have held it: a machine cannot tell whom the decision meant.
        """
        rows = self._run("select id from account where handle = ?", (handle,))
        if len(rows) > 1:
            raise Refused(f"the handle {handle!r} has been held by {len(rows)} accounts: act by hand on the right one")
        return rows[0][0] if rows else None

    def note_account(self, handle: str, account_id: str) -> None:
        """Remember who is behind a handle."""
        self._run("insert or ignore into account values (?, ?)", (handle, account_id))

    def fact(self, name: str) -> str | None:
        """Return a remembered fact of the connection."""
        rows = self._run("select value from fact where name = ?", (name,))
        return rows[0][0] if rows else None

    def note_fact(self, name: str, value: str) -> None:
        """Remember a fact of the connection."""
        self._run("insert or replace into fact values (?, ?)", (name, value))

    def _run(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._lock, self._opened() as database:
                return database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise Unavailable(f"{self._path}: it cannot be used: {error}; free the disk or mend its rights") from error

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect(self._path, check_same_thread=False)
            weakref.finalize(self, self._database.close)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            self._database.executescript(_SCHEMA)
        return self._database
