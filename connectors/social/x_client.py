"""Opens X's API by a rotating OAuth 2 token, with timeouts, and never sleeps inside a call."""

import fcntl
import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
import tweepy
from requests.adapters import HTTPAdapter

from connectors.base import AuthFailed, ConnectorError, Place, RateLimited, Unavailable
from connectors.social.private_file import write_private
from connectors.social.x_errors import WINDOW_S, translated

HOSTS = ("https://api.twitter.com", "https://api.x.com")
TOKEN_URL = "https://api.x.com/2/oauth2/token"  # noqa: S105
TIMEOUT_S = 20.0
_EARLY_S = 120
_AGAIN = "sign in to X again, as docs/how-to/connect-x.md tells"


class Transport(HTTPAdapter):
    """Gives each request a timeout, which tweepy leaves out, and leads it through a gateway where one is set."""

    def __init__(self, api_url: str) -> None:
        super().__init__()
        self._api_url = api_url.rstrip("/")

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request, signed for X's own host, by way of the gateway."""
        parts = urlsplit(request.url or "")
        request.url = f"{self._api_url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT_S
        return super().send(request, *args, **kwargs)


class _Client(tweepy.Client):  # type: ignore[misc]
    """Knows its own account: tweepy would ask X for it, at a price, after every renewal of the token."""

    own_id = ""

    def _get_authenticating_user_id(self, *, oauth_1: bool = False) -> str:  # noqa: ARG002
        return self.own_id


class XAccess:
    """The one way to X: renews the token in time, once more when X says so, and translates every failure."""

    def __init__(
        self, place: Place, api_url: str, client_id: str, client_secret: str | None, refresh_token: str
    ) -> None:
        self._place = place
        self._client_id = client_id
        self._client_secret = client_secret
        self._seed = refresh_token
        self._lock = threading.RLock()
        self._token: dict[str, str] = {}
        logging.getLogger("tweepy").setLevel(logging.INFO)  # at DEBUG it would write the token into the log
        self.client = _Client("", return_type=dict, wait_on_rate_limit=False)
        for host in HOSTS:
            self.client.session.mount(host, Transport(api_url))

    def ask(self, doing: str, request: Callable[[_Client], Any]) -> dict[str, Any]:
        """Return X's answer.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        with self._lock:
            used = self._fresh()
            try:
                return self._asked(doing, request)
            except AuthFailed as error:
                if not isinstance(error.__cause__, tweepy.Unauthorized):
                    raise
            self._renew(used)
            return self._asked(doing, request)

    def _asked(self, doing: str, request: Callable[[_Client], Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = request(self.client)
        except (tweepy.TweepyException, requests.RequestException) as error:
            raise translated(error, doing, self._place.clock()) from error
        return answer

    def _fresh(self) -> str:
        if not self._token:
            self._take(self._kept())
        ends = self._token.get("ends")
        if ends is None or datetime.fromisoformat(ends) - self._place.clock() < timedelta(seconds=_EARLY_S):
            self._renew(self._token.get("access", ""))
        return self._token["access"]

    def _renew(self, used: str) -> None:
        """Trade the refresh token for new ones; another process that was faster has done it already."""
        with self._alone():
            kept = self._kept()
            if kept.get("access") and kept["access"] != used:
                self._take(kept)
                return
            answer = self._traded(kept.get("refresh", self._seed))
            ends = self._place.clock() + timedelta(seconds=float(answer.get("expires_in", 7200)))
            token = {
                "access": answer["access_token"],
                "refresh": answer.get("refresh_token", kept.get("refresh", self._seed)),
                "ends": ends.isoformat(),
                "seed": _digest(self._seed),
            }
            write_private(self._place.state_dir / "token.json", orjson.dumps(token))
            self._take(token)

    def _traded(self, refresh_token: str) -> dict[str, Any]:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": self._client_id}
        basic = (self._client_id, self._client_secret) if self._client_secret else None
        try:
            response = self.client.session.post(TOKEN_URL, data=form, auth=basic)
            answer: dict[str, Any] = response.json() if response.ok else {}
        except requests.RequestException as error:
            raise translated(error, "renewing the token", self._place.clock()) from error
        if response.ok and answer.get("access_token"):
            return answer
        raise self._no_token(response)

    def _no_token(self, response: requests.Response) -> ConnectorError:
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return RateLimited("X renews no more tokens now", WINDOW_S)
        if response.ok or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unavailable(f"X answered {status} to the renewal of the token; it is tried again")
        return AuthFailed(f"X answered {status} to the renewal of the token: {_AGAIN}")

    def _take(self, token: dict[str, str]) -> None:
        self._token = token
        self.client.bearer_token = token.get("access", "")

    def _kept(self) -> dict[str, str]:
        """Return the token on disk, unless a person has signed in anew since."""
        try:
            token: dict[str, str] = orjson.loads((self._place.state_dir / "token.json").read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        return token if token.get("seed") == _digest(self._seed) else {}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of the token file: two renewals with one token would end both."""
        with (self._place.state_dir / "token.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class OldApi:
    """The older API under OAuth 1.0a keys, for the few organisations whose access still has its reporting."""

    def __init__(self, place: Place, api_url: str, keys: tuple[str, str, str, str]) -> None:
        self._place = place
        self._api = tweepy.API(tweepy.OAuth1UserHandler(*keys), retry_count=0, wait_on_rate_limit=False)
        for host in HOSTS:
            self._api.session.mount(host, Transport(api_url))

    def report(self, account_id: str) -> None:
        """Report an account as abusive.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        try:
            self._api.report_spam(user_id=account_id, perform_block=False)
        except (tweepy.TweepyException, requests.RequestException) as error:
            raise translated(error, "reporting an account", self._place.clock()) from error


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
