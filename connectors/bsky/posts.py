"""Reads a post of Bluesky as a message: own words, spans of links, pictures' texts, and what it answers to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from connectors.base import Fetched
from connectors.bsky.fields import Json, dict_at, did_of, lasting, list_at, text_at, texts_at, time_at
from connectors.mail.links import LINKS_AT_MOST, links_in
from models.domain import Attachment, Author, Channel, Connection, Link, Message, MessageKey, Nature, Span

LINK = "app.bsky.richtext.facet#link"


@dataclass(frozen=True, slots=True)
class Found:
    """A post with what was read about it: why it came, what it answers, and its author's profile."""

    uri: str
    reason: str
    record: Json
    author: Json
    post: Json | None = None
    notification: Json | None = None
    thread: tuple[Json, ...] = ()
    profile: Json | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose account reads, since when, and the moment of reading.

    `listed_from` is the time from which the list of notifications was read to its end before:
    a post that now first shows and says to be older was its date is older than its appearance.
    """

    connection: Connection
    own_did: str
    since: datetime
    now: datetime
    listed_from: datetime | None = None

    def fetched(self, found: Found) -> Fetched:
        """Return `found` as a message with the JSON it came as."""
        kept = {
            "notification": found.notification,
            "post": found.post if found.post is not None else {"uri": found.uri, "record": found.record},
            "thread": list(found.thread),
            "author": found.profile if found.profile is not None else found.author,
        }
        return Fetched(self._message(found), orjson.dumps(lasting(kept), option=orjson.OPT_SORT_KEYS))

    def _message(self, found: Found) -> Message:
        words = Words.of(found.record)
        received_at, dated_back = self._received(found)
        reply = dict_at(found.record, "reply")
        root = text_at(dict_at(reply, "root"), "uri")
        author = Author(text_at(found.author, "did") or did_of(found.uri), shown_name(found.author))
        embed = dict_at(found.post or {}, "embed")
        pictures = tuple(attachments(dict_at(found.record, "embed")))
        return Message(
            key=MessageKey(self.connection.connection_id, found.uri),
            channel=Channel.BLUESKY,
            org=self.connection.org,
            author=author,
            own_text=words.text,
            received_at=received_at,
            sent_at=time_at(found.record, "createdAt"),
            quoted_text="\n\n".join(filter(None, [*(said(post) for post in found.thread), quoted(embed)])),
            to=tuple(dict.fromkeys(mentioned(found.record))),
            thread=root or found.uri,
            reply_to_id=text_at(dict_at(reply, "parent"), "uri") or None,
            links=(*words.links, *outside_links(dict_at(found.record, "embed"))),
            attachments=pictures,
            headers=tuple(self._headers(found)),
            defects=(*words.defects, *(("its date is older than its appearance",) if dated_back else ())),
            nature=self._nature(found, author, words, pictures, received_at),
            lang_hint=language(found.record),
        )

    def _received(self, found: Found) -> tuple[datetime, bool]:
        said_at = time_at(found.notification or found.post or {}, "indexedAt") or self.now
        if self.listed_from is not None and said_at < self.listed_from:
            return self.now, True
        return min(said_at, self.now), False

    def _nature(
        self, found: Found, author: Author, words: "Words", pictures: tuple[Attachment, ...], received_at: datetime
    ) -> Nature:
        if is_own(found.author, author.address, self.own_did, self.connection):
            return Nature.OWN
        if words.unreadable or (not words.text.strip() and pictures):
            return Nature.OPAQUE
        return Nature.HISTORY if received_at < self.since else Nature.ORDINARY

    def _headers(self, found: Found) -> Iterator[tuple[str, str]]:
        yield "bluesky-reason", found.reason
        yield "bluesky-handle", text_at(found.author, "handle")
        for label in list_at(found.post or {}, "labels"):
            yield "bluesky-label", text_at(label, "val")


@dataclass(frozen=True, slots=True)
class Words:
    """What a record's author wrote: the text, then what a reader does not see at once (pictures' texts, tags)."""

    text: str
    links: tuple[Link, ...]
    defects: tuple[str, ...]
    unreadable: bool

    @classmethod
    def of(cls, record: Json) -> "Words":
        """Return the words of `record`, also of one that keeps to no schema."""
        value = record.get("text")
        text = value if isinstance(value, str) else ""
        defects = [] if isinstance(value, str) else ["the post has no text field that can be read"]
        links = list(facet_links(text, list_at(record, "facets"), defects))
        spans = {link.span for link in links}
        links += [link for link in links_in(text) if not any(overlap(link.span, span) for span in spans)]
        unseen = [*picture_texts(dict_at(record, "embed")), *(f"#{tag}" for tag in texts_at(record, "tags"))]
        whole = "\n\n".join(filter(None, [text, *unseen]))
        return cls(whole, tuple(links[:LINKS_AT_MOST]), tuple(defects), not isinstance(value, str))


def facet_links(text: str, facets: list[Json], defects: list[str]) -> Iterator[Link]:
    """Yield the links of `facets`; their byte offsets of UTF-8 become code points, or None where they fit no letter."""
    data = text.encode("utf-8", "surrogatepass")
    for facet in facets:
        for feature in list_at(facet, "features"):
            target = text_at(feature, "uri")
            if feature.get("$type") == LINK and target:
                span = code_points(data, dict_at(facet, "index"))
                if span is None:
                    defects.append("a link points outside the text")
                yield Link(target, target if span is None else text[span.start : span.end], span)


def code_points(data: bytes, index: Json) -> Span | None:
    """Return the range of code points of the bytes [byteStart, byteEnd) of `data`; None where it is none."""
    start, end = index.get("byteStart"), index.get("byteEnd")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(data):
        return None
    try:
        before = len(data[:start].decode("utf-8", "surrogatepass"))
        return Span(before, before + len(data[start:end].decode("utf-8", "surrogatepass")))
    except UnicodeDecodeError:
        return None


def overlap(one: Span | None, other: Span | None) -> bool:
    """Return whether two spans share a letter."""
    return one is not None and other is not None and one.start < other.end and other.start < one.end


def is_own(author: Json, did: str, own_did: str, connection: Connection) -> bool:
    """Return whether an author is the organisation itself: this account, or one named in the settings."""
    return did == own_did or not {did, text_at(author, "handle").lower()}.isdisjoint(connection.own_addresses)


def mentioned(record: Json) -> Iterator[str]:
    """Yield the accounts that the text mentions."""
    for facet in list_at(record, "facets"):
        for feature in list_at(facet, "features"):
            if did := text_at(feature, "did"):
                yield did


def media_of(embed: Json) -> Json:
    """Return the pictures or film of an embed, also of one that quotes a record beside them."""
    return dict_at(embed, "media") or embed


def picture_texts(embed: Json) -> Iterator[str]:
    """Yield the alternative texts of pictures and films: words of the author that most readers never see."""
    media = media_of(embed)
    yield from filter(None, (text_at(image, "alt") for image in list_at(media, "images")))
    if alt := text_at(media, "alt"):
        yield alt


def attachments(embed: Json) -> Iterator[Attachment]:
    """Yield name, type and size of each picture or film."""
    media = media_of(embed)
    for number, image in enumerate(list_at(media, "images"), start=1):
        yield _attachment(f"picture-{number}", dict_at(image, "image"))
    if film := dict_at(media, "video"):
        yield _attachment("film", film)


def _attachment(name: str, blob: Json) -> Attachment:
    size = blob.get("size")
    kind = text_at(blob, "mimeType") or "application/octet-stream"
    return Attachment(name, kind, size if isinstance(size, int) and size >= 0 else 0)


def outside_links(embed: Json) -> Iterator[Link]:
    """Yield the page that a card shows: a link that stands nowhere in the text."""
    external = dict_at(media_of(embed), "external")
    if target := text_at(external, "uri"):
        yield Link(target, text_at(external, "title") or target)


def quoted(embed: Json) -> str:
    """Return the text of the post that an embed quotes, with its author."""
    record = dict_at(embed, "record")
    inner = dict_at(record, "record") if "value" not in record and "record" in record else record
    text = text_at(dict_at(inner, "value"), "text")
    return f"@{text_at(dict_at(inner, 'author'), 'handle')}: {text}" if text else ""


def said(post: Json) -> str:
    """Return a post of the thread as context: who said what."""
    text = text_at(dict_at(post, "record"), "text")
    return f"@{text_at(dict_at(post, 'author'), 'handle')}: {text}" if text else ""


def shown_name(author: Json) -> str:
    """Return the name a reader sees, with the handle, which its owner may change at any time."""
    handle, name = text_at(author, "handle"), text_at(author, "displayName")
    return f"{name} (@{handle})" if name and handle else f"@{handle}" if handle else name


def language(record: Json) -> str | None:
    """Return the first language that the author named, as two or three letters."""
    first = next(iter(texts_at(record, "langs")), "").split("-")[0].lower()
    return first if first.isascii() and first.isalpha() and 2 <= len(first) <= 3 else None
