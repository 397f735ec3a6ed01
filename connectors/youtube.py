"""The connector `youtube`: comments under a channel's videos; holding them back for review, and publishing them again."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from connectors.asking import asked, asked_secret, signed_in
from connectors.base import Batch, MessageGone, Options, Pace, Place, Refused, Talk
from connectors.social.book import Book
from connectors.social.comments import Reader
from connectors.social.deep_links import UNNAMED, youtube_link
from connectors.social.rounds import Position, rounds
from connectors.social.youtube_acts import HELD, HIDDEN, PUBLISHED, REJECTED, YoutubeActs
from connectors.social.youtube_client import YoutubeAccess
from connectors.social.youtube_comments import YoutubeReader
from connectors.social.youtube_quota import Quota
from connectors.social.youtube_sign_in import SignIn
from models.domain import Action, Channel, Connection, Enforcement, EnforcementState, Outcome


class YoutubeOptions(Options):
    """The app and the channel's refresh token, how far back comments are read, and the day's units of quota."""

    client_id: str
    refresh_token: str
    client_secret: str | None = None
    days: Annotated[int, Field(ge=1, le=365)] = 28
    daily_units: Annotated[int, Field(ge=100)] = 10_000
    units_for_acting: Annotated[int, Field(ge=0)] = 2_000
    api_url: Annotated[str, Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])")] = (
        "https://youtube.googleapis.com"
    )
    token_url: Annotated[str, Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])")] = (
        "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    )


class YoutubeConnector:
    """One channel. A person's address is the id of their channel, in its own spelling: large and small letters count."""

    kind = "youtube"
    options = YoutubeOptions
    pace: ClassVar[Pace] = Pace(60, 60.0)

    def __init__(self, connection: Connection, options: YoutubeOptions, place: Place) -> None:
        self._clock = place.clock
        self._quota = Quota(place.state_dir / "quota.json", options.daily_units, options.units_for_acting, place.clock)
        named = options.client_secret
        place.secret(options.refresh_token)  # one that is missing is told now; each call reads it anew
        secret = None if named is None else lambda: place.secret(named)
        self._access = YoutubeAccess(
            place,
            options.api_url,
            options.token_url,
            (options.client_id, secret),
            lambda: place.secret(options.refresh_token),
            self._quota,
        )
        reader = Reader(connection, Channel.YOUTUBE, place.clock)
        self._reader = YoutubeReader(
            self._access, reader, Book(place.state_dir / "book.sqlite3"), options.days, place.clock
        )
        self._acts = YoutubeActs(self._access)

    @classmethod
    def open(cls, connection: Connection, options: YoutubeOptions, place: Place) -> "YoutubeConnector":
        """Return the connector.

        Raises:
            Refused: Nothing would be left of the quota to read with.
        """
        if options.units_for_acting >= options.daily_units:
            raise Refused("units_for_acting leaves nothing of daily_units to read with: lower it")
        return cls(connection, options, place)

    @classmethod
    def set_up(cls, talk: Talk, place: Place, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """Sign the channel in where no refresh token is given, and return the options to write.

        Raises:
            ConnectorError: Google did not agree.
        """
        if known.get("refresh_token"):
            return known
        client_id = asked(talk, known, "client_id", "the OAuth client's id")
        secret = str(asked_secret(talk, known, "client_secret", "the OAuth client's secret"))
        token_url = str(known.get("token_url") or YoutubeOptions.model_fields["token_url"].default)
        sign_in = SignIn(client_id, place.secret(secret), token_url)
        token = sign_in.refresh_token(signed_in(talk, sign_in.page(), "the channel"))
        kept = talk.keep("refresh_token", token)
        return {**known, "client_id": client_id, "client_secret": secret, "refresh_token": kept}

    def close(self) -> None:
        """Let the connections go."""
        self._access.close()

    def can(self) -> frozenset[Action]:
        """Return what can be undone: a ban cannot, so only a person makes one, in YouTube Studio."""
        return frozenset({Action.HIDE})

    def spent(self) -> float:
        """Return the units of quota used since this was last asked."""
        return self._quota.told()

    def deep_link(self, enforcement: Enforcement) -> str:
        """Return where a person finds the comment, or the channel to be hidden from one's own."""
        target = enforcement.target
        video = self._reader.video_of(target.native_id.removeprefix(UNNAMED))
        return youtube_link(target, video, self._reader.own_id())

    def probe(self) -> str:
        """Return whose token this is.

        Raises:
            ConnectorError: It does not work; the words say what to do.
        """
        return f"this is the YouTube channel {(self._reader.channel().get('snippet') or {}).get('title')}"

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield comments and replies not taken in, and every so often their edits.

        Raises:
            RateLimited: The day's quota, less what is kept for acting, is used up.
            ConnectorError: By what the engine shall do next.
        """
        return rounds(self._reader.ask, self._reader.roots(), Position.of(cursor), self._clock())

    def act(self, enforcement: Enforcement) -> Outcome:
        """Hold a comment back for review, where nobody but the channel sees it, or publish it again.

        Raises:
            Refused: YouTube says no, or has no such action, or the comment was rejected for good.
            MessageGone: The comment no longer exists.
            ConnectorError: By what the engine shall do next.
        """
        target = enforcement.target
        if enforcement.effect is not Action.HIDE or target.kind != "message":
            where = self.deep_link(enforcement)
            raise Refused(f"YouTube's {enforcement.effect} of a {target.kind} is for a person: act by hand at {where}")
        state = self._state(enforcement)
        if not enforcement.wanted and state == REJECTED:
            where = self.deep_link(enforcement)
            raise Refused(f"a comment rejected on YouTube cannot be published again by a program: see {where}")
        if state is not None and (state in HIDDEN) == enforcement.wanted:
            return Outcome(EnforcementState.ALREADY_DONE, read_back=enforcement.wanted)
        self._acts.set_state(target.native_id, HELD if enforcement.wanted else PUBLISHED)
        return Outcome(EnforcementState.DONE)

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Return whether the comment is kept from others; None where YouTube does not tell."""
        if enforcement.effect is not Action.HIDE or enforcement.target.kind != "message":
            return None
        state = self._state(enforcement)
        return None if state is None else state in HIDDEN

    def _state(self, enforcement: Enforcement) -> str | None:
        """Return the comment's state. One to be shown again that cannot be found is not taken for gone: YouTube says so itself."""
        try:
            return self._acts.state(enforcement.target.native_id, self._reader.own())
        except MessageGone:
            if enforcement.wanted:
                raise
            return None
