"""Speaks to Meta's Graph API over HTTP: the token in a header, proven by the app's secret, and no waiting."""

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import orjson

from connectors.base import Unavailable
from connectors.social.meta_errors import failed, refusal

VERSION = "v25.0"
TIMEOUT_S = 20.0
_PAGING = frozenset({"after", "until", "__paging_token", "offset"})


class MetaAccess:
    """The one way to the Graph API; failures come out in the engine's words."""

    def __init__(self, api_url: str, token: Callable[[], str], app_secret: Callable[[], str] | None) -> None:
        self._token = token
        self._app_secret = app_secret
        self._api_url = api_url.rstrip("/")
        self._http = httpx.Client(timeout=TIMEOUT_S)
        logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it would write the proof into the log

    def get(self, doing: str, path: str, page: str | None = None, **parameters: str) -> dict[str, Any]:
        """Return an object, or the page of a list that `page` stands for.

        Raises:
            TokenLapsed: The page is no longer known.
            ConnectorError: By what the engine shall do next.
        """
        return self._ask("GET", doing, path, {**parameters, **dict(parse_qsl(page or ""))}, paging=bool(page))

    def post(self, doing: str, path: str, **parameters: str) -> dict[str, Any]:
        """Change something.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        return self._ask("POST", doing, path, parameters)

    def delete(self, doing: str, path: str, **parameters: str) -> dict[str, Any]:
        """Take something away.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        return self._ask("DELETE", doing, path, parameters)

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def _ask(
        self, method: str, doing: str, path: str, parameters: Mapping[str, str], *, paging: bool = False
    ) -> dict[str, Any]:
        token = self._token()
        headers = {"Authorization": f"Bearer {token}"}
        sent = {**parameters, **self._proof(token)}
        url = f"{self._api_url}{path}" if path.startswith("/") else f"{self._api_url}/{VERSION}/{path}"
        body = {"data": sent} if method == "POST" else {"params": sent}
        try:
            response = self._http.request(method, url, headers=headers, **body)  # type: ignore[arg-type]
            answer = orjson.loads(response.content) if response.is_success else None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, orjson.JSONDecodeError) as error:
            raise failed(error, doing) from error
        if not response.is_success or (isinstance(answer, dict) and "error" in answer):
            raise refusal(response, doing, paging=paging)
        if not isinstance(answer, dict):
            raise Unavailable(f"Meta's answer is of an unknown form ({doing}); it is tried again")
        return answer

    def _proof(self, token: str) -> dict[str, str]:
        if self._app_secret is None:
            return {}
        return {"appsecret_proof": hmac.new(self._app_secret().encode(), token.encode(), hashlib.sha256).hexdigest()}


def next_page(answer: Mapping[str, Any]) -> str | None:
    """Return what stands for the next page of a list: never the token that Meta writes into its address."""
    paging = answer.get("paging") or {}
    if not paging.get("next"):
        return None
    after = (paging.get("cursors") or {}).get("after")
    if after:
        return urlencode({"after": after})
    return urlencode([pair for pair in parse_qsl(urlsplit(paging["next"]).query) if pair[0] in _PAGING]) or None
