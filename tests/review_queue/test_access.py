"""Access, both ways: each route of the application for each account and each role of each policy; sessions; second factors."""

import re
from datetime import timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from models.policy.loader import builtin_pack, builtin_pack_ids
from models.session import reading, writing
from models.store import access, people
from models.store.formal import offices
from models.tables import audit_event
from review_queue import auth, i18n, rights
from review_queue.app import OPEN_PATHS
from review_queue.rights import ACCOUNT_ROLES, Right
from tests.review_queue.access_table import OPEN, TABLE, VALUES
from tests.review_queue.conftest import NAME, PASSWORD

WHO = {
    Right.OWN: set(ACCOUNT_ROLES),
    Right.READ: set(ACCOUNT_ROLES),
    Right.JUDGE: {"reviewer", "operator", "administrator"},
    Right.OPERATE: {"operator", "administrator"},
    Right.RULES: {"administrator"},
    Right.APPROVE: {"administrator"},
    Right.PEOPLE: {"administrator"},
}
_LOWEST = {Right.OWN, Right.READ, Right.JUDGE}
_WARNS = _LOWEST | {Right.OPERATE, Right.RULES}
_MANAGES = _WARNS | {Right.APPROVE}
OFFICES = {
    ("psow", "staff"): _LOWEST, ("psow", "tm"): _WARNS, ("psow", "hopsc"): _MANAGES, ("psow", "hsi"): _MANAGES,
    ("psow", "edcl"): _MANAGES, ("wrexham", "staff"): _LOWEST, ("wrexham", "line_manager"): _WARNS,
    ("wrexham", "manager"): _MANAGES, ("wrexham", "complaints_team"): _MANAGES, ("wrexham", "complaints_lead"): _MANAGES,
    ("adra", "staff"): _LOWEST, ("adra", "manager"): _MANAGES, ("adra", "slt"): _MANAGES, ("phso", "colleague"): _LOWEST,
    ("phso", "manager"): _MANAGES, ("phso", "assistant_deputy"): _MANAGES, ("phso", "executive"): _MANAGES,
}  # fmt: skip


def served(app):
    """Return (method, path) of every route, those of included routers too."""
    found, waiting = [], [(app.router, "")]
    while waiting:
        router, prefix = waiting.pop()
        for route in router.routes:
            inner = getattr(route, "original_router", None) or getattr(route, "router", None)
            if inner is not None:
                waiting.append((inner, prefix + getattr(route, "prefix", "")))
            elif getattr(route, "methods", None):
                found += [(method, prefix + route.path) for method in route.methods - {"HEAD"}]
    return sorted(set(found))


def filled(path):
    known = {"name": "c1", "told": "pause", "org": "psow", "language": "cy", "step": "role", "told_all": "pause"}
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: known.get(found.group(1), "1"), path)


def enter(desk, name, role, office=None):
    with writing(desk.world.engine) as database:
        people.add(database, name, auth._hasher.hash(PASSWORD), role, "en", must_change=False, now=desk.world.clock())
        if office:
            offices.appoint(database, b"a" * 32, name, builtin_pack(office[0]), office[1], "test", desk.world.clock())
    client = TestClient(desk.client.app, follow_redirects=False)
    assert client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
    return client


def csrf(client):
    return client.app.state.page.sessions.read(client.cookies["porthor_session"]).csrf


def test_every_route_has_its_row_and_every_row_its_route(desk):
    assert set(served(desk.client.app)) == set(TABLE), "a new route needs a row in access_table.py, a row its route"
    for (_, path), right in TABLE.items():
        assert path.startswith(OPEN_PATHS) == (right is OPEN), path


def answers(client):
    """Yield for each route, and each address with a right of its own, whether it was refused for want of a right."""
    rows = [(method, filled(path), right) for (method, path), right in TABLE.items() if right is not OPEN]
    for method, path, right in (*rows, *VALUES):
        form = {"csrf": "wrong"} if method == "POST" else None
        answer = client.request(method, path, params={"once": "1"}, data=form)
        refused = "Not within your rights" in answer.text or (method == "HEAD" and answer.status_code == 403)
        assert not refused or answer.status_code == 403
        yield method, path, right, refused


def test_each_account_reaches_what_the_table_gives_it_and_nothing_else(desk):
    for role in ACCOUNT_ROLES:
        for method, path, right, refused in answers(enter(desk, f"as-{role}", role)):
            assert refused == (role not in WHO[right]), (role, method, path)


@pytest.mark.slow
def test_each_role_of_a_policy_reaches_what_its_matrix_gives_and_nothing_else(desk):
    for (org, office), mine in OFFICES.items():
        for method, path, right, refused in answers(enter(desk, f"{org}-{office}", "reader", (org, office))):
            assert refused == (right not in mine), (org, office, method, path)


def test_what_is_open_answers_a_stranger_and_tells_nothing_of_anybody(desk):
    stranger = TestClient(desk.client.app, follow_redirects=False)
    for (method, path), right in TABLE.items():
        if right is OPEN:
            answer = stranger.request(method, filled(path), data={} if method == "POST" else None)
            assert answer.status_code < 500, path
            assert not any(word in answer.text for word in (NAME, "evil@example.org", "gwen")), path


def test_nobody_who_is_not_signed_in_reaches_a_route(desk):
    stranger = TestClient(desk.client.app, follow_redirects=False)
    for method, path in served(desk.client.app):
        if not path.startswith(OPEN_PATHS):
            answer = stranger.request(method, filled(path))
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), path


def test_a_post_without_its_token_is_refused_everywhere(desk):
    for method, path in served(desk.client.app):
        if method == "POST" and not path.startswith(OPEN_PATHS):
            answer = desk.client.post(filled(path), data={"csrf": "of somebody else"})
            assert answer.status_code in {403, 404}, path


def test_every_role_of_every_policy_is_tried():
    roles = {(org, role.id) for org in builtin_pack_ids() for role in builtin_pack(org).roles}
    assert roles == set(OFFICES)


@pytest.mark.parametrize("org", sorted(builtin_pack_ids()))
def test_roles_of_a_policy_give_what_its_matrix_says(org):
    pack = builtin_pack(org)
    lowest, highest = min(pack.roles, key=lambda r: r.rank), max(pack.roles, key=lambda r: r.rank)
    assert rights.of("reader", [(org, lowest.id)]) == {Right.OWN, Right.READ, Right.JUDGE}
    assert rights.of("reader", [(org, highest.id)]) == set(Right) - {Right.PEOPLE}
    assert rights.of("reader", [(org, "no such role"), ("nowhere", "x")]) == {Right.OWN, Right.READ}


def test_an_office_opens_what_the_account_alone_does_not(desk):
    client = enter(desk, "rhian", "reader", ("psow", "tm"))
    assert client.get("/people").status_code == 403
    assert client.post("/connection/c1/pause", data={"csrf": csrf(client)}).status_code == 303


def test_people_are_added_changed_and_deactivated_with_the_trail(desk):
    form = {"csrf": desk.csrf(), "name": "Gwen@Example.org", "role": "reviewer"}
    page = desk.client.post("/people/add", data=form)
    password = re.search(r'porthor-secret">([^<]+)<', page.text).group(1)
    client = TestClient(desk.client.app, follow_redirects=False)
    assert client.post("/sign-in", data={"name": "gwen@example.org", "password": password}).status_code == 303
    assert client.get("/today").headers["location"] == "/password"
    assert desk.client.post("/people/add", data=form).status_code == 422
    assert desk.client.post("/people/add", data=form | {"name": "<script>"}).status_code == 422
    for step, value in (("role", "operator"), ("office", "psow/tm"), ("dismiss", "psow"), ("deactivate", "")):
        answer = desk.client.post(f"/people/gwen@example.org/{step}", data={"csrf": desk.csrf(), "value": value})
        assert answer.status_code == 303, step
    assert client.get("/today").headers["location"] == "/sign-in"
    assert client.post("/sign-in", data={"name": "gwen@example.org", "password": password}).status_code == 401
    with reading(desk.world.engine) as database:
        said = list(database.execute(select(audit_event.c.what).order_by(audit_event.c.number)).scalars())
    assert said == ["person.add", "person.role", "office.begin", "office.end", "person.deactivate"]


def test_the_last_administrator_and_oneself_stay(desk):
    refused = desk.client.post(f"/people/{NAME}/role", data={"csrf": desk.csrf(), "value": "reader"})
    assert (refused.status_code, "last administrator" in refused.text) == (422, True)
    refused = desk.client.post(f"/people/{NAME}/deactivate", data={"csrf": desk.csrf()})
    assert (refused.status_code, "yourself" in refused.text) == (422, True)
    enter(desk, "second", "administrator")
    assert desk.client.post(f"/people/{NAME}/role", data={"csrf": desk.csrf(), "value": "reader"}).status_code == 303
    assert desk.client.get("/people").status_code == 403


def test_a_forced_password_ends_sessions_and_works_once(desk):
    client = enter(desk, "mari", "reviewer")
    page = desk.client.post("/people/mari/password", data={"csrf": desk.csrf()})
    password = re.search(r'porthor-secret">([^<]+)<', page.text).group(1)
    assert client.get("/today").headers["location"] == "/sign-in"
    assert client.post("/sign-in", data={"name": "mari", "password": PASSWORD}).status_code == 401
    assert client.post("/sign-in", data={"name": "mari", "password": password}).status_code == 303
    assert client.get("/today").headers["location"] == "/password"


def test_a_session_ends_when_idle_when_old_and_everywhere_at_a_word(desk, monkeypatch):
    other = enter(desk, "elin", "reviewer")
    twin = TestClient(desk.client.app, follow_redirects=False)
    twin.post("/sign-in", data={"name": "elin", "password": PASSWORD})
    assert twin.get("/today").status_code == 200
    assert other.post("/account/sign-out-everywhere", data={"csrf": csrf(other)}).status_code == 303
    assert (other.get("/today").status_code, twin.get("/today").status_code) == (200, 303)
    sessions = desk.client.app.state.page.sessions
    monkeypatch.setattr(auth, "IDLE_S", -1)
    assert sessions.read(other.cookies["porthor_session"]) is None
    monkeypatch.undo()
    kept = sessions.read(other.cookies["porthor_session"])
    monkeypatch.setattr(auth, "SESSION_S", -1)
    assert sessions.read(sessions.again(kept)) is None


def test_work_keeps_a_session_from_growing_idle(desk, monkeypatch):
    monkeypatch.setattr("review_queue.app.REFRESH_S", -1)
    before = desk.client.cookies["porthor_session"]
    assert "porthor_session" in desk.client.get("/today").headers.get("set-cookie", "")
    after = desk.client.cookies["porthor_session"]
    sessions = desk.client.app.state.page.sessions
    assert sessions.read(before).begun == sessions.read(after).begun


def test_a_second_factor_is_asked_for_counts_once_and_can_be_recovered(desk):
    page = desk.client.get("/account/second-factor")
    secret = re.search(r'porthor-secret">([^<]+)<', page.text).group(1).replace(" ", "")
    assert "data:image/svg+xml" in page.text
    assert desk.client.post("/account/second-factor", data={"csrf": desk.csrf(), "code": "000000"}).status_code == 422
    now = i18n.utc_now()
    codes = desk.client.post("/account/second-factor", data={"csrf": desk.csrf(), "code": pyotp.TOTP(secret).at(now)})
    kept = re.findall(r'porthor-secret">([^<]+)<', codes.text)
    assert len(kept) == 10
    client = TestClient(desk.client.app, follow_redirects=False)
    answer = client.post("/sign-in", data={"name": NAME, "password": PASSWORD})
    assert answer.headers["location"] == "/sign-in/code"
    assert client.get("/today").headers["location"] == "/sign-in/code", "the password alone opens nothing"
    used = {"csrf": csrf(client), "code": pyotp.TOTP(secret).at(now)}
    assert client.post("/sign-in/code", data=used).status_code == 401, "a code counts once"
    fresh = pyotp.TOTP(secret).at(now + timedelta(seconds=30))
    assert client.post("/sign-in/code", data=used | {"code": fresh}).status_code == 303
    assert client.get("/today").status_code == 200
    for expected in (303, 401):
        client.post("/sign-in", data={"name": NAME, "password": PASSWORD})
        answer = client.post("/sign-in/code", data={"csrf": csrf(client), "code": kept[0].upper()})
        assert answer.status_code == expected, "a recovery code works once"
    with reading(desk.world.engine) as database:
        sealed = access.totp_of(database, NAME)["totp_secret"]
        assert secret not in sealed
        assert access.codes_left(database, NAME) == 9


def test_the_view_of_another_role_changes_nothing(desk):
    assert desk.client.post("/view-as", data={"csrf": desk.csrf(), "role": "reader"}).status_code == 303
    page = desk.client.get("/today").text
    assert "another role" in page
    assert 'href="/people"' not in page
    assert desk.client.get("/people").status_code == 403
    assert desk.client.post("/case/1/verdict", data={"csrf": desk.csrf(), "kind": "deliver"}).status_code == 403
    assert desk.client.post("/view-as/end", data={"csrf": desk.csrf()}).status_code == 303
    assert desk.client.get("/people").status_code == 200


def test_the_day_counts_what_waits(desk):
    page = desk.client.get("/today").text
    assert re.search(r'porthor-tile__number">1</strong>urgent case', page)
    assert "Nothing urgent waits" not in page
    assert "<script>alert" not in page
