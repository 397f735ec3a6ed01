"""Opens YouTube by Google's own client and its built-in description, under a token that is renewed in time."""

import hashlib
import logging
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httplib2
import orjson
from googleapiclient.discovery import build

from connectors.base import AuthFailed, ConnectorError, Place, RateLimited, Unavailable
from connectors.social.private_file import write_private
from connectors.social.youtube_errors import CAUGHT, WINDOW_S, translated
from connectors.social.youtube_quota import Quota

TIMEOUT_S = 20.0
_EARLY = timedelta(minutes=2)
_AGAIN = "sign in again, as docs/how-to/connect-youtube.md tells"


class _Signed(httplib2.Http):  # type: ignore[misc]
    """Sends each request with the token in use: Google's own signer sleeps between attempts."""

    def __init__(self, token: Callable[[], str]) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self._token = token

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **more: Any) -> Any:
        """Send a request."""
        signed = {**(headers or {}), "authorization": f"Bearer {self._token()}"}
        return super().request(uri, method, body, signed, **more)


class YoutubeAccess:
    """The one way to YouTube: counts units, renews the token, and translates every failure."""

    def __init__(
        self,
        place: Place,
        api_url: str,
        token_url: str,
        client: tuple[str, Callable[[], str] | None],
        refresh_token: Callable[[], str],
        quota: Quota,
    ) -> None:
        self._place = place
        self._token_url = token_url
        self._client_id, self._client_secret = client
        self._refresh_token = refresh_token
        self._quota = quota
        self._lock = threading.RLock()
        self._token: dict[str, str] = {}
        logging.getLogger("googleapiclient").setLevel(logging.WARNING)  # at DEBUG it would write addresses into the log
        self._youtube = build(
            "youtube",
            "v3",
            http=_Signed(lambda: self._token.get("access", "")),
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": f"{api_url.rstrip('/')}/"},
        )

    def ask(self, doing: str, request: Callable[[Any], Any], what: str = "read") -> dict[str, Any]:
        """Return YouTube's answer; `what` it costs is counted first.

        Raises:
            TokenLapsed: The page is no longer known.
            ConnectorError: By what the engine shall do next.
        """
        with self._lock:
            used = self._fresh()
            try:
                return self._asked(doing, request, what)
            except AuthFailed as error:
                response = getattr(error.__cause__, "resp", None)
                if response is None or int(response.status) != HTTPStatus.UNAUTHORIZED:
                    raise
            self._renew(used)
            return self._asked(doing, request, what)

    def close(self) -> None:
        """Let the connections go."""
        self._youtube.close()

    def _asked(self, doing: str, request: Callable[[Any], Any], what: str) -> dict[str, Any]:
        self._quota.take(what)
        try:
            answer = request(self._youtube).execute(num_retries=0)
        except CAUGHT as error:
            raise translated(error, doing, self._place.clock()) from error
        except ValueError as error:  # the client lets a body that is no JSON through
            raise Unavailable(f"YouTube's answer could not be read ({doing}): {type(error).__name__}") from error
        return answer if isinstance(answer, dict) else {}

    def _fresh(self) -> str:
        seed = _digest(self._refresh_token())
        if self._token.get("seed") != seed:
            self._token = self._kept(seed)
        ends = self._token.get("ends")
        if ends is None or datetime.fromisoformat(ends) - self._place.clock() < _EARLY:
            self._renew(self._token.get("access", ""))
        return self._token["access"]

    def _renew(self, used: str) -> None:
        """Ask for a token; another process that was faster has it in the file already."""
        seed = _digest(self._refresh_token())
        kept = self._kept(seed)
        if kept and kept["access"] != used and datetime.fromisoformat(kept["ends"]) - self._place.clock() >= _EARLY:
            self._token = kept
            return
        refresh = kept.get("refresh") or self._refresh_token()
        answer = self._traded(refresh)
        ends = self._place.clock() + timedelta(seconds=float(answer.get("expires_in", 3600)))
        token = {
            "access": str(answer["access_token"]),
            "refresh": str(answer.get("refresh_token") or refresh),
            "ends": ends.isoformat(),
            "seed": seed,
        }
        write_private(self._place.state_dir / "token.json", orjson.dumps(token))
        self._token = token

    def _traded(self, refresh_token: str) -> dict[str, Any]:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": self._client_id}
        if self._client_secret is not None:
            form["client_secret"] = self._client_secret()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            with closing(httplib2.Http(timeout=TIMEOUT_S)) as plain:
                response, content = plain.request(self._token_url, "POST", urlencode(form), headers)
            answer = orjson.loads(content) if response.status == HTTPStatus.OK else {}
        except (*CAUGHT, orjson.JSONDecodeError) as error:
            raise translated(error, "renewing the token", self._place.clock()) from error
        if isinstance(answer, dict) and answer.get("access_token"):
            return answer
        raise _no_token(int(response.status))

    def _kept(self, seed: str) -> dict[str, str]:
        """Return the token on disk, unless a person has signed in anew since."""
        try:
            token: dict[str, str] = orjson.loads((self._place.state_dir / "token.json").read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        return token if token.get("seed") == seed else {}


def _no_token(status: int) -> ConnectorError:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited("Google renews no more tokens now", WINDOW_S)
    if status == HTTPStatus.OK or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable(f"Google answered {status} to the renewal of the token; it is tried again")
    return AuthFailed(f"Google answered {status} to the renewal of the token: {_AGAIN}")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
