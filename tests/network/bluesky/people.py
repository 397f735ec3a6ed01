"""Accounts of the test network: the organisation's and the public's, each with the plain SDK."""

import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from atproto_client import Client
from atproto_client.exceptions import BadRequestError

from connectors.base import Place
from connectors.bluesky import BlueskyConnector, BlueskyOptions
from models.domain import Connection
from tests.network.bluesky.network import Network

WAIT_S = 30.0
POST = "app.bsky.feed.post"
Json = dict[str, Any]


def eventually(found: Callable[[], Any], wait_s: float = WAIT_S) -> Any:
    """Return what `found` gives as soon as it is true.

    Raises:
        AssertionError: It never was.
    """
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not so after {wait_s} s: {found}")


@dataclass(frozen=True, slots=True)
class Person:
    """An account that is logged in."""

    handle: str
    password: str
    client: Client
    did: str

    @classmethod
    def join(cls, network: Network, stem: str) -> "Person":
        """Make a new account, and wait until the AppView knows it: no bot reads an account that is milliseconds old."""
        handle, password = network.name(stem), f"password-{stem}"
        client = Client(base_url=network.pds)
        weakref.finalize(client, client.request.close)
        asked = {"handle": handle, "email": f"{handle}@example.org", "password": password}
        client.com.atproto.server.create_account(asked)
        client.login(handle, password, fetch_bsky_profile=False)
        eventually(lambda: _known(client, handle))
        return cls(handle, password, client, client.com.atproto.server.get_session().did)

    def app_password(self, *, privileged: bool) -> str:
        """Make an app password; a privileged one may read direct messages."""
        asked = {"name": f"porthor-{privileged}", "privileged": privileged}
        return str(self.client.com.atproto.server.create_app_password(asked).password)

    def post(self, text: str, **more: Any) -> Json:
        """Publish a post and return its address and hash."""
        return self.write(POST, {"text": text, **more})

    def shown(self, text: str, **more: Any) -> Json:
        """Publish a post and wait until others can see it.

        An answer that the AppView indexes before its post tells nobody: no person is that fast.
        """
        made = self.post(text, **more)
        eventually(lambda: self.client.app.bsky.feed.get_posts({"uris": [made["uri"]]}).posts)
        return made

    def reply(self, parent: Json, text: str, root: Json | None = None, **more: Any) -> Json:
        """Answer a post."""
        return self.post(text, reply={"root": root or parent, "parent": parent}, **more)

    def mention(self, other: "Person", text: str, **more: Any) -> Json:
        """Publish a post that names another account."""
        words = f"@{other.handle} {text}"
        index = {"byteStart": 0, "byteEnd": len(other.handle) + 1}
        facet = {"index": index, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": other.did}]}
        return self.post(words, facets=[facet, *more.pop("facets", [])], **more)

    def write(self, collection: str, record: Json, rkey: str | None = None) -> Json:
        """Write any record."""
        dated = {"$type": collection, "createdAt": now_text(), **record}
        asked = {"repo": self.did, "collection": collection, "record": dated} | ({"rkey": rkey} if rkey else {})
        made = self.client.com.atproto.repo.create_record(asked)
        return {"uri": made.uri, "cid": made.cid}

    def delete(self, post: Json) -> None:
        """Take a post back."""
        self.client.com.atproto.repo.delete_record(
            {"repo": self.did, "collection": post["uri"].split("/")[3], "rkey": post["uri"].split("/")[4]}
        )

    def told_of(self) -> set[str]:
        """Return the posts that the account has been notified of."""
        listed = self.client.app.bsky.notification.list_notifications({"limit": 100}).notifications
        return {entry.uri for entry in listed}

    def connector(self, network: Network, folder: Path, **more: Any) -> BlueskyConnector:
        """Return a connector of this account."""
        clock = more.pop("clock", lambda: datetime.now(UTC))
        connection = more.pop("connection", Connection("bsky", "bluesky", "adra"))
        folder.mkdir(parents=True, exist_ok=True)
        password = more.pop("plain_password", self.password)
        wanted = {"handle": self.handle, "password": "env:BLUESKY", "service": network.pds, "labeler": network.labeler}
        place = Place(folder, {"env:BLUESKY": password}.__getitem__, clock)
        return BlueskyConnector.open(connection, BlueskyOptions(**(wanted | more)), place)


def _known(client: Client, handle: str) -> bool:
    try:
        return bool(client.app.bsky.actor.get_profile({"actor": handle}).did)
    except BadRequestError:
        return False


def now_text() -> str:
    """Return the present moment as records write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
