"""What each way in which tweepy or its transport fails means for the engine."""

from datetime import datetime
from http import HTTPStatus

import requests
import tweepy
from tweepy import errors

from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable

WINDOW_S = 900.0
"""X's usual window of rate limits, for an answer that does not say when it ends."""
MEANING: dict[type[Exception], type[ConnectorError]] = {
    errors.TweepyException: Unavailable,
    errors.HTTPException: Unavailable,
    errors.BadRequest: Refused,
    errors.Unauthorized: AuthFailed,
    errors.Forbidden: Refused,
    errors.NotFound: MessageGone,
    errors.TooManyRequests: RateLimited,
    errors.TwitterServerError: Unavailable,
    requests.RequestException: Unavailable,
}
"""Every class of the library; a test fails when an update brings one that is not here."""
_PAYMENT = HTTPStatus.PAYMENT_REQUIRED
_TRANSIENT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})


def translated(error: Exception, doing: str, now: datetime) -> ConnectorError:
    """Return what the engine shall make of `error`, met while `doing` something."""
    meaning = next(MEANING[base] for base in type(error).__mro__ if base in MEANING)
    if isinstance(error, tweepy.TooManyRequests):
        return RateLimited(f"X allows no more of this now ({doing})", _wait_s(error, now))
    if isinstance(error, requests.RequestException):
        return Unavailable(f"X could not be reached ({doing}): {type(error).__name__}; it is tried again")
    if not isinstance(error, errors.HTTPException):
        return meaning(f"X's answer could not be used ({doing}): {type(error).__name__}")
    status = error.response.status_code
    if status == _PAYMENT:
        return AuthFailed(f"X wants payment ({doing}): the credits are used up; buy credits in X's developer console")
    if type(error) is errors.HTTPException and status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _TRANSIENT:
        meaning = MessageGone if status == HTTPStatus.GONE else Refused
    return meaning(f"X answered {status} ({doing}): {_said(error)}")


def _said(error: errors.HTTPException) -> str:
    """Return X's own words, cut short; they tell of rights and limits, never of a message's text."""
    return "; ".join(str(message) for message in error.api_messages)[:200] or "without a reason"


def _wait_s(error: tweepy.TooManyRequests, now: datetime) -> float:
    headers = error.response.headers
    resets = [error.reset_time]
    if headers.get("x-user-limit-24hour-remaining") == "0":
        resets.append(int(headers.get("x-user-limit-24hour-reset") or 0))
    known = [reset for reset in resets if reset]
    return max(1.0, max(known) - now.timestamp()) if known else WINDOW_S
