"""Reads direct messages through the chat service, oldest first, where the app password permits it."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from connectors.base import AuthFailed, Batch, Fetched, Refused
from connectors.bsky.cursor import Position
from connectors.bsky.fields import Json, dict_at, lasting, list_at, text_at, time_at
from connectors.bsky.posts import Words, is_own, outside_links, quoted, shown_name
from connectors.bsky.reading import Reading
from models.domain import Author, Channel, Message, MessageKey, Nature

CREATED = "chat.bsky.convo.defs#logCreateMessage"
PREFIX = "chat/"
_NOT_PERMITTED = (
    "Bluesky: the chat service refuses this app password: make one that allows access to direct messages, "
    "or set 'direct_messages = false'"
)


@dataclass(frozen=True, slots=True)
class Chat:
    """The log of all conversations of one account, from the moment it was first asked."""

    reading: Reading
    service: str

    def messages(self, position: Position) -> Generator[Batch, None, Position]:
        """Yield what was written since.

        Raises:
            Refused: The app password does not permit it.
        """
        if position.chat is None:
            position = replace(position, chat=text_at(self._log(None), "cursor"))
            yield Batch((), position.text())
        while True:
            log = self._log(position.chat)
            entries = list_at(log, "logs")
            cursor = text_at(log, "cursor") or position.chat
            if not entries or cursor == position.chat:
                return position
            written = [entry for entry in entries if entry.get("$type") == CREATED]
            position = replace(position, chat=cursor)
            yield Batch(self._items(written, position), position.text())

    def _log(self, cursor: str | None) -> Json:
        asked = {"cursor": cursor} if cursor else {}
        try:
            return self.reading.session.query("chat.bsky.convo.getLog", asked, proxy=self.service)
        except (AuthFailed, Refused) as error:
            raise Refused(_NOT_PERMITTED) from error

    def _items(self, entries: list[Json], position: Position) -> tuple[Fetched, ...]:
        senders = dict.fromkeys(text_at(dict_at(dict_at(entry, "message"), "sender"), "did") for entry in entries)
        profiles = self.reading.profiles(did for did in senders if did)
        return tuple(self._item(entry, profiles, self.reading.connection.since or position.since) for entry in entries)

    def _item(self, entry: Json, profiles: dict[str, Json], since: datetime) -> Fetched:
        message, convo = dict_at(entry, "message"), text_at(entry, "convoId")
        did = text_at(dict_at(message, "sender"), "did")
        profile = profiles.get(did, {"did": did})
        words = Words.of(message)
        sent_at = time_at(message, "sentAt") or self.reading.now
        own = is_own(profile, did, self.reading.session.did, self.reading.connection)
        before = Nature.HISTORY if sent_at < since else Nature.ORDINARY
        nature = Nature.OWN if own else Nature.OPAQUE if words.unreadable else before
        read = Message(
            key=MessageKey(self.reading.connection.connection_id, f"{PREFIX}{convo}/{text_at(message, 'id')}"),
            channel=Channel.BLUESKY,
            org=self.reading.connection.org,
            author=Author(did, shown_name(profile)),
            own_text=words.text,
            received_at=min(sent_at, self.reading.now),
            sent_at=sent_at,
            quoted_text=quoted(dict_at(message, "embed")),
            to=() if own else (self.reading.session.did,),
            thread=f"{PREFIX}{convo}",
            links=(*words.links, *outside_links(dict_at(message, "embed"))),
            headers=(("bluesky-reason", "chat"), ("bluesky-handle", text_at(profile, "handle"))),
            defects=words.defects,
            nature=nature,
        )
        raw = orjson.dumps(lasting({"entry": entry, "author": profile}), option=orjson.OPT_SORT_KEYS)
        return Fetched(read, raw)
