"""Many cases by the API: searches that are kept, one verdict for a search with two people, one reply to a campaign."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot import bulk as carrying
from models.domain import VerdictKind
from models.session import writing
from models.tables import audit_event, case, verdict
from tests.fakes.world import ABUSE
from tests.review_queue.api_client import KEY, Api, account, key, problem
from tests.review_queue.conftest import NAME
from tests.review_queue.test_petition import PETITION

FILTER = {"channel": "x", "label": "abuse.insult"}


@pytest.fixture
def api(desk):
    account(desk, "gwen", "reviewer")
    return Api(desk, key(desk, "gwen"))


def abuse(desk, count):
    items = [
        desk.world.message(f"m{n}", f"{ABUSE} and my bin number {n} at {n} Lôn Fawr was missed", author=f"a{n}")
        for n in range(count)
    ]
    desk.world.put(*items, cursor="many")


def carried_out(desk):
    while carrying.carry_out(desk.world.engine, KEY, desk.world.clock):
        while desk.world.act():
            pass


def verdicts(desk):
    return [row.kind for row in desk.world.every(select(verdict).order_by(verdict.c.id))]


def test_a_search_is_kept_sent_as_it_is_and_forgotten(desk, api):
    kept = api.post("/views", title="Insults", search=FILTER)
    assert (kept.status_code, kept.json()["search"]) == (201, FILTER)
    (view,) = api.get("/views").json()
    assert api.get("/cases", **view["search"]).json()["total"] == 1
    desk.client.post("/view", data={"csrf": desk.csrf(), "title": "mine", "query": "channel=email"})
    assert [row["title"] for row in api.get("/views").json()] == ["Insults"], "those of others are theirs"
    assert api("DELETE", f"/views/{view['id']}").status_code == 204
    assert api.get("/views").json() == []
    problem(api.post("/views", title="x", search={"chanel": "x"}), 422, "invalid")


def test_one_verdict_for_a_search_is_tried_proposed_approved_on_the_page_and_undone(desk, api):
    abuse(desk, 4)
    tried = api.get("/bulk/try", verdict="deliver", **FILTER).json()
    assert (len(tried["cases"]), tried["more"], tried["left_out"]) == (5, False, {})
    assert tried["made_of"]["label"]["abuse.insult"] == 5
    assert tried["effects"]
    assert verdicts(desk) == [], "trying records nothing"
    body = {"search": FILTER, "verdict": "deliver", "seal": tried["seal"], "why": "one joke, five times"}
    made = api.post("/bulk", **body)
    found = made.json()
    assert (made.status_code, found["state"], found["by"], found["search"]) == (201, "proposed", "gwen", FILTER)
    assert [row["case"] for row in found["cases"]] == sorted(tried["cases"])
    carried_out(desk)
    assert verdicts(desk) == [], "nothing happens before a second person agreed"
    number = found["id"]
    problem(api("POST", f"/bulk/{number}/approve"), 403, "no-right")
    problem(Api(desk, key(desk))("POST", f"/bulk/{number}/approve"), 422, "invalid")
    problem(api("POST", f"/bulk/{number}/undo"), 409, "not-possible")
    desk.client.post(f"/bulk/{number}/approve", data={"csrf": desk.csrf()})
    carried_out(desk)
    done = api.get(f"/bulk/{number}").json()
    assert (done["state"], done["decided_by"], done["progress"]) == ("done", NAME, {"done": 5})
    assert verdicts(desk) == ["deliver"] * 5
    assert api.get("/cases/1").json()["sets"] == [number]
    assert api("POST", f"/bulk/{number}/undo").json()["state"] == "undoing"
    carried_out(desk)
    assert api.get("/bulk").json()[0]["progress"] == {"undone": 5}
    assert api.get("/cases", **FILTER).json()["total"] == 5


def test_a_set_that_changed_is_not_proposed_and_who_may_not_agree_may_not_refuse(desk, api):
    seal = api.get("/bulk/try", verdict="no_action", **FILTER).json()["seal"]
    abuse(desk, 1)
    body = {"search": FILTER, "verdict": "no_action", "seal": seal, "why": "x"}
    problem(api.post("/bulk", **body), 409, "set-moved")
    problem(api.post("/bulk", **body | {"why": "  "}), 422, "invalid")
    problem(api.post("/bulk", **body | {"verdict": "block"}), 422, "invalid")
    problem(api.post("/bulk", **body | {"search": {"channel": "bluesky"}}), 422, "invalid")
    body["seal"] = api.get("/bulk/try", verdict="no_action", **FILTER).json()["seal"]
    number = api.post("/bulk", **body).json()["id"]
    problem(api("POST", f"/bulk/{number}/refuse"), 403, "no-right")
    leader = Api(desk, key(desk))
    assert leader("POST", f"/bulk/{number}/refuse").json()["state"] == "refused"
    problem(leader("POST", f"/bulk/{number}/stop"), 409, "not-possible")
    problem(leader("POST", "/bulk/999/stop"), 404, "not-found")
    told = desk.world.every(select(audit_event.c.what).where(audit_event.c.what.like("api.bulk%")))
    assert [row.what for row in told] == ["api.bulk.propose", "api.bulk.refuse"], "what was refused left no trace"


def petition(desk, count=4):
    """Put a petition in and let a person deliver it; return its case."""
    posts = [
        replace(desk.world.message(f"p{n}", PETITION, author=f"resident{n}"), thread=f"t{n}") for n in range(count)
    ]
    desk.world.put(*posts, cursor="petition")
    (row,) = desk.world.every(select(case).where(case.c.campaign))
    desk.world.judge(VerdictKind.DELIVER, case_id=row.id)
    return row.id


def test_a_campaign_is_answered_once_by_a_key_for_replies(desk, api):
    number = petition(desk)
    words = {"subject": {"en": "The library", "cy": "Y llyfrgell"}, "text": {"en": "It stays.", "cy": "Mae'n aros."}}
    plan = api.get(f"/cases/{number}/reply").json()
    assert (plan["may"], plan["sent"], plan["plan"]["mails"], plan["plan"]["threads"]) == (True, None, 0, 1)
    problem(api.post(f"/cases/{number}/reply", **words), 403, "no-right")
    narrow = Api(desk, key(desk, NAME, ("cases:read", "cases:decide")))
    problem(narrow.post(f"/cases/{number}/reply", **words), 403, "no-scope")
    leader = Api(desk, key(desk))
    problem(leader.post(f"/cases/{number}/reply", **words | {"text": {"en": "It stays.", "cy": " "}}), 422, "invalid")
    sent = leader.post(f"/cases/{number}/reply", **words)
    assert sent.status_code == 201, sent.text
    assert (sent.json()["by"], sent.json()["text"]["cy"]) == (NAME, "Mae'n aros.")
    assert sent.json()["outcome"] == {"public_reply": {"open": 1}}
    assert problem(leader.post(f"/cases/{number}/reply", **words), 409, "not-possible")["errors"] == ["done"]
    problem(leader.get("/cases/1/reply"), 404, "not-found")
    assert "The library" in desk.client.get(f"/case/{number}/reply", follow_redirects=True).text


def test_what_is_not_decided_is_not_answered(desk):
    leader = Api(desk, key(desk))
    number = petition(desk)
    with writing(desk.world.engine) as database:
        database.execute(case.update().where(case.c.id == number).values(state="open"))
    words = {"subject": {"en": "a", "cy": "b"}, "text": {"en": "c", "cy": "d"}}
    assert problem(leader.post(f"/cases/{number}/reply", **words), 409, "not-possible")["errors"] == ["undecided"]
