"""The demonstration: invented messages only, emptied at each start, never over anything real, said on every page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from bot import demo, example
from bot.cli.errors import CommandError
from bot.only import OnlyBot
from bot.settings import DEMO_MARK, SettingsError, load
from models.session import open_engine, open_store, reading, writing
from models.store import connections
from models.tables import connection, message
from review_queue.app import Keys, create_app

ROOT = Path(__file__).resolve().parents[2]


def run(folder):
    code = "from bot.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "--demo", "--no-serve", "--data-dir", str(folder)], capture_output=True, text=True,
        check=True, cwd=ROOT,
    )  # fmt: skip
    return dict(re.findall(r"name (\w+), password (\S+)", done.stdout))


@pytest.mark.slow
def test_it_runs_resets_and_prints_two_ways_in(tmp_path, monkeypatch):
    monkeypatch.delenv("PORTHOR_DATABASE_URL", raising=False)
    told = run(tmp_path)
    assert set(told) == {"reviewer", "second"}
    engine = open_engine(f"sqlite:///{tmp_path / 'demo' / 'porthor.sqlite3'}")
    with reading(engine) as database:
        assert set(database.execute(select(connection.c.id)).scalars()) == {one.name for one in example.connections()}
        assert database.execute(select(func.count()).select_from(message)).scalar_one() > 150
    app = create_app(engine, Keys(b"s" * 32, b"a" * 32), demo=True)
    client = TestClient(app, follow_redirects=False)
    for language in ("en", "cy"):
        page = client.get("/sign-in", headers={"accept-language": language}).text
        assert "Demonstration: every message" in page
        assert "Arddangosiad: mae pob neges" in page
    there = client.post("/sign-in", data={"name": "second", "password": told["second"]}).headers["location"]
    assert there != "/password"
    assert "data-demo" in client.get("/").text
    assert client.get("/formal").status_code == 200
    engine.dispose()
    assert run(tmp_path) != told, "made anew at each start"


def test_it_is_never_switched_on_over_something_else(tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    kept = folder / "complaints.txt"
    kept.write_text("real")
    with pytest.raises(SettingsError, match="no demonstration"):
        demo.prepare({}, tmp_path)
    assert kept.read_text() == "real"
    (folder / DEMO_MARK).write_text("forged")
    engine = open_store(f"sqlite:///{folder / 'porthor.sqlite3'}")
    with writing(engine) as database:
        from models.domain import Connection

        connections.ensure(database, Connection("town-hall", "imap", "psow"), frozenset())
    engine.dispose()
    with pytest.raises(SettingsError, match="town-hall"):
        demo.prepare({}, tmp_path)
    assert kept.read_text() == "real"
    with pytest.raises(SettingsError, match="PORTHOR_DATABASE_URL"):
        demo.prepare({"PORTHOR_DATABASE_URL": "postgresql://real"}, tmp_path)


def test_a_running_one_is_not_emptied_and_a_link_is_not_followed(tmp_path):
    settings = demo.prepare({}, tmp_path)
    only = OnlyBot(settings.data_dir)
    assert only.take()
    with pytest.raises(SettingsError, match="runs in"):
        demo.prepare({}, tmp_path)
    only.release()
    demo.prepare({}, tmp_path)
    real = tmp_path / "real"
    real.mkdir()
    (real / DEMO_MARK).write_text("x")
    other = tmp_path / "other"
    other.mkdir()
    (other / "demo").symlink_to(real)
    with pytest.raises(SettingsError, match="folder of its own"):
        demo.prepare({}, other)
    assert (real / DEMO_MARK).exists()


def test_nothing_can_be_connected_and_no_settings_are_read(tmp_path):
    from bot.cli.connect import command as connect

    settings = demo.prepare({}, tmp_path)
    (settings.data_dir / "porthor.toml").write_text('[[connection]]\nname = "x"\nkind = "x"\norg = "psow"\n')
    assert load({}, settings.data_dir).file.connection == ()
    assert load({}, settings.data_dir).demo
    assert not load({}, tmp_path).demo
    with pytest.raises(CommandError, match="demonstration"):
        connect("imap", data_dir=settings.data_dir)


@pytest.mark.slow
def test_no_file_is_read_into_a_demonstration(tmp_path):
    from bot.service import Service, sources_to_connections
    from models.domain import Mode

    service = Service.open(demo.prepare({}, tmp_path))
    (wanted,) = sources_to_connections([tmp_path / "mail.mbox"], "psow", Mode.SHADOW, (), None)
    with pytest.raises(SettingsError, match="demonstration"):
        service.connect(wanted)
    service.only.release()
    service.engine.dispose()


def test_other_pages_bear_no_banner(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    client = TestClient(create_app(engine, Keys(b"s" * 32, b"a" * 32)))
    assert "data-demo" not in client.get("/sign-in").text
    engine.dispose()
