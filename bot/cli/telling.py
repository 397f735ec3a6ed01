"""What `porthor pause` and `porthor resume` share: a command written with its audit event."""

import getpass
import os
from pathlib import Path

from bot.cli.errors import CommandError
from models.domain import Action
from models.store.commands import CommandKind, UnknownConnection


def write(kind: CommandKind, connection: str, effect: Action | None, data_dir: Path | None) -> bool:
    """Write a command for the bot; return whether a running bot will carry it out, else it was done here.

    Raises:
        CommandError: There is no such connection.
    """
    from bot import commands
    from bot.only import only_bot
    from bot.secrets import ensure_keys
    from bot.service import now_utc
    from bot.settings import load
    from models.session import open_store, writing
    from models.store import commands as store

    settings = load(os.environ, data_dir)
    key = (ensure_keys(settings.secrets_dir) / "audit.key").read_bytes()
    engine = open_store(settings.database_url)
    only = only_bot(settings.data_dir, engine)
    try:
        with writing(engine) as database:
            store.write(database, key, kind, f"command line: {getpass.getuser()}", now_utc(), connection, effect)
        if not only.take():
            return True
        commands.carry_out(engine, {}, now_utc, frozenset({CommandKind.PAUSE, CommandKind.RESUME}))
    except UnknownConnection as error:
        raise CommandError(str(error)) from error
    finally:
        only.release()
        engine.dispose()
    return False
