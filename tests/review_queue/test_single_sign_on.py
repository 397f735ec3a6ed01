"""Single sign-on over real HTTP: who comes in, and every way in which somebody must not."""

import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc import jwk

from models.session import reading, writing
from models.store import access, people
from review_queue import auth, oidc
from review_queue.app import Keys, create_app
from review_queue.oidc import SettingsWrong, SignInSettings, SingleSignOn
from tests.emulators.oidc import CLIENT, SECRET, Provider
from tests.review_queue.conftest import PASSWORD

PAGE = "http://localhost:8080"


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.server.close()


@pytest.fixture
def site(desk, provider):
    with writing(desk.world.engine) as database:
        for name in ("gwen@example.org", "rhys@example.org"):
            people.add(database, name, auth._hasher.hash(PASSWORD), "reviewer", "en", True, desk.world.clock())
    settings = SignInSettings(issuer=provider.issuer, client_id=CLIENT, client_secret=SECRET, page=PAGE)
    app = create_app(desk.world.engine, Keys(b"s" * 32, b"a" * 32), single_sign_on=SingleSignOn(settings))
    return lambda: TestClient(app, follow_redirects=False, base_url=PAGE)


def go(client):
    """Go to the provider and return the address that it sends the browser back to."""
    begun = client.get("/sign-in/single")
    assert begun.status_code == 303
    answer = httpx.get(begun.headers["location"], follow_redirects=False)
    back = answer.headers["location"]
    assert back.startswith(f"{PAGE}{oidc.BACK}?")
    return back.removeprefix(PAGE)


def test_a_known_person_comes_in_and_stays_bound_to_their_subject(site, provider, desk):
    client = site()
    assert "work account" in client.get("/sign-in").text
    assert client.get(go(client)).headers["location"] == "/"
    assert "gwen@example.org" in client.get("/today").text
    local = client.post("/sign-in", data={"name": "gwen@example.org", "password": PASSWORD})
    assert local.status_code == 401, "no password opens it any more"
    provider.person |= {"preferred_username": "somebody.else@example.org", "email": "x@example.org"}
    again = site()
    again.get(go(again))
    assert "gwen@example.org" in again.get("/today").text, "the subject counts, not the name"
    with reading(desk.world.engine) as database:
        assert access.standing(database, "gwen@example.org").single_sign_on


def test_another_subject_does_not_take_over_a_bound_account(site, provider):
    client = site()
    client.get(go(client))
    provider.person |= {"sub": "s-2"}
    thief = site()
    answer = thief.get(go(thief))
    assert (answer.status_code, "no account here" in answer.text) == (403, True)


def test_nobody_gets_an_account_by_signing_in(site, provider):
    provider.person |= {"preferred_username": "stranger@example.org", "email": "stranger@example.org"}
    client = site()
    assert client.get(go(client)).status_code == 403
    assert client.get("/today").status_code == 303


def test_an_unverified_address_is_no_name(site, provider):
    provider.person = {"sub": "s-3", "email": "rhys@example.org", "email_verified": False}
    client = site()
    assert client.get(go(client)).status_code == 403


@pytest.mark.parametrize(
    "spoil",
    [
        lambda claims: claims | {"nonce": "of another sign-in"},
        lambda claims: claims | {"aud": "another client"},
        lambda claims: claims | {"iss": "https://elsewhere.example"},
        lambda claims: claims | {"exp": 1},
        lambda claims: {name: value for name, value in claims.items() if name != "sub"},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(site, provider, spoil):
    provider.spoil = spoil
    client = site()
    assert client.get(go(client)).status_code == 403
    assert client.get("/today").status_code == 303


def test_a_token_signed_by_another_is_refused_and_a_new_key_is_learnt(site, provider):
    client = site()
    provider.sign_with = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    assert client.get(go(client)).status_code == 403
    provider.sign_with = None
    assert client.get(go(client)).status_code == 303
    provider.rotate()
    later = site()
    assert later.get(go(later)).status_code == 303


def test_state_code_and_way_back_each_count_once_and_for_one_browser(site):
    client = site()
    back = go(client)
    assert site().get(back).status_code == 403, "another browser"
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert client.get(back.replace(state, "forged")).status_code == 403
    assert client.get(f"{oidc.BACK}?error=access_denied&state={state}").status_code == 403
    assert client.get(back).status_code == 303
    fresh = site()
    fresh.cookies = client.cookies
    assert fresh.get(back).status_code == 403, "the code and its cookie are spent"


def test_a_provider_that_is_away_is_told_kindly(site, provider):
    provider.server.close()
    answer = site().get("/sign-in/single")
    assert (answer.status_code, "does not answer" in answer.text) == (502, True)


def test_without_a_provider_the_page_says_so(desk):
    assert desk.client.get("/sign-in/single").status_code == 404
    assert desk.client.get("/sign-in/single/back").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [({"issuer": "http://login.example.org"}, "https://"), ({"client_id": None}, "client_id"), ({"more": 1}, "more")],
)
def test_settings_that_cannot_be_used_are_told_with_their_field(tmp_path, change, said):
    good = {"issuer": "https://login.example.org", "client_id": "x", "client_secret": "y", "page": PAGE}
    assert oidc.settings_of(tmp_path) is None
    (tmp_path / oidc.FILE_NAME).write_text(json.dumps(good))
    assert oidc.settings_of(tmp_path).client_id == "x"
    (tmp_path / oidc.FILE_NAME).write_text(json.dumps(good | change))
    with pytest.raises(SettingsWrong, match=said):
        oidc.settings_of(tmp_path)
