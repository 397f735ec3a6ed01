"""Reads the comments under a channel's videos: published, held for review, taken for spam, and the replies to each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Fetched, Unavailable
from connectors.social.book import Book, PostNote
from connectors.social.comments import Comment, Json, Reader, moment, still
from connectors.social.deep_links import UNNAMED
from connectors.social.rounds import Page, Task
from connectors.social.youtube_client import YoutubeAccess
from models.domain import Attachment, Author

PAGE = 100
STATES = ("published", "heldForReview", "likelySpam")
_VOLATILE = frozenset(
    "etag likeCount viewerRating canRate authorProfileImageUrl moderationStatus imageUrl kind".split()
)
"""What changes without an edit; a picture's address is signed anew every six hours."""


class YoutubeReader:
    """One channel's threads by their state, each newest first."""

    def __init__(
        self, access: YoutubeAccess, reader: Reader, book: Book, days: int, clock: Callable[[], datetime]
    ) -> None:
        self._access = access
        self._reader = reader
        self._book = book
        self._days = days
        self._clock = clock

    def roots(self) -> tuple[Task, ...]:
        """Return where a round begins."""
        return tuple(Task("threads", state, watched=True) for state in STATES)

    def own(self) -> str:
        """Return the channel's id, asked for once."""
        known = self._book.fact("channel_id")
        if known is None:
            known = str(self.channel()["id"])
            self._book.note_fact("channel_id", known)
        return known

    def channel(self) -> dict[str, Any]:
        """Return the channel that the token belongs to."""
        answer = self._access.ask(
            "asking for the own channel", lambda youtube: youtube.channels().list(part="snippet", mine=True), "look"
        )
        found = answer.get("items") or []
        if not found:
            raise Unavailable("YouTube named no channel of this account; sign in with the channel's own account")
        return dict(found[0])

    def video_of(self, comment_id: str) -> str | None:
        """Return the video that a comment stands under, as far as it was read."""
        note = self._book.post(comment_id)
        return None if note is None else note.thread

    def own_id(self) -> str | None:
        """Return the channel's id as far as it is known; nothing is asked."""
        return self._book.fact("channel_id")

    def ask(self, task: Task) -> Page:
        """Return a page of the threads in one state, or of the replies in a thread.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        return self._threads(task) if task.kind == "threads" else self._replies(task)

    def _threads(self, task: Task) -> Page:
        channel = self.own()
        answer = self._access.ask(
            "reading comments",
            lambda youtube: youtube.commentThreads().list(
                part="snippet,replies",
                allThreadsRelatedToChannelId=channel,
                moderationStatus=task.native_id,
                order="time",
                textFormat="plainText",
                maxResults=PAGE,
                pageToken=task.token,
            ),
        )
        since = self._clock() - timedelta(days=self._days)
        entries = answer.get("items") or []
        young = [thread for thread in entries if self._at(thread) >= since]
        token = answer.get("nextPageToken") if len(young) == len(entries) else None
        items = tuple(self._read(_top(thread), self._video(thread)) for thread in young)
        return Page(items, token, tuple(task for thread in young for task in self._due(thread)))

    def _replies(self, task: Task) -> Page:
        thread, video = task.native_id.split("/")
        answer = self._access.ask(
            "reading replies",
            lambda youtube: youtube.comments().list(
                part="snippet", parentId=thread, textFormat="plainText", maxResults=PAGE, pageToken=task.token
            ),
        )
        items = tuple(self._read(reply, video) for reply in answer.get("items") or ())
        return Page(items, answer.get("nextPageToken"))

    def _due(self, thread: Json) -> list[Task]:
        """Return the list of a thread's replies; its stamp tells of new ones, and of edits among those that came along."""
        count = (thread.get("snippet") or {}).get("totalReplyCount") or 0
        replies = (thread.get("replies") or {}).get("comments") or []
        if not count and not replies:
            return []
        edited = max((str((reply.get("snippet") or {}).get("updatedAt") or "") for reply in replies), default="")
        stamp = (
            f"{count}/{edited}/{self._clock():%j}"  # the day too: a reply that comes as another goes leaves the count
        )
        return [Task("replies", f"{thread.get('id')}/{self._video(thread)}", stamp, deep=True)]

    def _at(self, thread: Json) -> datetime:
        at = (_top(thread).get("snippet") or {}).get("publishedAt")
        return moment(at) if at else self._clock()

    @staticmethod
    def _video(thread: Json) -> str:
        return str((thread.get("snippet") or {}).get("videoId") or "")

    def _read(self, comment: Json, video: str) -> Fetched:
        evidence = {"comment": still(comment, _VOLATILE), "video": video}
        item = self._reader.read(comment, evidence, lambda entry: self._comment(entry, video))
        name = item.message.key.native_id
        self._book.note(PostNote(name, name, video or None, item.message.author.address))
        return item

    def _comment(self, comment: Json, video: str) -> Comment:
        name, snippet = str(comment["id"]), comment["snippet"]
        channel = str((snippet.get("authorChannelId") or {}).get("value") or "")
        display = str(snippet.get("authorDisplayName") or "")
        thread = str(snippet.get("parentId") or name)
        return Comment(
            native_id=name,
            author=Author(channel, display) if channel else Author(f"{UNNAMED}{name}", display, verified=False),
            text=snippet.get("textDisplay") or "",
            at=moment(snippet["publishedAt"]),
            thread=thread,
            own=channel == self.own(),
            reply_to_id=thread if thread != name else video or None,
            attachments=(Attachment(name, "image/*", 0),) if snippet.get("imageUrl") else (),
        )


def _top(thread: Json) -> dict[str, Any]:
    found = (thread.get("snippet") or {}).get("topLevelComment")
    return dict(found) if found else {"id": thread.get("id")}
