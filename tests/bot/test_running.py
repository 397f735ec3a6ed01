"""The running bot: one a store, clock jumps, hints, and the commands status, pause, resume and connect."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from bot.jumps import ClockWatch
from bot.only import OnlyBot
from bot.service import Service
from bot.settings import ConnectionSettings, load
from models.domain import Mode, VerdictKind
from models.engine_tables import alarm, command, connection_state
from models.session import open_store, reading, writing
from models.store import audit, bulk
from models.tables import audit_event, case, message, verdict
from tests.fakes.guarantee import permit
from tests.fakes.world import ABUSE, Clock, World

MBOX = "From x Thu Jan  1 00:00:00 2026\nFrom: {who}\nSubject: s\n\n{text}\n\n"


def porthor(*arguments, data_dir, given=""):
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *arguments, "--data-dir", str(data_dir)],
        capture_output=True, text=True, input=given, env={**os.environ, "COLUMNS": "200"}, check=False,
    )  # fmt: skip


@pytest.fixture
def mails(tmp_path):
    path = tmp_path / "in.mbox"
    path.write_text(MBOX.format(who="a@example.org", text=ABUSE), "utf-8")
    return path


@pytest.fixture
def service(tmp_path, mails):
    made = Service.open(load({}, tmp_path), clock=Clock())
    made.connect(ConnectionSettings(name="post", kind="files", org="psow", path=mails, mode=Mode.ENFORCE))
    permit(made, "post")
    yield made
    made.only.release()
    made.engine.dispose()


def test_the_bot_carries_out_what_was_approved_for_many(service):
    service.poll("post")
    with reading(service.engine) as database:
        (found,) = database.execute(select(case).where(case.c.state == "open")).all()
    now = service.clock()
    item = bulk.Item(found.id, found.version, VerdictKind.DELIVER, ())
    with writing(service.engine) as database:
        number = bulk.propose(database, b"k", "deliver", "", "x", [item], {}, "nia", now)
        bulk.decide(database, b"k", number, True, "mair", now)
    service.act()
    with reading(service.engine) as database:
        assert bulk.progress(database, number) == {"done": 1}
        given = database.execute(select(verdict)).one()
    assert (given.kind, given.by, given.carried_out_at is not None) == ("deliver", "nia", True)


def test_one_bot_acts_on_a_store_and_the_next_takes_over(tmp_path, service):
    other = OnlyBot(tmp_path)
    assert service.become_only()
    assert not other.take()
    service.only.release()
    assert other.take()
    service.poll("post")
    assert service.act() == 0, "another acts: this one only reads and decides"
    with reading(service.engine) as database:
        assert database.execute(select(message.c.decided)).scalar() == 1
    other.release()
    assert service.act() >= 1


def test_the_clock_is_the_injected_one(service):
    service.poll("post")
    with reading(service.engine) as database:
        assert database.execute(select(message.c.taken_in_at)).scalar() == service.clock.now


def test_a_clock_that_goes_back_holds_nothing_up_and_lifts_nothing():
    from models.tables import enforcement

    world = World()
    steady = [0.0]
    watch = ClockWatch(world.clock, lambda: steady[0])
    world.put(world.message("1", ABUSE))
    from connectors.base import Unavailable

    world.platform.fail_with = [Unavailable("down")]
    world.act()
    steady[0] += 60
    world.clock.forward(seconds=60)
    assert watch.check(world.engine) == timedelta(0)
    world.clock.forward(days=-1)
    assert watch.check(world.engine) == timedelta(days=-1)
    world.act()
    assert [r.state for r in world.every(select(enforcement))] == ["done"]
    assert [a.kind for a in world.every(select(alarm))] == ["clock"]
    assert not watch.trusted()
    steady[0] += 601
    world.clock.forward(seconds=601)
    assert watch.check(world.engine) == timedelta(0)
    assert watch.trusted()
    world.engine.dispose()


def test_a_hint_makes_the_bot_read_at_once(monkeypatch, service):
    read = threading.Event()

    monkeypatch.setattr(Service, "poll", lambda _self, _name: read.set())
    service.wanted["post"] = service.wanted["post"].model_copy(update={"poll_s": 3600})
    service.connectors["post"].wait = lambda _timeout_s: True
    scheduler = service.schedule()
    assert read.wait(10), "an hour before its time"
    service.stop(scheduler)


def test_status_for_people_and_for_machines(tmp_path, service):
    service.poll("post")
    service.clock.now = service.clock.now  # the command has the real clock
    found = orjson.loads(porthor("status", "--json", data_dir=tmp_path).stdout)
    (connection,) = found["connections"]
    assert (connection["name"], connection["mode"], connection["breakers"]) == ("post", "enforce", [])
    assert found["cases"]["open"] == 1
    assert found["undecided"] == 0
    text = porthor("status", data_dir=tmp_path).stdout
    assert "post (files, psow): enforce" in text


def test_pause_and_resume_with_their_audit_events(tmp_path, service):
    service.only.release()
    answer = porthor("pause", "post", data_dir=tmp_path)
    assert answer.stdout == "post: paused\n"
    assert "PAUSED" in porthor("status", data_dir=tmp_path).stdout
    assert porthor("status", data_dir=tmp_path).returncode == 1
    assert service.become_only()
    answer = porthor("resume", "post", data_dir=tmp_path)
    assert answer.stdout == "post: the running bot resumes it now\n"
    with reading(service.engine) as database:
        assert database.execute(select(connection_state.c.paused_at)).scalar() is not None
    service.act()
    key = (tmp_path / "secrets" / "audit.key").read_bytes()
    with reading(service.engine) as database:
        assert database.execute(select(connection_state.c.paused_at)).scalar() is None
        assert [e.what for e in database.execute(select(audit_event))] == ["command.pause", "command.resume"]
        assert audit.verify(database, key) == (2, None)
        assert all(row.carried_out_at for row in database.execute(select(command)))
    wrong = porthor("resume", "nothing", data_dir=tmp_path)
    assert "use one of post" in wrong.stderr


def test_connect_asks_tests_and_writes_a_connection_in_shadow(tmp_path, mails):
    folder = tmp_path / "data"
    answer = porthor("connect", "files", data_dir=folder, given=f"letters\npsow\nus@example.org\n{mails}\n\n")
    assert answer.returncode == 0, answer.stderr
    assert "tested: it answers: 1 items read" in answer.stdout
    assert "report     becomes a task for a person" in answer.stdout
    (written,) = load({}, folder).file.connection
    assert (written.name, written.mode, written.own_addresses) == ("letters", Mode.SHADOW, ("us@example.org",))
    assert (folder / "porthor.toml").stat().st_mode & 0o077 == 0
    again = porthor("connect", "files", "--name", "letters", "--org", "psow", data_dir=folder)
    assert "called 'letters' already" in again.stderr
    more = porthor(
        "connect", "files", "--name", "more", "--org", "adra", "--own", "x@example.org", "--set", f"path={mails}",
        "--set", "authserv_id=mx.example.org", data_dir=folder,
    )  # fmt: skip
    assert more.returncode == 0, more.stderr
    assert [entry.name for entry in load({}, folder).file.connection] == ["letters", "more"]
    engine = open_store(f"sqlite:///{folder / 'porthor.sqlite3'}")
    engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("fax",), "no connector is called 'fax'"),
        (("files", "--name", "Ö"), "cannot be a name"),
        (("files", "--name", "a", "--org", "nobody"), "no pack is called 'nobody'"),
        (("files", "--name", "a", "--org", "psow", "--own", "b", "--set", "path"), "OPTION=VALUE"),
        (("files", "--name", "a", "--org", "psow", "--own", "b", "--set", "path=/nowhere", "--set", "authserv_id=x"), "no such file"),
        (("files", "--name", "a", "--org", "psow", "--own", "b", "--set", "pth=/x", "--set", "path=/x", "--set", "authserv_id=x"), "pth"),
    ],
)  # fmt: skip
def test_connect_says_what_is_wrong_and_writes_nothing(tmp_path, arguments, told):
    answer = porthor("connect", *arguments, data_dir=tmp_path)
    assert answer.returncode == 2
    assert told in answer.stderr
    assert not (tmp_path / "porthor.toml").exists()
