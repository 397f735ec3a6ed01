"""Tells other systems of events: signed, at least once, and never to an address inside our own walls.

Source: Standard Webhooks 1.0 (headers, signature, schedule of attempts); OWASP, Server-Side Request Forgery Prevention.
"""

import base64
import hashlib
import hmac
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpx
import orjson
import structlog
from sqlalchemy import Engine, Row

from bot.only import Only
from bot.secrets import ensure_keys
from bot.settings import Settings
from models.sealing import Seal
from models.session import reading, writing
from models.store import webhooks

WAITS = tuple(timedelta(seconds=s) for s in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000))
"""After each failure in turn; after the last nothing is tried any more."""
TIMEOUT_S = 10.0
GONE = 410
_NAT64 = IPv6Network("64:ff9b::/96")
Network = IPv4Network | IPv6Network
log = structlog.get_logger()


class NotAllowed(Exception):
    """The address is one that is never told."""


@dataclass(frozen=True, slots=True)
class Post:
    """How events go out: `seal` opens the secrets, `networks` may be told although they are private, `page` is where links lead."""

    seal: Seal
    networks: Sequence[Network] = ()
    page: str = ""

    def send(self, row: Row[Any], now: datetime) -> tuple[int, str]:
        """Send one delivery; return the status and what to write down.

        Raises:
            NotAllowed: The address is private, or no secret can be opened.
            httpx.HTTPError: It did not get there, as far as is known.
        """
        body = self.body(row)
        stamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Porthor",
            "webhook-id": row.message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(
                signature(secret, row.message_id, stamp, body) for secret in self._secrets(row, now)
            ),
        }
        url = httpx.URL(row.address)
        where = reachable(url.host, url.port or (443 if url.scheme == "https" else 80), self.networks)
        if url.scheme != "https" and not within(where, self.networks):
            raise NotAllowed("http:// is only for networks named under [webhooks] in the settings: use https://")
        to = url.copy_with(host=str(where))
        headers["Host"] = url.netloc.decode("ascii")
        named = {"sni_hostname": url.host}
        with (
            httpx.Client(
                timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, verify=ssl.create_default_context()
            ) as client,
            client.stream("POST", to, content=body, headers=headers, extensions=named) as answer,
        ):
            return answer.status_code, f"answered {answer.status_code}"

    def body(self, row: Row[Any]) -> bytes:
        """Return what is told: the kind, when, numbers and a link."""
        data = {name: value for name, value in row.data.items() if name != "path"}
        if self.page and row.data.get("path"):
            data["link"] = self.page.rstrip("/") + row.data["path"]
        return orjson.dumps({"type": row.event, "timestamp": row.at.isoformat(), "data": data})

    def _secrets(self, row: Row[Any], now: datetime) -> list[str]:
        sealed = [row.secret]
        if row.secret_before is not None and row.before_until is not None and row.before_until > now:
            sealed.append(row.secret_before)
        found = [secret for one in sealed if (secret := self.seal.open(one)) is not None]
        if not found:
            raise NotAllowed("the secret was sealed with another key: make a new one on the page")
        return found


def post_of(settings: Settings) -> Post:
    """Return how events go out by the settings."""
    key = (ensure_keys(settings.secrets_dir) / "session.key").read_bytes()
    return Post(Seal(key, webhooks.PURPOSE), settings.file.webhooks.networks, settings.file.notify.page or "")


def signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """Return the signature of one message in the scheme's form."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def within(where: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    """True when an address lies in one of the networks."""
    return any(where.version == network.version and where in network for network in networks)


def reachable(host: str, port: int, networks: Sequence[Network]) -> IPv4Address | IPv6Address:
    """Return the address to connect to: every address of the name must be one that may be told.

    What was looked at is what is connected to, so that a name that changes its mind in between changes nothing.

    Raises:
        NotAllowed: One of its addresses is private, of this machine, or otherwise not of the public network.
        httpx.ConnectError: The name has no address now.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"the name {host} has no address") from error
    addresses = [ip_address(entry[4][0]) for entry in found]
    plain = [_plain(address) for address in addresses]
    for address in plain:
        if not within(address, networks) and (not address.is_global or address.is_multicast):
            raise NotAllowed(
                f"{host} leads to {address}, which is not on the public network; name its network in the settings"
            )
    return plain[0]


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the address of version 4 that one of version 6 leads to, whichever way it is wrapped, else the address."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    return wrapped or address


def run_due(engine: Engine, post: Post, clock: Callable[[], datetime]) -> int:
    """Send what is due; return how many were sent or given up.

    An address that does not answer is left alone for the rest of the round, so that it holds up no other.
    """
    with reading(engine) as database:
        found = webhooks.due(database, clock())
    ended, silent = 0, set[int]()
    for delivery_id, webhook_id in found:
        if webhook_id in silent:
            continue
        with writing(engine) as database:
            row = webhooks.lease(database, delivery_id, clock())
        if row is None:
            continue
        if _send(engine, post, row, clock):
            ended += 1
        else:
            silent.add(webhook_id)
    return ended


def run_if_only(engine: Engine, post: Post, only: Only, clock: Callable[[], datetime]) -> None:
    """Send what is due where this bot is the one that acts."""
    if only.held:
        run_due(engine, post, clock)


def _send(engine: Engine, post: Post, row: Row[Any], clock: Callable[[], datetime]) -> bool:
    try:
        status, outcome = post.send(row, clock())
    except NotAllowed as error:
        return _end(engine, row, "dead", str(error), clock())
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return _again(engine, row, f"did not get there: {type(error).__name__}", clock())
    if 200 <= status < 300:
        return _end(engine, row, "done", outcome, clock())
    if status == GONE:
        return _end(engine, row, "dead", f"{outcome}: it wants no more", clock())
    return _again(engine, row, outcome, clock())


def _again(engine: Engine, row: Row[Any], why: str, now: datetime) -> bool:
    if row.attempts > len(WAITS) or row.event == webhooks.TEST:
        return _end(engine, row, "dead", why, now)
    with writing(engine) as database:
        webhooks.postpone(database, row, now + WAITS[row.attempts - 1], why)
    log.info("webhook_waits", id=row.id, webhook=row.webhook_id, attempts=row.attempts)
    return False


def _end(engine: Engine, row: Row[Any], state: str, why: str, now: datetime) -> bool:
    with writing(engine) as database:
        webhooks.settle(database, row, state, why, now)
    log.info("webhook", id=row.id, webhook=row.webhook_id, state=state)
    return True
