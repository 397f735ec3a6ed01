"""Addresses of other systems that are told of events: written with what happened, sent by the bot, at least once each."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from models.api_tables import webhook, webhook_delivery
from models.sealing import Seal
from models.store import alarms, audit
from models.store.access import NotAllowed
from models.store.rows import insert_new

LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)
BEFORE_LASTS = timedelta(hours=24)
AT_MOST = 20
SHOWN_AT_MOST = 50
PURPOSE = "webhooks"


class Event(StrEnum):
    """What another system may be told of."""

    CASE_OPENED = "case.opened"
    CASE_URGENT = "case.urgent"
    CASE_DECIDED = "case.decided"
    CASE_ESCALATED = "case.escalated"
    CASE_UNDONE = "case.undone"
    ENFORCEMENT_FAILED = "enforcement.failed"
    RESTRICTION_BEGUN = "restriction.begun"
    RESTRICTION_ENDED = "restriction.ended"
    REVIEW_DUE = "review.due"


TEST = "test"


def enter(connection: Connection, event: Event, key: str, org: str, now: datetime, /, **data: Any) -> None:
    """Write an event for every address that wants it, in the caller's transaction; one of the same `key` never twice.

    `data` holds numbers and kinds, never a name and never a word of a message.
    """
    wanted = select(webhook.c.id, webhook.c.events).where(webhook.c.state == "on", webhook.c.org.in_(["", org]))
    rows = [
        _row(row.id, event.value, key, {"organisation": org, **data}, now)
        for row in connection.execute(wanted)
        if event.value in row.events
    ]
    insert_new(connection, webhook_delivery, rows)


def of_case(connection: Connection, event: Event, key: str, case_id: int, org: str, now: datetime, **data: Any) -> None:
    """Write an event about a case."""
    enter(connection, event, f"{event}:{key}", org, now, case=case_id, path=f"/case/{case_id}", **data)


def _row(number: int, event: str, key: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "webhook_id": number, "key": key[:120], "message_id": f"msg_{secrets.token_hex(16)}", "event": event, "at": now,
        "data": dict(data), "state": "pending", "attempts": 0, "next_at": now, "outcome": "",
    }  # fmt: skip


def checked(title: str, address: str, events: Sequence[str]) -> list[str]:
    """Return the events that are known.

    Raises:
        NotAllowed: `webhook_title`, `webhook_address` or `webhook_events`.
    """
    if not title.strip():
        raise NotAllowed("webhook_title")
    try:
        parts = urlsplit(address)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits or parts.username is not None or parts.fragment or len(address) > 500 or not address.isascii():
        raise NotAllowed("webhook_address")
    found = [event.value for event in Event if event.value in events]
    if not found:
        raise NotAllowed("webhook_events")
    return found


def add(
    connection: Connection,
    key: bytes,
    seal: Seal,
    title: str,
    address: str,
    org: str,
    events: Sequence[str],
    by: str,
    now: datetime,
) -> tuple[int, str]:
    """Keep an address; return its number and the secret that signs, which is shown once.

    Raises:
        NotAllowed: As `checked`, or `webhook_many`.
    """
    found = checked(title, address, events)
    if connection.execute(select(func.count()).where(webhook.c.state == "on")).scalar_one() >= AT_MOST:
        raise NotAllowed("webhook_many")
    secret = new_secret()
    values = {"title": title.strip()[:60], "address": address, "org": org, "events": found}
    made = connection.execute(insert(webhook).values(**values, secret=seal.close(secret), state="on", by=by, at=now))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    audit.append(connection, key, now, by, "webhook.add", f"webhook:{number}", {"events": found, "org": org})
    return number, secret


def new_secret() -> str:
    """Return a fresh secret in the scheme's form. Source: Standard Webhooks, "Signature scheme"."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def rotate(connection: Connection, key: bytes, seal: Seal, number: int, by: str, now: datetime) -> str:
    """Give an address a new secret and return it; the one before signs as well for a day."""
    secret = new_secret()
    connection.execute(
        update(webhook)
        .where(webhook.c.id == number)
        .values(secret_before=webhook.c.secret, before_until=now + BEFORE_LASTS, secret=seal.close(secret))
    )
    audit.append(connection, key, now, by, "webhook.rotate", f"webhook:{number}", {})
    return secret


def switch(connection: Connection, key: bytes, number: int, state: str, by: str, now: datetime) -> None:
    """Switch an address on or off; off, nothing that waits for it goes out any more."""
    connection.execute(update(webhook).where(webhook.c.id == number).values(state=state))
    if state == "off":
        mine = (webhook_delivery.c.webhook_id == number) & webhook_delivery.c.state.in_(["pending", "leased"])
        values = {"state": "cancelled", "ended_at": now, "outcome": "switched off", "lease_until": None}
        connection.execute(update(webhook_delivery).where(mine).values(**values))
        alarms.clear(connection, f"webhook:{number}", now)
    audit.append(connection, key, now, by, f"webhook.{state}", f"webhook:{number}", {})


def try_out(connection: Connection, number: int, now: datetime) -> None:
    """Write an event that only tries the address out."""
    row = _row(number, TEST, f"{TEST}:{secrets.token_hex(8)}", {"organisation": "", "path": "/api/webhooks"}, now)
    insert_new(connection, webhook_delivery, [row])


def again(connection: Connection, number: int, delivery_id: int, now: datetime) -> None:
    """Send once more what was given up, under the same number by which the other side knows it."""
    mine = and_(
        webhook_delivery.c.id == delivery_id,
        webhook_delivery.c.webhook_id == number,
        webhook_delivery.c.state == "dead",
    )
    values = {"state": "pending", "attempts": 0, "next_at": now, "ended_at": None}
    connection.execute(update(webhook_delivery).where(mine).values(**values))


def listed(connection: Connection) -> list[Mapping[str, Any]]:
    """Return every address with its last delivery, without secrets."""
    last = select(webhook_delivery.c.webhook_id, func.max(webhook_delivery.c.id).label("id"))
    newest = last.group_by(webhook_delivery.c.webhook_id).subquery()
    query = (
        select(*_SHOWN, webhook_delivery.c.state.label("last_state"), webhook_delivery.c.at.label("last_at"))
        .join(newest, newest.c.webhook_id == webhook.c.id, isouter=True)
        .join(webhook_delivery, webhook_delivery.c.id == newest.c.id, isouter=True)
        .order_by(webhook.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


_SHOWN = [column for column in webhook.c if not column.name.startswith("secret")]


def find(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """Return an address without its secrets, None where there is none."""
    row = connection.execute(select(*_SHOWN).where(webhook.c.id == number)).mappings().first()
    return None if row is None else dict(row)


def deliveries(connection: Connection, number: int) -> list[Mapping[str, Any]]:
    """Return the last deliveries to an address, newest first."""
    query = select(webhook_delivery).where(webhook_delivery.c.webhook_id == number)
    rows = connection.execute(query.order_by(webhook_delivery.c.id.desc()).limit(SHOWN_AT_MOST)).mappings()
    return [dict(row) for row in rows]


def due(connection: Connection, now: datetime, limit: int = 100) -> list[tuple[int, int]]:
    """Return what is to go out now and to which address: what waits, and what a bot that died had begun."""
    waits = and_(webhook_delivery.c.state == "pending", webhook_delivery.c.next_at <= now)
    left = and_(webhook_delivery.c.state == "leased", webhook_delivery.c.lease_until <= now)
    query = select(webhook_delivery.c.id, webhook_delivery.c.webhook_id).where(or_(waits, left))
    return [(row.id, row.webhook_id) for row in connection.execute(query.order_by(webhook_delivery.c.id).limit(limit))]


def lease(connection: Connection, delivery_id: int, now: datetime) -> Row[Any] | None:
    """Take a delivery with its address and secrets; None where another has it or the address is off."""
    free = or_(webhook_delivery.c.state == "pending", webhook_delivery.c.lease_until <= now)
    living = and_(webhook_delivery.c.id == delivery_id, webhook_delivery.c.state.in_(["pending", "leased"]), free)
    values = {"state": "leased", "lease_until": now + LEASE, "attempts": webhook_delivery.c.attempts + 1}
    if not connection.execute(update(webhook_delivery).where(living).values(**values)).rowcount:
        return None
    named = (webhook.c.address, webhook.c.secret, webhook.c.secret_before, webhook.c.before_until, webhook.c.title)
    query = select(webhook_delivery, *named).join(webhook, webhook.c.id == webhook_delivery.c.webhook_id)
    return connection.execute(query.where(webhook_delivery.c.id == delivery_id)).one()


def settle(connection: Connection, row: Row[Any], state: str, outcome: str, now: datetime) -> None:
    """Record how a delivery ended: `done`, or `dead` with an alarm; what ended long ago is forgotten."""
    if _end(connection, row, {"state": state, "outcome": outcome[:300], "ended_at": now}):
        if state == "done":
            alarms.clear(connection, f"webhook:{row.webhook_id}", now)
        else:
            told = {"title": row.title}
            alarms.raise_one(connection, f"webhook:{row.webhook_id}", "webhook", now, facts=told, answer=outcome)
    connection.execute(delete(webhook_delivery).where(webhook_delivery.c.ended_at < now - KEPT))


def postpone(connection: Connection, row: Row[Any], until: datetime, outcome: str) -> None:
    """Let a delivery be tried again at `until`."""
    _end(connection, row, {"state": "pending", "outcome": outcome[:300], "next_at": until})


def _end(connection: Connection, row: Row[Any], values: Mapping[str, Any]) -> bool:
    mine = and_(
        webhook_delivery.c.id == row.id,
        webhook_delivery.c.state == "leased",
        webhook_delivery.c.attempts == row.attempts,
    )
    return bool(connection.execute(update(webhook_delivery).where(mine).values(lease_until=None, **values)).rowcount)
