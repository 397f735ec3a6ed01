"""The connector `mastodon`: mentions and direct posts of an account on its instance; muting, blocking, limiting, reporting."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field

from connectors.base import Batch, Options, Pace, Place, Refused
from connectors.social.book import Book
from connectors.social.deep_links import mastodon_link
from connectors.social.mastodon_acts import MastodonActs, Report
from connectors.social.mastodon_client import MastodonAccess
from connectors.social.mastodon_reading import MastodonReader, Position
from models.domain import Action, Connection, Enforcement, EnforcementState, Outcome, Target


class MastodonOptions(Options):
    """The account's instance and token, how long a mute lasts, what a report says, and what the token may do."""

    api_url: Annotated[str, Field(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])")]
    access_token: str
    domain: str | None = None
    conversations: bool = True
    mute_days: Annotated[int, Field(ge=1)] | None = None
    hide_muted_notifications: bool = False
    report: bool = True
    report_comment: str = ""
    report_category: Literal["spam", "violation", "other"] = "other"
    report_rules: tuple[str, ...] = ()
    report_forward: bool = False
    limit_on_block: bool = False


class MastodonConnector:
    """One account on one instance. A post's native id is the instance's own; lists are read oldest first."""

    kind = "mastodon"
    options = MastodonOptions
    pace: ClassVar[Pace] = Pace(150, 300.0)
    """Half of what an instance allows an account by default."""

    def __init__(self, connection: Connection, options: MastodonOptions, place: Place) -> None:
        self._options = options
        self._domain = (options.domain or urlsplit(options.api_url).netloc).lower()
        self._book = Book(place.state_dir / "book.sqlite3")
        self._access = MastodonAccess(place, options.api_url, place.secret(options.access_token))
        self._reader = MastodonReader(connection, self._access, self._book, self._domain, place.clock)
        self._acts = MastodonActs(self._access, place.clock)

    @classmethod
    def open(cls, connection: Connection, options: MastodonOptions, place: Place) -> "MastodonConnector":
        """Return the connector.

        Raises:
            Refused: The access token is not where it should be.
        """
        return cls(connection, options, place)

    def can(self) -> frozenset[Action]:
        """Return what an account can do: another's post cannot be hidden from others, so that is a person's task."""
        return frozenset({Action.MUTE, Action.BLOCK, *([Action.REPORT] if self._options.report else [])})

    def deep_link(self, enforcement: Enforcement) -> str:
        """Return where a person finds a post or an account on the own instance."""
        return self._link(enforcement.target)

    def _link(self, target: Target) -> str:
        name = target.native_id.removesuffix(f"@{self._domain}")
        return mastodon_link(self._options.api_url, Target(target.kind, name))

    def wait(self, timeout_s: float) -> bool:
        """Wait until the stream tells of a notification: a hint to fetch, never the truth."""
        return self._access.news(timeout_s)

    def fetch(self, cursor: str | None) -> Iterator[Batch]:
        """Yield own posts, mentions and direct posts after `cursor`, oldest first, then edits of those lately read.

        Raises:
            ConnectorError: By what the engine shall do next.
        """
        position = Position.of(cursor)
        lists = [self._reader.own_posts, self._reader.mentions, self._reader.edits]
        if self._options.conversations:
            lists.insert(2, self._reader.conversations)
        for read in lists:
            for batch, further in read(position):
                position = further
                yield batch

    def act(self, enforcement: Enforcement) -> Outcome:
        """Mute or block an account, or undo it; report it once.

        Raises:
            Refused: The instance says no, or has no such action.
            MessageGone: The account no longer exists.
            ConnectorError: By what the engine shall do next.
        """
        if enforcement.effect not in self.can() or enforcement.target.kind != "account":
            where = self._link(enforcement.target)
            raise Refused(f"Mastodon cannot {enforcement.effect} a {enforcement.target.kind}: act by hand at {where}")
        account_id = self._account_id(enforcement.target.native_id)
        if enforcement.effect is Action.REPORT:
            return self._report(enforcement, account_id)
        if not self._change(enforcement, account_id):
            return Outcome(EnforcementState.ALREADY_DONE, read_back=enforcement.wanted)
        return Outcome(EnforcementState.DONE)

    def read_back(self, enforcement: Enforcement) -> bool | None:
        """Return whether the account is muted, or blocked (and limited, if that belongs to it); None for a report."""
        if enforcement.effect not in {Action.MUTE, Action.BLOCK}:
            return None
        account_id = self._account_id(enforcement.target.native_id)
        if enforcement.effect is Action.MUTE:
            return self._acts.is_muted(account_id)
        return self._acts.is_blocked(account_id, limited=self._options.limit_on_block)

    def _change(self, enforcement: Enforcement, account_id: str) -> bool:
        options, wanted = self._options, enforcement.wanted
        if enforcement.effect is Action.BLOCK:
            return self._acts.block(account_id, wanted=wanted, limited=options.limit_on_block)
        loud = options.hide_muted_notifications
        return self._acts.mute(account_id, wanted=wanted, days=options.mute_days, notifications=loud)

    def _report(self, enforcement: Enforcement, account_id: str) -> Outcome:
        if not enforcement.wanted:
            raise Refused("a report cannot be taken back: write to the instance's moderators")
        options = self._options
        abroad = not enforcement.target.native_id.endswith(f"@{self._domain}")
        forward = options.report_forward and abroad
        report = Report(options.report_comment, options.report_category, options.report_rules, forward)
        self._acts.report(account_id, enforcement.about or self._book.newest_of(account_id), report)
        return Outcome(EnforcementState.DONE, "reported to the instance's moderators")

    def _account_id(self, address: str) -> str:
        known = self._book.account_id(address)
        if known is None:
            name = address.removesuffix(f"@{self._domain}")
            answer = self._access.ask("looking up an account", lambda client: client.account_lookup(name))
            known = str(answer["id"])
            self._book.note_account(address, known)
        return known
