"""The tables of the desk: who may sign in and how, lists that staff keep, and changes that wait for a second person."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from models.tables import UtcDateTime, metadata

__all__ = ["change", "list_entry", "metadata", "person_access", "recovery_code"]


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


person_access = Table(
    "person_access",
    metadata,
    Column("name", String(120), ForeignKey("person.name"), primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("sessions_since", UtcDateTime),
    Column("totp_secret", Text),
    Column("totp_since", UtcDateTime),
    Column("totp_last_step", Integer),
    Column("issuer", String(300)),
    Column("subject", String(300)),
    Index("ix_person_access_subject", "issuer", "subject", unique=True),
)
"""How a person signs in. Sessions begun before `sessions_since` are over; `totp_secret` is sealed with the page's key
and counts from `totp_since` on; `issuer` and `subject` are those of single sign-on. Who has no row is active."""

recovery_code = Table(
    "recovery_code",
    metadata,
    _key(),
    Column("name", String(120), ForeignKey("person.name"), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("used_at", UtcDateTime),
)

list_entry = Table(
    "list_entry",
    metadata,
    _key(),
    Column("kind", String(20), nullable=False),
    Column("matches", String(20), nullable=False),
    Column("value", String(320), nullable=False),
    Column("org", String(40), nullable=False),
    Column("connection_id", String(120), ForeignKey("connection.id")),
    Column("why", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Index("ix_list_entry_in_force", "org", "state", "kind"),
)
"""What staff allow, deny or watch. It counts from the moment a second person agrees until it expires or is ended."""

change = Table(
    "policy_change",
    metadata,
    _key(),
    Column("org", String(40), nullable=False),
    Column("field", String(60), nullable=False),
    Column("value", JSON, nullable=False),
    Column("before", JSON, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", UtcDateTime),
    Index("ix_policy_change_org_state", "org", "state"),
)
"""A limit of a pack that somebody wants moved; in force once a second person approved it, newest last."""
decided_day = Table(
    "decided_day",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("org", String(40), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("value", String(120), primary_key=True),
    Column("handling", String(20), primary_key=True),
    Column("count", Integer, nullable=False),
)
