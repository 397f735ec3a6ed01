"""What is counted of links as messages come, and of decisions by day."""

from alembic import op
import sqlalchemy as sa

from models.store.daily import recount

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
    recount(op.get_bind())

