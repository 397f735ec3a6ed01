"""Keeps an Instagram login's token alive: it lasts sixty days, and is traded for a new one long before."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson

from connectors.base import ConnectorError, Place
from connectors.social.private_file import write_private

EARLY = timedelta(days=30)
TRY_AGAIN = timedelta(days=1)
Renew = Callable[[str], dict[str, Any]]
"""Given a token, return Instagram's answer with the next."""


class LastingToken:
    """The token in use: the settings' own until it could be renewed, then the newest, kept in the connection's folder."""

    def __init__(self, place: Place, reference: str, renew: Renew) -> None:
        self._place = place
        self._reference = reference
        self._renew = renew
        self._path = place.state_dir / "token.json"

    def __call__(self) -> str:
        """Return the token, renewed if it is time; while that fails the present one goes on being used.

        Raises:
            Unavailable: The new token cannot be written.
        """
        seed = self._place.secret(self._reference)
        kept = self._kept(seed)
        if datetime.fromisoformat(kept["next"]) <= self._place.clock():
            kept = self._renewed(kept)
            write_private(self._path, orjson.dumps(kept))
        return kept["access"]

    def _kept(self, seed: str) -> dict[str, str]:
        """Return the token on disk, unless a person has put a new one into the settings since."""
        digest = hashlib.sha256(seed.encode()).hexdigest()
        try:
            kept: dict[str, str] = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            kept = {}
        if kept.get("seed") == digest:
            return kept
        return {"access": seed, "seed": digest, "next": self._place.clock().isoformat()}

    def _renewed(self, kept: dict[str, str]) -> dict[str, str]:
        now = self._place.clock()
        try:
            answer = self._renew(kept["access"])
            lasts = timedelta(seconds=float(answer.get("expires_in") or EARLY.total_seconds() * 2))
            return {
                **kept,
                "access": str(answer["access_token"]),
                "next": (now + max(TRY_AGAIN, lasts - EARLY)).isoformat(),
            }
        except (
            ConnectorError,
            KeyError,
        ):  # a token of the last 24 hours is not renewed yet; a dead one fails by itself
            return {**kept, "next": (now + TRY_AGAIN).isoformat()}
