"""Keys of the API: nothing by cookies, scopes and rights both ways, how a key ends, its pace, and the trail."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.session import writing
from models.store import audit
from models.tables import audit_event
from review_queue import i18n, rights
from review_queue.api import caller
from review_queue.rights import ACCOUNT_ROLES
from tests.review_queue.api_client import ALL, AT, KEY, Api, account, calls, filled, key, problem
from tests.review_queue.conftest import NAME
from tests.review_queue.test_access import WHO, csrf, enter


@pytest.fixture
def api(desk):
    return Api(desk, key(desk))


def test_a_cookie_opens_nothing_and_no_token_of_a_form_is_asked_for(desk, api):
    assert desk.client.cookies["porthor_session"]
    for method, path, _ in calls(desk):
        problem(desk.client.request(method, AT + filled(path)), 401, "no-key")
    assert api.get("/me").json()["account"] == NAME
    assert "set-cookie" not in api.get("/me").headers


@pytest.mark.parametrize(
    "wrong", ["", "porthor_1_" + "A" * 43, "porthor_999_" + "A" * 43, "x' OR 1=1 --", "porthor_1_"]
)
def test_what_is_no_key_opens_nothing(desk, api, wrong):
    problem(Api(desk, wrong or "x").get("/cases"), 401, "no-key")


def test_a_key_ends_by_its_day_by_revoking_and_with_its_account(desk):
    past = key(desk, seconds=0.001)
    problem(Api(desk, past).get("/cases"), 401, "no-key")
    living = Api(desk, key(desk))
    assert living.get("/me").status_code == 200
    page = desk.client.get("/api/keys").text
    (number,) = re.findall(r'action="/api/keys/(\d+)/revoke"', page)
    assert desk.client.post(f"/api/keys/{number}/revoke", data={"csrf": "x"}).status_code == 403
    assert living.get("/me").status_code == 200
    assert desk.client.post(f"/api/keys/{number}/revoke", data={"csrf": desk.csrf()}).status_code == 303
    problem(living.get("/me"), 401, "no-key")
    account(desk, "gwen", "reviewer")
    hers = Api(desk, key(desk, "gwen"))
    assert hers.get("/me").status_code == 200
    desk.client.post("/people/gwen/deactivate", data={"csrf": desk.csrf(), "value": ""})
    problem(hers.get("/me"), 401, "no-key")


def test_every_call_needs_its_scope_and_the_right_of_the_table(desk):
    for role in ACCOUNT_ROLES:
        account(desk, f"as-{role}", role)
    keys = {role: Api(desk, key(desk, f"as-{role}")) for role in ACCOUNT_ROLES}
    narrow = {scope: Api(desk, key(desk, NAME, (scope,))) for scope in ALL}
    assert len(calls(desk)) > 25
    for method, path, scopes in calls(desk):
        assert scopes or path == "/me"
        for scope, one in narrow.items():
            answer = one(method, filled(path))
            assert ("#no-scope" in answer.text) == (bool(scopes) and scope not in scopes), (scope, path, answer.text)
        needed = rights.needed(method, AT + filled(path))
        for role, one in keys.items():
            answer = one(method, filled(path))
            assert ("#no-right" in answer.text) == (role not in WHO[needed]), (role, method, path)


ELSEWHERE = {"/tasks/{task_id}/done", "/tasks/{task_id}/retry", "/cases/{case_id}/reply", "/cases/{case_id}/evidence"}
"""What needs more than this store holds; tested beside what it is about."""


def test_every_change_stands_in_the_trail_with_the_name_of_its_key(desk, api, monkeypatch):
    monkeypatch.setattr(caller, "AT_ONCE", 10_000)
    desk.world.act()
    version = api.get("/cases/1").json()["version"]
    held = api.get("/quarantine").json()["held"][0]
    queue = {"org": "psow", "name": {"en": "Housing", "cy": "Tai"}}
    search = {"channel": "email"}
    seal = api.get("/bulk/try", verdict="no_action", **search).json()["seal"]
    bodies = {
        "/cases/{case_id}/verdict": {"version": version, "kind": "report"},
        "/cases/{case_id}/undo": {"version": version + 1},
        "/cases/{case_id}/escalate": {"version": version + 2},
        "/cases/{case_id}/notes": {"text": "x"},
        "/cases/{case_id}/assign": {"to": None},
        "/quarantine/release": {"cases": [{"case": held["case"], "version": held["case_version"]}]},
        "/cases/{case_id}/queue": {"to": None, "why": "x"},
        "/views": {"title": "x", "search": search},
        "/bulk": {"search": search, "verdict": "no_action", "seal": seal, "why": "x"},
        "/queues": queue,
        "/queues/{number}/members": {"name": NAME},
        "/queues/rules": {"org": "psow", "queue": 1, "channel": ["x"], "why": "x"},
        "/policy/{org}": {"field": "limits.volume_per_day", "value": 3, "why": "x"},
        "/lists": {"kind": "watch", "matches": "phrase", "value": "blue herring", "org": "psow", "why": "x"},
    }
    every = {path: method for method, path, _ in calls(desk) if method != "GET"}
    ordered = [*bodies, *(path for path in every if path not in {*bodies, *ELSEWHERE})]
    ordered.sort(key="/queues/{number}/end".__eq__)
    for path in ordered:
        before = len(desk.world.every(select(audit_event).where(audit_event.c.what.like("api.%"))))
        answer = (
            api(every[path], filled(path), json=bodies.get(path)) if path in bodies else api(every[path], filled(path))
        )
        assert answer.status_code < 300, (path, answer.text)
        told = desk.world.every(select(audit_event).where(audit_event.c.what.like("api.%")))
        assert len(told) == before + 1, path
        assert (told[-1].by, told[-1].detail["name"]) == (NAME, "case system")
        assert "cunts" not in str(told[-1].detail)
    with writing(desk.world.engine) as database:
        assert audit.verify(database, KEY)[1] is None


def test_a_key_is_slowed_not_another(desk, monkeypatch):
    monkeypatch.setattr(caller, "AT_ONCE", 3)
    monkeypatch.setattr(caller, "CALLS_PER_MINUTE", 1)
    one, other = Api(desk, key(desk)), Api(desk, key(desk))
    answers = [one.get("/me") for _ in range(4)]
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200]
    problem(answers[3], 429, "too-many")
    assert int(answers[3].headers["retry-after"]) >= 1
    assert other.get("/me").status_code == 200


def test_the_pace_fills_again():
    pace = caller.Pace()
    assert [pace.wait_s(1, 0.0) for _ in range(caller.AT_ONCE)] == [0.0] * caller.AT_ONCE
    wait = pace.wait_s(1, 0.0)
    assert wait > 0
    assert pace.wait_s(1, wait) == 0.0


def test_a_key_is_made_on_the_page_shown_once_and_kept_as_a_hash(desk):
    form = {
        "csrf": desk.csrf(),
        "name": "Case system",
        "account": NAME,
        "scopes": ["cases:read", "evil"],
        "until": "2027-01-31",
    }
    now = i18n.utc_now()
    form["until"] = (now + timedelta(days=30)).date().isoformat()
    shown = desk.client.post("/api/keys/new", data=form)
    secret = re.search(r"porthor_\d+_[\w-]{43}", shown.text).group()
    assert Api(desk, secret).get("/me").json()["scopes"] == ["cases:read"]
    assert secret.rsplit("_", 1)[1] not in desk.client.get("/api/keys").text
    for wrong, field in (
        ({"name": "<script>"}, "name"),
        ({"account": "nobody"}, "account"),
        ({"scopes": []}, "scope-1"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "soon"}, "until"),
        ({"until": "9999-12-31"}, "until"),
    ):
        answer = desk.client.post("/api/keys/new", data=form | wrong)
        assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True), wrong
    rows = desk.world.every(select(audit_event.c.what, audit_event.c.detail).where(audit_event.c.what == "token.make"))
    assert rows[0].detail["scopes"] == ["cases:read"]
    assert secret[-20:] not in str(rows)


def test_a_person_sees_and_ends_the_keys_that_act_as_them_and_nobody_elses(desk):
    one = Api(desk, key(desk))
    gwen = enter(desk, "gwen", "reviewer")
    assert "Keys that act as you" in desk.client.get("/account").text
    assert "Keys that act as you" not in gwen.get("/account").text
    gwen.post("/account/keys/1/revoke", data={"csrf": csrf(gwen)})
    assert one.get("/me").status_code == 200
    desk.client.post("/account/keys/1/revoke", data={"csrf": desk.csrf()})
    problem(one.get("/me"), 401, "no-key")
    assert "Keys that act as you" not in desk.client.get("/account").text


def test_no_key_does_what_stays_with_people(desk):
    changing = {path for method, path, _ in calls(desk) if method != "GET"}
    for kept in ("approve", "blind", "people", "keys", "webhooks", "formal", "organisations", "letters", "rota"):
        assert not [path for path in changing if kept in path], kept
