"""The tables of what is decided or answered for many at once: one verdict over a search, one reply to a campaign."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from models.tables import UtcDateTime, metadata

__all__ = ["bulk", "bulk_item", "campaign_reply", "metadata"]


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


bulk = Table(
    "bulk_verdict",
    metadata,
    _key(),
    Column("verdict", String(20), nullable=False),
    Column("query", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("left_out", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", UtcDateTime),
    Column("undone_by", String(120)),
    Column("undone_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index("ix_bulk_verdict_state", "state", "id"),
)
"""One verdict that was proposed for all cases of a search. `state` is proposed, refused, running, stopped, done,
undoing or undone; `left_out` counts, by reason, the cases of the search that it never touches."""

bulk_item = Table(
    "bulk_item",
    metadata,
    Column("bulk_id", Integer, ForeignKey("bulk_verdict.id"), primary_key=True),
    Column("case_id", Integer, ForeignKey("review_case.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actions", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("why", String(20), nullable=False),
    Column("verdict_id", Integer, ForeignKey("verdict.id")),
    Column("undo_id", Integer, ForeignKey("verdict.id")),
    Index("ix_bulk_item_state", "bulk_id", "state", "case_id"),
    Index("ix_bulk_item_case_id", "case_id"),
)
"""A case as it stood when the verdict was proposed. `state` is waiting, done, left, undone or kept; `why` it was
left out, or kept when the rest was undone."""

campaign_reply = Table(
    "campaign_reply",
    metadata,
    _key(),
    Column("case_id", Integer, ForeignKey("review_case.id"), nullable=False, unique=True),
    Column("org", String(40), nullable=False),
    Column("subject_cy", String(200), nullable=False),
    Column("subject_en", String(200), nullable=False),
    Column("text_cy", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("both", Boolean, nullable=False),
    Column("left_out", JSON, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""The one reply to everybody of a campaign; who gets it stands in its dispatches. `both`: always in both languages."""
