"""Reads posts and direct messages of X's API (version 2) as messages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.base import Fetched
from connectors.mail.links import links_in
from models.domain import Attachment, Author, Channel, Connection, Message, MessageKey, Nature

_EPOCH_MS = 1_288_834_974_657
"""When X's ids begin: the upper bits of an id are the milliseconds since then."""
_SHORT = re.compile(r"https?://t\.co/\w+")
_MENTIONS = re.compile(r"@\w+")
_RETWEET = re.compile(r"^RT @\w+: ")
_COUNTERS = ("public_metrics", "non_public_metrics", "organic_metrics", "promoted_metrics")
"""What changes without an edit: kept out of the evidence, so that a like is not taken for a new version."""
_TYPES: dict[str, str] = {"photo": "image/*", "animated_gif": "image/gif", "video": "video/*"}
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Included:
    """What an answer brings along with its posts."""

    users: Mapping[str, Json]
    media: Mapping[str, Json]
    posts: Mapping[str, Json]

    @classmethod
    def of(cls, answer: Json) -> "Included":
        """Return the parts of `answer` by id."""
        includes = answer.get("includes") or {}
        return cls(
            {user["id"]: user for user in includes.get("users") or ()},
            {media["media_key"]: media for media in includes.get("media") or ()},
            {post["id"]: post for post in includes.get("tweets") or ()},
        )


def native_id(post: Json) -> str:
    """Return the id of a post's first version: each edit has an id of its own."""
    return str(min(post.get("edit_history_tweet_ids") or [post["id"]], key=int))


def id_time(post_id: str) -> datetime:
    """Return when an id was given out."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=(int(post_id) >> 22) + _EPOCH_MS)


def id_at(moment: datetime) -> str:
    """Return the smallest id that X could have given out at `moment`."""
    return str(max(0, int(moment.timestamp() * 1000) - _EPOCH_MS) << 22)


def read_post(post: Json, included: Included, connection: Connection, own_id: str) -> Fetched:
    """Return a post as a message with its evidence: post, author's profile, media, posts it refers to."""
    media = [
        included.media[key] for key in (post.get("attachments") or {}).get("media_keys") or () if key in included.media
    ]
    text = text_of(post)
    quoted = ""
    referred = {ref["type"]: ref["id"] for ref in post.get("referenced_tweets") or ()}
    if "retweeted" in referred and (head := _RETWEET.match(text)):
        text, quoted = head.group().rstrip(), text[head.end() :]
    elif referred.get("quoted") in included.posts:
        quoted = text_of(included.posts[referred["quoted"]])
    told = "".join(f"\n[{item['type']}: {item['alt_text']}]" for item in media if item.get("alt_text"))
    profile = included.users.get(post.get("author_id") or "", {})
    raw = _evidence(
        post=post,
        author=profile,
        media=media,
        referenced=[included.posts[i] for i in referred.values() if i in included.posts],
    )
    own_text = (text + told).strip()
    words = _MENTIONS.sub("", text).strip() or quoted
    message = Message(
        key=MessageKey(connection.connection_id, native_id(post)),
        channel=Channel.X,
        org=connection.org,
        author=_author(profile, str(post.get("author_id") or "")),
        own_text=own_text,
        quoted_text=quoted,
        received_at=_time(post, post["id"]),
        sent_at=_time(post, post["id"]),
        to=tuple(mention["username"].lower() for mention in _entities(post).get("mentions") or ()),
        thread=post.get("conversation_id"),
        reply_to_id=referred.get("replied_to"),
        links=links_in(own_text),
        attachments=_attachments(media),
        nature=_nature(connection, str(post.get("author_id")) == own_id, _time(post, post["id"]), bool(words)),
        lang_hint=post.get("lang") if post.get("lang") not in {"und", "zxx", "qme", "qst", "qht"} else None,
    )
    return Fetched(message, raw)


def read_direct(event: Json, included: Included, connection: Connection, own_id: str) -> Fetched:
    """Return an event of a direct conversation as a message; its id carries the mark `dm-`."""
    sender = str(event.get("sender_id") or "")
    media = [
        included.media[key] for key in (event.get("attachments") or {}).get("media_keys") or () if key in included.media
    ]
    text = _expanded(event.get("text") or "", event.get("entities") or {})
    profile = included.users.get(sender, {})
    at = _time(event, event["id"])
    message = Message(
        key=MessageKey(connection.connection_id, f"dm-{event['id']}"),
        channel=Channel.X,
        org=connection.org,
        author=_author(profile, sender),
        own_text=text,
        received_at=at,
        sent_at=at,
        thread=f"dm-{event.get('dm_conversation_id')}",
        links=links_in(text),
        attachments=_attachments(media),
        nature=_nature(connection, sender == own_id, at, bool(text.strip())),
    )
    return Fetched(message, _evidence(event=event, author=profile, media=media))


def text_of(post: Json) -> str:
    """Return what a reader sees: long posts whole, `&amp;` and the like undone, short links as where they lead."""
    long = post.get("note_tweet") or {}
    return _expanded(long.get("text") or post.get("text") or "", _entities(post))


def _entities(post: Json) -> Json:
    found: Json = (post.get("note_tweet") or {}).get("entities") or post.get("entities") or {}
    return found


def _expanded(text: str, entities: Json) -> str:
    """Expand X's short links, each of which is unlike any other even for the same page; a picture's own link goes."""
    known = {url["url"]: url for url in entities.get("urls") or () if url.get("url")}
    out, at = [], 0
    for match in _SHORT.finditer(text):
        out.append(_unescaped(text[at : match.start()]))
        at = match.end()
        url = known.get(match.group())
        if url is None:
            out.append(match.group())
        elif "media_key" not in url:
            out.append(url.get("unwound_url") or url.get("expanded_url") or match.group())
    out.append(_unescaped(text[at:]))
    return "".join(out).rstrip()


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _author(profile: Json, author_id: str) -> Author:
    return Author((profile.get("username") or f"id-{author_id}").lower(), profile.get("name") or "")


def _nature(connection: Connection, own: bool, at: datetime, has_words: bool) -> Nature:
    if own:
        return Nature.OWN
    if connection.since is not None and at < connection.since:
        return Nature.HISTORY
    return Nature.ORDINARY if has_words else Nature.OPAQUE


def _time(item: Json, item_id: str) -> datetime:
    text = item.get("created_at")
    return datetime.fromisoformat(text).astimezone(UTC) if text else id_time(item_id)


def _attachments(media: Iterable[Json]) -> tuple[Attachment, ...]:
    return tuple(Attachment(item["media_key"], _TYPES.get(item["type"]) or str(item["type"]), 0) for item in media)


def _evidence(**parts: Json | Iterable[Json]) -> bytes:
    return orjson.dumps({name: _still(part) for name, part in parts.items()}, option=orjson.OPT_SORT_KEYS)


def _still(part: Any) -> Any:
    if isinstance(part, list):
        return [_still(item) for item in part]
    return {key: value for key, value in part.items() if key not in _COUNTERS}
