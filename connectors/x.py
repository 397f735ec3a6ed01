"""The connector `x`: mentions, replies, searches and direct messages of an account on X; hiding, muting and blocking."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, ClassVar

import orjson
import tweepy
from pydantic import Field

from connectors.asking import asked, asked_secret, signed_in
from connectors.base import Batch, Fetched, Options, Pace, Place, Refused, Talk
from connectors.mail.parse import unreadable
from connectors.social.book import Book, PostNote
from connectors.social.deep_links import x_link
from connectors.social.meter import Meter, Spent
from connectors.social.x_account import POST_FIELDS, PRICES_USD, XAccount
from connectors.social.x_acts import XActs
from connectors.social.x_client import OldApi, XAccess
from connectors.social.x_posts import Included, Json, id_at, id_time, native_id, read_direct, read_post
from connectors.social.x_sign_in import SignIn
from connectors.social.x_streams import Ask, Page, Position, TokenLapsed, Walk, rounded, walked
from models.domain import (
    Action,
    Channel,
    Connection,
    Enforcement,
    MessageKey,
    Nature,
    Outcome,
)

SEARCH_DAYS = timedelta(days=6, hours=20)
"""How far back recent search reaches, less a margin: X refuses an older `since_id`."""
CONVERSATIONS_A_QUERY = 10
CONVERSATIONS_AT_MOST = 300
_DM_FIELDS: dict[str, Any] = {
    "dm_event_fields": "id,event_type,text,sender_id,dm_conversation_id,created_at,attachments,entities,referenced_tweets",
    "event_types": "MessageCreate",
    "expansions": "sender_id,attachments.media_keys",
    "user_fields": POST_FIELDS["user_fields"],
    "media_fields": POST_FIELDS["media_fields"],
}


class OldApiKeys(Options):
    """References to the OAuth 1.0a keys of an app whose access still has the older API's reporting."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str

    def read(self, place: Place) -> tuple[str, str, str, str]:
        """Return the keys themselves."""
        return (
            place.secret(self.consumer_key),
            place.secret(self.consumer_secret),
            place.secret(self.access_token),
            place.secret(self.access_token_secret),
        )


class XOptions(Options):
    """The account's app and token, what is read, what its access level may do, and what a month may cost."""

    client_id: str
    refresh_token: str
    client_secret: str | None = None
    replies: bool = True
    direct_messages: bool = True
    query: str | None = None
    history_days: Annotated[int, Field(ge=1, le=30)] = 7
    dm_block: bool = False
    block: bool = False
    report: bool = False
    old_api: OldApiKeys | None = None
    monthly_cap_usd: Annotated[Decimal, Field(gt=0)] | None = None
    api_url: Annotated[str, Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])")] = "https://api.x.com"


class XConnector:
    """One account on X. A post's native id is that of its first version; a direct message's begins with `dm-`."""

    kind = "x"
    options = XOptions
    pace: ClassVar[Pace] = Pace(180, 900.0)
    """All calls of an account together; a limit of one endpoint that is stricter (hiding: 50) answers by itself when to come again."""

    def __init__(self, connection: Connection, options: XOptions, place: Place) -> None:
        self._connection = connection
        self._options = options
        self._clock = place.clock
        meter = Meter(place.state_dir / "spend.json", PRICES_USD, options.monthly_cap_usd, place.clock)
        secret = None if options.client_secret is None else place.secret(options.client_secret)
        refresh_token = place.secret(options.refresh_token)
        access = XAccess(place, options.api_url, options.client_id, secret, refresh_token)
        self._account = XAccount(access, Book(place.state_dir / "book.sqlite3"), meter)
        keys = options.old_api
        old_api = None if keys is None else OldApi(place, options.api_url, keys.read(place))
        self._acts = XActs(self._account, old_api)
        self._told = meter.spent()

    @classmethod
    def open(cls, connection: Connection, options: XOptions, place: Place) -> "XConnector":
        """Return the connector.

        Raises:
            Refused: Reporting is switched on without the keys it needs, or a secret is missing.
        """
        if options.report and options.old_api is None:
            raise Refused("report = true needs [connection.old_api]: only X's older API can report an account")
        return cls(connection, options, place)

    @classmethod
    def set_up(cls, talk: Talk, place: Place, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """Sign the account in where no refresh token is given, and return the options to write.

        Raises:
            ConnectorError: X did not agree.
        """
        if known.get("refresh_token"):
            return known
        client_id = asked(talk, known, "client_id", "the app's client id")
        secret = asked_secret(talk, known, "client_secret", "the app's client secret, if it has one", needed=False)
        api_url = str(known.get("api_url") or XOptions.model_fields["api_url"].default)
        sign_in = SignIn(client_id, None if secret is None else place.secret(secret), api_url)
        kept = talk.keep("refresh_token", sign_in.refresh_token(signed_in(talk, sign_in.page(), "the account")))
        return {**known, "client_id": client_id, "client_secret": secret, "refresh_token": kept}

    def probe(self) -> str:
        """Return whose token this is, after a look at the list of muted accounts, which needs the moderating rights.

        Raises:
            ConnectorError: It does not work; the words say what to do.
        """
        _, name = self._account.own()
        self._acts.try_rights()
        return f"this is @{name} on X, which may read, hide and mute"

    def can(self) -> frozenset[Action]:
        """Return what the account's access has; the rest becomes a task for a person."""
        more = {Action.BLOCK: self._options.block or self._options.dm_block, Action.REPORT: self._options.report}
        return frozenset({Action.HIDE, Action.MUTE, *(action for action, granted in more.items() if granted)})

    def spent(self) -> float:
        """Return what was spent since this was last asked, in dollars by the list prices."""
        now = self.month()
        before = self._told if now.month == self._told.month else Spent(now.month, {}, Decimal(0), now.cap_usd)
        self._told = now
        return float(now.usd - before.usd)

    def month(self) -> Spent:
        """Return what this month has cost so far."""
        return self._account.meter.spent()

    def deep_link(self, enforcement: Enforcement) -> str:
        """Return where a person does by hand what X keeps from this account's programs."""
        return x_link(enforcement.target)

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield what is new: own posts, mentions, replies without a mention, the search, direct messages.

        X gives the newest page first; a batch is one page, sorted oldest first.

        Raises:
            RateLimited: X's limit, or the monthly cap, is reached.
            ConnectorError: By what the engine shall do next.
        """
        self._account.own()
        position = Position.of(cursor)
        given: set[bytes] = set()
        for name, ask in self._streams():
            for items, walk in walked(ask, position.walks.get(name, Walk())):
                position = position.with_walk(name, walk)
                yield Batch(_unseen(items, given), position.text())
        if self._options.replies:
            roots = self._account.book.own_since(id_at(self._clock() - SEARCH_DAYS))[:CONVERSATIONS_AT_MOST]
            rounds = position.rounds.begun(roots, CONVERSATIONS_A_QUERY)
            for items, further in rounded(self._replies_to, rounds):
                position = Position(position.walks, further)
                yield Batch(_unseen(items, given), position.text())

    def act(self, enforcement: Enforcement) -> Outcome:
        """Hide a reply, mute or block an account, or undo it; report an account once.

        Raises:
            Refused: The reply stands in somebody else's conversation, or X says no.
            MessageGone: The post or the account no longer exists.
            ConnectorError: By what the engine shall do next.
        """
        if enforcement.effect is Action.HIDE and enforcement.target.kind == "message":
            return self._acts.hide(enforcement)
        if enforcement.effect not in self.can() - {Action.HIDE} or enforcement.target.kind != "account":
            raise Refused(
                f"X cannot {enforcement.effect} a {enforcement.target.kind} here: {x_link(enforcement.target)}"
            )
        account_id = self._account.account_id(enforcement.target.native_id)
        if enforcement.effect is Action.REPORT:
            return self._acts.report(enforcement, account_id)
        if enforcement.effect is Action.BLOCK and not self._options.block:
            return self._acts.dm_block(enforcement, account_id)
        return self._acts.switch(enforcement, account_id)

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Return whether the account is muted or blocked; X does not tell of hidden replies, closed messages and reports."""
        listed = enforcement.effect is Action.MUTE or (enforcement.effect is Action.BLOCK and self._options.block)
        if not listed:
            return None
        return self._acts.listed(enforcement.effect, self._account.account_id(enforcement.target.native_id))

    def _streams(self) -> Iterator[tuple[str, Ask]]:
        own_id, own_name = self._account.own()
        yield "own", partial(self._timeline, "own posts", "owned_read", "get_users_tweets", own_id)
        yield "mentions", partial(self._timeline, "mentions", "owned_read", "get_users_mentions", own_id)
        if self._options.query:
            yield "search", self._search(f"({self._options.query}) -is:retweet -from:{own_name} -@{own_name}")
        if self._options.direct_messages:
            yield "dms", self._direct

    def _timeline(self, doing: str, price: str, method: str, what: str, since: str | None, token: str | None) -> Page:
        size = self._account.meter.affordable(price, 100, 10)
        paging = "next_token" if method == "search_recent_tweets" else "pagination_token"
        more = {**POST_FIELDS, "since_id": since, paging: token, "max_results": size, "user_auth": False}
        if since is None and paging == "pagination_token":
            more["start_time"] = self._begins()
        answer = self._page(f"reading {doing}", token, lambda client: getattr(client, method)(what, **more))
        posts = answer.get("data") or ()
        self._account.meter.count(price, len(posts))
        included = Included.of(answer)
        items = [item for post in posts if (item := self._post(post, included)) is not None]
        return _page(items, [post["id"] for post in posts], (answer.get("meta") or {}).get("next_token"))

    def _search(self, query: str) -> Ask:
        def ask(since: str | None, token: str | None) -> Page:
            reached = since is not None and id_time(since) > self._clock() - SEARCH_DAYS
            return self._timeline(
                "a search", "post_read", "search_recent_tweets", query, since if reached else None, token
            )

        return ask

    def _replies_to(self, roots: Sequence[str]) -> Ask:
        """Ask for replies that do not mention the account: those that do come by its mentions at a fifth of the price."""
        own_name = self._account.own()[1]
        conversations = " OR ".join(f"conversation_id:{root}" for root in roots)
        return self._search(f"({conversations}) -is:retweet -from:{own_name} -@{own_name}")

    def _direct(self, since: str | None, token: str | None) -> Page:
        """Read events as plain data: tweepy's own type fails on times without milliseconds. X has no `since` here."""
        since = since or id_at(self._begins())
        size = self._account.meter.affordable("dm_read", 100, 1)
        more = {**_DM_FIELDS, "pagination_token": token, "max_results": size, "user_auth": False}
        answer = self._page("reading direct messages", token, lambda client: client.get_direct_message_events(**more))
        events = answer.get("data") or []
        self._account.meter.count("dm_read", len(events))
        new = [event for event in events if int(event["id"]) > int(since)]
        included = Included.of(answer)
        items = [self._read(event, f"dm-{event['id']}", partial(read_direct, included=included)) for event in new]
        for event, item in zip(new, items, strict=True):
            note = PostNote(item.message.key.native_id, event["id"], item.message.thread, str(event.get("sender_id")))
            self._account.book.note(note, item.message.author.address)
        older = (answer.get("meta") or {}).get("next_token") if len(new) == len(events) else None
        return _page(items, [event["id"] for event in new], older)

    def _begins(self) -> datetime:
        """Return how far back the first reading goes: a whole day, so that its pages all ask for the same."""
        day = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        return day - timedelta(days=self._options.history_days)

    def _page(self, doing: str, token: str | None, request: Callable[[Any], Any]) -> dict[str, Any]:
        try:
            return self._account.access.ask(doing, request)
        except Refused as error:
            if token is not None and isinstance(error.__cause__, tweepy.BadRequest):
                raise TokenLapsed from error
            raise

    def _post(self, post: Json, included: Included) -> Fetched | None:
        """Return the post and remember it; None for a version older than one already taken in."""
        first = native_id(post)
        known = self._account.book.post(first)
        if known is not None and int(known.latest_id) > int(post["id"]):
            return None
        item = self._read(post, first, partial(read_post, included=included))
        own = item.message.nature is Nature.OWN
        note = PostNote(first, post["id"], item.message.thread, str(post.get("author_id")), own)
        self._account.book.note(note, item.message.author.address)
        return item

    def _read(self, entry: Json, name: str, read: Callable[..., Fetched]) -> Fetched:
        """Read an entry; one that cannot be read is kept with its bytes and comes before a person."""
        try:
            return read(entry, connection=self._connection, own_id=self._account.own()[0])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raw = orjson.dumps(entry)
            why = f"X's entry {name} is of an unknown form: {type(error).__name__}"
            key = MessageKey(self._connection.connection_id, name)
            org, now = self._connection.org, self._clock()
            return Fetched(unreadable(raw, key=key, org=org, received_at=now, why=why, channel=Channel.X), raw)


def _page(items: Sequence[Fetched], ids: Sequence[str], token: str | None) -> Page:
    ordered = sorted(items, key=lambda item: (item.message.received_at, item.message.key))
    return Page(tuple(ordered), max(ids, key=int) if ids else None, token)


def _unseen(items: Sequence[Fetched], given: set[bytes]) -> tuple[Fetched, ...]:
    """Leave out what this fetch has given already: by another stream, or on a page sent twice."""
    new = [item for item in items if sha256(item.raw).digest() not in given]
    given.update(sha256(item.raw).digest() for item in new)
    return tuple(new)
