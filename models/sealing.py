"""Secrets that the store must keep: sealed with a key that the store does not hold."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Seal:
    """Seals and opens short secrets with a key of its own for one `purpose`."""

    def __init__(self, key: bytes, purpose: str) -> None:
        own = hmac.new(key, purpose.encode(), hashlib.sha256).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(own))

    def close(self, secret: str) -> str:
        """Return a secret sealed."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return the secret, None where it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
