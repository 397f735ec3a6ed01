"""The domain types that flow through the bot: frozen, slotted, free of any SDK or database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType

from models.labels import LABELS, require_known


class Channel(StrEnum):
    """Where a message came in."""

    EMAIL = "email"
    X = "x"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    YOUTUBE = "youtube"
    TELEPHONE = "telephone"
    VISIT = "visit"
    MEETING = "meeting"
    LETTER = "letter"

    __hash__ = str.__hash__

    @property
    def group(self) -> "ChannelGroup":
        """The group that limits and certificates speak of."""
        return _GROUPS.get(self, ChannelGroup.SOCIAL)


class ChannelGroup(StrEnum):
    """Mail, public posts, or what people see and log by hand."""

    MAIL = "mail"
    SOCIAL = "social"
    LOGGED = "logged"

    __hash__ = str.__hash__
    """Every threshold is looked up by it: an enumeration's own hash is worked out in Python, each time."""


_GROUPS = {
    Channel.EMAIL: ChannelGroup.MAIL,
    Channel.TELEPHONE: ChannelGroup.LOGGED,
    Channel.VISIT: ChannelGroup.LOGGED,
    Channel.MEETING: ChannelGroup.LOGGED,
    Channel.LETTER: ChannelGroup.LOGGED,
}


class Mode(StrEnum):
    """What a connection may do by itself: decide only, everything to the queue, or act."""

    SHADOW = "shadow"
    ASSIST = "assist"
    ENFORCE = "enforce"


class Attention(IntEnum):
    """Who must look, and how soon. Ordered."""

    DELIVER = 0
    REVIEW = 1
    URGENT = 2


class Action(StrEnum):
    """What may be done to an item or an account, mildest first (see `ACTION_ORDER`)."""

    NONE = "none"
    LABEL = "label"
    FILE = "file"
    HIDE = "hide"
    MUTE = "mute"
    QUARANTINE = "quarantine"
    BLOCK = "block"
    REPORT = "report"

    __hash__ = str.__hash__

    @property
    def on_account(self) -> bool:
        """True when it acts on a person's account rather than on one item."""
        return self in {Action.MUTE, Action.BLOCK, Action.REPORT}


ACTION_ORDER: tuple[Action, ...] = tuple(Action)


class Handling(StrEnum):
    """One word for a decision, as the commands print it."""

    DELIVER = "deliver"
    REVIEW = "review"
    ENFORCE = "enforce"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True, order=True)
class MessageKey:
    """What makes a message itself: never the Message-ID, which its sender chooses."""

    connection_id: str
    native_id: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote it, as the platform says.

    `address` is a mail address or handle, lower-cased, without a leading `@`. `verified` is True when the
    origin is proven (platform account, aligned DMARC); an unverified author never adds to a history.
    """

    address: str
    display_name: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range [start, end) of code points of a message's own text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as written: `target` is where it goes, `shown` the text a reader sees."""

    target: str
    shown: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """Name, declared type and size of an attachment; it is never opened."""

    name: str
    content_type: str
    size_bytes: int


class Nature(StrEnum):
    """What kind of item it is, beyond a person's ordinary message."""

    ORDINARY = "ordinary"
    AUTOMATIC = "automatic"  # auto-replies, bounces, list mail: never counts against anybody
    OWN = "own"  # the organisation's own posts and replies: context only
    HISTORY = "history"  # older than the connection: never acted on
    OPAQUE = "opaque"  # encrypted, image only, or unreadable: never "clean", a person looks


@dataclass(frozen=True, slots=True)
class Message:
    """One piece of text by one author, as fetched.

    `own_text` holds the author's own words; quoted mail, signature and disclaimer stand apart. Times are aware UTC;
    windows and clocks use only `received_at`, when we got it. `headers` are (lower-case name, decoded value) in order.
    """

    key: MessageKey
    channel: Channel
    org: str
    author: Author
    own_text: str
    received_at: datetime
    subject: str | None = None
    quoted_text: str = ""
    signature: str = ""
    disclaimer: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    sent_at: datetime | None = None
    thread: str | None = None
    reply_to_id: str | None = None
    message_id: str | None = None
    links: tuple[Link, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    html_notes: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    nature: Nature = Nature.ORDINARY
    lang_hint: str | None = None
    raw_sha256: str | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of header `name` (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Signal:
    """One finding of one classifier: a calibrated probability and where in the own text it shows.

    `target` says at whom: `staff`, `organisation`, `third_party`, `public`, `self` or
    `group:<characteristic>`. `spans` are strongest first and may be empty.
    """

    label: str
    probability: float
    classifier: str
    version: str
    spans: tuple[Span, ...] = ()
    target: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            require_known(self.label)
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"{self.label}: probability {self.probability} is not in [0, 1]")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision fell, in one sentence in each language."""

    en: str
    cy: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall happen with one message, and why.

    `actions` are the automatic ones, mildest first; `proposed` those a person is offered; `clauses` cite the pack, gravest first.
    `provisional_until` is set when an automatic hold or block must be confirmed by then or lifts.
    """

    key: MessageKey
    attention: Attention
    actions: tuple[Action, ...]
    proposed: tuple[Action, ...]
    clauses: tuple[str, ...]
    signals: tuple[Signal, ...]
    why: Reason
    pack_id: str
    pack_version: str
    mode: Mode
    certificate_id: str | None
    decided_at: datetime
    provisional_until: datetime | None = None
    rules: tuple[str, ...] = ()

    @property
    def handling(self) -> Handling:
        """The decision in one word: urgent before enforce before review before deliver."""
        if self.attention is Attention.URGENT:
            return Handling.URGENT
        if self.actions:
            return Handling.ENFORCE
        return Handling.REVIEW if self.attention is Attention.REVIEW else Handling.DELIVER


class EnforcementState(StrEnum):
    """Where an outbox row stands. Terminal: done, already_done, refused, manual, unknown, dead, cancelled."""

    PENDING = "pending"
    LEASED = "leased"
    DONE = "done"
    ALREADY_DONE = "already_done"
    REFUSED = "refused"
    MANUAL = "manual"
    UNKNOWN = "unknown"
    DEAD = "dead"
    CANCELLED = "cancelled"

    @property
    def needs_person(self) -> bool:
        """True when the bot could not bring the effect about by itself: never only in its row."""
        return self.value in {"refused", "manual", "unknown", "dead"}


@dataclass(frozen=True, slots=True)
class Target:
    """What an enforcement acts on: one item (`message`) or one account (`account`)."""

    kind: str
    native_id: str


@dataclass(frozen=True, slots=True)
class Enforcement:
    """One remote effect to bring about, keyed by (connection, target, effect, generation).

    `wanted` False undoes the effect: hide → unhide → hide are generations 1, 2, 3 of one effect.
    `fence` grows with each lease; `uncertain`: how an earlier attempt ended is not known; `about`: the message it is for.
    """

    enforcement_id: int
    connection_id: str
    target: Target
    effect: Action
    wanted: bool
    generation: int
    attempts: int = 0
    fence: int = 0
    provisional_until: datetime | None = None
    message_id: int | None = None
    failures: int = 0
    uncertain: bool = False
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an enforcement came to; `read_back` is what the platform said afterwards, None if it can't."""

    state: EnforcementState
    detail: str = ""
    read_back: bool | None = None


class VerdictKind(StrEnum):
    """What a person decided about a case."""

    DELIVER = "deliver"
    ENFORCE = "enforce"
    ESCALATE = "escalate"
    NO_ACTION = "no_action"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Connection:
    """One of the organisation's own mailboxes or accounts on a platform."""

    connection_id: str
    kind: str
    org: str
    mode: Mode = Mode.SHADOW
    own_addresses: tuple[str, ...] = ()
    since: datetime | None = None
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
