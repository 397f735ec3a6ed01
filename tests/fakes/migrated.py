"""An empty SQLite database takes the schema from one that the migrations made, once in a run of the tests."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from sqlalchemy import Engine

from models import migrations
from models.session import open_engine

_migrate = migrations.upgrade


class Schema:
    """Upgrades as the program does, but copies what it made before into a database that is still empty."""

    def __init__(self, migrate: Callable[[Engine], None] = _migrate) -> None:
        self._migrate = migrate
        self._made: bytes | None = None

    def upgrade(self, engine: Engine) -> None:
        """Bring a database to the schema; the first empty one of SQLite, and any other one, by the migrations."""
        if engine.dialect.name != "sqlite" or not _empty(engine):
            self._migrate(engine)
            return
        if self._made is None:
            self._made = self._image()
        with closing(sqlite3.connect(":memory:")) as made, engine.connect() as connection:
            made.deserialize(self._made)
            connection.commit()
            made.backup(connection.connection.driver_connection)

    def _image(self) -> bytes:
        engine = open_engine("sqlite://")
        self._migrate(engine)
        with engine.connect() as connection:
            connection.commit()
            image = connection.connection.driver_connection.serialize()
        engine.dispose()
        return image


def _empty(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one() == 0
