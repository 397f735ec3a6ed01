"""indexes for a store of a million messages: what still waits for the machine, what came today, what was decided last."""

from alembic import op
import sqlalchemy as sa

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for stage in ("classified", "decided"):
        lags = sa.text(f"{stage} < revision")
        op.create_index(
            f"ix_message_un{stage}", "message", ["received_at", "id"], sqlite_where=lags, postgresql_where=lags
        )
    op.create_index("ix_message_taken_in", "message", ["connection_id", "taken_in_at"])
    op.create_index("ix_review_case_updated", "review_case", ["state", "updated_at", "id"])
    op.create_index("ix_decision_decided", "decision", ["decided_at", "message_id", "revision", "handling"])
