"""What each way in which Google's client, or its transport, fails means for the engine."""

import http.client
from datetime import datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

import httplib2
import httplib2.error
import orjson
from googleapiclient import errors

from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable
from connectors.social.rounds import TokenLapsed

WINDOW_S = 60.0
PACIFIC = ZoneInfo("America/Los_Angeles")
"""Where YouTube's day of quota begins and ends."""
MEANING: dict[type[Exception], type[ConnectorError]] = {
    errors.Error: Refused,
    errors.HttpError: Unavailable,
    errors.InvalidJsonError: Unavailable,
    httplib2.error.HttpLib2Error: Unavailable,
    httplib2.error.RedirectLimit: Refused,
    httplib2.error.RelativeURIError: Refused,
    http.client.HTTPException: Unavailable,
    OSError: Unavailable,
    orjson.JSONDecodeError: Unavailable,
}
"""Every class of the client by itself or by its parent; a test fails when an update brings one that is not here."""
_DAY = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_SHORT = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_SIGN_IN = frozenset(
    "authError insufficientPermissions accessNotConfigured authenticatedUserAccountSuspended "
    "authenticatedUserAccountClosed channelClosed channelSuspended youtubeSignupRequired".split()
)
_LATER = frozenset({"processingFailure", "backendError", "internalError"})
_GONE = frozenset({"commentNotFound", "commentThreadNotFound", "videoNotFound", "channelNotFound", "notFound"})
_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})
CAUGHT = (errors.Error, httplib2.error.HttpLib2Error, http.client.HTTPException, OSError)


def translated(error: Exception, doing: str, now: datetime) -> Exception:
    """Return what the engine shall make of `error`, met while `doing` something.

    Google's own words are left out: only the reason's name is kept.
    """
    meaning = next(MEANING[base] for base in type(error).__mro__ if base in MEANING)
    if not isinstance(error, errors.HttpError):
        return meaning(f"YouTube could not be reached or read ({doing}): {type(error).__name__}")
    status, reason = int(error.resp.status), reason_of(error.content)
    told = f"YouTube answered {status} {reason} ({doing})"
    meant = _meaning(status, reason)
    if meant is RateLimited:
        return RateLimited(told, until_next_day(now) if reason in _DAY else WINDOW_S)
    hint = ": sign in again, as docs/how-to/connect-youtube.md tells" if meant is AuthFailed else ""
    return meant(told + hint)


def _meaning(status: int, reason: str) -> type[Exception]:
    rules: tuple[tuple[bool, type[Exception]], ...] = (
        (reason in _DAY | _SHORT or status == HTTPStatus.TOO_MANY_REQUESTS, RateLimited),
        (reason in _SIGN_IN or status == HTTPStatus.UNAUTHORIZED, AuthFailed),
        (reason == "invalidPageToken", TokenLapsed),
        (reason in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _AGAIN, Unavailable),
        (reason in _GONE or status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}, MessageGone),
    )
    return next((meaning for applies, meaning in rules if applies), Refused)


def reason_of(content: bytes) -> str:
    """Return the name of the reason that an answer gives, or nothing."""
    try:
        error = orjson.loads(content)["error"]
        reason = (error.get("errors") or [{}])[0].get("reason") or error.get("status") or ""
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return ""
    return str(reason)[:60]


def until_next_day(now: datetime) -> float:
    """Return the seconds until YouTube's day ends."""
    here = now.astimezone(PACIFIC)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(60.0, midnight.timestamp() - now.timestamp())
