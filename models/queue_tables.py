"""The tables of the review queue: what a case can be found by, notes, saved views, and how reviewers fare."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, false, true

from models.tables import UtcDateTime, metadata

case_facet = Table(
    "case_facet",
    metadata,
    Column("case_id", Integer, ForeignKey("review_case.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("value", String(60), primary_key=True),
    Index("ix_case_facet_value", "kind", "value", "case_id"),
)
"""`kind` is channel, label, clause, lang or handling: one row for each value that stands in one of the case's items."""

case_note = Table(
    "case_note",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("case_id", Integer, ForeignKey("review_case.id"), nullable=False, index=True),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(120), nullable=False),
    Column("title", String(60), nullable=False),
    Column("query", Text, nullable=False),
    UniqueConstraint("owner", "title"),
)

handed_over = Table(
    "handed_over",
    metadata,
    Column("contact_id", Integer, ForeignKey("contact.id"), primary_key=True),
    Column("by", String(120), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
"""Contacts that a reviewer does not see any more, because they target that reviewer."""

reviewer = Table(
    "reviewer",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("mask", Boolean, nullable=False, server_default=true()),
    Column("gentle", Boolean, nullable=False, server_default=false()),
    Column("day", String(10), nullable=False, server_default=""),
    Column("seen", Integer, nullable=False, server_default="0"),
    Column("harsh", Integer, nullable=False, server_default="0"),
    Column("nudged", Integer, nullable=False, server_default="0"),
    Column("working_since", UtcDateTime),
    Column("last_at", UtcDateTime),
)
"""How a reviewer wants to see things, and how much abuse they have opened on `day` (London)."""
