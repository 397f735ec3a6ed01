"""The tables of the guarantee: certificates of connections, the blind sample, scores by day, and the model in force."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from models.tables import UtcDateTime, metadata

certificate = Table(
    "certificate",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("connection_id", String(120), ForeignKey("connection.id"), nullable=False),
    Column("pack_id", String(40), nullable=False),
    Column("pack_version", String(40), nullable=False),
    Column("basis", String(20), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("model_version", String(120), nullable=False),
    Column("body", JSON, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False),
    Index("ix_certificate_of", "connection_id", "pack_id", "id"),
)
"""`body` holds what its file holds (thresholds, bounds, n); the youngest row of a connection and pack counts."""

blind_draw = Table(
    "blind_draw",
    metadata,
    Column("message_id", Integer, ForeignKey("message.id"), primary_key=True),
    Column("connection_id", String(120), nullable=False),
    Column("contact_id", Integer, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("stratum", String(20), nullable=False),
    Column("probability", Float, nullable=False),
    Column("second", Boolean, nullable=False),
    Column("act_at", Float),
    Column("model_version", String(120), nullable=False),
    Column("pack_id", String(40), nullable=False),
    Column("pack_version", String(40), nullable=False),
    Column("drawn_at", UtcDateTime, nullable=False),
    Index("ix_blind_draw_connection", "connection_id", "drawn_at"),
)
"""`stratum` is action or delivery, `probability` that with which it was drawn, `act_at` the threshold then in force."""

blind_verdict = Table(
    "blind_verdict",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("message_id", Integer, ForeignKey("blind_draw.message_id"), nullable=False),
    Column("judgement", String(20), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("message_id", "by"),
)

score_day = Table(
    "score_day",
    metadata,
    Column("connection_id", String(120), primary_key=True),
    Column("channel_group", String(20), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("model_version", String(120), primary_key=True),
    Column("bins", JSON, nullable=False),
    Column("acted", Integer, nullable=False),
    Column("delivered", Integer, nullable=False),
)
"""A histogram of the likeliest harm of each message decided that day, and how many were acted on and delivered."""

model_in_force = Table(
    "model_in_force",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("version", String(40), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""What people put in force, youngest last; an empty version is the trained heads without a local layer."""
