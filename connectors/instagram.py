"""The connector `instagram`: the comments under a professional account's posts; hiding them, and no more than that."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connectors.base import AuthFailed, Batch, ConnectorError, MessageGone, Options, Pace, Place, Refused, Unavailable
from connectors.social.book import Book
from connectors.social.comments import Reader
from connectors.social.deep_links import UNNAMED, instagram_link
from connectors.social.instagram_comments import InstagramReader
from connectors.social.instagram_token import LastingToken
from connectors.social.meta_client import MetaAccess
from connectors.social.rounds import Position, rounds
from models.domain import Action, Channel, Connection, Enforcement, EnforcementState, Outcome

_HOSTS = {"facebook": "https://graph.facebook.com", "instagram": "https://graph.instagram.com"}


class InstagramOptions(Options):
    """The professional account and its token, by which login it was made, and how far back posts are watched."""

    account_id: Annotated[str, Field(pattern=r"^\d+$")]
    access_token: str
    app_secret: str | None = None
    login: Literal["facebook", "instagram"] = "facebook"
    days: Annotated[int, Field(ge=1, le=365)] = 28
    api_url: Annotated[str, Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])")] | None = None


class InstagramConnector:
    """One professional account. A person's address is the handle."""

    kind = "instagram"
    options = InstagramOptions
    pace: ClassVar[Pace] = Pace(60, 60.0)

    def __init__(self, connection: Connection, options: InstagramOptions, place: Place) -> None:
        self._account_id = options.account_id
        self._clock = place.clock
        place.secret(options.access_token)  # one that is missing is told now; each call reads it anew
        url = options.api_url or _HOSTS[options.login]
        named = options.app_secret
        secret = None if named is None else lambda: place.secret(named)
        lasting = LastingToken(place, options.access_token, lambda token: _next_token(url, token))
        token = lasting if options.login == "instagram" else lambda: place.secret(options.access_token)
        self._access = MetaAccess(url, token, secret)
        reader = Reader(connection, Channel.INSTAGRAM, place.clock)
        book = Book(place.state_dir / "book.sqlite3")
        self._reader = InstagramReader(self._access, reader, book, options.account_id, options.days, place.clock)

    @classmethod
    def open(cls, connection: Connection, options: InstagramOptions, place: Place) -> "InstagramConnector":
        """Return the connector."""
        return cls(connection, options, place)

    def close(self) -> None:
        """Let the connections go."""
        self._access.close()

    def can(self) -> frozenset[Action]:
        """Return what the API has: muting, blocking and reporting are a person's tasks in the app."""
        return frozenset({Action.HIDE})

    def deep_link(self, enforcement: Enforcement) -> str:
        """Return where a person finds the post that the comment stands under, or the account."""
        target = enforcement.target
        return instagram_link(target, self._reader.permalink(target.native_id.removeprefix(UNNAMED)))

    def probe(self) -> str:
        """Return whose token this is.

        Raises:
            ConnectorError: It does not work; the words say what to do.
        """
        account = self._access.get("asking for the own account", self._account_id, fields="id,username")
        return f"this is the Instagram account {account.get('username')}"

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield captions, comments and replies not taken in.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        return rounds(self._reader.ask, self._reader.roots(), Position.of(cursor), self._clock())

    def act(self, enforcement: Enforcement) -> Outcome:
        """Hide a comment, or show it again.

        Raises:
            Refused: Instagram says no, or has no such action.
            MessageGone: The comment no longer exists.
            ConnectorError: By what the engine shall do next.
        """
        target, wanted = enforcement.target, enforcement.wanted
        if enforcement.effect is not Action.HIDE or target.kind != "message":
            where = self.deep_link(enforcement)
            raise Refused(f"Instagram cannot {enforcement.effect} a {target.kind}: act by hand at {where}")
        if self._is_hidden(target.native_id) == wanted:
            return Outcome(EnforcementState.ALREADY_DONE, read_back=wanted)
        try:
            answer = self._access.post("hiding a comment", target.native_id, hide="true" if wanted else "false")
        except MessageGone as error:
            raise self._gone(error) from error
        if answer.get("success") is not True:
            raise Unavailable("Instagram did not say that the comment's state was changed; it is tried again")
        return Outcome(EnforcementState.DONE)

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Return whether the comment is hidden; None for what the API does not do."""
        if enforcement.effect is not Action.HIDE or enforcement.target.kind != "message":
            return None
        return self._is_hidden(enforcement.target.native_id)

    def _is_hidden(self, comment_id: str) -> bool | None:
        try:
            answer = self._access.get("reading a comment", comment_id, fields="id,hidden")
        except MessageGone as error:
            raise self._gone(error) from error
        hidden = answer.get("hidden")
        return None if hidden is None else bool(hidden)

    def _gone(self, error: MessageGone) -> ConnectorError:
        """Tell a deleted comment from a token that sees nothing any more: Meta has one code for both."""
        try:
            self._access.get("asking for the own account", self._account_id, fields="id")
        except (MessageGone, Refused):
            return AuthFailed("the token no longer sees the account itself: grant the app its rights again")
        return error


def _next_token(url: str, token: str) -> dict[str, object]:
    access = MetaAccess(url, lambda: token, None)
    try:
        return access.get(
            "renewing the token", "/refresh_access_token", grant_type="ig_refresh_token", access_token=token
        )
    finally:
        access.close()
