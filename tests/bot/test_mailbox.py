"""A real mailbox through the whole bot: taken in, decided, held, released by a person, all on a Dovecot."""

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.service import Service, now_utc
from bot.settings import ConnectionSettings, FileSettings, Settings
from models.domain import Mode, VerdictKind
from models.session import reading, writing
from models.store import cases
from models.tables import case, enforcement
from tests.connectors.mail_contract import BOUNDARY, QUARANTINE, mail
from tests.fakes.guarantee import permit
from tests.fakes.world import ABUSE, INNOCENT
from tests.servers.dovecot import PASSWORD, Dovecot


@pytest.fixture
def server():
    server = Dovecot()
    yield server
    server.stop()


def subjects(client, folder):
    client.select_folder(folder, readonly=True)
    found = client.fetch(client.search(), ["ENVELOPE"])
    return sorted(parts[b"ENVELOPE"].subject.decode() for parts in found.values())


def opened(server, user, folder: Path, mode):
    wanted = ConnectionSettings(
        name="mail", kind="imap", org="adra", mode=mode, host="127.0.0.1", port=server.port, security="none",
        username=user, password="env:TEST_MAIL_PASSWORD", authserv_id=BOUNDARY,
    )  # fmt: skip
    url = f"sqlite:///{folder / 'store.sqlite3'}"
    return Service.open(Settings(folder, "127.0.0.1", 8080, url, FileSettings(connection=(wanted,))))


def end(service):
    service.connectors["mail"].close()
    service.engine.dispose()


def test_abuse_is_held_and_a_person_brings_it_back(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_MAIL_PASSWORD", PASSWORD)
    user = server.new_user()
    client = server.client(user)
    for name, text in (("abuse", ABUSE), ("innocent", INNOCENT)):
        client.append("INBOX", mail(name, text, who=f"{name}@example.org"))
    shadow = opened(server, user, tmp_path / "shadow", Mode.SHADOW)
    shadow.poll("mail")
    end(shadow)
    assert subjects(client, "INBOX") == ["abuse", "innocent"]
    service = opened(server, user, tmp_path / "enforce", Mode.ENFORCE)
    permit(service, "mail")
    service.poll("mail")
    assert subjects(client, "INBOX") == ["innocent"]
    assert subjects(client, QUARANTINE) == ["abuse"]
    with reading(service.engine) as database:
        (row,) = list(database.execute(select(enforcement)))
        held = database.execute(select(case)).first()
    assert (row.effect, row.state, row.read_back) == ("quarantine", "done", True)
    with writing(service.engine) as database:
        cases.record_verdict(database, b"k" * 32, held.id, held.version, VerdictKind.DELIVER, (), "nia", now_utc())
    service.act()
    assert subjects(client, "INBOX") == ["abuse", "innocent"]
    service.poll("mail")
    assert service.act() == 0
    assert subjects(client, "INBOX") == ["abuse", "innocent"]
    end(service)
    client.logout()
