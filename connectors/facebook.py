"""The connector `facebook`: a Page's posts and the comments under them; hiding comments and banning people from the Page."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from connectors.base import AuthFailed, Batch, ConnectorError, MessageGone, Options, Pace, Place, Refused, Unavailable
from connectors.social.comments import Reader
from connectors.social.deep_links import facebook_link
from connectors.social.facebook_comments import FacebookReader
from connectors.social.meta_client import MetaAccess, next_page
from connectors.social.rounds import Position, rounds
from models.domain import Action, Channel, Connection, Enforcement, EnforcementState, Outcome

_BANS_AT_ONCE = "500"


class FacebookOptions(Options):
    """The Page and its access token, the app's secret to prove it by, and how far back posts are watched."""

    page_id: Annotated[str, Field(pattern=r"^\d+$")]
    access_token: str
    app_secret: str | None = None
    days: Annotated[int, Field(ge=1, le=365)] = 28
    api_url: Annotated[str, Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])")] = (
        "https://graph.facebook.com"
    )


class FacebookConnector:
    """One Page. A person's address is the id that this Page alone sees; comments are read newest first, oldest first in a batch."""

    kind = "facebook"
    options = FacebookOptions
    pace: ClassVar[Pace] = Pace(60, 60.0)

    def __init__(self, connection: Connection, options: FacebookOptions, place: Place) -> None:
        self._page_id = options.page_id
        self._clock = place.clock
        place.secret(options.access_token)  # one that is missing is told now; each call reads it anew
        secret = options.app_secret
        self._access = MetaAccess(
            options.api_url,
            lambda: place.secret(options.access_token),
            None if secret is None else lambda: place.secret(secret),
        )
        reader = Reader(connection, Channel.FACEBOOK, place.clock)
        self._reader = FacebookReader(self._access, reader, options.page_id, options.days, place.clock)

    @classmethod
    def open(cls, connection: Connection, options: FacebookOptions, place: Place) -> "FacebookConnector":
        """Return the connector."""
        return cls(connection, options, place)

    def close(self) -> None:
        """Let the connections go."""
        self._access.close()

    def can(self) -> frozenset[Action]:
        """Return what a Page can do; reporting to Facebook is a person's task."""
        return frozenset({Action.HIDE, Action.BLOCK})

    def deep_link(self, enforcement: Enforcement) -> str:
        """Return where a person finds the comment, or the Page's list of banned people."""
        return facebook_link(enforcement.target, self._page_id)

    def probe(self) -> str:
        """Return whose token this is.

        Raises:
            ConnectorError: It does not work; the words say what to do.
        """
        page = self._access.get("asking for the Page", self._page_id, fields="id,name")
        self._access.get("reading posts", f"{self._page_id}/feed", fields="id", limit="1")
        return f"this is the Facebook Page {page.get('name')}"

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield posts, comments and replies not taken in, and every so often their edits.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        return rounds(self._reader.ask, self._reader.roots(), Position.of(cursor), self._clock())

    def act(self, enforcement: Enforcement) -> Outcome:
        """Hide a comment or a visitor's post, or ban a person from the Page, or undo it.

        Raises:
            Refused: Facebook says no, or has no such action.
            MessageGone: The comment no longer exists.
            ConnectorError: By what the engine shall do next.
        """
        effect, target, wanted = enforcement.effect, enforcement.target, enforcement.wanted
        if effect is Action.HIDE and target.kind == "message":
            if self._is_hidden(target.native_id) == wanted:
                return Outcome(EnforcementState.ALREADY_DONE, read_back=wanted)
            self._hide(target.native_id, wanted=wanted)
        elif effect is Action.BLOCK and target.kind == "account":
            if self._is_banned(target.native_id) == wanted:
                return Outcome(EnforcementState.ALREADY_DONE, read_back=wanted)
            self._ban(target.native_id, wanted=wanted)
        else:
            raise Refused(f"Facebook cannot {effect} a {target.kind}: act by hand at {self.deep_link(enforcement)}")
        return Outcome(EnforcementState.DONE)

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Return whether the comment is hidden, or the person banned; None for what Facebook does not do."""
        effect, target = enforcement.effect, enforcement.target
        if effect is Action.HIDE and target.kind == "message":
            return self._is_hidden(target.native_id)
        if effect is Action.BLOCK and target.kind == "account" and target.native_id.isdecimal():
            return self._is_banned(target.native_id)
        return None

    def _is_hidden(self, comment_id: str) -> bool | None:
        try:
            answer = self._access.get("reading a comment", comment_id, fields="id,is_hidden")
        except MessageGone as error:
            raise self._gone(error) from error
        hidden = answer.get("is_hidden")
        return None if hidden is None else bool(hidden)

    def _hide(self, comment_id: str, *, wanted: bool) -> None:
        try:
            answer = self._access.post("hiding a comment", comment_id, is_hidden="true" if wanted else "false")
        except MessageGone as error:
            raise self._gone(error) from error
        if answer.get("success") is not True:
            raise Unavailable("Facebook did not say that the comment's state was changed; it is tried again")

    def _is_banned(self, person_id: str) -> bool:
        self._require_person(person_id)
        page = None
        while True:
            answer = self._access.get(
                "reading the banned people",
                f"{self._page_id}/blocked",
                page,
                user=person_id,
                fields="id",
                limit=_BANS_AT_ONCE,
            )
            if any(str(one.get("id")) == person_id for one in answer.get("data") or ()):
                return True
            page, before = next_page(answer), page
            if page is None or page == before:
                return False

    def _ban(self, person_id: str, *, wanted: bool) -> None:
        """Ban by the id that this Page sees; another Page that comments has none, and is named as itself."""
        call = self._access.post if wanted else self._access.delete
        doing, path = "banning a person" if wanted else "lifting a ban", f"{self._page_id}/blocked"
        try:
            answer = call(doing, path, psid=person_id)
        except Refused:
            answer = call(doing, path, user=person_id)
        if answer.get(person_id, answer.get("success")) is False:
            raise Refused("Facebook did not change the ban: look at the Page's list of banned people")

    def _require_person(self, person_id: str) -> None:
        if not person_id.isdecimal():
            raise Refused("Facebook does not name this comment's author to apps: ban by hand from the comment itself")

    def _gone(self, error: MessageGone) -> ConnectorError:
        """Tell a deleted comment from a token that sees nothing any more: Meta has one code for both."""
        try:
            self._access.get("asking for the Page", self._page_id, fields="id")
        except (MessageGone, Refused):
            return AuthFailed("the token no longer sees the Page itself: grant the app its rights again")
        return error
