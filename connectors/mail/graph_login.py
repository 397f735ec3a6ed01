"""Signs in to Microsoft through MSAL: as an application by its secret, or for a person by a device code."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msal

from connectors.base import AuthFailed, ConnectorError, RateLimited, Unavailable
from connectors.mail.graph_client import BY_CLASS, PAUSE_S, meaning

CACHE_NAME = "token-cache.json"
BY_MSAL: dict[type[Exception], type[ConnectorError]] = {
    msal.exceptions.MsalError: AuthFailed,
    msal.exceptions.MsalServiceError: AuthFailed,
}
"""Each exception class of MSAL."""
_LATER = frozenset({"temporarily_unavailable", "server_error", "request_timeout"})


class LoginHttp:
    """The HTTP client MSAL is given: ours, with its authority and its time limits."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """Fetch."""
        return self._http.get(url, params=_present(params), headers=_present(headers))

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """Send a form."""
        return self._http.post(url, params=_present(params), data=_present(data), headers=_present(headers))

    def close(self) -> None:
        """Do nothing: whoever made the client closes it."""


class TokenFile:
    """Tokens that outlive the process, in a file for the bot alone, on the disk before they are used."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / CACHE_NAME
        self.cache = msal.SerializableTokenCache()
        if self._path.is_file():
            self.cache.deserialize(self._path.read_text("utf-8"))

    def save(self) -> None:
        """Write what changed; a crash leaves the old file or the new one, never half of it.

        Raises:
            Unavailable: The disk does not take it.
        """
        if not self.cache.has_state_changed:
            return
        partial = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            with os.fdopen(
                os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(self.cache.serialize())
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        except OSError as error:
            raise Unavailable(f"{self._path}: the tokens cannot be kept: {error.strerror}; free the disk") from error


class Login:
    """Gives tokens; made without touching the network."""

    def __init__(
        self,
        http: httpx.Client,
        authority: str,
        client_id: str,
        scopes: list[str],
        state_dir: Path,
        secret: Callable[[], str] | None,
    ) -> None:
        self._http = http
        self._authority = authority
        self._client_id = client_id
        self._scopes = scopes
        self._secret = secret
        self._tokens = TokenFile(state_dir)
        self._lock = threading.Lock()
        self._application: Any = None

    def token(self, fresh: bool = False) -> str:
        """Return an access token; with `fresh` one that was not given before.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        with self._lock:
            return self._answer(self._ask_as_application if self._secret else self._ask_for_person, fresh)

    def sign_in(self, show: Callable[[str], None]) -> None:
        """Let a person sign in by a code on another device: `show` tells them where. Waits for them; not for a call.

        Raises:
            ConnectorError: They did not, or were not allowed to.
        """
        with self._lock:
            flow = self._call(lambda: self._app().initiate_device_flow(scopes=self._scopes))
            if "user_code" not in flow:
                raise _failure(flow)
            show(str(flow["message"]))
            self._answer(lambda _: self._app().acquire_token_by_device_flow(flow), False)

    def _answer(self, ask: Callable[[bool], Any], fresh: bool) -> str:
        found = self._call(lambda: ask(fresh))
        self._tokens.save()
        if not found:
            raise AuthFailed("nobody has signed in to this mailbox yet, or the sign-in has lapsed: connect it again")
        if "access_token" not in found:
            raise _failure(found)
        return str(found["access_token"])

    def _ask_as_application(self, fresh: bool) -> Any:
        if fresh:
            self._tokens.cache = msal.SerializableTokenCache()
            self._application = None
        return self._app().acquire_token_for_client(scopes=self._scopes)

    def _ask_for_person(self, fresh: bool) -> Any:
        accounts = self._app().get_accounts()
        if not accounts:
            return None
        return self._app().acquire_token_silent_with_error(self._scopes, account=accounts[0], force_refresh=fresh)

    def _app(self) -> Any:
        if self._application is None:
            more: dict[str, Any] = {"client_credential": self._secret()} if self._secret else {}
            kind = msal.ConfidentialClientApplication if self._secret else msal.PublicClientApplication
            self._application = kind(
                self._client_id,
                authority=self._authority,
                http_client=LoginHttp(self._http),
                token_cache=self._tokens.cache,
                instance_discovery=False,
                **more,
            )
        return self._application

    def _call(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except tuple(BY_MSAL) as error:
            raise AuthFailed(f"signing in to Microsoft failed: {type(error).__name__}") from error
        except tuple(BY_CLASS) as error:
            raise meaning(error) from error
        except ValueError as error:  # MSAL's word for an authority that is none
            raise AuthFailed(
                f"signing in to Microsoft failed: {str(error)[:200]}; check tenant and login_url"
            ) from error


def _failure(answer: dict[str, Any]) -> ConnectorError:
    """Return what an OAuth error means; descriptions name no secret, but are cut all the same."""
    code = str(answer.get("error"))
    text = f"Microsoft did not sign us in: {code}: {str(answer.get('error_description', '')).splitlines()[:1]}"[:300]
    if code == "slow_down":
        return RateLimited(text, PAUSE_S)
    return Unavailable(text) if code in _LATER else AuthFailed(text)


def _present(values: Any) -> Any:
    return {name: value for name, value in values.items() if value is not None} if isinstance(values, dict) else values
