"""The tables of enforcement: tasks for people, alarms, breakers, commands, dispatches, spend and evidence records."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from models.tables import UtcDateTime, metadata


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


connection_state = Table(
    "connection_state",
    metadata,
    Column("connection_id", String(120), ForeignKey("connection.id"), primary_key=True),
    Column("since", UtcDateTime),
    Column("paused_at", UtcDateTime),
    Column("paused_by", String(120)),
    Column("next_fetch_at", UtcDateTime),
    Column("fetch_failures", Integer, nullable=False, default=0),
    Column("tokens", Float),
    Column("tokens_at", UtcDateTime),
)
"""What the engine keeps of a connection beside its settings. Messages from before `since` are history."""

spend_month = Table(
    "spend_month",
    metadata,
    Column("connection_id", String(120), ForeignKey("connection.id"), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("cost", Float, nullable=False),
)

manual_task = Table(
    "manual_task",
    metadata,
    _key(),
    Column("enforcement_id", Integer, ForeignKey("enforcement.id"), unique=True),
    Column("dispatch_id", Integer, ForeignKey("dispatch.id"), unique=True),
    Column("connection_id", String(120), ForeignKey("connection.id")),
    Column("message_id", Integer, ForeignKey("message.id")),
    Column("why", String(20), nullable=False),
    Column("link", Text),
    Column("advice", String(20)),
    Column("state", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_by", String(120)),
    Column("ended_at", UtcDateTime),
    Column("verified", Boolean),
    Index("ix_manual_task_state", "state", "created_at"),
)
"""What a person must do on a platform. `why` is the state of the row it stands for; `advice` the ladder's next step."""

alarm = Table(
    "alarm",
    metadata,
    _key(),
    Column("key", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("connection_id", String(120), ForeignKey("connection.id")),
    Column("facts", JSON, nullable=False, server_default="{}"),
    Column("answer", Text, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("cleared_at", UtcDateTime),
    Index("ix_alarm_key_cleared_at", "key", "cleared_at"),
)
"""What people must be told of the bot. `facts` fill the words of its `kind`; `answer` is what the other side or a program said."""

breaker = Table(
    "breaker",
    metadata,
    _key(),
    Column("connection_id", String(120), ForeignKey("connection.id"), nullable=False),
    Column("effect", String(20), nullable=False),
    Column("why", String(20), nullable=False),
    Column("tripped_at", UtcDateTime, nullable=False),
    Column("resumed_at", UtcDateTime),
    Column("resumed_by", String(120)),
    Index("ix_breaker_connection_effect", "connection_id", "effect", "resumed_at"),
)

command = Table(
    "command",
    metadata,
    _key(),
    Column("kind", String(20), nullable=False),
    Column("connection_id", String(120), ForeignKey("connection.id")),
    Column("effect", String(20)),
    Column("task_id", Integer, ForeignKey("manual_task.id")),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("carried_out_at", UtcDateTime, index=True),
    Column("outcome", Text, nullable=False, default=""),
)

dispatch = Table(
    "dispatch",
    metadata,
    _key(),
    Column("key", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("org", String(40), nullable=False),
    Column("connection_id", String(120), ForeignKey("connection.id")),
    Column("contact_id", Integer, ForeignKey("contact.id")),
    Column("message_id", Integer, ForeignKey("message.id")),
    Column("recipient", String(320), nullable=False, default=""),
    Column("detail", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("fence", Integer, nullable=False, default=0),
    Column("lease_until", UtcDateTime),
    Column("next_at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("key"),
    Index("ix_dispatch_due", "state", "next_at"),
    Index("ix_dispatch_contact_created", "contact_id", "kind", "created_at"),
)
"""What goes out and cannot be taken back or looked up: a notice, a digest, a word to reviewers. At most once each."""

evidence_record = Table(
    "evidence_record",
    metadata,
    Column("message_id", Integer, ForeignKey("message.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("part", String(40), primary_key=True),
    Column("sha256", String(64), ForeignKey("evidence.sha256"), nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
)
"""A message as it stood before anything was done about it: `raw`, `manifest`, and what a connector adds."""
