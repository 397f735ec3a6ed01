"""letters as they are written, approved and sent."""

from alembic import op
import sqlalchemy as sa
import models.tables

revision = '0006'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('letter_wanted', schema=None) as batch_op:
        batch_op.alter_column('measure_id', existing_type=sa.INTEGER(), nullable=True)
    op.create_table('letter',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('marks', sa.JSON(), nullable=False),
    sa.Column('recipient', sa.JSON(), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.Column('approved', sa.JSON(), nullable=True),
    sa.Column('approved_by', sa.String(length=120), nullable=True),
    sa.Column('approved_role', sa.String(length=40), nullable=True),
    sa.Column('approved_at', models.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('way', sa.String(length=20), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('pdf_sha256', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['id'], ['letter_wanted.id'], name=op.f('fk_letter_id_letter_wanted')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_letter_message_id_message')),
    sa.ForeignKeyConstraint(['pdf_sha256'], ['evidence.sha256'], name=op.f('fk_letter_pdf_sha256_evidence')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter'))
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_letter_message_id'), ['message_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_letter_message_id'))
    op.drop_table('letter')
    with op.batch_alter_table('letter_wanted', schema=None) as batch_op:
        batch_op.alter_column('measure_id', existing_type=sa.INTEGER(), nullable=False)
