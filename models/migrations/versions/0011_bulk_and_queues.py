"""one verdict over a search, one reply to a campaign, queues with names and the rules that lead there."""

from alembic import op
import sqlalchemy as sa
import models.tables

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bulk_verdict',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('verdict', sa.String(length=20), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('left_out', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('at', models.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(length=120), nullable=True),
    sa.Column('decided_at', models.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.String(length=120), nullable=True),
    sa.Column('undone_at', models.tables.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', models.tables.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_verdict'))
    )
    with op.batch_alter_table('bulk_verdict', schema=None) as batch_op:
        batch_op.create_index('ix_bulk_verdict_state', ['state', 'id'], unique=False)

    op.create_table('case_queue',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('org', sa.String(length=40), nullable=False),
    sa.Column('name_cy', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('at', models.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', models.tables.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_queue'))
    )
    with op.batch_alter_table('case_queue', schema=None) as batch_op:
        batch_op.create_index('ix_case_queue_org', ['org', 'ended_at'], unique=False)

    op.create_table('queue_member',
    sa.Column('queue_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['name'], ['person.name'], name=op.f('fk_queue_member_name_person')),
    sa.ForeignKeyConstraint(['queue_id'], ['case_queue.id'], name=op.f('fk_queue_member_queue_id_case_queue')),
    sa.PrimaryKeyConstraint('queue_id', 'name', name=op.f('pk_queue_member'))
    )
    op.create_table('routing_rule',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('org', sa.String(length=40), nullable=False),
    sa.Column('queue_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('conditions', sa.JSON(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('at', models.tables.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(length=120), nullable=True),
    sa.Column('decided_at', models.tables.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['queue_id'], ['case_queue.id'], name=op.f('fk_routing_rule_queue_id_case_queue')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_routing_rule'))
    )
    with op.batch_alter_table('routing_rule', schema=None) as batch_op:
        batch_op.create_index('ix_routing_rule_in_force', ['org', 'state', 'position'], unique=False)

    op.create_table('campaign_reply',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('org', sa.String(length=40), nullable=False),
    sa.Column('subject_cy', sa.String(length=200), nullable=False),
    sa.Column('subject_en', sa.String(length=200), nullable=False),
    sa.Column('text_cy', sa.Text(), nullable=False),
    sa.Column('text_en', sa.Text(), nullable=False),
    sa.Column('both', sa.Boolean(), nullable=False),
    sa.Column('left_out', sa.JSON(), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('at', models.tables.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['review_case.id'], name=op.f('fk_campaign_reply_case_id_review_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaign_reply')),
    sa.UniqueConstraint('case_id', name=op.f('uq_campaign_reply_case_id'))
    )
    op.create_table('bulk_item',
    sa.Column('bulk_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('actions', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('why', sa.String(length=20), nullable=False),
    sa.Column('verdict_id', sa.Integer(), nullable=True),
    sa.Column('undo_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['bulk_id'], ['bulk_verdict.id'], name=op.f('fk_bulk_item_bulk_id_bulk_verdict')),
    sa.ForeignKeyConstraint(['case_id'], ['review_case.id'], name=op.f('fk_bulk_item_case_id_review_case')),
    sa.ForeignKeyConstraint(['undo_id'], ['verdict.id'], name=op.f('fk_bulk_item_undo_id_verdict')),
    sa.ForeignKeyConstraint(['verdict_id'], ['verdict.id'], name=op.f('fk_bulk_item_verdict_id_verdict')),
    sa.PrimaryKeyConstraint('bulk_id', 'case_id', name=op.f('pk_bulk_item'))
    )
    with op.batch_alter_table('bulk_item', schema=None) as batch_op:
        batch_op.create_index('ix_bulk_item_state', ['bulk_id', 'state', 'case_id'], unique=False)
        batch_op.create_index('ix_bulk_item_case_id', ['case_id'], unique=False)

    with op.batch_alter_table('review_case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('queue_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('routed_by', sa.String(length=120), nullable=True))
        batch_op.create_index('ix_review_case_named_queue', ['state', 'queue_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('review_case', schema=None) as batch_op:
        batch_op.drop_index('ix_review_case_named_queue')
        batch_op.drop_column('routed_by')
        batch_op.drop_column('queue_id')

    with op.batch_alter_table('bulk_item', schema=None) as batch_op:
        batch_op.drop_index('ix_bulk_item_case_id')
        batch_op.drop_index('ix_bulk_item_state')

    op.drop_table('bulk_item')
    op.drop_table('campaign_reply')
    with op.batch_alter_table('routing_rule', schema=None) as batch_op:
        batch_op.drop_index('ix_routing_rule_in_force')

    op.drop_table('routing_rule')
    op.drop_table('queue_member')
    with op.batch_alter_table('case_queue', schema=None) as batch_op:
        batch_op.drop_index('ix_case_queue_org')

    op.drop_table('case_queue')
    with op.batch_alter_table('bulk_verdict', schema=None) as batch_op:
        batch_op.drop_index('ix_bulk_verdict_state')

    op.drop_table('bulk_verdict')
