"""Makes messages of comments, as Facebook, Instagram and YouTube have them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from connectors.base import Fetched
from connectors.mail.links import links_in, with_hidden
from connectors.mail.parse import unreadable
from models.domain import Attachment, Author, Channel, Connection, Message, MessageKey, Nature

Json = Mapping[str, Any]
_HANDLES = re.compile(r"@[\w.]+")


@dataclass(frozen=True, slots=True)
class Comment:
    """What the platforms tell of a comment, a post or a caption."""

    native_id: str
    author: Author
    text: str
    at: datetime
    thread: str
    own: bool
    reply_to_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    anchors: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads a platform's entries for one connection."""

    connection: Connection
    channel: Channel
    clock: Callable[[], datetime]

    def read(self, entry: Json, evidence: Json, told: Callable[[Json], Comment]) -> Fetched:
        """Return an entry as a message; one of an unknown form is kept with its bytes and comes before a person."""
        raw = orjson.dumps(evidence, option=orjson.OPT_SORT_KEYS)
        try:
            return Fetched(self._message(told(entry)), raw)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            name = str(entry.get("id") or "")
            why = f"the comment {name} is of an unknown form: {type(error).__name__}"
            key = MessageKey(self.connection.connection_id, name)
            now = self.clock()
            org = self.connection.org
            return Fetched(
                unreadable(raw, key=key, org=org, received_at=now, why=why, channel=self.channel),
                raw,
            )

    def _message(self, comment: Comment) -> Message:
        return Message(
            key=MessageKey(self.connection.connection_id, comment.native_id),
            channel=self.channel,
            org=self.connection.org,
            author=comment.author,
            own_text=comment.text,
            received_at=comment.at,
            sent_at=comment.at,
            thread=comment.thread,
            reply_to_id=comment.reply_to_id,
            links=with_hidden(links_in(comment.text), comment.anchors, comment.text),
            attachments=comment.attachments,
            nature=self._nature(comment),
        )

    def _nature(self, comment: Comment) -> Nature:
        if comment.own:
            return Nature.OWN
        if self.connection.since is not None and comment.at < self.connection.since:
            return Nature.HISTORY
        return Nature.ORDINARY if _HANDLES.sub("", comment.text).strip() else Nature.OPAQUE


def moment(text: str) -> datetime:
    """Return a platform's time in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def still(part: Any, volatile: frozenset[str]) -> Any:
    """Return `part` without what changes without an edit, so that a like is not taken for a new version."""
    if isinstance(part, Mapping):
        return {key: still(value, volatile) for key, value in part.items() if key not in volatile}
    return [still(item, volatile) for item in part] if isinstance(part, list) else part
