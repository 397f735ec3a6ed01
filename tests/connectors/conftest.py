"""Emulated platforms and how to open a connector to each."""

from datetime import timedelta

import pytest

from connectors.base import Place
from connectors.mastodon import MastodonConnector, MastodonOptions
from connectors.x import XConnector, XOptions
from models.domain import Connection
from tests.connectors.steps import Clock
from tests.emulators.mastodon import FIRST, MastodonEmulator
from tests.emulators.x import NOW, XEmulator


@pytest.fixture
def never_sleeps(monkeypatch):
    """A call that would wait says so by an error instead."""

    def sleep(seconds: float) -> None:
        assert seconds == 0, "a connector slept inside a call"

    monkeypatch.setattr("time.sleep", sleep)


@pytest.fixture
def x():
    with XEmulator() as emulator:
        emulator.clock = Clock(NOW)
        emulator.add_user("42", "Angry_One", "A", description="profile text")
        yield emulator


@pytest.fixture
def open_x(x, tmp_path):
    secrets = {"env:X_REFRESH": "refresh-0", "env:K": "key"}

    def opened(name="state", **more):
        folder = tmp_path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        options = XOptions(client_id="app", refresh_token="env:X_REFRESH", api_url=x.url, **more)
        connection = Connection("council-x", "x", "psow", own_addresses=("council",))
        return XConnector.open(connection, options, Place(folder, secrets.__getitem__, x.clock))

    return opened


@pytest.fixture
def instance():
    with MastodonEmulator() as emulator:
        emulator.clock = Clock(FIRST + timedelta(days=1))
        yield emulator


@pytest.fixture
def open_it(instance, tmp_path):
    def opened(name="state", **more):
        folder = tmp_path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        since = more.pop("since", None)
        options = MastodonOptions(api_url=instance.url, access_token="env:T", domain="home.example", **more)
        connection = Connection("council-m", "mastodon", "psow", own_addresses=("council@home.example",), since=since)
        return MastodonConnector.open(
            connection, options, Place(folder, {"env:T": "token"}.__getitem__, instance.clock)
        )

    return opened
