"""Reads posts (statuses) of Mastodon as messages: HTML to text, content warnings and pictures' descriptions included."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.base import Fetched
from connectors.mail.html import html_to_text
from connectors.mail.links import links_in, with_hidden
from models.domain import Attachment, Author, Channel, Connection, Link, Message, MessageKey, Nature

Json = Mapping[str, Any]
_VOLATILE = frozenset(
    "replies_count reblogs_count favourites_count quotes_count favourited reblogged muted bookmarked pinned filtered card "
    "followers_count following_count statuses_count last_status_at feature_approval quote_approval tagged_collections "
    "votes_count voters_count voted own_votes expired".split()
)
"""What changes without an edit: kept out of the evidence, so that a favourite is not taken for a new version."""
_QUOTE_LINE = re.compile(r'<p class="quote-inline">.*?</p>', re.DOTALL)
_HANDLES = re.compile(r"@[\w.]+(?:@[\w.-]+)?")
_TYPES = {"image": "image/*", "gifv": "video/mp4", "video": "video/*", "audio": "audio/*"}


def address_of(account: Json, domain: str) -> str:
    """Return `name@instance` of an account; the own instance leaves its own name out."""
    acct = str(account["acct"]).lower()
    return acct if "@" in acct else f"{acct}@{domain}"


def version(status: Json, entry: Json) -> Json:
    """Return `status` as it stood by an entry of its history."""
    parts = ("content", "spoiler_text", "sensitive", "media_attachments", "poll", "quote")
    edited_at = entry["created_at"] if entry["created_at"] != status["created_at"] else None
    return {**status, **{part: entry[part] for part in parts if part in entry}, "edited_at": edited_at}


def read_status(
    status: Json, connection: Connection, domain: str, own_id: str, received_at: datetime, thread: str
) -> Fetched:
    """Return a status as a message with its evidence, the author's profile inside.

    `received_at` is the own instance's time: another server's word on when it was written stands in `sent_at`.
    """
    text, links = _text(status, domain)
    quoted = (status.get("quote") or {}).get("quoted_status")
    own = str(status["account"]["id"]) == own_id
    message = Message(
        key=MessageKey(connection.connection_id, str(status["id"])),
        channel=Channel.MASTODON,
        org=connection.org,
        author=Author(address_of(status["account"], domain), status["account"].get("display_name") or ""),
        own_text=text,
        quoted_text=_text(quoted, domain)[0] if quoted else "",
        received_at=received_at,
        sent_at=datetime.fromisoformat(status["created_at"]).astimezone(UTC),
        to=tuple(address_of(mention, domain) for mention in status.get("mentions") or ()),
        thread=thread,
        reply_to_id=status.get("in_reply_to_id"),
        links=links,
        attachments=tuple(
            Attachment(str(media["id"]), _TYPES.get(media["type"]) or str(media["type"]), 0)
            for media in status.get("media_attachments") or ()
        ),
        nature=_nature(connection, own, received_at, bool(_HANDLES.sub("", text).strip())),
        lang_hint=status.get("language"),
    )
    return Fetched(message, orjson.dumps({"status": _still(status)}, option=orjson.OPT_SORT_KEYS))


def _text(status: Json, domain: str) -> tuple[str, tuple[Link, ...]]:
    """Return all the author's words in the order that a reader meets them, and the links with their spans in it."""
    content = status.get("content") or ""
    html = html_to_text(_QUOTE_LINE.sub("", content) if status.get("quote") else content)
    parts = [status.get("spoiler_text") or "", html.text]
    parts += [f"[option: {option['title']}]" for option in (status.get("poll") or {}).get("options") or ()]
    parts += [
        f"[{media['type']}: {media['description']}]"
        for media in status.get("media_attachments") or ()
        if media.get("description")
    ]
    text = "\n".join(part for part in parts if part)
    at_home = {domain, urlsplit(str(status["account"].get("url") or "")).netloc}
    anchors = [
        (target, shown)
        for target, shown in html.links
        if not (shown.startswith(("@", "#")) and urlsplit(target).netloc in at_home | _hosts_mentioned(status))
    ]
    return text, with_hidden(links_in(text), anchors, text)


def _hosts_mentioned(status: Json) -> set[str]:
    return {urlsplit(str(mention.get("url") or "")).netloc for mention in status.get("mentions") or ()}


def _nature(connection: Connection, own: bool, at: datetime, has_words: bool) -> Nature:
    if own:
        return Nature.OWN
    if connection.since is not None and at < connection.since:
        return Nature.HISTORY
    return Nature.ORDINARY if has_words else Nature.OPAQUE


def _still(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _still(value) for key, value in part.items() if key not in _VOLATILE}
    return [_still(item) for item in part] if isinstance(part, list) else part
