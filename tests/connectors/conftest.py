"""Servers and emulated platforms that the tests of connectors share, and how to open a connector to each."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.base import Place
from connectors.facebook import FacebookConnector, FacebookOptions
from connectors.instagram import InstagramConnector, InstagramOptions
from connectors.mastodon import MastodonConnector, MastodonOptions
from connectors.x import XConnector, XOptions
from connectors.youtube import YoutubeConnector, YoutubeOptions
from models.domain import Connection
from tests.connectors.steps import Clock
from tests.emulators import meta as meta_emulator
from tests.emulators.mastodon import FIRST, MastodonEmulator
from tests.emulators.meta import MetaEmulator
from tests.emulators.x import NOW, XEmulator
from tests.emulators.youtube import YoutubeEmulator
from tests.network.bluesky.network import Network, bluesky_network


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


@pytest.fixture
def meta():
    with MetaEmulator() as emulator:
        emulator.clock = Clock(meta_emulator.FIRST + timedelta(days=1))
        yield emulator


@pytest.fixture
def open_page(meta, tmp_path):
    def opened(name="state", **more):
        since = more.pop("since", None)
        options = FacebookOptions(page_id=meta_emulator.PAGE, access_token="env:T", api_url=meta.url, **more)
        connection = Connection("council-f", "facebook", "psow", since=since)
        return FacebookConnector.open(connection, options, _place(tmp_path / name, meta.clock))

    yield from _closing(opened)


@pytest.fixture
def open_instagram(meta, tmp_path):
    def opened(name="state", **more):
        since = more.pop("since", None)
        options = InstagramOptions(account_id=meta_emulator.ACCOUNT, access_token="env:T", api_url=meta.url, **more)
        connection = Connection("council-i", "instagram", "psow", since=since)
        return InstagramConnector.open(connection, options, _place(tmp_path / name, meta.clock))

    yield from _closing(opened)


@pytest.fixture
def youtube():
    with YoutubeEmulator() as emulator:
        emulator.clock = Clock(meta_emulator.FIRST + timedelta(days=1))
        yield emulator


@pytest.fixture
def open_channel(youtube, tmp_path):
    def opened(name="state", **more):
        since = more.pop("since", None)
        options = YoutubeOptions(
            client_id="app",
            client_secret="env:S",
            refresh_token="env:R",
            api_url=youtube.url,
            token_url=f"{youtube.url}/token",
            **more,
        )
        connection = Connection("council-y", "youtube", "psow", since=since)
        return YoutubeConnector.open(connection, options, _place(tmp_path / name, youtube.clock))

    yield from _closing(opened)


SECRETS = {"env:T": "token", "env:S": "secret", "env:R": "refresh", "env:P": "app-secret"}


def _place(folder, clock):
    folder.mkdir(mode=0o700, exist_ok=True)
    return Place(folder, lambda reference: SECRETS[reference], clock)


def _closing(opened):
    """Give the opener, and close what it opened."""
    made = []

    def kept(*arguments, **more):
        made.append(opened(*arguments, **more))
        return made[-1]

    yield kept
    for connector in made:
        connector.close()


@pytest.fixture(scope="session")
def bluesky() -> Iterator[Network]:
    """Bluesky's own servers on loopback; `PORTHOR_BLUESKY_NETWORK` names ones already running."""
    if running := os.environ.get("PORTHOR_BLUESKY_NETWORK"):
        yield Network(**json.loads(running))
        return
    with bluesky_network() as network:
        yield network
