"""The API over a real store: the queue, cases, verdicts and their conflicts, the desk, the formal side."""

import pytest
from sqlalchemy import select

from models.session import writing
from models.store import rota, urgent
from models.store.rota import Plan
from models.tables import verdict
from review_queue import i18n
from review_queue.api.problems import MEDIA_TYPE, words
from tests.review_queue.api_client import AT, KEY, Api, account, calls, described, key, problem
from tests.review_queue.conftest import NAME


@pytest.fixture
def api(desk):
    return Api(desk, key(desk))


def test_the_queue_is_listed_filtered_and_paged_as_on_the_page(api):
    everything = api.get("/cases").json()
    assert everything["total"] == len(everything["cases"]) >= 3
    assert everything["cases"][0]["urgent"]
    urgent = api.get("/cases", handling="urgent").json()
    assert 0 < urgent["total"] < everything["total"]
    pages = [api.get("/cases", page=n, page_size=1).json()["cases"][0]["id"] for n in range(1, everything["total"] + 1)]
    assert pages == [row["id"] for row in everything["cases"]]
    assert [row["id"] for row in api.get("/cases", words="ty ar dan").json()["cases"]] == [pages[0]]
    assert api.get("/cases", state="closed").json()["cases"] == []
    counts = api.get("/cases/counts").json()
    assert (counts["open"], counts["urgent"]) == (everything["total"], urgent["total"])
    assert api.get("/cases/next").json() == {"case": pages[0]}
    problem(api.get("/cases", chanel="x"), 422, "invalid")


def test_a_case_says_what_stands_in_it_and_what_will_happen_with_harsh_words_hidden(api):
    case = api.get("/cases/1").json()
    (message,) = case["messages"]
    assert message["words_hidden"]
    assert "cunts" not in api.get("/cases/1").text + api.get("/cases").text + api.get("/quarantine").text
    shown = api.get("/cases/1", shown="true").json()["messages"][0]
    assert "cunts" in shown["text"]
    assert len(shown["text"]) == len(message["text"]), "spans fit the hidden text too"
    insult = next(hit for hit in shown["signals"] if hit["label"] == "abuse.insult")
    assert insult["words"] == {"en": "an insult", "cy": "sarhad"}
    assert all(0 <= start < end <= len(shown["text"]) for start, end in insult["spans"])
    assert shown["decision"]["clauses"][0]["text"]["cy"]
    assert shown["decision"]["why"]["cy"] != shown["decision"]["why"]["en"]
    choices = {choice["kind"]: choice["effects"] for choice in case["choices"]}
    assert {effect["how"] for effect in choices["report"]} & {"person"}
    assert "proposed" in choices


def test_a_verdict_its_conflict_and_its_undoing(desk, api):
    desk.world.act()
    assert ("hide", "1") in desk.world.platform.in_force, "by the machine, for now"
    version = api.get("/cases/1").json()["version"]
    decided = api.post("/cases/1/verdict", version=version, kind="deliver", reason="criticism", note="seen")
    assert decided.status_code == 200
    assert (decided.json()["state"], decided.json()["choices"]) == ("closed", [])
    desk.world.act()
    assert ("hide", "1") not in desk.world.platform.in_force
    told = problem(api.post("/cases/1/verdict", version=version, kind="deliver"), 409, "case-moved")
    assert (told["by"], told["version"]) == (NAME, version + 1)
    assert f"{NAME} decided this case a moment before you" in told["detail"]
    welsh = Api(desk, key(desk), **{"Accept-Language": "cy"})
    kind = welsh.post("/cases/1/verdict", version=version, kind="deliver").json()
    assert kind["detail"] != told["detail"]
    assert (kind["by"], kind["title"] != told["title"]) == (NAME, True)
    problem(api.post("/cases/1/verdict", version=version + 1, kind="deliver"), 409, "case-closed")
    undone = api.post("/cases/1/undo", version=version + 1)
    assert undone.json()["state"] == "open"
    desk.world.act()
    assert ("hide", "1") in desk.world.platform.in_force
    assert len(desk.world.every(select(verdict))) == 2
    problem(api.post("/cases/2/undo", version=api.get("/cases/2").json()["version"]), 409, "case-open")


def test_casework_by_two_keys(desk, api):
    account(desk, "ifan", "reviewer")
    other = Api(desk, key(desk, "ifan"))
    assert api.post("/cases/1/claim").json()["by"] == NAME
    told = problem(other.post("/cases/1/claim"), 409, "case-held")
    assert told["by"] == NAME
    assert other.get("/cases/1").json()["claimed_by"] == NAME
    assert api("DELETE", "/cases/1/claim").status_code == 204
    assert other.post("/cases/1/claim").status_code == 200
    assert other.post("/cases/1/assign", to=NAME).json()["assigned_to"] == NAME
    problem(other.post("/cases/1/assign", to="nobody"), 404, "not-found")
    assert api.post("/cases/1/notes", text="rang her").status_code == 201
    assert [note["text"] for note in other.get("/cases/1/notes").json()] == ["rang her"]
    assert other.post("/cases/1/second-opinion").json()["second_opinion_for"] == "ifan"
    version = api.get("/cases/2").json()["version"]
    escalated = api.post("/cases/2/escalate", version=version, grade="hopsc").json()
    assert (escalated["state"], escalated["grade"]) == ("escalated", "hopsc")
    assert other.post("/cases/3/hand-over").status_code == 204
    assert 3 not in [row["id"] for row in other.get("/cases").json()["cases"]]
    assert api.get("/reviewers").json()["names"] == ["ifan", NAME]


def test_the_quarantine_is_listed_and_released(desk, api):
    desk.world.act()
    held = api.get("/quarantine").json()
    assert held["total"] > 0
    assert sum(row["count"] for row in api.get("/quarantine/summary").json()) == held["total"]
    first = held["held"][0]
    cases = [{"case": first["case"], "version": first["case_version"]}, {"case": 999, "version": 1}]
    assert api.post("/quarantine/release", cases=cases).json() == {"released": 1, "moved": 1}
    assert api.post("/quarantine/release", cases=cases[:1]).json()["released"] == 0
    assert api.get("/cases", state="closed").json()["total"] == 1


def test_the_desk_can_be_read(desk, api):
    desk.world.act()
    assert api.get("/enforcements", limit=1).json()[0]["effect"]
    assert api.get("/status").json()["connections"][0]["name"] == "c1"
    figures = api.get("/insights", days=365).json()
    assert sum(sum(row) for row in figures["by_channel"].values()) == 4
    assert figures["load"] == {}
    assert api("POST", "/connections/c1/pause").status_code == 202
    problem(api("POST", "/connections/nowhere/pause"), 404, "not-found")
    version = api.get("/cases/1").json()["version"]
    api.post("/cases/1/verdict", version=version, kind="report")
    desk.world.act()
    (task,) = api.get("/tasks").json()
    assert api("POST", f"/tasks/{task['id']}/done").status_code == 204
    problem(api("POST", f"/tasks/{task['id']}/done"), 409, "task-moved")


def test_lists_are_proposed_and_agreed_to_by_nobody_with_a_key(desk, api):
    entry = {"kind": "deny", "matches": "sender", "value": "@spam.example", "org": "psow", "why": "spam"}
    made = api.post("/lists", **entry)
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    assert [row["value"] for row in api.get("/lists").json()] == ["@spam.example"]
    assert problem(api.post("/lists", **(entry | {"value": "@"})), 422, "invalid")["errors"] == ["sender"]
    assert not [path for _, path, _ in calls(desk) if "approve" in path]


def test_the_formal_side_is_read_by_whoever_holds_a_role(desk, api):
    problem(api.get("/register"), 403, "no-role")
    account(desk, "rhian", "reader", ("psow", "tm"))
    officer = Api(desk, key(desk, "rhian"))
    assert officer.get("/register").json() == []
    assert officer.get("/organisations/psow/measures").json() == []
    person = officer.get("/organisations/psow/contacts/1").json()
    assert (person["in_force"], person["accounts"][0]["platform"]) == ([], "x")
    assert "telephone" in person["open_lines"]
    problem(officer.get("/organisations/psow/contacts/999"), 404, "not-found")
    problem(officer.get("/organisations/adra/contacts/1"), 403, "no-role")


def test_the_description_is_whole(desk):
    found = described(desk)
    assert found["openapi"].startswith("3.1")
    assert found["servers"] == [{"url": AT}]
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")):
                    assert list(response["content"]) == [MEDIA_TYPE], (method, path, status)
                elif status not in {"202", "204"}:
                    assert all(content["schema"] for content in response["content"].values()), (method, path)
    kinds = words("en")
    assert set(kinds) == set(words("cy"))
    page = desk.client.get("/api").text
    assert all(f'id="{kind}"' in page for kind in kinds)
    assert all(words("cy")[kind] != told for kind, told in kinds.items())


def test_an_urgent_case_is_taken_up(desk, api):
    now = i18n.utc_now()
    with writing(desk.world.engine) as database:
        rota.keep(database, KEY, Plan("psow", active=True), NAME, now)
        urgent.follow(database, ["psow"], now)
    (entry,) = api.get("/on-call").json()
    assert (entry["org"], entry["active"], entry["names"]) == ("psow", True, [])
    (waiting,) = entry["unanswered"]
    path = f"/cases/{waiting['case']}/acknowledge"
    assert [api("POST", path).json()["noted"] for _ in range(2)] == [True, False]
    assert api.get("/on-call").json()[0]["unanswered"] == []


def test_hostile_numbers_and_bodies_are_problems(api):
    problem(api.get("/cases/999999999999999999999999"), 422, "invalid")
    problem(api.get("/cases/999999"), 404, "not-found")
    problem(api.get("/cases/x"), 422, "invalid")
    problem(api("POST", "/cases/1/notes", content=b"\xff{"), 422, "invalid")
    problem(api.post("/cases/1/notes", text="x", more=1), 422, "invalid")
    problem(api("PUT", "/cases"), 405, "invalid")
