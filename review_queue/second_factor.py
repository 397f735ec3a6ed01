"""The optional second factor: time-based codes of RFC 6238, each once, and recovery codes for a lost telephone."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection

from models.store import access

ISSUER = "Porthor"
STEP_S = 30
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class SecondFactor:
    """Makes and checks second factors; `key` seals the secrets at rest."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.new(key, b"second factor", hashlib.sha256).digest()
        self._seal = Fernet(base64.urlsafe_b64encode(self._key))

    def offer(self, connection: Connection, name: str) -> str:
        """Keep a new secret for `name`, which does not count before its first code, and return it."""
        secret = pyotp.random_base32()
        access.offer_totp(connection, name, self._seal.encrypt(secret.encode()).decode())
        return secret

    def offered(self, connection: Connection, name: str) -> str:
        """Return the secret that waits for its first code, or one made now."""
        kept = access.totp_of(connection, name)
        found = "" if kept["totp_since"] else self._opened(kept["totp_secret"])
        return found or self.offer(connection, name)

    def begin(self, connection: Connection, audit_key: bytes, name: str, code: str, now: datetime) -> list[str] | None:
        """Let the offered secret count where `code` fits it; return fresh recovery codes, None where it does not fit."""
        kept = access.totp_of(connection, name)
        step = self._step(kept["totp_secret"], code, now)
        if step is None or kept["totp_since"] is not None:
            return None
        codes = [
            "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(3))
            for _ in range(RECOVERY_CODES)
        ]
        access.begin_totp(connection, audit_key, name, step, [self._digest(code) for code in codes], now)
        return codes

    def passes(self, connection: Connection, audit_key: bytes, name: str, code: str, now: datetime) -> bool:
        """True where `code` is of this moment and was not used before, or is an unused recovery code."""
        kept = access.totp_of(connection, name)
        step = self._step(kept["totp_secret"], code, now)
        if step is not None:
            return access.use_step(connection, name, step)
        return access.use_recovery_code(connection, audit_key, name, self._digest(code), now)

    def _step(self, sealed: str | None, code: str, now: datetime) -> int | None:
        """Return the time step that `code` fits, one before and one after allowed."""
        secret, given = self._opened(sealed), code.replace(" ", "")
        if not secret:
            return None
        at, totp = int(now.timestamp()) // STEP_S, pyotp.TOTP(secret)
        steps = [at + shift for shift in (0, -1, 1)]
        return next((step for step in steps if hmac.compare_digest(totp.at(step * STEP_S), given)), None)

    def _opened(self, sealed: str | None) -> str:
        try:
            return "" if sealed is None else self._seal.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return ""

    def _digest(self, code: str) -> str:
        plain = code.strip().lower().replace("-", "").replace(" ", "")
        return hmac.new(self._key, plain.encode(), hashlib.sha256).hexdigest()


def picture(name: str, secret: str) -> str:
    """Return the secret as a picture that a telephone reads, as a data address."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#ffffff"))
