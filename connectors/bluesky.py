"""The connector `bluesky`: what is addressed to an account; hide in own threads, mute, block, report."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from connectors.base import Batch, MessageGone, Options, Pace, Place, Refused, Unavailable
from connectors.bsky.chat import PREFIX, Chat
from connectors.bsky.cursor import Position, digest
from connectors.bsky.effects import Blocks, HiddenReplies, Mutes, Records
from connectors.bsky.errors import SDK_ERRORS, connector_error, never_sent, told
from connectors.bsky.fields import Json, list_at, text_at
from connectors.bsky.reading import REASONS, Reading
from connectors.bsky.session import BlueskySession
from connectors.bsky.tokens import TokenFile
from models.domain import Action, Connection, Enforcement, EnforcementState, Outcome

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HINT_POSTS = 20
REPORT_REASON = "com.atproto.moderation.defs#reasonRude"
_SERVER_FAULT = 500
_POSSIBLE = frozenset({Action.HIDE, Action.MUTE, Action.BLOCK, Action.REPORT})
Did = Annotated[str, Field(pattern=r"^did:[a-z]+:[A-Za-z0-9._:%-]+$")]


class BlueskyOptions(Options):
    """Which account at which service, and how far its powers go."""

    handle: Annotated[str, Field(min_length=3, pattern=r"^[^@\s]\S*$")]
    password: str
    service: str = "https://bsky.social"
    direct_messages: bool = False
    chat_service: Annotated[str, Field(pattern=r"^did:[^#\s]+#\w+$")] = "did:web:api.bsky.chat#bsky_chat"
    block_list: Annotated[str, Field(pattern=r"^at://did:[^/\s]+/app\.bsky\.graph\.list/\S+$")] | None = None
    labeler: Did | None = None
    report_reason: Annotated[
        str, Field(pattern=r"^(com\.atproto\.moderation|tools\.ozone\.report)\.defs#reason\w+$")
    ] = REPORT_REASON
    history_days: Annotated[int, Field(ge=0, le=3_650)] = 30
    overlap_minutes: Annotated[int, Field(ge=5, le=1_440)] = 120
    threads_minutes: Annotated[int, Field(ge=0, le=1_440)] = 10
    hint_every_s: Annotated[float, Field(gt=0, le=60)] = 0.5
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 20.0

    @field_validator("service")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
            return value.rstrip("/")
        raise ValueError("give an https:// address: tokens never travel in the open")


class BlueskyConnector:
    """One account of the organisation on Bluesky.

    A message's native id is the post's at:// address, or `chat/CONVERSATION/ID`; an author's address is the DID,
    since a handle can be changed by its owner at any time and taken over by somebody else.
    """

    kind = "bluesky"
    options = BlueskyOptions
    pace: ClassVar[Pace] = Pace(120, 60.0)
    """Well under the 3,000 calls in five minutes that a server allows an address."""

    def __init__(self, connection: Connection, options: BlueskyOptions, place: Place) -> None:
        self._connection = connection
        self._options = options
        self._clock = place.clock
        tokens = TokenFile(place.state_dir, options.service, options.handle)
        self._session = BlueskySession(
            options.service, options.handle, lambda: place.secret(options.password), tokens, place.clock, options.timeout_s
        )  # fmt: skip
        records = Records(self._session, place.clock)
        self._hidden = HiddenReplies(self._session, records)
        self._mutes = Mutes(self._session)
        self._blocks = Blocks(self._session, records, options.block_list)
        self._top: frozenset[str] | None = None
        self._waited_for = False

    @classmethod
    def open(cls, connection: Connection, options: BlueskyOptions, place: Place) -> "BlueskyConnector":
        """Return the connector; nothing is asked of the network yet."""
        return cls(connection, options, place)

    def can(self) -> frozenset[Action]:
        """Return what an account on Bluesky can do: hiding only in its own threads."""
        return _POSSIBLE

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new after `cursor`: notifications, then answers that none told of, then direct messages.

        Within a page the oldest comes first; where there are many pages, the newest page comes first.

        Raises:
            ConnectorError: By what shall happen next.
        """
        now = self._clock()
        reading = Reading(self._session, self._connection, now, timedelta(minutes=self._options.overlap_minutes))
        position = Position.of(cursor, now, timedelta(days=self._options.history_days))
        top = self._newest() if self._waited_for else None
        position = yield from reading.notifications(position)
        self._top = top
        due = timedelta(minutes=self._options.threads_minutes)
        if position.threads_at is None or now - position.threads_at >= due:
            position = yield from reading.own_threads(position)
        if self._options.direct_messages:
            yield from Chat(reading, self._options.chat_service).messages(position)

    def wait(self, timeout_s: float, stopped: Event | None = None) -> bool:
        """Return True as soon as there is something to fetch, False after `timeout_s`: a hint, no more.

        Raises:
            ConnectorError: By what shall happen next.
        """
        stop = stopped or Event()
        left_s = timeout_s
        self._waited_for = True
        while True:
            if self._top is None or self._newest() - self._top:
                return True
            pause_s = min(self._options.hint_every_s, left_s)
            if pause_s <= 0 or stop.wait(pause_s):
                return False
            left_s -= pause_s

    def act(self, enforcement: Enforcement) -> Outcome:
        """Bring about the effect or its undoing.

        Raises:
            MessageGone: The post or account is no longer there.
            Refused: Bluesky has no such power, with the reason.
            ConnectorError: By what shall happen next.
        """
        if enforcement.effect is Action.REPORT:
            return self._report(enforcement)
        in_force, bring_about = self._effect(enforcement)
        changed = bring_about()
        state = EnforcementState.DONE if changed else EnforcementState.ALREADY_DONE
        return Outcome(state, read_back=in_force())

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Return whether the effect is in force; None for a report, which cannot be read."""
        if enforcement.effect is Action.REPORT:
            return None
        return self._effect(enforcement)[0]()

    def _effect(self, enforcement: Enforcement) -> tuple[Callable[[], bool], Callable[[], bool]]:
        """Return how the effect is read and how it is brought about."""
        wanted, native_id = enforcement.wanted, enforcement.target.native_id
        if enforcement.effect is Action.HIDE:
            if native_id.startswith(PREFIX):
                raise Refused("Bluesky: a direct message cannot be hidden: mute or block the account")
            return lambda: self._hidden.in_force(native_id), lambda: self._hidden.set(native_id, wanted=wanted)
        if enforcement.effect is Action.MUTE:
            did = self._account(enforcement)
            return lambda: self._mutes.in_force(did), lambda: self._mutes.set(did, wanted=wanted)
        if enforcement.effect is Action.BLOCK:
            did = self._account(enforcement)
            return lambda: self._blocks.in_force(did), lambda: self._blocks.set(did, wanted=wanted)
        raise Refused(f"Bluesky has no '{enforcement.effect}': use hide, mute, block or report")

    def _account(self, enforcement: Enforcement) -> str:
        name = enforcement.target.native_id
        if enforcement.target.kind == "message":
            raise Refused(f"Bluesky: '{enforcement.effect}' acts on an account, not on {name}")
        if name.startswith("did:"):
            return name
        return text_at(self._session.query("com.atproto.identity.resolveHandle", {"handle": name}), "did")

    def _report(self, enforcement: Enforcement) -> Outcome:
        """Report once: where it is unclear whether the report arrived, say so and never repeat it."""
        if not enforcement.wanted:
            raise Refused("Bluesky: a report cannot be taken back: write to the moderation service")
        sent = {"reasonType": self._options.report_reason, "subject": self._subject(enforcement)}
        method = "com.atproto.moderation.createReport"
        proxy = f"{self._options.labeler}#atproto_labeler" if self._options.labeler else None
        try:
            answer = self._session.raw(method, sent, proxy, procedure=True)
        except SDK_ERRORS as error:
            known = connector_error(error, self._clock(), method)
            status = told(error)[2]
            unclear = isinstance(known, Unavailable) and (not status or status >= _SERVER_FAULT)
            if unclear and not never_sent(error):
                return Outcome(EnforcementState.UNKNOWN, f"{known}: it may have arrived; look before repeating it")
            raise known from error
        return Outcome(EnforcementState.DONE, f"report {answer.get('id', '')}".strip())

    def _subject(self, enforcement: Enforcement) -> Json:
        uri = enforcement.target.native_id
        if enforcement.target.kind != "message":
            post = self._post_acted_on(enforcement)
            return post or {"$type": "com.atproto.admin.defs#repoRef", "did": self._account(enforcement)}
        if uri.startswith(PREFIX):
            raise Refused("Bluesky: a direct message cannot be reported by the bot: report it in the app")
        posts = list_at(self._session.query("app.bsky.feed.getPosts", {"uris": [uri]}), "posts")
        if not posts:
            raise MessageGone(f"Bluesky: {uri} is no longer there: there is nothing left to report")
        return {"$type": "com.atproto.repo.strongRef", "uri": uri, "cid": text_at(posts[0], "cid")}

    def _post_acted_on(self, enforcement: Enforcement) -> Json | None:
        """Return the post for which an account is reported, None where there is none any more."""
        uri = enforcement.about or ""
        if not uri.startswith("at://"):
            return None
        posts = list_at(self._session.query("app.bsky.feed.getPosts", {"uris": [uri]}), "posts")
        return {"$type": "com.atproto.repo.strongRef", "uri": uri, "cid": text_at(posts[0], "cid")} if posts else None

    def _newest(self) -> frozenset[str]:
        asked = {"limit": HINT_POSTS, "reasons": list(REASONS)}
        entries = list_at(self._session.query("app.bsky.notification.listNotifications", asked), "notifications")
        return frozenset(digest(text_at(entry, "uri")) for entry in entries)
