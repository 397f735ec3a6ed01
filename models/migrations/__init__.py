"""Brings a database to the schema of this program, with Alembic, from inside the program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine

HERE = Path(__file__).resolve().parent


def configuration() -> Config:
    """Return the configuration that Alembic's own command line and this program share."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine) -> None:
    """Apply what is missing; a database of a newer program is refused.

    Raises:
        SchemaMismatch: The database is newer than this program.
    """
    from models.session import SchemaMismatch

    config = configuration()
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head():
            return
        try:
            if current is not None:
                scripts.get_revision(current)
        except CommandError as error:
            raise SchemaMismatch(
                f"the database {engine.url.database} has the schema {current}, which this program does not know: "
                "it was made by a newer version; run that version, or restore a backup"
            ) from error
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
