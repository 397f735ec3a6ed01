"""Rules by the API: queues and what leads there, lists, limits; tried, proposed, refused, and agreed to on the page alone."""

import io
import zipfile

import pytest
from sqlalchemy import select

from models.tables import audit_event
from tests.fakes.world import ABUSE
from tests.review_queue.api_client import Api, account, key, problem
from tests.review_queue.conftest import NAME
from tests.review_queue.test_evidence_page import EVIDENCE


@pytest.fixture
def api(desk):
    return Api(desk, key(desk))


HOUSING = {"org": "psow", "name": {"en": "Housing", "cy": "Tai"}}


def test_a_queue_is_named_its_rule_tried_proposed_and_cases_stand_there(desk, api):
    made = api.post("/queues", **HOUSING)
    queue = made.json()
    assert (made.status_code, queue["name"], queue["members"]) == (201, HOUSING["name"], [])
    assert problem(api.post("/queues", **HOUSING), 422, "invalid")["errors"] == ["name"]
    rule = {"org": "psow", "queue": queue["id"], "channel": ["x"]}
    tried = api.get("/queues/rules/try", **rule).json()
    assert tried["matched"] > 0
    assert tried["moved"] == [{"before": None, "after": queue["id"], "messages": tried["matched"]}]
    proposed = api.post("/queues/rules", **rule, why="they write there")
    assert (proposed.status_code, proposed.json()["state"]) == (201, "proposed")
    number = proposed.json()["id"]
    problem(api.post(f"/queues/rules/{number}/approve"), 422, "invalid")
    assert problem(api.post("/queues/rules", org="psow", queue=queue["id"], why="x"), 422, "invalid")["errors"] == [
        "empty"
    ]
    assert problem(api.post("/queues/rules", **rule | {"queue": 99}, why="x"), 422, "invalid")["errors"] == ["queue"]
    own = desk.client.post(f"/queues/rules/{number}/approve", data={"csrf": desk.csrf()})
    assert own.status_code == 409, "whoever proposed by a key may not agree on the page either"
    assert problem(api("POST", f"/queues/{queue['id']}/end"), 409, "not-possible")["errors"] == ["in_use"]
    assert api("POST", f"/queues/rules/{number}/refuse").json()["state"] == "refused"
    assert api.post(f"/queues/{queue['id']}/members", name=NAME).status_code == 204
    moved = api.post("/cases/1/queue", to=queue["id"], why="a tenant").json()
    assert (moved["queue"], moved["notes"][-1]["text"]) == (queue["id"], "a tenant")
    found = api.get("/queues").json()
    assert (found["queues"][0]["open"], found["queues"][0]["members"]) == (1, [NAME])
    there, elsewhere = (api.get("/cases", queue=which).json()["cases"] for which in (str(queue["id"]), "-"))
    assert 1 in {row["id"] for row in there}
    assert 1 not in {row["id"] for row in elsewhere}
    assert api.get("/cases", queue="mine").json()["cases"] == there
    problem(api.get("/cases", queue="x"), 422, "invalid")
    assert api("POST", f"/queues/{queue['id']}/end").status_code == 204
    assert api.get("/cases/1").json()["queue"] is None
    problem(api.post("/cases/1/queue", to=queue["id"], why="x"), 422, "invalid")


def test_an_entry_is_tried_and_one_in_force_ended(desk, api):
    entry = {"kind": "watch", "matches": "phrase", "value": "useless cunts", "org": "psow"}
    assert api.get("/lists/try", **entry).json()["matched"] > 0
    assert api.get("/lists").json() == []
    assert problem(api.get("/lists/try", **entry | {"value": "x"}), 422, "invalid")["errors"]
    account(desk, "gwen", "administrator")
    number = Api(desk, key(desk, "gwen")).post("/lists", **entry, why="x").json()["id"]
    problem(api("POST", f"/lists/{number}/approve"), 422, "invalid")
    problem(api("POST", f"/lists/{number}/end"), 409, "not-possible")
    desk.client.post(f"/lists/{number}/approve", data={"csrf": desk.csrf()})
    assert api.get(f"/lists/{number}").json()["decided_by"] == NAME
    assert api("POST", f"/lists/{number}/end").json()["state"] == "ended"
    problem(api.get("/lists/999"), 404, "not-found")


def test_a_limit_is_read_tried_proposed_and_refused(desk, api):
    found = api.get("/policy/psow").json()
    standing = {row["field"]: row["standing"] for row in found["limits"]}
    field = "limits.volume_per_day"
    tried = api.get("/policy/psow/try", field=field, value=2).json()
    assert tried["kind"] == "pattern"
    assert api.get("/policy/psow/try", field="targets.other_minutes", value=1).json()["kind"] == "target"
    assert api.get("/policy/psow/try", field="surge_actions", value=1).json()["kind"] == "automation"
    assert api.get("/policy/psow/threshold", at=0.99).json() == []
    made = api.post("/policy/psow", field=field, value=2, why="too many letters")
    assert (made.status_code, made.json()["before"], made.json()["state"]) == (201, standing[field], "proposed")
    number = made.json()["id"]
    problem(api("POST", f"/policy/{number}/approve"), 404, "not-found")
    assert api("POST", f"/policy/{number}/refuse").json()["state"] == "refused"
    problem(api.post("/policy/psow", field="limits.nothing", value=2, why="x"), 422, "invalid")
    problem(api.post("/policy/psow", field=field, value=1, why="x"), 422, "invalid")
    problem(api.get("/policy/nowhere"), 404, "not-found")
    assert api.get("/policy/psow").json()["limits"] == found["limits"]


def test_originals_are_given_with_scope_and_role(desk, api):
    raw = api.get("/messages/1/raw")
    assert (raw.headers["content-type"], ABUSE in raw.text) == ("application/octet-stream", True)
    problem(api.get("/messages/999/raw"), 404, "not-found")
    assert api.get("/messages/1/thread").json() == []
    problem(api("POST", "/cases/1/evidence"), 403, "no-role")
    account(desk, "rhian", "reader", ("psow", "hopsc"))
    desk.client.app.state.page.evidence_key = EVIDENCE
    officer = Api(desk, key(desk, "rhian"))
    made = officer("POST", "/cases/1/evidence")
    assert made.status_code == 200, made.text
    assert zipfile.ZipFile(io.BytesIO(made.content)).namelist()
    told = desk.world.every(select(audit_event.c.by).where(audit_event.c.what == "api.evidence.pack"))
    assert [row.by for row in told] == ["rhian"]
    assert officer.get("/organisations/psow/letters").json() == []
    line = officer.get("/organisations/psow/contacts/1/timeline").json()
    assert [moment["message"] for moment in line if moment["kind"] == "message"] == [1]
    problem(officer.get("/organisations/psow/contacts/999/timeline"), 404, "not-found")
    problem(officer.get("/organisations/psow/letters/1/letter.pdf"), 404, "not-found")
    problem(api.get("/organisations/psow/letters"), 403, "no-role")


def test_every_connection_is_told_at_once(desk, api):
    assert api("POST", "/connections/all/pause").status_code == 202
    desk.world.act()
    assert api.get("/status").json()["connections"][0]["name"] == "c1"
    told = desk.world.every(select(audit_event.c.subject).where(audit_event.c.what == "command.pause"))
    assert [row.subject for row in told] == ["connection:c1"]
