"""What each way in which Meta's Graph API, or httpx on the way to it, fails means for the engine."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx
import orjson

from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable
from connectors.social.rounds import TokenLapsed

WINDOW_S = 3600.0
"""Meta's usual window of rate limits, for an answer that does not say when it ends."""
MEANING: dict[type[Exception], type[ConnectorError]] = {
    httpx.HTTPError: Unavailable,
    httpx.UnsupportedProtocol: Refused,
    httpx.TooManyRedirects: Refused,
    httpx.InvalidURL: Refused,
    httpx.CookieConflict: Refused,
    httpx.StreamError: Unavailable,
    orjson.JSONDecodeError: Unavailable,
}
"""Every class of the client by itself or by its parent; a test fails when an update brings one that is not here."""
LIMITS = frozenset({4, 17, 32, 341, 368, 613, *range(80_000, 80_015)})
TOKEN = frozenset({101, 102, 104, 190, 463, 467})
TROUBLE = frozenset({1, 2})
GONE = frozenset({803})
RIGHTS = frozenset({3, 10, *range(200, 300)})
_PARAMETER = 100
_NO_SUCH_OBJECT = 33
"""Codes of Meta's errors. Source: the error pages of the Graph API and of its rate limits, November 2026."""
_USAGE = ("x-business-use-case-usage", "x-app-usage", "x-page-usage")


def failed(error: Exception, doing: str) -> ConnectorError:
    """Return what it means that the client failed while `doing` something; its words, which hold addresses, are left out."""
    meaning = next(MEANING[base] for base in type(error).__mro__ if base in MEANING)
    return meaning(f"Meta could not be reached ({doing}): {type(error).__name__}")


_HINTS: dict[type[Exception], str] = {
    AuthFailed: ": the access token no longer holds; make a new one, as the how-to tells",
    MessageGone: ": there is no such object, or the token may not see it",
    Unavailable: "; it is tried again",
}


def refusal(response: httpx.Response, doing: str, *, paging: bool = False) -> Exception:
    """Return what an answer that is no success means."""
    error = _error_of(response)
    code, sub = int(error.get("code") or 0), int(error.get("error_subcode") or 0)
    told = f"Meta answered {response.status_code}, code {code}/{sub} ({doing})"
    meaning = _meaning(response.status_code, error, code, sub, paging=paging)
    if meaning is RateLimited:
        return RateLimited(f"Meta allows no more of this now: {told}", _wait_s(response))
    if meaning is Refused and code in RIGHTS:
        return Refused(f"{told}: a permission is lacking; grant the app what the how-to names")
    return meaning(told + _HINTS.get(meaning, ""))


def _meaning(status: int, error: Mapping[str, Any], code: int, sub: int, *, paging: bool) -> type[Exception]:
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    rules: tuple[tuple[bool, type[Exception]], ...] = (
        (code in LIMITS or status == HTTPStatus.TOO_MANY_REQUESTS, RateLimited),
        (code in TOKEN or status == HTTPStatus.UNAUTHORIZED, AuthFailed),
        (code in TROUBLE or broken or bool(error.get("is_transient")), Unavailable),
        (code in GONE or (code == _PARAMETER and sub == _NO_SUCH_OBJECT), MessageGone),
        (status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}, MessageGone),
        (code == _PARAMETER and paging, TokenLapsed),
        (not error, Unavailable),
    )
    return next((meaning for applies, meaning in rules if applies), Refused)


def _error_of(response: httpx.Response) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else {}


def _wait_s(response: httpx.Response) -> float:
    """Return the longest wait that the answer's headers name, in seconds; they count in minutes."""
    minutes: list[float] = []
    for name in _USAGE:
        try:
            found = orjson.loads(response.headers.get(name) or "{}")
        except orjson.JSONDecodeError:
            continue
        uses = [found, *(use for part in found.values() if isinstance(part, list) for use in part)]
        minutes += [float(use.get("estimated_time_to_regain_access") or 0) for use in uses if isinstance(use, dict)]
    longest = max(minutes, default=0.0)
    return longest * 60 if longest else WINDOW_S
