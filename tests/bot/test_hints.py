"""Hints over the web: only genuine ones wake a connection, and what a person re-grants is noticed without a restart."""

import http.client

import httpx
import pytest
from sqlalchemy import select

from bot.hints import BODY_BYTES_AT_MOST, HintServer
from bot.service import Service
from bot.settings import ConnectionSettings, load
from connectors import registry
from connectors.base import Options, Place
from connectors.graph import GraphConnector, GraphOptions
from models.domain import Action, Connection, Mode
from models.session import reading, writing
from models.store import commands, connections
from models.store.commands import CommandKind
from models.tables import connection
from models.trouble import Trouble
from tests.emulators.graph import notification
from tests.fakes.world import KEY, Clock, Platform


@pytest.fixture
def mailbox(tmp_path):
    options = GraphOptions(
        mailbox="ask@example.org", tenant="t", client_id="c", client_secret="env:S",
        notification_url="https://porthor.example.org/hints/mail", notification_secret="env:H",
    )  # fmt: skip
    made = GraphConnector.open(
        Connection("mail", "graph", "psow"), options, Place(tmp_path, lambda _: "secret", Clock())
    )
    yield made
    made.close()


@pytest.fixture
def address(mailbox):
    server = HintServer(0, {"mail": mailbox, "fake": Platform()}.get)
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


def test_microsofts_check_of_the_address_is_answered(address):
    answer = httpx.post(f"{address}/hints/mail", params={"validationToken": "a <b>+c"})
    assert (answer.status_code, answer.text) == (200, "a <b>+c")
    assert answer.headers["content-type"].startswith("text/plain")


def test_only_a_genuine_notification_wakes_the_connection(address, mailbox):
    assert httpx.post(f"{address}/hints/mail", content=notification("forged")).status_code == 403
    assert httpx.post(f"{address}/hints/mail", content=b"no json").status_code == 403
    assert mailbox.wait(0) is False
    assert httpx.post(f"{address}/hints/mail", content=notification("secret")).status_code == 202
    assert mailbox.wait(0) is True


@pytest.mark.parametrize("path", ["/hints/other", "/hints/fake", "/mail", "/hints/../mail", "/"])
def test_nothing_else_is_there(address, path):
    assert httpx.post(f"{address}{path}", content=notification("secret")).status_code == 404


def test_a_body_without_end_is_not_read(address):
    line = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    line.putrequest("POST", "/hints/mail")
    line.putheader("content-length", str(BODY_BYTES_AT_MOST + 1))
    line.endheaders()
    assert line.getresponse().status == 413
    line.close()


class Regranted(Platform):
    """An account whose rights stand outside it, as a platform's do."""

    kind = "regranted"
    granted = frozenset({Action.HIDE})
    opened = 0

    options = Options

    @classmethod
    def open(cls, *_):
        cls.opened += 1
        return cls()

    def can(self):
        return type(self).granted


@pytest.fixture
def service(tmp_path, monkeypatch):
    monkeypatch.setitem(registry._KINDS, "regranted", "tests.bot.test_hints:Regranted")
    Regranted.granted = frozenset({Action.HIDE})
    made = Service.open(load({}, tmp_path), clock=Clock())
    made.connect(ConnectionSettings(name="c", kind="regranted", org="psow", mode=Mode.ENFORCE))
    yield made
    made.only.release()
    made.engine.dispose()


def abilities(service):
    with reading(service.engine) as database:
        return database.execute(select(connection.c.can)).scalar_one()


def test_rights_that_change_are_noticed_while_the_bot_runs(service):
    assert abilities(service) == ["hide"]
    Regranted.granted = frozenset({Action.HIDE, Action.BLOCK})
    service.note_abilities()
    assert abilities(service) == ["block", "hide"]
    Regranted.granted = frozenset()
    service.note_abilities()
    assert abilities(service) == []


def test_a_connection_that_is_resumed_is_opened_anew_with_the_rights_it_has_now(service):
    before = service.connectors["c"]
    with writing(service.engine) as database:
        connections.pause(database, "c", "porthor", Trouble.AUTH, "no longer holds", service.clock())
    Regranted.granted = frozenset({Action.HIDE, Action.MUTE})
    with writing(service.engine) as database:
        commands.write(database, KEY, CommandKind.RESUME, "nia", service.clock(), "c")
    service.act()
    assert service.connectors["c"] is not before
    assert abilities(service) == ["hide", "mute"]
