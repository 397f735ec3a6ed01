"""Says for every exception of the Bluesky SDK what the engine does next."""

import re
from datetime import datetime

import httpx
import pydantic
from atproto_client import exceptions as client
from atproto_client.models.common import XrpcError
from atproto_core import exceptions as core
from atproto_crypto import exceptions as crypto
from atproto_firehose import exceptions as firehose
from atproto_identity import exceptions as identity
from atproto_jetstream import exceptions as jetstream
from atproto_lexicon import exceptions as lexicon
from atproto_server import exceptions as server
from atproto_subscription import exceptions as subscription

from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable

RETRY_AFTER_S = 60.0
EXPIRED = frozenset({"ExpiredToken", "InvalidToken"})
_AUTH = EXPIRED | {
    "AuthenticationRequired",
    "AuthMissing",
    "AuthFactorTokenRequired",
    "AccountTakedown",
    "AccountSuspended",
    "AccountDeactivated",
}
_GONE = frozenset({"RecordNotFound", "NotFound", "RepoNotFound", "RepoTakendown", "RepoDeactivated", "RepoSuspended"})
_GONE_WORDS = re.compile(
    r"not found|could not (?:find|locate)|unable to resolve handle|profile.*(?:suspend|deactiv)", re.IGNORECASE
)
_TOO_LARGE = 413
_UNSERVED = frozenset({404, 501})

KINDS: dict[type[Exception], type[ConnectorError]] = {
    client.LoginRequiredError: AuthFailed,
    client.ModelError: Unavailable,
    client.ModelFieldNotFoundError: Unavailable,
    client.RequestErrorBase: Unavailable,
    client.NetworkError: Unavailable,
    client.InvokeTimeoutError: Unavailable,
    client.RequestException: Unavailable,
    client.UnauthorizedError: AuthFailed,
    client.BadRequestError: Refused,
    client.RateLimitExceededError: RateLimited,
    core.InvalidNsidError: Refused,
    core.InvalidAtUriError: Refused,
    core.InvalidCARFile: Unavailable,
    core.DAGCBORDecodingError: Unavailable,
    crypto.InvalidCompressedPubkeyError: Unavailable,
    crypto.DidKeyError: Unavailable,
    crypto.UnsupportedSignatureAlgorithmError: Unavailable,
    firehose.FirehoseError: Unavailable,
    identity.DidPlcResolverError: Unavailable,
    identity.DidWebResolverError: Unavailable,
    identity.PoorlyFormattedDidError: Refused,
    identity.UnsupportedDidWebPathError: Refused,
    identity.UnsupportedDidMethodError: Refused,
    identity.PoorlyFormattedDidDocumentError: Unavailable,
    identity.DidNotFoundError: MessageGone,
    identity.AtprotoDataParseError: Unavailable,
    jetstream.JetstreamError: Unavailable,
    lexicon.LexiconParsingError: Unavailable,
    server.InvalidTokenError: AuthFailed,
    subscription.SubscriptionError: Unavailable,
    httpx.HTTPError: Unavailable,
    httpx.InvalidURL: Refused,
    httpx.CookieConflict: Unavailable,
    httpx.StreamError: Unavailable,
    pydantic.ValidationError: Unavailable,
}
SDK_ERRORS = (*KINDS, core.AtProtocolError)


def kind_of(error: type[BaseException]) -> type[ConnectorError] | None:
    """Return what an exception class stands for by the nearest of its ancestors; None for one that nobody mapped."""
    return next((KINDS[base] for base in error.__mro__ if base in KINDS), None)


def connector_error(error: Exception, now: datetime, doing: str) -> ConnectorError:
    """Return `error` as what the engine does next; the text tells the name of the fault, never a token or a message."""
    kind = kind_of(type(error)) or Unavailable
    name, said, status = told(error)
    if status:
        kind = _by_answer(name, said, status, kind)
    text = f"Bluesky, {doing}: {' '.join(str(part) for part in (status, name) if part) or type(error).__name__}"
    if kind is RateLimited:
        return RateLimited(f"{text}; it asks us to wait", retry_after_s(error, now))
    if kind is AuthFailed:
        return AuthFailed(f"{text}; check the handle and the app password of this connection")
    return kind(text)


def told(error: Exception) -> tuple[str, str, int]:
    """Return the name of the fault, its sentence and the HTTP status; empty and 0 where no answer came."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", 0) or 0
    content = getattr(response, "content", None)
    if isinstance(content, XrpcError):
        return str(content.error or ""), str(content.message or ""), status
    return "", "", status


def never_sent(error: Exception) -> bool:
    """Return whether a request surely did not reach the other side, so that repeating it doubles nothing."""
    return isinstance(error, httpx.ConnectError) or isinstance(error.__cause__, httpx.ConnectError)


def retry_after_s(error: Exception, now: datetime) -> float:
    """Return for how long the server asks to be left alone."""
    if not isinstance(error, client.RateLimitExceededError):
        return RETRY_AFTER_S
    if error.retry_after is not None:
        return max(1.0, float(error.retry_after))
    return max(1.0, float((error.reset_at - now).total_seconds())) if error.reset_at else RETRY_AFTER_S


def _by_answer(name: str, said: str, status: int, kind: type[ConnectorError]) -> type[ConnectorError]:
    if kind is RateLimited:
        return kind
    if name in _GONE or (name == "InvalidRequest" and _GONE_WORDS.search(said)):
        return MessageGone
    if name in _AUTH:
        return AuthFailed
    if status == _TOO_LARGE or status in _UNSERVED or name == "MethodNotImplemented":
        return Refused
    return kind
