"""How the connector `x` signs in, renews its token, and never loses the new one."""

import json
import stat
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import AuthFailed, Place
from connectors.social.x_sign_in import REDIRECT, SCOPES, SignIn
from connectors.x import XConnector, XOptions
from models.domain import Connection
from tests.connectors.steps import items

pytestmark = pytest.mark.usefixtures("never_sleeps")


def test_the_token_rotates_and_is_on_disk_before_it_is_used(x, open_x, tmp_path):
    connector = open_x()
    items(connector)
    kept = tmp_path / "state" / "token.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_bytes())["refresh"] == x.refresh_token == "refresh-1"
    x.clock.now += timedelta(hours=1, minutes=59)
    items(connector)
    assert x.refresh_token == "refresh-2"
    items(open_x())
    assert x.refresh_token == "refresh-2"


def test_a_token_that_x_no_longer_takes_is_renewed_once(x, open_x):
    connector = open_x()
    items(connector)
    x.expire()
    items(connector)
    assert len(x.asked("oauth2/token")) == 2
    x.refresh_token = "refresh-99"
    x.expire()
    with pytest.raises(AuthFailed, match="sign in to X again"):
        items(connector)


def test_another_process_that_renewed_first_is_believed(x, open_x):
    one, other = open_x(), open_x()
    items(one)
    items(other)
    x.expire()
    items(one)
    items(other)
    assert x.refresh_token == "refresh-2"


def test_a_new_sign_in_replaces_a_dead_chain(x, open_x, tmp_path):
    items(open_x())
    x.refresh_token = "refresh-50"
    x.expire()
    options = XOptions(client_id="app", refresh_token="env:NEW", api_url=x.url)
    place = Place(tmp_path / "state", {"env:NEW": "refresh-50"}.__getitem__, x.clock)
    items(XConnector.open(Connection("council-x", "x", "psow"), options, place))
    assert x.refresh_token == "refresh-51"


def answered(page, code):
    state = parse_qs(urlsplit(page).query)["state"][0]
    return f"{REDIRECT}?state={state}&code={code}"


def test_signing_in_gives_a_refresh_token_by_pkce(x):
    sign_in = SignIn("app", api_url=x.url)
    page = sign_in.page()
    query = parse_qs(urlsplit(page).query)
    assert query["code_challenge_method"] == ["S256"]
    assert "offline.access" in query["scope"][0]
    with pytest.raises(AuthFailed, match="begin the sign-in again"):
        sign_in.refresh_token(answered(page, "refused"))
    x.granted = "tweet.read offline.access"
    with pytest.raises(AuthFailed, match=r"mute\.write"):
        sign_in.refresh_token(answered(page, "granted"))
    x.granted = " ".join(SCOPES)
    assert sign_in.refresh_token(answered(sign_in.page(), "granted")) == "refresh-0"
