"""Reads an Instagram account's media and the comments under them, with the replies to each."""

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.base import Fetched
from connectors.social.book import Book, PostNote
from connectors.social.comments import Comment, Json, Reader, moment, still
from connectors.social.deep_links import UNNAMED
from connectors.social.meta_client import MetaAccess, next_page
from connectors.social.rounds import Page, Task
from models.domain import Attachment, Author

MEDIA_A_PAGE = "50"
COMMENTS_A_PAGE = "50"
MEDIA_FIELDS = "id,caption,timestamp,username,permalink,media_type,comments_count"
_FIELDS = "id,text,timestamp,username,from,parent_id"
COMMENT_FIELDS = f"{_FIELDS},replies.limit({COMMENTS_A_PAGE}){{{_FIELDS}}}"
_VOLATILE = frozenset({"comments_count", "like_count", "hidden", "replies"})
_MEDIA_TYPES = {"IMAGE": "image/*", "VIDEO": "video/*", "CAROUSEL_ALBUM": "image/*"}


class InstagramReader:
    """One account's media of the last days, each with its comments, newest first."""

    def __init__(
        self,
        access: MetaAccess,
        reader: Reader,
        book: Book,
        account_id: str,
        days: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._access = access
        self._reader = reader
        self._book = book
        self._account_id = account_id
        self._days = days
        self._clock = clock

    def roots(self) -> tuple[Task, ...]:
        """Return where a round begins."""
        return (Task("media", self._account_id, deep=True),)

    def own_name(self) -> str:
        """Return the account's handle, asked for once."""
        known = self._book.fact("own_name")
        if known is None:
            answer = self._access.get("asking for the own account", self._account_id, fields="id,username")
            known = str(answer["username"]).lower()
            self._book.note_fact("own_name", known)
        return known

    def permalink(self, comment_id: str) -> str | None:
        """Return the page of the post that a comment stands under, as far as it was read."""
        note = self._book.post(comment_id)
        return None if note is None or note.thread is None else self._book.fact(f"permalink:{note.thread}")

    def ask(self, task: Task) -> Page:
        """Return a page of the media, of a medium's comments, or of the replies to a comment.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        if task.kind == "media":
            return self._media(task)
        return self._comments(task) if task.kind == "comments" else self._replies(task)

    def _media(self, task: Task) -> Page:
        answer = self._access.get(
            "reading media", f"{self._account_id}/media", task.token, fields=MEDIA_FIELDS, limit=MEDIA_A_PAGE
        )
        entries = answer.get("data") or []
        since = self._clock() - timedelta(days=self._days)
        media = [one for one in entries if not one.get("timestamp") or moment(one["timestamp"]) >= since]
        for one in media:
            self._book.note_fact(f"permalink:{one.get('id')}", str(one.get("permalink") or ""))
        # the hour too: a comment that comes as another goes leaves the count as it was
        due = [
            Task("comments", str(one.get("id")), f"{one.get('comments_count')}/{self._clock():%j-%H}", deep=True)
            for one in media
            if one.get("comments_count") != 0
        ]
        items = tuple(self._read(one, self._medium) for one in media)
        return Page(items, next_page(answer) if len(media) == len(entries) else None, tuple(due))

    def _comments(self, task: Task) -> Page:
        answer = self._access.get(
            "reading comments",
            f"{task.native_id}/comments",
            task.token,
            fields=COMMENT_FIELDS,
            limit=COMMENTS_A_PAGE,
        )
        items: list[Fetched] = []
        due: list[Task] = []
        for one in answer.get("data") or ():
            items.append(self._read(one, lambda entry: self._comment(entry, task.native_id, None)))
            replies = one.get("replies") or {}
            parent = str(one.get("id"))
            if next_page(replies):
                due.append(Task("replies", f"{task.native_id}/{parent}", deep=True))
            else:
                items += [self._reply(reply, task.native_id, parent) for reply in replies.get("data") or ()]
        return Page(tuple(items), next_page(answer), tuple(due))

    def _replies(self, task: Task) -> Page:
        """Read the replies to a comment that has more than came with it."""
        medium, parent = task.native_id.split("/")
        answer = self._access.get(
            "reading replies", f"{parent}/replies", task.token, fields=_FIELDS, limit=COMMENTS_A_PAGE
        )
        found = answer.get("data") or ()
        return Page(tuple(self._reply(reply, medium, parent) for reply in found), next_page(answer))

    def _reply(self, reply: Json, medium: str, parent: str) -> Fetched:
        return self._read(reply, lambda entry: self._comment(entry, medium, parent))

    def _read(self, entry: Json, told: Callable[[Json], Comment]) -> Fetched:
        item = self._reader.read(entry, still(entry, _VOLATILE), told)
        name = item.message.key.native_id
        self._book.note(PostNote(name, name, item.message.thread, item.message.author.address))
        return item

    def _medium(self, medium: Json) -> Comment:
        name = str(medium["id"])
        kind = str(medium.get("media_type") or "unknown")
        return Comment(
            native_id=name,
            author=Author(str(medium.get("username") or self.own_name()).lower()),
            text=medium.get("caption") or "",
            at=moment(medium["timestamp"]),
            thread=name,
            own=True,
            attachments=(Attachment(name, _MEDIA_TYPES.get(kind, kind), 0),),
        )

    def _comment(self, comment: Json, medium: str, parent: str | None) -> Comment:
        name = str(comment["id"])
        profile = comment.get("from") or {}
        handle = str(comment.get("username") or profile.get("username") or "").lower()
        author = Author(handle) if handle else Author(f"{UNNAMED}{name}", "", verified=False)
        return Comment(
            native_id=name,
            author=author,
            text=comment.get("text") or "",
            at=moment(comment["timestamp"]),
            thread=medium,
            own=handle == self.own_name() or str(profile.get("id")) == self._account_id,
            reply_to_id=str(comment.get("parent_id") or parent or medium),
        )
