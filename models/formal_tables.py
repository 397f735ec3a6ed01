"""The tables of the formal side: who a contact is, incidents, measures, and what waits to be written, told or decided."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from models.tables import UtcDateTime, metadata

__all__ = [
    "calendar_token",
    "circumstance",
    "contact_link",
    "contact_profile",
    "incident",
    "letter",
    "letter_wanted",
    "measure",
    "metadata",
    "notice",
    "office",
    "policy_review",
    "proposal",
]


def _key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _contact() -> Column[int]:
    return Column("contact_id", Integer, ForeignKey("contact.id"), nullable=False, index=True)


office = Table(
    "office",
    metadata,
    _key(),
    Column("name", String(120), nullable=False),
    Column("org", String(40), nullable=False),
    Column("role", String(40), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Index("ix_office_name_org", "name", "org"),
)

contact_profile = Table(
    "contact_profile",
    metadata,
    Column("contact_id", Integer, ForeignKey("contact.id"), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("represents", String(300), nullable=False),
    Column("language", String(10), nullable=False),
    Column("easy_read", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

circumstance = Table(
    "circumstance",
    metadata,
    _key(),
    _contact(),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("detail", JSON, nullable=False),
)

contact_link = Table(
    "contact_link",
    metadata,
    _key(),
    Column("kind", String(10), nullable=False),
    _contact(),
    Column("other_id", Integer, ForeignKey("contact.id"), nullable=False, index=True),
    Column("moved", JSON, nullable=False),
    Column("why", Text, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
)

incident = Table(
    "incident",
    metadata,
    _key(),
    _contact(),
    Column("org", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", String(20), nullable=False),
    Column("message_id", Integer, ForeignKey("message.id"), unique=True),
    Column("detail", JSON, nullable=False),
    Index("ix_incident_org_state", "org", "state", "at"),
)

measure = Table(
    "measure",
    metadata,
    _key(),
    _contact(),
    Column("org", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", String(20), nullable=False),
    Column("about_id", Integer, ForeignKey("measure.id"), index=True),
    Column("ends_at", UtcDateTime),
    Column("review_on", Date),
    Column("pack_version", String(40), nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_measure_org_kind_state", "org", "kind", "state"),
)
"""`state` is `standing` until it has ended; `ends_at` and `review_on` are kept for lists and follow the pure clocks."""

proposal = Table(
    "proposal",
    metadata,
    _key(),
    _contact(),
    Column("org", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("decision", String(40), nullable=False),
    Column("role", String(40), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", String(20), nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", UtcDateTime),
    Column("why", Text, nullable=False),
    Column("measure_id", Integer, ForeignKey("measure.id")),
    Column("detail", JSON, nullable=False),
    Index("ix_proposal_org_state", "org", "state"),
)

letter_wanted = Table(
    "letter_wanted",
    metadata,
    _key(),
    _contact(),
    Column("org", String(40), nullable=False),
    Column("measure_id", Integer, ForeignKey("measure.id"), index=True),
    Column("kind", String(40), nullable=False),
    Column("language", String(10), nullable=False),
    Column("style", String(20), nullable=False),
    Column("wanted_by", String(120), nullable=False),
    Column("wanted_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("by_post", Boolean),
    Column("received_on", Date),
    Column("reference", String(120)),
    Index("ix_letter_wanted_org_sent_at", "org", "sent_at"),
)
"""A letter somebody must get. Whoever writes and sends letters fulfils the row; its clock starts a measure's.

One that answers a message rather than tells of a step (`returned`, `signposting`) has no measure.
"""

letter = Table(
    "letter",
    metadata,
    Column("id", Integer, ForeignKey("letter_wanted.id"), primary_key=True, autoincrement=False),
    Column("message_id", Integer, ForeignKey("message.id"), index=True),
    Column("marks", JSON, nullable=False),
    Column("recipient", JSON, nullable=False),
    Column("words", JSON, nullable=False),
    Column("approved", JSON),
    Column("approved_by", String(120)),
    Column("approved_role", String(40)),
    Column("approved_at", UtcDateTime),
    Column("way", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("pdf_sha256", String(64), ForeignKey("evidence.sha256")),
)
"""What was written of a wanted letter: `words` by language and block, the letters as they were
`approved`, the `way` they go, and the pages as they went."""

notice = Table(
    "notice",
    metadata,
    _key(),
    Column("org", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("about", String(60), nullable=False),
    Column("to_role", String(40), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("done_by", String(120)),
    UniqueConstraint("kind", "about", "due_on"),
    Index("ix_notice_org_done_at", "org", "done_at"),
)

calendar_token = Table(
    "calendar_token",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("made_at", UtcDateTime, nullable=False),
)
"""Whose calendar a secret address opens; the secret itself is kept nowhere."""

policy_review = Table(
    "policy_review",
    metadata,
    _key(),
    Column("org", String(40), nullable=False),
    Column("held_on", Date, nullable=False),
    Column("changes", Text, nullable=False),
    Column("in_force_from", Date),
    Column("by", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_policy_review_org_held_on", "org", "held_on"),
)
"""A review of a policy itself: what changed, empty for nothing, and from when."""
