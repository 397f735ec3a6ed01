"""Change notifications of Microsoft Graph: hints to look sooner, never the truth, and only those we asked for."""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.base import MessageGone
from connectors.mail.graph_client import GraphClient
from connectors.mail.ledger import Ledger

LASTS = timedelta(days=2)
RENEW_BEFORE = timedelta(days=1)
BODY_BYTES_AT_MOST = 1_000_000
_NOTE = "subscription"


def validation_answer(query: Mapping[str, str]) -> str | None:
    """Return the text to answer with (as text/plain) when Graph checks the address, None for a notification."""
    return query.get("validationToken")


def is_genuine(body: bytes, client_state: str) -> bool:
    """True when a notification bears our secret in every entry; anything else is thrown away."""
    if len(body) > BODY_BYTES_AT_MOST:
        return False
    try:
        entries = orjson.loads(body)["value"]
        states = [str(entry["clientState"]) for entry in entries]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return False
    return bool(states) and all(hmac.compare_digest(state.encode(), client_state.encode()) for state in states)


def keep_subscribed(
    client: GraphClient, ledger: Ledger, *, resource: str, url: str, client_state: str, now: datetime
) -> None:
    """Ask for notifications of `resource` at `url`, or prolong that.

    Raises:
        ConnectorError: Graph said no; polling goes on without hints.
    """
    known: dict[str, Any] = orjson.loads(ledger.note(_NOTE) or "{}")
    if known.get("url") == url and datetime.fromisoformat(known["until"]) - now > RENEW_BEFORE:
        return
    until = (now + LASTS).isoformat().replace("+00:00", "Z")
    found: dict[str, Any] | None = None
    if known.get("url") == url:
        with suppress(MessageGone):
            found = client.json("PATCH", f"/subscriptions/{known['id']}", {"expirationDateTime": until})
    if found is None:
        asked = {"changeType": "created", "notificationUrl": url, "resource": resource.lstrip("/")}
        found = client.json(
            "POST", "/subscriptions", asked | {"expirationDateTime": until, "clientState": client_state}
        )
    name = str(found.get("id", known.get("id")))
    ledger.remember(_NOTE, orjson.dumps({"id": name, "url": url, "until": (now + LASTS).isoformat()}).decode())
