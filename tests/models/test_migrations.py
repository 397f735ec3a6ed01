"""The migrations give the schema of the tables, nothing PostgreSQL would refuse, and a second run changes nothing."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from models import migrations
from models.desk_tables import decided_day
from models.engine_tables import alarm
from models.session import open_engine, open_store
from models.tables import connection as connections
from models.tables import metadata
from tests.fakes.migrated import Schema

UPGRADE = migrations.upgrade
OLD = [
    *(
        f"""INSERT INTO connection (id, kind, org, mode, own_addresses, can, settings, trouble)
        VALUES ('{name}', 'x', 'psow', 'enforce', '[]', '[]', '{{}}', {trouble})"""
        for name, trouble in (("a", "'401'"), ("b", "'paused by nia'"), ("c", "'no answer'"), ("d", "NULL"))
    ),
    *(
        f"""INSERT INTO connection_state (connection_id, paused_at, paused_by, paused_why, fetch_failures)
        VALUES ('{name}', '2026-10-05 09:00:00', '{by}', 'why', 0)"""
        for name, by in (("a", "porthor"), ("b", "nia"))
    ),
    """INSERT INTO alarm (key, kind, connection_id, detail, raised_at)
    VALUES ('paused:a', 'paused', 'a', 'paused: 401', '2026-10-05 09:00:00')""",
    "INSERT INTO contact (id, name, adjustment, professional, created_at) VALUES (1, 'a', 0, 0, '2026-10-05 09:00:00')",
    "INSERT INTO evidence (sha256, size_bytes, body, kept_at) VALUES ('f', 1, x'00', '2026-10-05 09:00:00')",
    """INSERT INTO message (id, connection_id, native_id, contact_id, channel, org, author, author_name, verified,
    own_text, quoted_text, received_at, nature, lang, raw_sha256, detail, revision, classified, decided, taken_in_at)
    VALUES (1, 'a', 'm', 1, 'x', 'psow', 'a', 'a', 0, 'b', '', '2026-10-05 09:00:00', 'post', 'cy', 'f', '{}', 2, 2, 2,
    '2026-10-05 09:00:00')""",
    *(
        f"""INSERT INTO decision (message_id, revision, attention, handling, actions, proposed, clauses, labels, missing,
        rules, why_en, why_cy, pack_id, pack_version, mode, decided_at) VALUES (1, {revision}, 1, 'review', '[]', '[]',
        '["12"]', '["duplicate.campaign"]', '[]', '[]', '', '', 'psow', '1', 'enforce', '2026-10-05 23:30:00')"""
        for revision in (1, 2)
    ),
]
"""Rows as they stood under 0012."""


@pytest.mark.parametrize("upgrade", [UPGRADE, Schema(UPGRADE).upgrade], ids=["migrated", "the tests' copy"])
def test_the_migrations_make_the_tables(tmp_path, monkeypatch, upgrade):
    monkeypatch.setattr(migrations, "upgrade", upgrade)
    engine = open_store(f"sqlite:///{tmp_path / 'new' / 'x.sqlite3'}")
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_object": lambda _, name, *__: not str(name).startswith("message_search")}
        assert compare_metadata(MigrationContext.configure(connection, opts=opts), metadata) == []
        assert set(metadata.tables) < set(inspect(connection).get_table_names())
    engine.dispose()
    open_store(f"sqlite:///{tmp_path / 'new' / 'x.sqlite3'}").dispose()


def test_postgresql_would_take_every_table():
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=postgresql.dialect()))


def test_the_copy_that_tests_get_holds_all_that_the_migrations_make(tmp_path):
    made = {}
    for name, upgrade in {"migrated": UPGRADE, "copied": Schema(UPGRADE).upgrade}.items():
        engine = open_engine(f"sqlite:///{tmp_path / name}")
        upgrade(engine)
        with engine.connect() as connection:
            made[name] = (
                set(map(tuple, connection.exec_driver_sql("SELECT type, name, tbl_name FROM sqlite_master"))),
                connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one(),
                connection.exec_driver_sql("PRAGMA journal_mode").scalar_one(),
                {
                    table: connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()
                    for table in metadata.tables
                },
            )
        engine.dispose()
    assert made["migrated"] == made["copied"]


def test_a_store_that_is_not_empty_is_migrated_and_not_copied_over(tmp_path):
    asked = []
    engine = open_engine(f"sqlite:///{tmp_path / 'old'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE of_somebody (x)")
    Schema(asked.append).upgrade(engine)
    assert asked == [engine]
    engine.dispose()


def test_a_store_of_the_week_before_keeps_its_alarms_and_counts_its_days(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'old'}")
    with engine.begin() as connection:
        config = migrations.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        for line in OLD:
            connection.exec_driver_sql(line)
    UPGRADE(engine)
    with engine.connect() as connection:
        assert connection.execute(select(alarm.c.facts, alarm.c.answer)).all() == [({}, "paused: 401")]
        known = select(connections.c.id, connections.c.trouble, connections.c.trouble_answer)
        assert set(connection.execute(known)) == {
            ("a", "auth", "401"),
            ("b", "person", "paused by nia"),
            ("c", "unavailable", "no answer"),
            ("d", None, None),
        }
        counted = select(decided_day.c.day, decided_day.c.kind, decided_day.c.value, decided_day.c.count)
        assert set(connection.execute(counted)) == {
            ("2026-10-05", "channel", "x", 1),
            ("2026-10-05", "lang", "cy", 1),
            ("2026-10-05", "clause", "12", 1),
            ("2026-10-05", "campaign", "", 1),
        }
    engine.dispose()
