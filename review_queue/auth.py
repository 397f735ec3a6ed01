"""Signing in: local accounts with argon2id, a signed session, CSRF tokens, and a brake on guessing."""

import hmac
import secrets
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Engine

from models.session import reading, writing
from models.store import people

SESSION_S = 10 * 3600
IDLE_S = 3600
REFRESH_S = 60
TRIES_AT_MOST = 8
TRIES_WINDOW = timedelta(minutes=10)
PASSWORD_CHARACTERS_AT_LEAST = 12
FIRST_NAME = "reviewer"
_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, and the token their forms carry.

    `stage` is `code` while the second factor is awaited; `viewing_as` the account role whose view is tried.
    """

    name: str
    csrf: str
    must_change: bool
    begun: datetime
    seen: datetime
    stage: str = ""
    viewing_as: str = ""


class Sessions:
    """Signs and reads session cookies: over after `IDLE_S` without a request, and after `SESSION_S` in any case."""

    def __init__(self, key: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="session")

    def cookie_for(self, name: str, must_change: bool, stage: str = "") -> str:
        """Return the cookie of a fresh session."""
        begun = datetime.now(UTC).timestamp()
        return self._serializer.dumps(
            {"name": name, "csrf": secrets.token_urlsafe(24), "change": must_change, "begun": begun, "stage": stage}
        )

    def again(self, session: Session, viewing_as: str | None = None) -> str:
        """Return the cookie of the same session, seen now."""
        return self._serializer.dumps(
            {
                "name": session.name,
                "csrf": session.csrf,
                "change": session.must_change,
                "begun": session.begun.timestamp(),
                "stage": session.stage,
                "as": session.viewing_as if viewing_as is None else viewing_as,
            }
        )

    def read(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie, None when it is missing, forged, idle or too old."""
        if not cookie:
            return None
        try:
            found: tuple[dict[str, Any], datetime] = self._serializer.loads(
                cookie, max_age=IDLE_S, return_timestamp=True
            )
        except BadSignature:
            return None
        data, seen = found
        begun = datetime.fromtimestamp(data["begun"], UTC)
        if seen - begun > timedelta(seconds=SESSION_S):
            return None
        return Session(
            data["name"], data["csrf"], data["change"], begun, seen, data.get("stage", ""), data.get("as", "")
        )


def same(token: str, expected: str) -> bool:
    """Compare two tokens without telling by time how far they agree."""
    return hmac.compare_digest(token.encode(), expected.encode())


class Brake:
    """Slows guessing: after some failures from one place, or for one name, nothing is tried for a while."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[datetime]] = defaultdict(deque)

    def stopped(self, keys: tuple[str, ...], now: datetime) -> bool:
        """True when one of `keys` has failed too often of late."""
        for key in keys:
            tries = self._failures[key]
            while tries and tries[0] < now - TRIES_WINDOW:
                tries.popleft()
            if len(tries) >= TRIES_AT_MOST:
                return True
        return False

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """Note a failure."""
        for key in keys:
            self._failures[key].append(now)


def check(engine: Engine, name: str, password: str) -> bool | None:
    """Return None when name and password do not fit, else whether the password must be changed."""
    with reading(engine) as database:
        found = people.find(database, name)
    known = found["password_hash"] if found else _hasher.hash("nobody has this password")
    try:
        _hasher.verify(known, password)
    except (VerificationError, InvalidHashError):
        return None
    return bool(found["must_change"]) if found else None


def change_password(engine: Engine, name: str, password: str) -> None:
    """Set a new password."""
    with writing(engine) as database:
        people.change_password(database, name, _hasher.hash(password))


def one_time_password() -> tuple[str, str]:
    """Return a password to be changed at once, and its hash."""
    password = secrets.token_urlsafe(9)
    return password, _hasher.hash(password)


def ensure_first_person(engine: Engine, now: datetime) -> tuple[str, str] | None:
    """Make the first account when there is none; return its name and one-time password."""
    with writing(engine) as database:
        if people.count(database):
            return None
        password, hashed = one_time_password()
        people.add(database, FIRST_NAME, hashed, "administrator", "en", must_change=True, now=now)
    return FIRST_NAME, password
