"""One account's session with its server: calls as JSON, tokens renewed and kept, faults told by what to do next."""

import weakref
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import RLock
from typing import Any

import httpx
from atproto_client import Client, Session, SessionEvent
from atproto_client.exceptions import RequestErrorBase
from atproto_client.models.dot_dict import DotDict
from atproto_client.request import Request, Response

from connectors.base import Refused, Unavailable
from connectors.bsky.errors import EXPIRED, SDK_ERRORS, connector_error, told
from connectors.bsky.tokens import TokenFile

Json = Mapping[str, Any]
_SESSION_ENDED = frozenset({400, 401})


class _PinnedClient(Client):
    """The SDK's client, kept to the service of the settings: it never follows a host named by an answer."""

    def _update_pds_endpoint(self, pds_endpoint: str) -> None:
        """Stay where we are: the service named in the settings passes calls on by itself."""


def _refuse_redirect(response: httpx.Response) -> None:
    if response.has_redirect_location:
        raise Refused(f"Bluesky: {response.url.host} sends us to another address; correct 'service' in the settings")


class BlueskySession:
    """Calls one service as one account; logs in at the first call and not before."""

    def __init__(
        self, service: str, handle: str, password: Callable[[], str], tokens: TokenFile, clock: Callable[[], datetime],
        timeout_s: float,
    ) -> None:  # fmt: skip
        self._handle = handle
        self._password = password
        self._tokens = tokens
        self._clock = clock
        self._lock = RLock()
        request = Request(timeout=timeout_s, event_hooks={"response": [_refuse_redirect]})
        self._client = _PinnedClient(base_url=service, request=request)
        self._client.on_session_change(self._keep)
        self._session: Session | None = None
        weakref.finalize(self, request.close)

    @property
    def did(self) -> str:
        """The account's lasting identifier.

        Raises:
            ConnectorError: Logging in failed.
        """
        return str(self._opened().did)

    def query(self, method: str, params: Json, proxy: str | None = None) -> dict[str, Any]:
        """Return the answer of a reading call.

        Raises:
            ConnectorError: By what shall happen next.
        """
        return self._told(method, lambda: self.raw(method, params, proxy, procedure=False))

    def procedure(self, method: str, data: Json, proxy: str | None = None) -> dict[str, Any]:
        """Return the answer of a writing call.

        Raises:
            ConnectorError: By what shall happen next.
        """
        return self._told(method, lambda: self.raw(method, data, proxy, procedure=True))

    def raw(self, method: str, sent: Json, proxy: str | None = None, *, procedure: bool) -> dict[str, Any]:
        """Do as `query` or `procedure`, but let the SDK's own exceptions out.

        Raises:
            Exception: One of `SDK_ERRORS`; a call that expired tokens stopped is made once more with new ones.
        """
        session = self._opened()
        used = session.access_jwt
        try:
            return self._send(method, sent, proxy, procedure)
        except RequestErrorBase as error:
            if told(error)[0] not in EXPIRED:
                raise
            self._renew(used)
            return self._send(method, sent, proxy, procedure)

    def _send(self, method: str, sent: Json, proxy: str | None, procedure: bool) -> dict[str, Any]:
        headers = {"atproto-proxy": proxy} if proxy else {}
        if procedure:
            response = self._client.invoke_procedure(
                method, data=DotDict(sent), input_encoding="application/json", headers=headers
            )
        else:
            response = self._client.invoke_query(method, params=DotDict(sent), headers=headers)
        return _object(response, method)

    def _told(self, method: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return call()
        except SDK_ERRORS as error:
            raise connector_error(error, self._clock(), method) from error

    def _opened(self) -> Session:
        with self._lock:
            if self._session is None:
                kept = self._tokens.load()
                if kept is None or not self._import(kept):
                    self._log_in()
            assert self._session is not None
            return self._session

    def _renew(self, used: str) -> None:
        """Get new tokens unless another thread or process has done so since `used` was sent."""
        with self._lock:
            if self._session is not None and self._session.access_jwt != used:
                return
            kept = self._tokens.load()
            if kept is not None and Session.decode(kept).access_jwt != used and self._import(kept):
                return
            try:
                self._client._refresh_and_set_session()  # noqa: SLF001 - the SDK refreshes by the clock alone
            except SDK_ERRORS as error:
                if told(error)[2] not in _SESSION_ENDED:
                    raise connector_error(error, self._clock(), "renewing the session") from error
                self._log_in()

    def _log_in(self) -> None:
        try:
            self._client.login(self._handle, self._password(), fetch_bsky_profile=False)
        except SDK_ERRORS as error:
            raise connector_error(error, self._clock(), "logging in") from error

    def _import(self, kept: str) -> bool:
        try:
            session = Session.decode(kept)
            expires = session.access_jwt_payload.exp
            self._client.login(session_string=kept, fetch_bsky_profile=False)
        except (*SDK_ERRORS, ValueError):
            return False
        self._session = session
        return expires is not None

    def _keep(self, event: SessionEvent, session: Session) -> None:
        if event is not SessionEvent.IMPORT:
            self._tokens.save(session.encode())
        self._session = session


def _object(response: Response, method: str) -> dict[str, Any]:
    if isinstance(response.content, dict):
        return response.content
    if not response.content:
        return {}
    raise Unavailable(f"Bluesky, {method}: the answer is no JSON object; is 'service' the address of a PDS?")
