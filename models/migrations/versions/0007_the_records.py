"""calendar feeds of members of staff, and reviews of the policy itself."""

from alembic import op
import sqlalchemy as sa
import models.tables

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_token',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('made_at', models.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_calendar_token')),
    sa.UniqueConstraint('sha256', name=op.f('uq_calendar_token_sha256'))
    )
    op.create_table('policy_review',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('org', sa.String(length=40), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('changes', sa.Text(), nullable=False),
    sa.Column('in_force_from', sa.Date(), nullable=True),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('at', models.tables.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_review'))
    )
    with op.batch_alter_table('policy_review', schema=None) as batch_op:
        batch_op.create_index('ix_policy_review_org_held_on', ['org', 'held_on'], unique=False)


def downgrade() -> None:
    op.drop_table('policy_review')
    op.drop_table('calendar_token')
