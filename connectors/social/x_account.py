"""Knows the own account on X, who is behind a handle, and where a post stands; asks X only for what is not on record."""

from decimal import Decimal
from typing import Any

from connectors.base import MessageGone, Refused, Unavailable
from connectors.social.book import Book, PostNote
from connectors.social.deep_links import x_link
from connectors.social.meter import Meter
from connectors.social.x_client import XAccess
from models.domain import Target

PRICES_AS_OF = "2026-11-22"
PRICES_USD = {
    "owned_read": Decimal("0.001"),
    "post_read": Decimal("0.005"),
    "user_read": Decimal("0.010"),
    "dm_read": Decimal("0.010"),
    "account_act": Decimal("0.015"),
    "account_undo": Decimal("0.010"),
    "post_act": Decimal("0.005"),
}
"""List prices on `PRICES_AS_OF`, a resource read or a request made. Source: X API pay-per-usage pricing."""
POST_FIELDS: dict[str, Any] = {
    "tweet_fields": "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,"
    "note_tweet,referenced_tweets,attachments,possibly_sensitive",
    "expansions": "author_id,attachments.media_keys,referenced_tweets.id",
    "user_fields": "created_at,description,location,name,protected,url,username,verified",
    "media_fields": "alt_text,type,url,preview_image_url",
}


class XAccount:
    """The own account, with its way to X, its memory and its meter."""

    def __init__(self, access: XAccess, book: Book, meter: Meter) -> None:
        self.access = access
        self.book = book
        self.meter = meter

    def own(self) -> tuple[str, str]:
        """Return the own account's id and handle."""
        own_id, own_name = self.book.fact("own_id"), self.book.fact("own_name")
        if own_id is None or own_name is None:
            answer = self.access.ask("asking for the own account", lambda client: client.get_me(user_auth=False))
            self.meter.count("user_read", 1)
            if not answer.get("data"):
                raise Unavailable("X did not say whose account this is; it is tried again")
            own_id, own_name = str(answer["data"]["id"]), str(answer["data"]["username"]).lower()
            self.book.note_fact("own_id", own_id)
            self.book.note_fact("own_name", own_name)
        self.access.client.own_id = own_id
        return own_id, own_name

    def noted(self, target: Target) -> PostNote:
        """Return what is known of a post; what is not is asked for, at the price of a post.

        Raises:
            MessageGone: It no longer exists.
            Refused: It is a direct message.
        """
        if target.native_id.startswith("dm-"):
            raise Refused(f"a direct message cannot be hidden: block the sender or act by hand: {x_link(target)}")
        note = self.book.post(target.native_id)
        if note is not None:
            return note
        answer = self.access.ask(
            "looking up a post", lambda client: client.get_tweets([target.native_id], user_auth=False, **POST_FIELDS)
        )
        posts = answer.get("data") or []
        self.meter.count("post_read", len(posts))
        if not posts:
            raise MessageGone(f"the post {target.native_id} no longer exists")
        newest = max(posts[0].get("edit_history_tweet_ids") or [posts[0]["id"]], key=int)
        author = str(posts[0]["author_id"])
        own = author == self.own()[0]
        note = PostNote(target.native_id, newest, posts[0].get("conversation_id"), author, own)
        self.book.note(note)
        return note

    def account_id(self, handle: str) -> str:
        """Return the id behind a handle.

        Raises:
            MessageGone: There is no such account any more.
            Refused: Two accounts have held the handle.
        """
        self.own()
        if handle.startswith("id-"):
            return handle.removeprefix("id-")
        known = self.book.account_id(handle)
        if known is not None:
            return known
        answer = self.access.ask(
            "looking up an account", lambda client: client.get_user(username=handle, user_auth=False)
        )
        self.meter.count("user_read", 1 if answer.get("data") else 0)
        if not answer.get("data"):
            raise MessageGone(f"there is no account {handle!r} on X any more")
        self.book.note_account(handle, answer["data"]["id"])
        return str(answer["data"]["id"])
