"""Speaks to Microsoft Graph over HTTP: immutable ids always, no waiting, only with the host of the settings."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable

PAUSE_S = 60.0
PAGE_ITEMS = 50
PREFER = f'IdType="ImmutableId", odata.maxpagesize={PAGE_ITEMS}'
BY_CLASS: dict[type[Exception], type[ConnectorError]] = {
    httpx.HTTPError: Unavailable, httpx.RequestError: Unavailable, httpx.TransportError: Unavailable,
    httpx.TimeoutException: Unavailable, httpx.ConnectTimeout: Unavailable, httpx.ReadTimeout: Unavailable,
    httpx.WriteTimeout: Unavailable, httpx.PoolTimeout: Unavailable, httpx.NetworkError: Unavailable,
    httpx.ConnectError: Unavailable, httpx.ReadError: Unavailable, httpx.WriteError: Unavailable,
    httpx.CloseError: Unavailable, httpx.ProtocolError: Unavailable, httpx.LocalProtocolError: Unavailable,
    httpx.RemoteProtocolError: Unavailable, httpx.ProxyError: Unavailable, httpx.UnsupportedProtocol: Refused,
    httpx.DecodingError: Unavailable, httpx.TooManyRedirects: Refused, httpx.HTTPStatusError: Unavailable,
    httpx.InvalidURL: Refused, httpx.CookieConflict: Refused, httpx.StreamError: Unavailable,
    httpx.StreamConsumed: Unavailable, httpx.StreamClosed: Unavailable, httpx.ResponseNotRead: Unavailable,
    httpx.RequestNotRead: Unavailable, orjson.JSONDecodeError: Unavailable,
}  # fmt: skip
"""Each exception class of the HTTP client."""
_BY_STATUS: dict[int, type[ConnectorError]] = {
    HTTPStatus.UNAUTHORIZED: AuthFailed,
    HTTPStatus.FORBIDDEN: AuthFailed,
    HTTPStatus.NOT_FOUND: MessageGone,
    HTTPStatus.REQUEST_TIMEOUT: Unavailable,
    HTTPStatus.CONFLICT: Unavailable,
    HTTPStatus.PRECONDITION_FAILED: Unavailable,
    HTTPStatus.LOCKED: Unavailable,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimited,
    509: RateLimited,
}
"""Other 4xx are refusals, other 5xx outages. Source: Graph error responses page, read November 2026."""


class Resync(Exception):
    """The delta link is no longer taken: begin again (410)."""


class FolderMissing(Exception):
    """There is no such folder (404 that speaks of a folder)."""


def failure(response: httpx.Response, clock: Callable[[], datetime]) -> Exception:
    """Return what an answer that is no success means."""
    status = response.status_code
    code = _code(response)
    text = f"Microsoft Graph answered {status} {code}".rstrip()
    if status == HTTPStatus.GONE:
        return Resync(text)
    if status == HTTPStatus.NOT_FOUND and "Folder" in code:
        return FolderMissing(text)
    kind = _BY_STATUS.get(status, Unavailable if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Refused)
    pause = _pause(response, clock)
    if kind is RateLimited or (kind is Unavailable and pause is not None):
        return RateLimited(text, PAUSE_S if pause is None else pause)
    return kind(text)


def meaning(error: Exception) -> ConnectorError:
    """Return what the engine shall do after an exception of the HTTP client."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Refused(f"Microsoft Graph: {error}; name the authority that signed the certificate in ca_file")
    kind = next((BY_CLASS[each] for each in type(error).__mro__ if each in BY_CLASS), Unavailable)
    return kind(f"Microsoft Graph: {type(error).__name__}: {str(error)[:200]}")


class GraphClient:
    """Requests with a token; a token that is no longer taken is replaced once."""

    def __init__(
        self, http: httpx.Client, api_url: str, token: Callable[[bool], str], clock: Callable[[], datetime]
    ) -> None:
        self._http = http
        self._api_url = api_url
        self._token = token
        self._clock = clock

    def json(self, method: str, path: str, body: Any = None, params: dict[str, str] | None = None) -> dict[str, Any]:
        """Return the answer's JSON, an empty dict where there is none.

        Raises:
            ConnectorError: By what the engine shall do next.
            Resync: A delta link has expired.
            FolderMissing: The folder does not exist.
        """
        content = None if body is None else orjson.dumps(body)
        try:
            response = self._send(self._request(method, path, content, params))
            found = orjson.loads(response.content) if response.content else {}
        except tuple(BY_CLASS) as error:
            raise meaning(error) from error
        return found if isinstance(found, dict) else {}

    def first_bytes(self, path: str, bytes_at_most: int) -> tuple[bytes, int, bool]:
        """Return the first bytes of what lies at `path`, its size as far as it is known, and whether that was all."""
        try:
            response = self._send(self._request("GET", path), stream=True)
            try:
                parts: list[bytes] = []
                taken = 0
                for part in response.iter_bytes(65_536):
                    parts.append(part)
                    taken += len(part)
                    if taken > bytes_at_most:
                        break
            finally:
                response.close()
        except tuple(BY_CLASS) as error:
            raise meaning(error) from error
        size = int(response.headers.get("Content-Length", taken))
        return b"".join(parts)[:bytes_at_most], max(size, taken), taken <= bytes_at_most

    def pages(self, path: str, params: dict[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the entries of a list, page after page."""
        page = self.json("GET", path, params=params)
        yield from page.get("value", [])
        while link := page.get("@odata.nextLink"):
            page = self.json("GET", link)
            yield from page.get("value", [])

    def _request(
        self, method: str, path: str, content: bytes | None = None, params: dict[str, str] | None = None
    ) -> httpx.Request:
        url = path if path.startswith("https://") else f"{self._api_url}{path}"
        if urlsplit(url)[:2] != urlsplit(self._api_url)[:2]:
            raise Refused(f"a link to {urlsplit(url).netloc} came back: only {self._api_url} is spoken to")
        headers = {"Prefer": PREFER, "Accept": "application/json", "Content-Type": "application/json"}
        return self._http.build_request(method, url, params=params, content=content, headers=headers)

    def _send(self, request: httpx.Request, stream: bool = False) -> httpx.Response:
        for fresh in (False, True):
            request.headers["Authorization"] = f"Bearer {self._token(fresh)}"
            response = self._http.send(request, stream=stream)
            if response.status_code != HTTPStatus.UNAUTHORIZED or fresh:
                break
            response.close()
        if not response.is_success:
            response.read()
            raise failure(response, self._clock)
        return response


def _code(response: httpx.Response) -> str:
    try:
        return str(orjson.loads(response.content)["error"]["code"])[:100]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""


def _pause(response: httpx.Response, clock: Callable[[], datetime]) -> float | None:
    """Return the pause asked for in seconds: a number, or a date."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - clock()).total_seconds())
