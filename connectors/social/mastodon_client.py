"""Opens an instance by Mastodon.py, which never sleeps here, and keeps each answer as the instance gave it."""

import threading
import time
from collections.abc import Callable
from typing import Any

import orjson
import requests
from mastodon import Mastodon, StreamListener
from mastodon.errors import MastodonError, MastodonNetworkError, MastodonReadTimeout

from connectors.base import Place
from connectors.social.mastodon_errors import translated

TIMEOUT_S = 20.0


class MastodonAccess:
    """The one way to an instance; failures come out in the engine's words."""

    def __init__(self, place: Place, api_url: str, token: str) -> None:
        self._place = place
        self._heard = threading.local()
        session = requests.Session()
        session.params = {"include_filtered": "true"}  # else mentions by strangers wait where no client looks
        session.hooks["response"].append(self._hear)
        self._client = Mastodon(
            access_token=token,
            api_base_url=api_url,
            session=session,
            ratelimit_method="throw",
            request_timeout=TIMEOUT_S,
            version_check_mode="none",
            user_agent="porthor",
        )

    def ask(self, doing: str, request: Callable[[Any], object]) -> Any:
        """Return the instance's answer as plain data.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        self._heard.content = b""
        try:
            request(self._client)
        except MastodonError as error:
            raise translated(error, doing, self._client.ratelimit_reset, self._place.clock()) from error
        return orjson.loads(self._heard.content or b"null")

    def news(self, timeout_s: float) -> bool:
        """Wait for the stream to tell of a notification; False when none came in time.

        Raises:
            ConnectorError: The stream could not be opened.
        """
        listener = _Listener(time.monotonic() + timeout_s)
        try:
            self._client.stream_user_notifications(listener, timeout=max(1.0, timeout_s))
        except _Heard:
            return True
        except (_NothingHeard, MastodonReadTimeout):
            return False
        except MastodonError as error:
            raise translated(error, "listening", None, self._place.clock()) from error
        except requests.RequestException as error:
            raise translated(MastodonNetworkError(), "listening", None, self._place.clock()) from error
        return False

    def _hear(self, response: requests.Response, *_: object, **how: object) -> None:
        if not how.get("stream"):
            self._heard.content = response.content


class _Heard(Exception):
    """A notification came: the only way out of the library's listening is an exception."""


class _NothingHeard(Exception):
    """The time is up."""


class _Listener(StreamListener):
    """Leaves the stream at the first notification, or at a heartbeat after its time."""

    def __init__(self, until: float) -> None:
        self._until = until

    def on_notification(self, notification: object) -> None:  # noqa: ARG002
        raise _Heard

    def handle_heartbeat(self) -> None:
        if time.monotonic() >= self._until:
            raise _NothingHeard
