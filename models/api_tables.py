"""The tables of what speaks with other systems: keys of the API, addresses that are told of events, and what they were told."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from models.tables import UtcDateTime, metadata

__all__ = ["api_token", "metadata", "webhook", "webhook_delivery"]


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


api_token = Table(
    "api_token",
    metadata,
    _key(),
    Column("name", String(60), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("account", String(120), ForeignKey("person.name"), nullable=False, index=True),
    Column("scopes", JSON, nullable=False),
    Column("made_by", String(120), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("revoked_by", String(120)),
)
"""A key of the API: it acts as `account`, with at most that account's rights. The secret itself is kept nowhere."""

webhook = Table(
    "webhook",
    metadata,
    _key(),
    Column("title", String(60), nullable=False),
    Column("address", Text, nullable=False),
    Column("org", String(40), nullable=False),
    Column("events", JSON, nullable=False),
    Column("secret", Text, nullable=False),
    Column("secret_before", Text),
    Column("before_until", UtcDateTime),
    Column("state", String(10), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_webhook_state", "state"),
)
"""An address that is told of events: `org` empty for all, `state` on or off. Secrets are sealed; after a new one is made
the one before signs as well until `before_until`."""

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    _key(),
    Column("webhook_id", Integer, ForeignKey("webhook.id"), nullable=False),
    Column("key", String(120), nullable=False),
    Column("message_id", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("data", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_until", UtcDateTime),
    Column("next_at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False, default=""),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("webhook_id", "key"),
    Index("ix_webhook_delivery_due", "state", "next_at"),
    Index("ix_webhook_delivery_ended_at", "ended_at"),
)
"""One event for one address: at least once under the same `message_id`, by which whoever receives it knows it again."""
