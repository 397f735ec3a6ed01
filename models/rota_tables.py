"""The tables of the rota: office hours, who is on call on which day, and urgent cases until somebody took them up."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from models.tables import UtcDateTime, metadata

__all__ = ["metadata", "rota", "rota_call", "rota_day", "rota_exception", "urgent_watch"]


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


rota = Table(
    "rota",
    metadata,
    Column("org", String(40), primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("opens", String(5), nullable=False),
    Column("closes", String(5), nullable=False),
    Column("minutes", Integer),
)
"""An organisation's office hours on working days, in London, and how long an urgent case may wait (None: as the pack says)."""

rota_day = Table(
    "rota_day",
    metadata,
    Column("org", String(40), primary_key=True),
    Column("weekday", Integer, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("name", String(120), ForeignKey("person.name"), nullable=False),
)
"""Who is called `place`-th in the duty that begins on a weekday (0 Monday) when the office opens and lasts to the next opening."""

rota_exception = Table(
    "rota_exception",
    metadata,
    _key(),
    Column("org", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("place", Integer, nullable=False),
    Column("name", String(120), ForeignKey("person.name"), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("org", "day", "place"),
)

urgent_watch = Table(
    "urgent_watch",
    metadata,
    _key(),
    Column("case_id", Integer, ForeignKey("review_case.id"), nullable=False, index=True),
    Column("org", String(40), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", String(120)),
    Column("ended_at", UtcDateTime),
    Index("ix_urgent_watch_ended_at", "ended_at"),
)
"""An urgent case from when it was first seen to be one until it is decided; acknowledged once somebody took it up."""

rota_call = Table(
    "rota_call",
    metadata,
    _key(),
    Column("watch_id", Integer, ForeignKey("urgent_watch.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("name", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("watch_id", "place"),
)
"""Who was called about an urgent case, in order."""
