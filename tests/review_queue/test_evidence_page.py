"""Evidence from the page and the command line: for whoever may manage contact, and provable by anybody."""

import pytest
from typer.testing import CliRunner

from bot.cli import evidence as commands
from bot.cli.errors import CommandError
from bot.secrets import ensure_keys
from models.policy.loader import builtin_pack
from models.records.evidence.verifying import verify
from models.session import reading, writing
from models.store import audit
from models.store.formal import offices
from review_queue.app import Keys, create_app
from review_queue.i18n import utc_now
from tests.fakes.world import KEY, World
from tests.review_queue.conftest import NAME, fill

EVIDENCE = b"e" * 32


@pytest.fixture(autouse=True)
def _signing(desk):
    desk.client.app.state.page.evidence_key = EVIDENCE
    desk.client.app.state.page.audit_key = KEY


def appoint(desk, role):
    with writing(desk.world.engine) as database:
        offices.appoint(database, KEY, NAME, builtin_pack("psow"), role, "root", utc_now())


def test_only_who_may_manage_contact_packs_evidence(desk, tmp_path):
    path = "/case/1/evidence"
    assert desk.client.get(path).status_code == 403
    appoint(desk, "staff")
    assert desk.client.get(path).status_code == 403
    assert desk.client.post(path, data={"csrf": desk.csrf()}).status_code == 403
    appoint(desk, "hopsc")
    page = desk.client.get(path)
    assert page.status_code == 200
    assert "porthor evidence verify" in page.text
    assert desk.client.post(path, data={"csrf": "forged"}).status_code == 403
    got = desk.client.post(path, data={"csrf": desk.csrf()})
    assert got.headers["content-disposition"] == 'attachment; filename="evidence-case-1.zip"'
    (tmp_path / "p.zip").write_bytes(got.content)
    found = verify(tmp_path / "p.zip")
    assert found.problems == ()
    assert found.fingerprint in page.text
    assert desk.client.get("/case/99/evidence").status_code == 404
    with reading(desk.world.engine) as database:
        assert audit.verify(database, KEY)[1] is None
        assert [row.what for row in database.execute(audit.audit_event.select())][-1] == "evidence.packed"


def test_the_page_is_welsh_too_and_hostile_names_stay_text(desk):
    appoint(desk, "hopsc")
    desk.client.get("/language/cy")
    for number in (1, 2, 3):
        page = desk.client.get(f"/case/{number}/evidence")
        if page.status_code == 200:
            assert "Tystiolaeth i&#39;r heddlu" in page.text or "Tystiolaeth i'r heddlu" in page.text
            assert "<script>alert" not in page.text


def test_a_page_without_a_signing_key_packs_nothing(desk):
    appoint(desk, "hopsc")
    desk.client.app.state.page.evidence_key = b""
    assert desk.client.get("/case/1/evidence").status_code == 403
    assert create_app(desk.world.engine, Keys(b"s" * 32, KEY)).state.page.evidence_key == b""


def test_from_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    world = World(f"sqlite:///{tmp_path / 'data' / 'porthor.sqlite3'}")
    fill(world)
    world.engine.dispose()
    run, out = CliRunner(), tmp_path / "case.zip"
    made = run.invoke(commands.command, ["pack", "1", "--out", str(out)])
    assert (made.exit_code, "signed" in made.output) == (0, True)
    assert isinstance(run.invoke(commands.command, ["pack", "1", "--out", str(out)]).exception, CommandError)
    assert isinstance(run.invoke(commands.command, ["pack", "77"]).exception, CommandError)
    shown = run.invoke(commands.command, ["key"])
    pem = tmp_path / "key.pem"
    pem.write_text(shown.stdout.split("fingerprint")[0], "utf-8")
    good = run.invoke(commands.command, ["verify", str(out), "--key", str(pem)])
    assert (good.exit_code, "each as it was signed" in good.output) == (0, True)
    body = bytearray(out.read_bytes())
    body[len(body) // 2] ^= 1
    out.write_bytes(bytes(body))
    bad = run.invoke(commands.command, ["verify", str(out)])
    assert (bad.exit_code, "do not rely on it" in bad.output) == (1, True)
    assert isinstance(run.invoke(commands.command, ["verify", "nowhere.zip"]).exception, CommandError)
    assert (ensure_keys(tmp_path / "data" / "secrets") / "evidence.key").stat().st_mode & 0o077 == 0
