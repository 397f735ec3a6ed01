"""the review queue: ranks, claims, campaigns, facets, notes, saved views, search."""

from datetime import datetime
from math import log2

from alembic import op
import sqlalchemy as sa
import models.tables

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_SEARCHED = "subject, own_text, author, author_name"
_NEW = "new.id, new.subject, new.own_text, new.author, new.author_name"
_OLD = "'delete', old.id, old.subject, old.own_text, old.author, old.author_name"


def upgrade() -> None:
    time = models.tables.UtcDateTime(timezone=True)
    for column in (
        sa.Column('rank', sa.Float(), server_default='0', nullable=False),
        sa.Column('target_at', time, nullable=True),
        sa.Column('harsh', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column('campaign', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column('follows_id', sa.Integer(), nullable=True),
        sa.Column('joined_into', sa.Integer(), nullable=True),
        sa.Column('claimed_by', sa.String(length=120), nullable=True),
        sa.Column('claimed_until', time, nullable=True),
        sa.Column('assigned_to', sa.String(length=120), nullable=True),
        sa.Column('second_by', sa.String(length=120), nullable=True),
        sa.Column('grade', sa.String(length=40), nullable=True),
    ):
        op.add_column('review_case', column)
    op.drop_index('ix_review_case_queue', 'review_case')
    op.create_index('ix_review_case_queue', 'review_case', ['state', 'attention', 'rank', 'id'])
    op.add_column('verdict', sa.Column('reason', sa.String(length=40), server_default='', nullable=False))
    op.create_index('ix_message_thread', 'message', ['connection_id', 'thread', 'received_at'])
    op.create_table('case_facet',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('value', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['review_case.id'], name=op.f('fk_case_facet_case_id_review_case')),
    sa.PrimaryKeyConstraint('case_id', 'kind', 'value', name=op.f('pk_case_facet'))
    )
    op.create_index('ix_case_facet_value', 'case_facet', ['kind', 'value', 'case_id'])
    op.create_table('case_note',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('at', time, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['review_case.id'], name=op.f('fk_case_note_case_id_review_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_note'))
    )
    op.create_index(op.f('ix_case_note_case_id'), 'case_note', ['case_id'])
    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('owner', sa.String(length=120), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('owner', 'title', name=op.f('uq_saved_view_owner_title'))
    )
    op.create_table('handed_over',
    sa.Column('contact_id', sa.Integer(), nullable=False),
    sa.Column('by', sa.String(length=120), nullable=False),
    sa.Column('at', time, nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_handed_over_contact_id_contact')),
    sa.PrimaryKeyConstraint('contact_id', 'by', name=op.f('pk_handed_over'))
    )
    op.create_table('reviewer',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('mask', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('gentle', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('day', sa.String(length=10), server_default='', nullable=False),
    sa.Column('seen', sa.Integer(), server_default='0', nullable=False),
    sa.Column('harsh', sa.Integer(), server_default='0', nullable=False),
    sa.Column('nudged', sa.Integer(), server_default='0', nullable=False),
    sa.Column('working_since', time, nullable=True),
    sa.Column('last_at', time, nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_reviewer'))
    )
    _ranks()
    _facets()
    _search()


def _ranks() -> None:
    """Give the cases that stand the rank they would have been given: a day's target, four hours' doubling."""
    connection = op.get_bind()
    for row in list(connection.execute(sa.text("SELECT id, weight, opened_at FROM review_case"))):
        opened = row.opened_at if isinstance(row.opened_at, datetime) else datetime.fromisoformat(row.opened_at)
        rank = log2(max(row.weight, 0.01)) - (opened.timestamp() + 86400) / 14400
        connection.execute(sa.text("UPDATE review_case SET rank = :rank WHERE id = :id"), {"rank": rank, "id": row.id})


def _facets() -> None:
    start = "INSERT INTO case_facet (case_id, kind, value) SELECT DISTINCT i.case_id, "
    items = "FROM case_item i JOIN message m ON m.id = i.message_id "
    decided = "JOIN decision d ON d.message_id = m.id AND d.revision = m.revision "
    op.execute(f"{start} 'channel', m.channel {items}")
    op.execute(f"{start} 'lang', m.lang {items} WHERE m.lang IS NOT NULL")
    op.execute(f"{start} 'handling', d.handling {items} {decided}")
    op.execute(f"{start} 'label', s.label {items} JOIN signal s ON s.message_id = m.id WHERE s.probability >= 0.5")


def _search() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            "ALTER TABLE message ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', "
            "coalesce(subject, '') || ' ' || own_text || ' ' || author || ' ' || author_name)) STORED"
        )
        op.execute("CREATE INDEX ix_message_search ON message USING gin (search)")
        return
    op.execute(
        f"CREATE VIRTUAL TABLE message_search USING fts5({_SEARCHED}, content='message', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute("INSERT INTO message_search(message_search) VALUES ('rebuild')")
    into = f"INSERT INTO message_search(rowid, {_SEARCHED}) VALUES ({_NEW});"
    out = f"INSERT INTO message_search(message_search, rowid, {_SEARCHED}) VALUES ({_OLD});"
    op.execute(f"CREATE TRIGGER message_search_in AFTER INSERT ON message BEGIN {into} END")
    op.execute(f"CREATE TRIGGER message_search_out AFTER DELETE ON message BEGIN {out} END")
    op.execute(
        f"CREATE TRIGGER message_search_new AFTER UPDATE OF {_SEARCHED} ON message BEGIN {out} {into} END"
    )
