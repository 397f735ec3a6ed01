"""Keys of the API: shown once, kept as a hash, each acting as one account until it expires or is revoked."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.api_tables import api_token
from models.store import access, audit
from models.store.access import NotAllowed

PREFIX = "porthor"
NOTED_EVERY = timedelta(minutes=1)
LASTS_AT_MOST = timedelta(days=367)
NAME = re.compile(r"[^\W_][\w .:+-]{1,59}")
_FORM = re.compile(rf"{PREFIX}_(\d{{1,9}})_([A-Za-z0-9_-]{{43}})")


def make(
    connection: Connection,
    key: bytes,
    name: str,
    account: str,
    scopes: Sequence[str],
    expires_at: datetime,
    by: str,
    now: datetime,
) -> str:
    """Keep a new key and return its secret, which is kept nowhere.

    Raises:
        NotAllowed: `token_name`, `token_account`, `token_scopes`, or `token_expiry` (in the past, or beyond a year).
    """
    who = access.standing(connection, account)
    if not NAME.fullmatch(name):
        raise NotAllowed("token_name")
    if who is None or not who.active:
        raise NotAllowed("token_account")
    if not scopes:
        raise NotAllowed("token_scopes")
    if not now < expires_at <= now + LASTS_AT_MOST:
        raise NotAllowed("token_expiry")
    secret = secrets.token_urlsafe(32)
    values = {"name": name, "sha256": _digest(secret), "account": account, "scopes": sorted(scopes)}
    made = connection.execute(insert(api_token).values(**values, made_by=by, made_at=now, expires_at=expires_at))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    detail = {"name": name, "account": account, "scopes": sorted(scopes), "until": expires_at.isoformat()}
    audit.append(connection, key, now, by, "token.make", f"token:{number}", detail)
    return f"{PREFIX}_{number}_{secret}"


def find(connection: Connection, given: str, now: datetime) -> Mapping[str, Any] | None:
    """Return the key that `given` is, None when it is none, has expired or was revoked.

    The secret is compared in constant time.
    """
    parts = _FORM.fullmatch(given)
    if parts is None:
        return None
    row = connection.execute(select(api_token).where(api_token.c.id == int(parts[1]))).mappings().first()
    fits = hmac.compare_digest(_digest(parts[2]), row["sha256"] if row else "0" * 64)
    return dict(row) if row is not None and fits and is_in_force(row, now) else None


def is_in_force(row: Mapping[Any, Any], now: datetime) -> bool:
    """True while a key has neither expired nor been revoked."""
    return row["revoked_at"] is None and row["expires_at"] > now


def note_use(connection: Connection, number: int, now: datetime) -> None:
    """Note that a key was used, at most once in `NOTED_EVERY`."""
    old = api_token.c.last_used_at.is_(None) | (api_token.c.last_used_at <= now - NOTED_EVERY)
    connection.execute(update(api_token).where(api_token.c.id == number, old).values(last_used_at=now))


def is_noted(row: Mapping[str, Any], now: datetime) -> bool:
    """True while the last use that was noted is recent enough."""
    return row["last_used_at"] is not None and now - row["last_used_at"] < NOTED_EVERY


def revoke(connection: Connection, key: bytes, number: int, by: str, now: datetime) -> bool:
    """End a key at once; False when there is none such, or it was ended before."""
    living = (api_token.c.id == number) & api_token.c.revoked_at.is_(None)
    ended = connection.execute(update(api_token).where(living).values(revoked_at=now, revoked_by=by))
    if ended.rowcount:
        audit.append(connection, key, now, by, "token.revoke", f"token:{number}", {})
    return bool(ended.rowcount)


def listed(connection: Connection, account: str = "") -> list[Mapping[str, Any]]:
    """Return every key, or those that act as `account`, newest first."""
    query = select(api_token).order_by(api_token.c.id.desc())
    if account:
        query = query.where(api_token.c.account == account)
    return [dict(row) for row in connection.execute(query).mappings()]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
