"""The commands as a user meets them: what they print, how they end, and what bad input is told."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POST = {"id": "a", "channel": "x", "org": "psow", "author": "@x", "text": "You useless fucking cunts, worthless scum"}
MAIL = {
    "id": "b",
    "channel": "email",
    "org": "adra",
    "author": "n@example.org",
    "subject": "Gwres",
    "text": "Diolch am eich ateb am y ffens.\n\nOn Mon, Adra wrote:\n> you fucking idiot",
}
RAW = {
    "id": "c",
    "org": "adra",
    "raw_b64": base64.b64encode(
        b"From: n@example.org\nSubject: s\n\nI know where you live, I will kill you\n-- \nN"
    ).decode(),
}


def porthor(*arguments, stdin=None, **environment):
    command = [sys.executable, "-W", "ignore", "-c", "from bot.cli import main; main()", *map(str, arguments)]
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=300,
        check=False,
    )


def classified(lines, tmp_path, *options):
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    done = porthor("classify", path, *options)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def test_linear_algebra_is_given_one_thread_unless_somebody_says_otherwise():
    code = (
        "import os, sys; import bot.cli; assert 'numpy' not in sys.modules; sys.argv = ['porthor', 'classify', '--help'];"
        "import atexit; atexit.register(lambda: print('threads', os.environ['OPENBLAS_NUM_THREADS'])); bot.cli.main()"
    )
    for given, expected in ((None, "1"), ("3", "3")):
        environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
        if given is not None:
            environment["OPENBLAS_NUM_THREADS"] = given
        command = [sys.executable, "-W", "ignore", "-c", code]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60, check=False
        )
        assert f"threads {expected}" in done.stdout, done.stderr


def test_classify_answers_each_line_in_order_with_spans_into_the_input(tmp_path):
    done, answers = classified([POST, MAIL, RAW], tmp_path)
    assert done.returncode == 0, done.stderr
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    post, mail, raw = answers
    assert (post["handling"], "hide" in post["actions"], post["lang"]) == ("enforce", True, "en")
    assert post["clauses"][0].startswith("psow/")
    insult = next(signal for signal in post["signals"] if signal["label"] == "abuse.insult")
    assert POST["text"][insult["start"] : insult["end"]].strip()
    assert all(signal["probability"] >= 0.01 for signal in post["signals"])
    assert mail["handling"] == "deliver"
    assert all(
        signal["end"] is None or signal["end"] <= len("Diolch am eich ateb am y ffens.\n\n")
        for signal in mail["signals"]
    )
    assert raw["handling"] == "urgent"
    threat = next(signal for signal in raw["signals"] if signal["label"] == "abuse.threat")
    assert (
        "kill" in raw["own_text"][threat["start"] : threat["end"]]
        or "know where" in raw["own_text"][threat["start"] : threat["end"]]
    )


def test_classify_answers_a_line_it_cannot_read_with_an_error_and_counts_them(tmp_path):
    bad = ["{broken", "[1]", {"id": 1, "text": "x"}, {"id": 2, "org": "nobody", "channel": "x", "text": "x"}, {"id": 3, "org": "psow", "channel": "fax", "text": "x"},
           {"id": 4, "org": "psow", "channel": "x"}, {"id": 5, "org": "psow", "raw_b64": "***"}, {"id": 6, "org": "psow", "channel": "x", "text": 7}]  # fmt: skip
    done, answers = classified([*bad, POST], tmp_path)
    assert done.returncode == len(bad)
    assert all("error" in answer for answer in answers[:-1])
    assert [answer.get("id") for answer in answers] == [None, None, 1, 2, 3, 4, 5, 6, "a"]
    assert answers[-1]["handling"] == "enforce"
    assert "8 lines could not be read" in done.stderr


def test_classify_takes_the_pack_from_the_command_and_reads_standard_input(tmp_path):
    line = json.dumps({key: value for key, value in POST.items() if key != "org"})
    done = porthor("classify", "-", "--pack", "wrexham", stdin=line + "\n")
    assert json.loads(done.stdout)["clauses"][0].startswith("wrexham/")
    assert porthor("classify", "-", "--pack", "nobody", stdin=line).returncode == 2


def test_classify_knows_staff(tmp_path):
    staff = tmp_path / "staff.csv"
    staff.write_text("org,name,role,public_face\npsow,Rhodri Ames,officer,no\n", "utf-8")
    done, (answer,) = classified([POST | {"text": "Rhodri Ames lost my letter"}], tmp_path, "--staff", staff)
    assert done.returncode == 0
    assert "doxing.staff_named" in {signal["label"] for signal in answer["signals"]}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("classify", "/nowhere/none.jsonl"), "none.jsonl"),
        (("classify", "{in}", "--staff", "/nowhere/staff.csv"), "the staff file cannot be read"),
        (("packs", "check", "/nowhere/pack.yaml"), "there is no such file"),
        (("packs", "check", "{binary}"), "not UTF-8"),
        (("scenarios", "/nowhere/none.jsonl"), "cannot be read"),
        (("ingest", "/nowhere/none.mbox", "--data-dir", "{tmp}/d"), "there is no such file"),
        (("ingest", "{in}", "--data-dir", "{binary}/d"), "cannot be made"),
        (("ingest", "{in}", "--org", "nobody", "--data-dir", "{tmp}/d"), "no pack is called 'nobody'"),
        (("decide", "--explain", "7", "--data-dir", "{tmp}/d"), "no decided message number 7"),
        (("evaluate", "--data", "/nowhere"), "not there"),
    ],
)
def test_bad_input_gets_one_sentence_and_a_status(tmp_path, arguments, told):
    (tmp_path / "in.jsonl").write_text(json.dumps(POST), "utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x01")
    places = {"{in}": tmp_path / "in.jsonl", "{binary}": tmp_path / "binary", "{tmp}": tmp_path}
    filled = []
    for argument in arguments:
        text = argument
        for sign, place in places.items():
            text = text.replace(sign, str(place))
        filled.append(text)
    done = porthor(*filled)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_locked_or_newer_database_is_told(tmp_path):
    (tmp_path / "in.jsonl").write_text(json.dumps(POST), "utf-8")
    store = tmp_path / "d" / "porthor.sqlite3"
    assert porthor("ingest", tmp_path / "in.jsonl", "--data-dir", tmp_path / "d").returncode == 0
    import sqlite3

    with sqlite3.connect(store) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    newer = porthor("ingest", tmp_path / "in.jsonl", "--data-dir", tmp_path / "d")
    assert (newer.returncode, "made by a newer version" in newer.stderr) == (2, True)
    database.close()
    other = tmp_path / "e"
    other.mkdir()
    (other / "porthor.sqlite3").write_bytes(b"this is not a database at all, only text" * 50)
    damaged = porthor("ingest", tmp_path / "in.jsonl", "--data-dir", other)
    assert (damaged.returncode, "is not a database" in damaged.stderr) == (2, True)


def many(tmp_path, count=600):
    path = tmp_path / "many.jsonl"
    words = "The gate at the end of our lane has been broken since the storm and the children walk into the road. " * 6
    path.write_text(
        "\n".join(json.dumps(POST | {"id": f"p{n}", "author": f"@a{n}", "text": f"{n} {words}"}) for n in range(count)),
        "utf-8",
    )
    return path


def test_a_full_disk_is_told_and_loses_nothing(tmp_path):
    path = many(tmp_path)
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY));"
        "from bot.cli import main; main()"
    )
    command = [sys.executable, "-W", "ignore", "-c", limited, "ingest", str(path), "--data-dir", str(tmp_path / "d")]
    full = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    assert full.returncode == 2
    assert "nothing was lost" in full.stderr
    assert "Traceback" not in full.stderr
    again = porthor("ingest", path, "--data-dir", tmp_path / "d")
    assert again.returncode == 0, again.stderr
    new, _, known = (int(part.split()[0]) for part in again.stdout.split(";")[0].split(", "))
    assert new + known <= 600
    from sqlalchemy import func, select

    from models.session import open_store, reading
    from models.store import cases
    from models.tables import message

    engine = open_store(f"sqlite:///{tmp_path / 'd' / 'porthor.sqlite3'}")
    with reading(engine) as database:
        assert database.execute(select(func.count()).select_from(message)).scalar_one() == 600
        assert cases.unaccounted(database) == []
    engine.dispose()


@pytest.mark.slow
def test_a_locked_database_is_told_and_loses_nothing(tmp_path):
    import sqlite3

    path = many(tmp_path, 20)
    assert porthor("ingest", path, "--data-dir", tmp_path / "d").returncode == 0
    holder = sqlite3.connect(tmp_path / "d" / "porthor.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    locked = porthor("ingest", path, "--data-dir", tmp_path / "d")
    holder.execute("ROLLBACK")
    holder.close()
    assert locked.returncode == 2
    assert "is held by another process" in locked.stderr
    assert porthor("ingest", path, "--data-dir", tmp_path / "d").returncode == 0


def test_a_binary_file_called_mail_becomes_a_case(tmp_path):
    (tmp_path / "letter.eml").write_bytes(b"\x7fELF\x00\x01" * 99)
    done = porthor("ingest", tmp_path / "letter.eml", "--data-dir", tmp_path / "d")
    assert done.returncode == 0
    assert "1 new" in done.stdout
    assert "1 cases open" in done.stdout


def test_ingest_twice_doubles_nothing_and_decide_explains(tmp_path):
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(POST | {"id": f"p{n}"}) for n in range(3)), "utf-8")
    first = porthor("ingest", tmp_path / "in.jsonl", "--data-dir", tmp_path / "d", "--mode", "enforce")
    again = porthor("ingest", tmp_path / "in.jsonl", "--data-dir", tmp_path / "d", "--mode", "enforce")
    assert "3 new" in first.stdout
    assert "0 new" in again.stdout
    shown = porthor("decide", "--explain", "1", "--data-dir", tmp_path / "d").stdout
    assert "psow/2.2.a" in shown
    assert "abuse.insult" in shown
    assert "rule certificate_missing" in shown, "nobody accepted or certified this connection"
    assert "actions none" in shown
    assert "penderfyniad:" in shown


def test_packs_check_says_what_is_wrong_and_what_is_right(tmp_path):
    good = ROOT / "models" / "policy" / "packs" / "psow.yaml"
    assert "in order: 168 clauses" in porthor("packs", "check", good).stdout
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text("utf-8").replace("abuse.insult", "abuse.insul", 1), "utf-8")
    done = porthor("packs", "check", bad)
    assert done.returncode == 2
    assert "did you mean 'abuse.insult'" in done.stderr
    assert "psow" in porthor("packs", "list").stdout


def test_doctor_looks_at_everything(tmp_path):
    done = porthor("doctor", DATA_DIR=str(tmp_path), PORT="18099")
    for subject in ("Python", "settings", "data folder", "database", "port", "policy packs", "classifiers", "the page"):
        assert subject in done.stdout
    assert "missing port" not in done.stdout
    assert "PORT is 'x'" in porthor("doctor", PORT="x").stdout


@pytest.mark.parametrize(
    "name", ["run", "ingest", "decide", "classify", "scenarios", "evaluate", "packs", "roles", "audit", "doctor"]
)
def test_every_command_has_help_with_an_example(name):
    grouped = {"packs": "check", "roles": "give", "audit": "verify"}
    if name in grouped:
        assert f"porthor {name} {grouped[name]}" in porthor(name, grouped[name], "--help").stdout
        return
    done = porthor(name, "--help", COLUMNS="200")
    assert done.returncode == 0
    assert f"porthor {name}" in done.stdout


def test_run_works_off_the_example_and_a_second_time_doubles_nothing(tmp_path):
    first = porthor("run", "--example", "--no-serve", DATA_DIR=str(tmp_path))
    again = porthor("run", "--example", "--no-serve", DATA_DIR=str(tmp_path))
    assert first.returncode == again.returncode == 0
    assert first.stdout == again.stdout
    assert "urgent" in first.stdout


def test_run_tells_of_a_taken_port(tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = porthor("run", DATA_DIR=str(tmp_path), PORT=str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "is taken: stop what listens there or set PORT to another" in done.stderr


def test_a_file_that_is_not_there_is_named_with_what_to_do(tmp_path):
    path = tmp_path / "posts.jsonl"
    ended = porthor("classify", path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"porthor: {path}: No such file or directory; check the path")


def test_a_person_is_erased_for_good_and_only_where_nobody_waits(tmp_path):
    from models.domain import VerdictKind
    from models.session import reading
    from models.tables import contact, message
    from tests.fakes.world import World

    data = tmp_path / "data"
    data.mkdir()
    world = World(f"sqlite:///{data / 'porthor.sqlite3'}")
    world.put(world.message("1", "I cannot go on any more, tonight I am going to take all my tablets and end my life"))
    refused = porthor("erase", 1, "--why", "asked for", "--yes", "--data-dir", data)
    assert refused.returncode == 2
    assert "still open" in refused.stderr
    world.judge(VerdictKind.DELIVER)
    world.act()
    done = porthor("erase", 1, "--why", "asked for", "--yes", "--data-dir", data)
    assert done.returncode == 0, done.stderr
    assert "erased with 1 messages" in done.stdout
    with reading(world.engine) as database:
        assert database.execute(message.select()).first() is None
        assert database.execute(contact.select()).first() is None
    nobody = porthor("erase", 1, "--why", "asked for", "--yes", "--data-dir", data)
    assert nobody.returncode == 2
    assert "no such contact" in nobody.stderr
    world.engine.dispose()
