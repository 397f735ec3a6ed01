"""The page: who may enter, what forms need, and that hostile content stays text."""

import re

import pytest
from argon2 import Type
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select, update

from models.session import reading, writing
from models.store import people
from models.tables import audit_event, case, case_item, signal, verdict
from review_queue import auth
from tests.review_queue.conftest import HOSTILE, NAME, PASSWORD

HASHER = auth._hasher
ROUTES = (
    ("GET", "/", 200),
    ("GET", "/?state=closed&channel=email&label=abuse.insult&lang=cy", 200),
    ("GET", "/case/1", 200),
    ("GET", "/case/999", 404),
    ("GET", "/message/1/raw", 200),
    ("GET", "/message/999/raw", 404),
    ("GET", "/?words=useless", 200),
    ("GET", "/?state=nonsense&at=99&clause=nonsense&assigned=me&restricted=1&grade=mine&org=psow", 200),
    ("GET", "/events?once=1", 200),
    ("GET", "/help", 200),
    ("GET", "/message/1/layout", 200),
    ("GET", "/message/999/layout", 404),
    ("GET", "/message/1/html", 404),
    ("POST", "/view", 403),
    ("POST", "/view/1/drop", 403),
    ("POST", "/care", 403),
    ("POST", "/care/told", 403),
    *(
        (("POST", f"/case/1/{done}", 403))
        for done in ("claim", "free", "assign", "second", "hand-over", "note", "acknowledge")
    ),
    ("GET", "/blind", 200),
    ("POST", "/blind/1", 403),
    ("GET", "/password", 200),
    ("GET", "/enforcement", 200),
    ("GET", "/formal", 403),
    ("GET", "/register", 403),
    ("GET", "/formal/psow/1", 403),
    ("GET", "/formal/psow/1/incident", 403),
    ("GET", "/nowhere", 404),
    ("POST", "/formal/psow/1/incident", 403),
    ("POST", "/task/1/done", 403),
    ("POST", "/task/1/retry", 403),
    ("POST", "/connection/c1/pause", 403),
    ("POST", "/case/1/verdict", 403),
    ("POST", "/sign-out", 403),
    ("POST", "/password", 403),
)
OPEN = (
    ("GET", "/sign-in", 200),
    ("GET", "/language/cy", 303),
    ("GET", "/health", 200),
    ("GET", "/api/v1/openapi.json", 200),
)


def token(html):
    return re.search(r'name="csrf" value="([^"]+)"', html).group(1)


@pytest.mark.parametrize(("method", "path", "status"), ROUTES)
def test_every_route_is_open_to_the_signed_in_and_closed_to_others(desk, method, path, status):
    assert desk.client.request(method, path).status_code == status
    stranger = TestClient(desk.client.app, follow_redirects=False)
    answer = stranger.request(method, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize(("method", "path", "status"), OPEN)
def test_open_routes_need_no_session(desk, method, path, status):
    assert TestClient(desk.client.app, follow_redirects=False).request(method, path).status_code == status


def test_every_route_of_the_application_is_in_a_table_above(desk):
    known = {
        re.sub(r"(?<=/)\d+|cy$|c1|pause$|psow|incident$|hand-over$", "X", path.split("?")[0])
        for _, path, _ in (*ROUTES, *OPEN)
    }
    served = set()
    for route in desk.client.app.routes:
        path = getattr(route, "path", "")
        served.add(re.sub(r"\{[^}]+\}", "X", path))
    assert {path for path in served if path not in {"/static", "/api/v1", ""}} <= known


def test_a_wrong_password_is_refused_and_guessing_is_braked(desk):
    stranger = TestClient(desk.client.app, follow_redirects=False)
    for _ in range(auth.TRIES_AT_MOST):
        assert stranger.post("/sign-in", data={"name": NAME, "password": "no"}).status_code == 401
    assert stranger.post("/sign-in", data={"name": NAME, "password": PASSWORD}).status_code == 429


def test_a_forged_session_is_nobody(desk):
    stranger = TestClient(desk.client.app, follow_redirects=False, cookies={"porthor_session": "forged.value.here"})
    assert stranger.get("/").status_code == 303


def test_a_password_costs_a_guesser_what_the_rfc_asks():
    """Source: RFC 9106, section 4, the second recommended option."""
    assert (HASHER.type, HASHER.salt_len, HASHER.hash_len) == (Type.ID, 16, 32)
    assert (HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism) == (3, 64 * 1024, 4)
    assert HASHER.verify(HASHER.hash(PASSWORD), PASSWORD)


def test_the_first_password_must_be_changed_and_is_checked(desk):
    made = auth.ensure_first_person(desk.world.engine, desk.world.clock())
    assert made is None, "there is somebody already"
    with reading(desk.world.engine) as database:
        assert people.find(database, NAME)["password_hash"].startswith("$argon2id$")
    form = {"csrf": token(desk.client.get("/password").text), "password": "short", "again": "short"}
    assert desk.client.post("/password", data=form).status_code == 422
    form |= {"password": "three words together", "again": "three words apart"}
    assert desk.client.post("/password", data=form).status_code == 422
    form |= {"again": "three words together"}
    assert desk.client.post("/password", data=form).status_code == 303
    assert auth.check(desk.world.engine, NAME, "three words together") is False


def test_pages_carry_their_headers_and_no_inline_script(desk):
    for path in ("/", "/case/1", "/sign-in"):
        answer = desk.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        for node in LexborHTMLParser(answer.text).css("*"):
            assert not [name for name in node.attributes if name.startswith("on") or name == "style"]
            assert node.tag != "script" or node.attributes.get("src")


def test_hostile_content_stays_text_everywhere(desk):
    ids = [int(found) for found in re.findall(r'href="/case/(\d+)"', desk.client.get("/").text)]
    seen = 0
    for path in ("/", *(f"/case/{number}" for number in ids)):
        text = desk.client.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        seen += "&lt;script&gt;alert(1)" in text and "{{7*7}}" in text
    assert seen >= 2
    raw = desk.client.get("/message/3/raw")
    assert raw.headers["content-type"].startswith("text/plain")
    assert "sandbox" in raw.headers["content-security-policy"]
    assert HOSTILE in raw.text


def test_a_verdict_is_written_with_its_audit_event(desk):
    page = desk.client.get("/case/1").text
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    form = {"csrf": token(page), "version": version, "kind": "enforce", "actions": ["hide"], "note": "clear"}
    assert desk.client.post("/case/1/verdict", data=form).status_code == 303
    with reading(desk.world.engine) as database:
        (row,) = database.execute(select(verdict)).all()
        assert (row.kind, row.actions, row.by, row.note) == ("enforce", ["hide"], NAME, "clear")
        assert database.execute(select(case.c.state).where(case.c.id == 1)).scalar() == "closed"
        assert database.execute(select(audit_event.c.what)).scalar() == "verdict.enforce"


def test_the_second_verdict_on_the_same_case_is_told_kindly(desk):
    page = desk.client.get("/case/1").text
    form = {
        "csrf": token(page),
        "version": re.search(r'name="version" value="(\d+)"', page).group(1),
        "kind": "deliver",
    }
    assert desk.client.post("/case/1/verdict", data=form).status_code == 303
    again = desk.client.post("/case/1/verdict", data=form)
    assert again.status_code == 409
    assert f"{NAME} decided this case a moment before you" in again.text


def test_a_form_without_its_token_changes_nothing(desk):
    assert (
        desk.client.post("/case/1/verdict", data={"csrf": "other", "version": "1", "kind": "deliver"}).status_code
        == 403
    )
    with reading(desk.world.engine) as database:
        assert not database.execute(select(verdict)).all()


def test_the_language_switch_keeps_the_page_and_goes_nowhere_else(desk):
    answer = desk.client.get("/language/cy", params={"back": "/case/1"})
    assert answer.headers["location"] == "/case/1"
    assert '<html lang="cy"' in desk.client.get("/case/1").text
    assert desk.client.get("/language/en", params={"back": "//evil.example.com"}).headers["location"] == "/"


def test_filters_narrow_the_list(desk):
    everything = desk.client.get("/").text.count("data-case")
    urgent = desk.client.get("/?handling=urgent").text.count("data-case")
    assert 0 < urgent < everything
    assert desk.client.get("/?state=closed").text.count("data-case") == 0


def test_a_person_reads_the_chance_and_of_older_findings_the_score(desk):
    with reading(desk.world.engine) as database:
        number = database.execute(select(case_item.c.case_id).where(case_item.c.message_id == 1)).scalar_one()
    with writing(desk.world.engine) as database:
        mine = signal.c.message_id == 1
        database.execute(update(signal).where(mine).values(probability=0.95, chance=0.45))
    assert "very likely" not in desk.client.get(f"/case/{number}").text
    with writing(desk.world.engine) as database:
        database.execute(update(signal).where(mine).values(chance=None))
    assert "very likely" in desk.client.get(f"/case/{number}").text


def test_what_a_finding_notes_is_said_in_welsh_and_what_another_service_said_as_it_came(desk):
    with reading(desk.world.engine) as database:
        number = database.execute(select(case_item.c.case_id).where(case_item.c.message_id == 1)).scalar_one()
    desk.client.get("/language/cy")
    for note, shown in (("4 in a day, 12 in a week", "4 mewn diwrnod, 12 mewn wythnos"), ("BAYES_99", "BAYES_99")):
        with writing(desk.world.engine) as database:
            database.execute(update(signal).where(signal.c.message_id == 1).values(note=note))
        page = desk.client.get(f"/case/{number}").text
        assert shown in page
        assert "in a day" not in page
    assert '<span lang="en">BAYES_99</span>' in page
