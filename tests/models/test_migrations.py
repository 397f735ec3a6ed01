"""The migrations give the schema of the tables, nothing PostgreSQL would refuse, and a second run changes nothing."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from models import migrations
from models.session import open_engine, open_store
from models.tables import metadata
from tests.fakes.migrated import Schema

UPGRADE = migrations.upgrade


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
