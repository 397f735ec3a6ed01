"""What the pages answer to a form, in every shape: checked, refused, recorded, wrong, shown once."""

import re
from datetime import timedelta

import pyotp
from fastapi.testclient import TestClient

from models.session import writing
from models.store import people
from review_queue import auth
from review_queue.i18n import utc_now
from tests.review_queue.conftest import NAME, PASSWORD, Desk
from tests.review_queue.full_site import REPLY, WHY, Site
from tests.review_queue.test_formal_pages import INCIDENT, confirm, walk


def answers(site: Site, language: str) -> dict[str, str]:
    """Post every form once and return the pages that came, each by its name, in `language`."""
    desk = site.desks[NAME]
    desk.client.get(f"/language/{language}")
    found = _formal(site, desk) | _tried(site, desk) | _once(desk, language) | _refused(desk, language)
    desk.client.get("/language/en")
    return found


def _post(desk: Desk, path: str, **values: object) -> str:
    return desk.client.post(path, data={"csrf": desk.csrf()} | values).text


def _formal(site: Site, desk: Desk) -> dict[str, str]:
    client = desk.client
    checked = walk(client, "/formal/psow/2/incident", INCIDENT)
    hearing = _first(desk, site.pages["file"], r"/formal/psow/1/hear\?about=\d+")
    record = walk(client, "/formal/psow/2/record", {"kind": "apply", "why": WHY})
    return {
        "formal-check": checked.text,
        "formal-refused": walk(client, hearing, {"outcome": "dismissed", "why": WHY}).text,
        "formal-error": _post(desk, "/formal/psow/2/incident", at="channel", go="next"),
        "formal-recorded": confirm(client, "/formal/psow/2/record", record).text,
        "letter-refused": _post(desk, _first(desk, "/letters", r"/letters/psow/\d+"), step="approve"),
    }


def _first(desk: Desk, path: str, pattern: str) -> str:
    found = re.search(pattern, desk.client.get(path).text)
    assert found, (path, pattern)
    return found.group()


def _tried(site: Site, desk: Desk) -> dict[str, str]:
    """What would happen, before it does; and what does not fit, at its field."""
    entry = {"kind": "watch", "compared": "phrase", "value": "useless", "org": "psow"}
    rule = {"org": "psow", "queue": "1", "channel": ["x"], "why": WHY}
    chosen = re.findall(r'name="chosen" [^>]*value="([^"]+)"', desk.client.get("/quarantine").text)
    return {
        "list-try": _post(desk, "/lists/new", **entry, why=WHY),
        "list-error": _post(desk, "/lists/new", **entry),
        "policy-try": _post(desk, "/policy/psow/try", field="daily_quota.hide", value="7"),
        "policy-error": _post(desk, "/policy/psow/try", field="daily_quota.hide", value="-7"),
        "queue-rule-try": _post(desk, "/queues/rules/new", **rule),
        "queue-rule-error": _post(desk, "/queues/rules/new", **rule | {"why": ""}),
        "queue-error": _post(desk, "/queues/new", org="psow", name_cy="Tai"),
        "bulk-error": _post(desk, "/bulk/new", query="channel=x", verdict="deliver", seen="x"),
        "rota-error": _post(desk, "/rota/psow/plan", opens="17:00", closes="09:00"),
        "release": _post(desk, "/quarantine/release", chosen=chosen[:2]),
        "reply-try": _post(desk, site.pages["reply"], **REPLY),
        "reply-error": _post(desk, site.pages["reply"], subject_cy="Y llyfrgell"),
        "key-error": _post(desk, "/api/keys/new", name="x"),
        "webhook-error": _post(desk, "/api/webhooks/new", title="x", address="gopher://x"),
    }


def _once(desk: Desk, language: str) -> dict[str, str]:
    """What is shown once: a key, a secret, a password, the codes that replace a telephone."""
    until = (utc_now() + timedelta(days=30)).date().isoformat()
    scopes = {"scopes": ["cases:read"], "until": until, "account": NAME}
    setting = desk.client.get("/account/second-factor").text
    secret = re.search(r'porthor-secret">([^<]+)<', setting)
    assert secret
    code = pyotp.TOTP(secret.group(1).replace(" ", "")).at(utc_now())
    found = {
        "key-shown": _post(desk, "/api/keys/new", name=f"Key {language}", **scopes),
        "webhook-shown": _post(
            desk, "/api/webhooks/new", title="x", address="https://a.example/", events=["case.opened"]
        ),
        "person-shown": _post(desk, "/people/add", name=f"gwen-{language}@example.org", role="reviewer"),
        "codes-shown": _post(desk, "/account/second-factor", code=code),
    }
    _post(desk, "/account/second-factor/end", password=PASSWORD)
    return found


def _refused(desk: Desk, language: str) -> dict[str, str]:
    """What turns somebody away."""
    stranger, learner = (TestClient(desk.client.app, follow_redirects=False) for _ in range(2))
    name = f"learner-{language}"
    with writing(desk.world.engine) as database:
        words = auth._hasher.hash(PASSWORD)
        people.add(database, name, words, "reader", language, must_change=False, now=utc_now())
    learner.post("/sign-in", data={"name": name, "password": PASSWORD})
    for client in (stranger, learner):
        client.get(f"/language/{language}")
    return {
        "sign-in": stranger.get("/sign-in").text,
        "sign-in-failed": stranger.post("/sign-in", data={"name": "nobody", "password": "x"}).text,
        "no-right": learner.get("/people").text,
        "out-of-date": desk.client.post("/people/add", data={"csrf": "x"}).text,
        "moved-on": _post(desk, "/case/1/verdict", version="0", kind="deliver"),
    }
