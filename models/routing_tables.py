"""The tables of the queues that an organisation names: the queues, who works in them, and the rules that lead there."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from models.tables import UtcDateTime, metadata

__all__ = ["case_queue", "metadata", "queue_member", "routing_rule"]


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


case_queue = Table(
    "case_queue",
    metadata,
    _key(),
    Column("org", String(40), nullable=False),
    Column("name_cy", String(60), nullable=False),
    Column("name_en", String(60), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("ix_case_queue_org", "org", "ended_at"),
)
"""A queue with a name. A case that no rule leads anywhere stands in none: the default queue."""

queue_member = Table(
    "queue_member",
    metadata,
    Column("queue_id", Integer, ForeignKey("case_queue.id"), primary_key=True),
    Column("name", String(120), ForeignKey("person.name"), primary_key=True),
)

routing_rule = Table(
    "routing_rule",
    metadata,
    _key(),
    Column("org", String(40), nullable=False),
    Column("queue_id", Integer, ForeignKey("case_queue.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", UtcDateTime),
    Index("ix_routing_rule_in_force", "org", "state", "position"),
)
"""`conditions` maps a field to the values that fit; all fields must fit, the first rule that does counts."""
