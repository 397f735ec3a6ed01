"""The tables: plain SQLAlchemy Core, nothing that PostgreSQL would refuse."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps it without its zone and gives it back with it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the time {value.isoformat()} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


connection = Table(
    "connection",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("org", String(40), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("own_addresses", JSON, nullable=False),
    Column("can", JSON, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("cursor", Text),
    Column("fetched_at", UtcDateTime),
    Column("trouble", String(20)),
    Column("trouble_answer", Text),
)

contact = Table(
    "contact",
    metadata,
    _key(),
    Column("name", String(300), nullable=False),
    Column("adjustment", Boolean, nullable=False, default=False),
    Column("professional", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
)

account = Table(
    "account",
    metadata,
    _key(),
    Column("platform", String(20), nullable=False),
    Column("address", String(320), nullable=False),
    Column("name", String(300), nullable=False),
    Column("contact_id", Integer, ForeignKey("contact.id"), nullable=False, index=True),
    UniqueConstraint("platform", "address"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
)

message = Table(
    "message",
    metadata,
    _key(),
    Column("connection_id", String(120), ForeignKey("connection.id"), nullable=False),
    Column("native_id", String(500), nullable=False),
    Column("contact_id", Integer, ForeignKey("contact.id"), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("org", String(40), nullable=False),
    Column("author", String(320), nullable=False),
    Column("author_name", String(300), nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("subject", Text),
    Column("own_text", Text, nullable=False),
    Column("quoted_text", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("thread", String(500)),
    Column("message_id", String(500)),
    Column("nature", String(20), nullable=False),
    Column("lang", String(10)),
    Column("raw_sha256", String(64), ForeignKey("evidence.sha256"), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("revision", Integer, nullable=False, default=1),
    Column("classified", Integer, nullable=False, default=0),
    Column("decided", Integer, nullable=False, default=0),
    Column("taken_in_at", UtcDateTime, nullable=False),
    UniqueConstraint("connection_id", "native_id"),
    Index("ix_message_contact_received", "contact_id", "received_at", "id"),
    Index("ix_message_waiting", "decided", "contact_id", "received_at", "id"),
    Index("ix_message_message_id", "message_id"),
    Index("ix_message_thread", "connection_id", "thread", "received_at"),
    Index("ix_message_taken_in", "connection_id", "taken_in_at"),
)
"""`classified` and `decided` hold the revision that was last seen; a message waits while they lag behind."""
for _stage in ("classified", "decided"):
    _lags = message.c[_stage] < message.c.revision
    Index(f"ix_message_un{_stage}", message.c.received_at, message.c.id, sqlite_where=_lags, postgresql_where=_lags)

revision = Table(
    "revision",
    metadata,
    Column("message_id", Integer, ForeignKey("message.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("own_text", Text, nullable=False),
    Column("raw_sha256", String(64), nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
)

signal = Table(
    "signal",
    metadata,
    _key(),
    Column("message_id", Integer, ForeignKey("message.id"), nullable=False, index=True),
    Column("label", String(60), nullable=False),
    Column("probability", Float, nullable=False),
    Column("chance", Float),
    Column("classifier", String(60), nullable=False),
    Column("version", String(40), nullable=False),
    Column("target", String(60)),
    Column("spans", JSON, nullable=False),
    Column("note", Text, nullable=False, default=""),
)

decision = Table(
    "decision",
    metadata,
    _key(),
    Column("message_id", Integer, ForeignKey("message.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("attention", Integer, nullable=False),
    Column("handling", String(20), nullable=False),
    Column("actions", JSON, nullable=False),
    Column("proposed", JSON, nullable=False),
    Column("clauses", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("missing", JSON, nullable=False),
    Column("rules", JSON, nullable=False),
    Column("why_en", Text, nullable=False),
    Column("why_cy", Text, nullable=False),
    Column("pack_id", String(40), nullable=False),
    Column("pack_version", String(40), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("certificate_id", String(80)),
    Column("links", JSON),
    Column("lang", String(10)),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("provisional_until", UtcDateTime),
    UniqueConstraint("message_id", "revision"),
    Index("ix_decision_decided", "decided_at", "message_id", "revision", "handling"),
)

case = Table(
    "review_case",
    metadata,
    _key(),
    Column("contact_id", Integer, ForeignKey("contact.id"), nullable=False),
    Column("org", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attention", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("version", Integer, nullable=False, default=1),
    Column("rank", Float, nullable=False, default=0.0, server_default="0"),
    Column("target_at", UtcDateTime),
    Column("harsh", Boolean, nullable=False, default=False, server_default=false()),
    Column("campaign", Boolean, nullable=False, default=False, server_default=false()),
    Column("follows_id", Integer),
    Column("joined_into", Integer),
    Column("claimed_by", String(120)),
    Column("claimed_until", UtcDateTime),
    Column("assigned_to", String(120)),
    Column("second_by", String(120)),
    Column("grade", String(40)),
    Column("queue_id", Integer),
    Column("routed_by", String(120)),
    Index("ix_review_case_named_queue", "state", "queue_id"),
    Index("ix_review_case_queue", "state", "attention", "rank", "id"),
    Index("ix_review_case_contact_state", "contact_id", "state"),
    Index("ix_review_case_updated", "state", "updated_at", "id"),
)
"""`rank` orders within an attention (see `models/store/ranking.py`). A `campaign` holds items of many contacts;
`joined_into` names the campaign that took a case's only item, `follows_id` the earlier campaign of the same words.
`second_by` asked for a second opinion; `grade` is the role it was escalated to. `queue_id` is the named queue it stands
in, none for the default one; `routed_by` put it there by hand."""

case_item = Table(
    "case_item",
    metadata,
    Column("case_id", Integer, ForeignKey("review_case.id"), primary_key=True),
    Column("message_id", Integer, ForeignKey("message.id"), primary_key=True),
    Index("ix_case_item_message_id", "message_id"),
)

verdict = Table(
    "verdict",
    metadata,
    _key(),
    Column("case_id", Integer, ForeignKey("review_case.id"), nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actions", JSON, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("reason", String(40), nullable=False, default="", server_default=""),
    Column("carried_out_at", UtcDateTime, index=True),
    UniqueConstraint("case_id", "case_version"),
)

enforcement = Table(
    "enforcement",
    metadata,
    _key(),
    Column("connection_id", String(120), ForeignKey("connection.id"), nullable=False),
    Column("target_kind", String(20), nullable=False),
    Column("target_id", String(500), nullable=False),
    Column("effect", String(20), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Column("message_id", Integer, ForeignKey("message.id"), index=True),
    Column("verdict_id", Integer, ForeignKey("verdict.id")),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0, server_default="0"),
    Column("uncertain", Boolean, nullable=False, default=False, server_default=false()),
    Column("fence", Integer, nullable=False, default=0),
    Column("lease_until", UtcDateTime),
    Column("next_at", UtcDateTime, nullable=False),
    Column("provisional_until", UtcDateTime),
    Column("read_back", Boolean),
    Column("detail", Text, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("connection_id", "target_kind", "target_id", "effect", "generation"),
    Index("ix_enforcement_due", "state", "next_at"),
    Index("ix_enforcement_recent", "connection_id", "effect", "created_at"),
)
"""`failures` counts what may end a row as dead; `uncertain` says that a call began whose end is not known."""

quota_day = Table(
    "quota_day",
    metadata,
    Column("connection_id", String(120), primary_key=True),
    Column("effect", String(20), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("used", Integer, nullable=False),
)

formal_event = Table(
    "formal_event",
    metadata,
    _key(),
    Column("contact_id", Integer, ForeignKey("contact.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("detail", JSON, nullable=False),
)

rights_clock = Table(
    "rights_clock",
    metadata,
    Column("message_id", Integer, ForeignKey("message.id"), primary_key=True),
    Column("label", String(60), primary_key=True),
    Column("started_at", UtcDateTime, nullable=False),
)

signature = Table(
    "signature",
    metadata,
    Column("message_id", Integer, ForeignKey("message.id"), primary_key=True),
    Column("org", String(40), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Index("ix_signature_org_received_at", "org", "received_at"),
)

person = Table(
    "person",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("password_hash", String(300), nullable=False),
    Column("role", String(40), nullable=False),
    Column("language", String(5), nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(120), nullable=False),
    Column("what", String(60), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
