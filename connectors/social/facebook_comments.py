"""Reads a Facebook Page's posts and the comments under them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Fetched
from connectors.social.comments import Comment, Json, Reader, moment, still
from connectors.social.deep_links import UNNAMED
from connectors.social.meta_client import MetaAccess, next_page
from connectors.social.rounds import Page, Task
from models.domain import Attachment, Author

POSTS_A_PAGE = "50"
COMMENTS_A_PAGE = "100"
WATCHED_FOR = timedelta(days=7)
POST_FIELDS = (
    "id,message,created_time,updated_time,from,permalink_url,"
    "attachments{media_type,title,description,unshimmed_url,target},comments.limit(0).summary(total_count)"
)
COMMENT_FIELDS = "id,message,created_time,from,parent{id},attachment{type,title,description,url,target}"
_VOLATILE = frozenset({"updated_time", "comments", "media", "can_hide", "is_hidden"})
_MEDIA_TYPES = {"photo": "image/*", "sticker": "image/*", "album": "image/*", "animated_image_share": "image/gif"}


class FacebookReader:
    """One Page's feed, and the comments of its posts of the last days."""

    def __init__(
        self, access: MetaAccess, reader: Reader, page_id: str, days: int, clock: Callable[[], datetime]
    ) -> None:
        self._access = access
        self._reader = reader
        self._page_id = page_id
        self._days = days
        self._clock = clock

    def roots(self) -> tuple[Task, ...]:
        """Return where a round begins."""
        return (Task("feed", self._page_id, deep=True),)

    def ask(self, task: Task) -> Page:
        """Return a page of the feed, or of a post's comments with the replies to them.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        return self._feed(task) if task.kind == "feed" else self._comments(task)

    def _feed(self, task: Task) -> Page:
        answer = self._access.get(
            "reading posts", f"{self._page_id}/feed", task.token, fields=POST_FIELDS, limit=POSTS_A_PAGE
        )
        since = self._clock() - timedelta(days=self._days)
        entries = answer.get("data") or []
        posts = [post for post in entries if self._at(post) >= since]
        token = next_page(answer) if len(posts) == len(entries) else None
        items = tuple(self._read(post, self._post) for post in posts)
        return Page(items, token, tuple(self._task(post) for post in posts))

    def _comments(self, task: Task) -> Page:
        answer = self._access.get(
            "reading comments",
            f"{task.native_id}/comments",
            task.token,
            fields=COMMENT_FIELDS,
            filter="stream",
            order="reverse_chronological",
            limit=COMMENTS_A_PAGE,
        )
        entries = answer.get("data") or []
        items = tuple(self._read(entry, lambda one: self._comment(one, task.native_id)) for entry in entries)
        return Page(items, next_page(answer))

    def _task(self, post: Json) -> Task:
        count = ((post.get("comments") or {}).get("summary") or {}).get("total_count", "")
        young = self._at(post) > self._clock() - WATCHED_FOR
        return Task("comments", str(post.get("id")), f"{post.get('updated_time')}/{count}", watched=young)

    def _at(self, post: Json) -> datetime:
        return moment(post["created_time"]) if post.get("created_time") else self._clock()

    def _read(self, entry: Json, told: Callable[[Json], Comment]) -> Fetched:
        return self._reader.read(entry, still(entry, _VOLATILE), told)

    def _post(self, post: Json) -> Comment:
        name = str(post["id"])
        found = (post.get("attachments") or {}).get("data") or []
        return self._told(post, name, None, found)

    def _comment(self, comment: Json, post_id: str) -> Comment:
        parent = (comment.get("parent") or {}).get("id") or post_id
        attachment = comment.get("attachment")
        return self._told(comment, post_id, str(parent), [attachment] if attachment else [])

    def _told(self, entry: Json, thread: str, reply_to_id: str | None, found: list[Json]) -> Comment:
        name = str(entry["id"])
        anchors = [(address, str(one.get("title") or "")) for one in found if (address := _address(one))]
        titles = [f"[{one['title']}]" for one in found if one.get("title") and _address(one)]
        return Comment(
            native_id=name,
            author=author_of(entry.get("from"), name),
            text="\n".join(part for part in (entry.get("message") or "", *titles) if part),
            at=moment(entry["created_time"]),
            thread=thread,
            own=str((entry.get("from") or {}).get("id")) == self._page_id,
            reply_to_id=reply_to_id,
            attachments=tuple(_attachment(one) for one in found if not _address(one)),
            anchors=anchors,
        )


def author_of(profile: Json | None, comment_id: str) -> Author:
    """Return who wrote it: an id that only this Page sees. Meta leaves some people unnamed; each such comment stands alone."""
    if not profile or not profile.get("id"):
        return Author(f"{UNNAMED}{comment_id}", "", verified=False)
    return Author(str(profile["id"]), str(profile.get("name") or ""))


def _address(attachment: Json) -> str | None:
    """Return where a shared link leads; pictures and videos are attachments of their own."""
    if (attachment.get("type") or attachment.get("media_type")) not in {"share", "link"}:
        return None
    found: Any = attachment.get("unshimmed_url") or attachment.get("url")
    return str(found) if found else None


def _attachment(attachment: Json) -> Attachment:
    kind = str(attachment.get("type") or attachment.get("media_type") or "unknown")
    name = str((attachment.get("target") or {}).get("id") or kind)
    return Attachment(name, _MEDIA_TYPES.get(kind) or ("video/*" if "video" in kind else kind), 0)
