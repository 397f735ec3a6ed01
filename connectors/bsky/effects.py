"""Brings about on Bluesky what the bot decided, and its undoing: hide, mute, block; each is read before it is done."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from atproto_client.exceptions import BadRequestError

from connectors.base import MessageGone, Refused, Unavailable
from connectors.bsky.errors import SDK_ERRORS, connector_error, told
from connectors.bsky.fields import Json, collection_of, dict_at, did_of, rkey_of, text_at, texts_at
from connectors.bsky.session import BlueskySession

BLOCK = "app.bsky.graph.block"
LIST_BLOCK = "app.bsky.graph.listblock"
LIST_ITEM = "app.bsky.graph.listitem"
THREADGATE = "app.bsky.feed.threadgate"
HIDDEN_AT_MOST = 300
CONFLICTS_AT_MOST = 5
PAGE = 100
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"


def record_key(subject: str) -> str:
    """Return the one key under which our record about `subject` stands: repeating a write doubles nothing.

    Source: the record-key type `tid` of the AT Protocol (13 sortable base-32 letters, the first below 16).
    """
    number = int.from_bytes(hashlib.sha256(subject.encode()).digest()[:8]) >> 1
    return "".join(_SORTABLE[number >> shift & 31] for shift in range(60, -1, -5))


class Records:
    """The account's own repository: read, written and removed record by record, always at its server."""

    def __init__(self, session: BlueskySession, clock: Callable[[], datetime]) -> None:
        self._session = session
        self._clock = clock

    @property
    def own_did(self) -> str:
        """The account whose repository this is."""
        return self._session.did

    def get(self, collection: str, rkey: str) -> tuple[Json, str] | None:
        """Return a record with the hash of its state; None where there is none."""
        asked = {"repo": self.own_did, "collection": collection, "rkey": rkey}
        try:
            answer = self._session.query("com.atproto.repo.getRecord", asked)
        except MessageGone:
            return None
        return dict_at(answer, "value"), text_at(answer, "cid")

    def put(self, collection: str, rkey: str, record: Json) -> None:
        """Write a record, in place of what stood under its key."""
        dated = {"$type": collection, "createdAt": self._now(), **record}
        wanted = {"repo": self.own_did, "collection": collection, "rkey": rkey, "record": dated}
        self._session.procedure("com.atproto.repo.putRecord", wanted)

    def delete(self, collection: str, rkey: str) -> None:
        """Remove a record; one that is not there is no fault."""
        self._session.procedure(
            "com.atproto.repo.deleteRecord", {"repo": self.own_did, "collection": collection, "rkey": rkey}
        )

    def change(self, collection: str, rkey: str, change: Callable[[Json | None], Json | None]) -> bool:
        """Read, change and write a record, again from the start when somebody else wrote in between.

        Returns whether anything was written: `change` returns None where nothing has to be.

        Raises:
            Unavailable: Others write it all the time.
        """
        for _ in range(CONFLICTS_AT_MOST):
            found = self.get(collection, rkey)
            changed = change(found[0] if found else None)
            if changed is None:
                return False
            if self._swap(collection, rkey, changed, found[1] if found else None):
                return True
        raise Unavailable(f"Bluesky: {collection} is being changed by others; try again later")

    def each(self, collection: str) -> list[tuple[str, Json]]:
        """Return every record of a collection with its key."""
        found: list[tuple[str, Json]] = []
        asked: dict[str, str | int] = {"repo": self.own_did, "collection": collection, "limit": PAGE}
        while True:
            answer = self._session.query("com.atproto.repo.listRecords", asked)
            records = answer.get("records") or []
            found += [(rkey_of(text_at(entry, "uri")), dict_at(entry, "value")) for entry in records]
            cursor = answer.get("cursor")
            if not cursor or not records or cursor == asked.get("cursor"):
                return found
            asked["cursor"] = cursor

    def _swap(self, collection: str, rkey: str, record: Json, cid: str | None) -> bool:
        wanted = {"repo": self.own_did, "collection": collection, "rkey": rkey, "swapRecord": cid}
        dated = {"$type": collection, "createdAt": self._now(), **record}
        try:
            self._session.raw("com.atproto.repo.putRecord", {**wanted, "record": dated}, procedure=True)
        except BadRequestError as error:
            if told(error)[0] == "InvalidSwap":
                return False
            raise connector_error(error, self._clock(), "com.atproto.repo.putRecord") from error
        except SDK_ERRORS as error:
            raise connector_error(error, self._clock(), "com.atproto.repo.putRecord") from error
        return True

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")


class HiddenReplies:
    """Replies hidden in our own threads: the list `hiddenReplies` of the thread's gate."""

    def __init__(self, session: BlueskySession, records: Records) -> None:
        self._session = session
        self._records = records

    def in_force(self, uri: str) -> bool:
        """Return whether `uri` is hidden."""
        root = self._root(uri)
        if root is None:
            return self._gate_naming(uri) is not None
        found = self._records.get(THREADGATE, rkey_of(root)) if did_of(root) == self._records.own_did else None
        return found is not None and uri in texts_at(found[0], "hiddenReplies")

    def set(self, uri: str, *, wanted: bool) -> bool:
        """Hide `uri`, or show it again; return whether anything had to change.

        Raises:
            MessageGone: The reply was deleted.
            Refused: It is no reply in a thread of ours, or the thread hides 300 already.
        """
        root = self._root(uri)
        if root is None:
            gate = None if wanted else self._gate_naming(uri)
            if wanted:
                raise MessageGone(f"Bluesky: {uri} was deleted by its author: there is nothing left to hide")
            return gate is not None and self._change(gate, uri, wanted=False, root=None)
        if root == uri:
            raise Refused("Bluesky: this post is no reply: only replies in your own threads can be hidden")
        if did_of(root) != self._records.own_did:
            raise Refused("Bluesky: the thread is another account's: only replies in your own threads can be hidden")
        return self._change(rkey_of(root), uri, wanted=wanted, root=root)

    def _change(self, rkey: str, uri: str, *, wanted: bool, root: str | None) -> bool:
        def changed(gate: Json | None) -> Json | None:
            hidden = texts_at(gate or {}, "hiddenReplies")
            if (uri in hidden) == wanted:
                return None
            if wanted and len(hidden) >= HIDDEN_AT_MOST:
                raise Refused(
                    f"Bluesky: this thread hides {HIDDEN_AT_MOST} replies already, and no thread may hide more"
                )
            now_hidden = [*hidden, uri] if wanted else [entry for entry in hidden if entry != uri]
            kept = dict(gate) if gate is not None else {"post": root}
            return kept | {"hiddenReplies": now_hidden}

        return self._records.change(THREADGATE, rkey, changed)

    def _root(self, uri: str) -> str | None:
        """Return the first post of the thread, `uri` itself for a post that answers nothing, None where it is gone."""
        asked = {"repo": did_of(uri), "collection": collection_of(uri), "rkey": rkey_of(uri)}
        try:
            # not app.bsky.feed.getPosts: that leaves out the posts of whom we have blocked
            record = dict_at(self._session.query("com.atproto.repo.getRecord", asked), "value")
        except MessageGone:
            return None
        return text_at(dict_at(dict_at(record, "reply"), "root"), "uri") or uri

    def _gate_naming(self, uri: str) -> str | None:
        gates = self._records.each(THREADGATE)
        return next((rkey for rkey, gate in gates if uri in texts_at(gate, "hiddenReplies")), None)


class Mutes:
    """Accounts muted by ours, kept by the AppView: nobody else sees it."""

    def __init__(self, session: BlueskySession) -> None:
        self._session = session

    def in_force(self, did: str) -> bool:
        """Return whether `did` is muted, by itself or by a list."""
        viewer = dict_at(self._session.query("app.bsky.actor.getProfile", {"actor": did}), "viewer")
        return viewer.get("muted") is True

    def set(self, did: str, *, wanted: bool) -> bool:
        """Mute `did` or let it be heard again; return whether anything had to change.

        Raises:
            Refused: A list mutes it: only who keeps the list can end that.
        """
        viewer = dict_at(self._session.query("app.bsky.actor.getProfile", {"actor": did}), "viewer")
        if (viewer.get("muted") is True) == wanted:
            return False
        if not wanted and viewer.get("mutedByList"):
            raise Refused("Bluesky: the account is muted by a list that you follow: unfollow the list to hear it again")
        name = "muteActor" if wanted else "unmuteActor"
        self._session.procedure(f"app.bsky.graph.{name}", {"actor": did})
        return True


class Blocks:
    """Accounts blocked by ours: a block record of each, or an entry in the organisation's moderation list."""

    def __init__(self, session: BlueskySession, records: Records, block_list: str | None) -> None:
        self._session = session
        self._records = records
        self._list = block_list

    def in_force(self, did: str) -> bool:
        """Return whether `did` is blocked by us, in the way of the settings or by hand."""
        return bool(self._standing(did))

    def set(self, did: str, *, wanted: bool) -> bool:
        """Block `did` or take every block of it back; return whether anything had to change.

        Raises:
            Refused: The moderation list is another account's.
        """
        standing = self._standing(did)
        if bool(standing) == wanted:
            return False
        if not wanted:
            for collection, rkey in standing:
                self._records.delete(collection, rkey)
        elif self._list is None:
            self._records.put(BLOCK, record_key(did), {"subject": did})
        else:
            self._listed(did, self._list)
        return True

    def _listed(self, did: str, block_list: str) -> None:
        if did_of(block_list) != self._records.own_did:
            raise Refused("Bluesky: 'block_list' is another account's list: give the address of a list of your own")
        self._records.put(LIST_ITEM, record_key(f"{block_list} {did}"), {"subject": did, "list": block_list})
        if self._records.get(LIST_BLOCK, record_key(block_list)) is None:
            self._records.put(LIST_BLOCK, record_key(block_list), {"subject": block_list})

    def _standing(self, did: str) -> list[tuple[str, str]]:
        """Return the records that block `did`: ours by their keys, and one made by hand if the AppView names it."""
        candidates = [(BLOCK, record_key(did))]
        if self._list is not None and self._records.get(LIST_BLOCK, record_key(self._list)) is not None:
            candidates.append((LIST_ITEM, record_key(f"{self._list} {did}")))
        by_hand = self._by_hand(did)
        if by_hand and (BLOCK, by_hand) not in candidates:
            candidates.append((BLOCK, by_hand))
        return [(collection, rkey) for collection, rkey in candidates if self._records.get(collection, rkey)]

    def _by_hand(self, did: str) -> str:
        try:
            profile = self._session.query("app.bsky.actor.getProfile", {"actor": did})
        except MessageGone:
            return ""
        uri = text_at(dict_at(profile, "viewer"), "blocking")
        return rkey_of(uri) if did_of(uri) == self._records.own_did and f"/{BLOCK}/" in uri else ""
