"""What is counted of links as messages come, and of decisions by day."""

from collections import Counter
from datetime import UTC

from alembic import op
import sqlalchemy as sa

from models.tables import UtcDateTime

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("links", sa.JSON(), nullable=True))
    op.add_column("decision", sa.Column("lang", sa.String(length=10), nullable=True))
    op.create_table(
        "decided_day",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("org", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("handling", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "org", "day", "value", "handling"),
    )
    _count(op.get_bind())


def _count(store: sa.Connection) -> None:
    """Count the newest decision on each message, as `models.store.daily` counts from then on."""
    message = sa.table("message", *map(sa.column, ("id", "org", "channel", "lang", "revision")))
    decision = sa.table(
        "decision", *map(sa.column, ("message_id", "revision", "handling")), sa.column("decided_at", UtcDateTime),
        sa.column("clauses", sa.JSON), sa.column("labels", sa.JSON),
    )
    day = sa.table("decided_day", *map(sa.column, ("day", "org", "kind", "value", "handling", "count")))
    newest = (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision)
    query = sa.select(
        decision.c.decided_at, message.c.org, message.c.channel, decision.c.handling, decision.c.clauses,
        decision.c.labels, message.c.lang,
    ).join(message, newest)
    counted = Counter[tuple[str, ...]]()
    for at, org, channel, handling, clauses, labels, lang in store.execute(query):
        of = [("channel", channel), ("lang", lang or ""), *(("clause", clause) for clause in clauses)]
        of += [("campaign", "")] if "duplicate.campaign" in labels else []
        counted.update((at.astimezone(UTC).date().isoformat(), org, kind, value, handling) for kind, value in of)
    rows = [dict(zip(day.c.keys(), (*key, number))) for key, number in counted.items()]
    if rows:
        store.execute(sa.insert(day), rows)

