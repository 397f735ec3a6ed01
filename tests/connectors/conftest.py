"""Servers that the tests of connectors share: started once, by the first test that asks."""

import json
import os
from collections.abc import Iterator

import pytest

from tests.network.bluesky.network import Network, bluesky_network


@pytest.fixture(scope="session")
def bluesky() -> Iterator[Network]:
    """Bluesky's own servers on loopback; `PORTHOR_BLUESKY_NETWORK` names ones already running."""
    if running := os.environ.get("PORTHOR_BLUESKY_NETWORK"):
        yield Network(**json.loads(running))
        return
    with bluesky_network() as network:
        yield network
