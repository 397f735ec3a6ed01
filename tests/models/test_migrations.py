"""The migrations give the schema of the tables, nothing PostgreSQL would refuse, and a second run changes nothing."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from models.session import open_store
from models.tables import metadata


def test_the_migrations_make_the_tables(tmp_path):
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
