"""What an alarm is about as names and numbers, so that both languages can say it, and what people are told of a score."""

from alembic import op
import sqlalchemy as sa

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE alarm RENAME COLUMN detail TO answer")
    op.add_column("alarm", sa.Column("facts", sa.JSON(), server_default="{}", nullable=False))
    op.execute("ALTER TABLE connection RENAME COLUMN trouble TO trouble_answer")
    op.add_column("connection", sa.Column("trouble", sa.String(length=20), nullable=True))
    paused = "SELECT connection_id FROM connection_state WHERE paused_at IS NOT NULL AND paused_by"
    op.execute("UPDATE connection SET trouble = 'unavailable' WHERE trouble_answer IS NOT NULL")
    op.execute(f"UPDATE connection SET trouble = 'auth' WHERE id IN ({paused} = 'porthor')")
    op.execute(f"UPDATE connection SET trouble = 'person' WHERE id IN ({paused} <> 'porthor')")
    op.drop_column("connection_state", "paused_why")
    op.add_column("signal", sa.Column("chance", sa.Float(), nullable=True))
