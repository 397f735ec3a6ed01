"""A demonstration: a store of its own with invented messages, emptied at each start, that nothing can be connected to."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select

from bot import example
from bot.only import OnlyBot
from bot.settings import DEMO_MARK, FileSettings, Settings, SettingsError, load
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.session import open_engine, reading, writing
from models.store import people
from models.store.formal import offices
from models.tables import connection
from review_queue.auth import one_time_password

FOLDER = "demo"
NAMES = ("reviewer", "second")
"""Two, since nobody approves what they have proposed."""
_SAYS = "A demonstration of Porthor: invented messages only. Everything here is removed when it is started again.\n"


def prepare(environment: Mapping[str, str], data_dir: Path | None) -> Settings:
    """Empty the demonstration's own folder, inside the data folder, and return the settings that it runs under.

    Raises:
        SettingsError: The folder holds something else than a demonstration, one runs already, or a database is named.
    """
    around = load(environment, data_dir)
    if environment.get("PORTHOR_DATABASE_URL"):
        raise SettingsError("a demonstration has a store of its own: unset PORTHOR_DATABASE_URL and start again")
    folder = around.data_dir / FOLDER
    database_url = f"sqlite:///{folder / 'porthor.sqlite3'}"
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise SettingsError(f"{folder} is not a folder of its own: move it away, or set DATA_DIR to another folder")
    if folder.is_dir() and any(folder.iterdir()):
        _only_a_demonstration(folder, database_url)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / DEMO_MARK).write_text(_SAYS, "utf-8")
    return replace(around, data_dir=folder, database_url=database_url, file=FileSettings())


def _only_a_demonstration(folder: Path, database_url: str) -> None:
    """Refuse a folder in which anything but an ended demonstration lies."""
    if not (folder / DEMO_MARK).is_file():
        raise SettingsError(
            f"{folder} holds something that is no demonstration: nothing was touched; set DATA_DIR to another folder"
        )
    only = OnlyBot(folder)
    if not only.take():
        raise SettingsError(f"a demonstration runs in {folder} already: stop it, or set DATA_DIR to another folder")
    only.release()
    if (folder / "porthor.sqlite3").is_file() and (real := _real(database_url)):
        raise SettingsError(
            f"{folder} holds messages of {', '.join(real)}: nothing was touched; set DATA_DIR to another folder"
        )


def _real(database_url: str) -> list[str]:
    """Return the connections of a store that are not the example's."""
    known = {wanted.name for wanted in example.connections()}
    engine = open_engine(database_url)
    try:
        with reading(engine) as database:
            return sorted(set(database.execute(select(connection.c.id)).scalars()) - known)
    finally:
        engine.dispose()


def accounts(engine: Engine, audit_key: bytes, now: datetime) -> Iterator[tuple[str, str]]:
    """Make the demonstration's accounts, each with the highest role of every policy; yield names and passwords."""
    for name in NAMES:
        password, hashed = one_time_password()
        with writing(engine) as database:
            people.add(database, name, hashed, "administrator", "en", must_change=False, now=now)
            for org in sorted(builtin_pack_ids()):
                pack = builtin_pack(org)
                role = max(pack.roles, key=lambda found: found.rank)
                offices.appoint(database, audit_key, name, pack, role.id, "demo", now)
        yield name, password
