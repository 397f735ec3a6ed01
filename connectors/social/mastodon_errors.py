"""What each way in which Mastodon.py fails means for the engine."""

from datetime import datetime
from http import HTTPStatus

from mastodon import errors

from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable

WINDOW_S = 300.0
"""Mastodon's usual window of rate limits, for an answer that does not say when it ends."""
MEANING: dict[type[Exception], type[ConnectorError]] = {
    errors.MastodonError: Unavailable,
    errors.MastodonVersionError: Refused,
    errors.MastodonIllegalArgumentError: Refused,
    errors.MastodonIOError: Unavailable,
    errors.MastodonFileNotFoundError: Refused,
    errors.MastodonNetworkError: Unavailable,
    errors.MastodonReadTimeout: Unavailable,
    errors.MastodonAPIError: Refused,
    errors.MastodonServerError: Unavailable,
    errors.MastodonInternalServerError: Unavailable,
    errors.MastodonBadGatewayError: Unavailable,
    errors.MastodonServiceUnavailableError: Unavailable,
    errors.MastodonGatewayTimeoutError: Unavailable,
    errors.MastodonNotFoundError: MessageGone,
    errors.MastodonUnauthorizedError: AuthFailed,
    errors.MastodonRatelimitError: RateLimited,
    errors.MastodonMalformedEventError: Unavailable,
}
"""Every class of the library; a test fails when an update brings one that is not here."""
_TRANSIENT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.CONFLICT})


def translated(error: errors.MastodonError, doing: str, reset: float | None, now: datetime) -> ConnectorError:
    """Return what the engine shall make of `error`, met while `doing` something.

    The library's own words are left out: they may hold the answer, and with it a message's text.
    """
    meaning = next(MEANING[base] for base in type(error).__mro__ if base in MEANING)
    if meaning is RateLimited:
        wait = WINDOW_S if reset is None else max(1.0, reset - now.timestamp())
        return RateLimited(f"the instance allows no more of this now ({doing})", wait)
    status = next((part for part in error.args if isinstance(part, int)), None)
    if type(error) is errors.MastodonAPIError:
        meaning = _by_status(status)
    if status is None:
        return meaning(f"the instance did not answer as expected ({doing}): {type(error).__name__}")
    hint = "; make a new access token in the account's settings" if meaning is AuthFailed else ""
    return meaning(f"the instance answered {status} ({doing}){hint}")


def _by_status(status: int | None) -> type[ConnectorError]:
    """Tell apart what the library calls by one name: no status means that the answer was no JSON."""
    if status is None or status in _TRANSIENT:
        return Unavailable
    return MessageGone if status == HTTPStatus.GONE else Refused
