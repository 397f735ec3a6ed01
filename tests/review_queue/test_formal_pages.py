"""The forms of the formal side: one question a page, answers checked, what the policy forbids told, roles kept to."""

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from models.formal_tables import incident, letter_wanted, measure, proposal
from models.measures.refusals import SENTENCES
from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store import audit, people
from models.store.formal import letters, offices, sealed
from models.tables import contact
from review_queue import auth
from review_queue.i18n import utc_now
from tests.review_queue.conftest import NAME, PASSWORD

KEY = b"a" * 32
PSOW = builtin_pack("psow")


def appoint(desk, role, name=NAME):
    with writing(desk.world.engine) as database:
        offices.appoint(database, KEY, name, PSOW, role, "root", utc_now())


def rows(desk, query):
    with reading(desk.world.engine) as database:
        return database.execute(query).all()


def hidden(html):
    return [
        (unescape(a), unescape(b)) for a, b in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    ]


def walk(client, path, replies):
    """Answer a form question by question as a browser does; return the page to check the answers."""
    page = client.get(path)
    for _ in range(60):
        assert page.status_code in {200, 422}, page.status_code
        named = re.search(r'name="at" value="([^"]+)"', page.text)
        if named is None:
            return page
        fields = [(a, b) for a, b in hidden(page.text)]
        at = unescape(named.group(1))
        given = replies.get(at, "")
        fields += [(at, value) for value in (given if isinstance(given, list) else [given])]
        page = client.post(path.split("?")[0], data=_form([*fields, ("go", "next")]))
    raise AssertionError("the form never ended")


def _form(pairs):
    found = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def confirm(client, path, page):
    return client.post(path.split("?")[0], data=_form([*hidden(page.text), ("go", "confirm")]))


INCIDENT = {
    "channel": "telephone", "day": "2026-03-05", "time": "10:30", "what": "shouted at Elin", "clauses": ["psow/2.2.h"],
    "ended": "warned", "danger": "no", "staff": "Elin", "manager": "tm", "apart": "yes",
}  # fmt: skip


def report(desk, **changes):
    path = "/formal/psow/1/incident"
    page = walk(desk.client, path, INCIDENT | changes)
    done = confirm(desk.client, path, page)
    assert done.status_code == 200
    return rows(desk, select(incident.c.id).order_by(incident.c.id.desc()))[0].id


def uphold(desk, number):
    path = f"/formal/psow/1/decide?about={number}"
    return confirm(desk.client, path, walk(desk.client, path, {"verdict": "uphold", "why": "heard it"}))


def test_without_a_role_the_formal_side_stays_shut(desk):
    for path in ("/formal", "/register", "/formal/psow/1", "/formal/psow/1/restrict"):
        assert desk.client.get(path).status_code == 403
    appoint(desk, "staff")
    for path in ("/formal", "/register", "/formal/psow/1", "/formal/psow/1/restrict"):
        assert desk.client.get(path).status_code == 200
    for path in ("/formal/adra/1", "/formal/adra/1/restrict"):
        assert desk.client.get(path).status_code == 403, "a role in one organisation is none in another"
    for path in ("/formal/psow/999", "/formal/psow/1/dance", "/formal/nowhere/1"):
        assert desk.client.get(path).status_code == 404


def test_an_incident_is_reported_question_by_question_and_only_confirmation_keeps_it(desk):
    appoint(desk, "staff")
    before = len(rows(desk, select(incident)))
    page = walk(desk.client, "/formal/psow/1/incident", INCIDENT)
    assert "shouted at Elin" in page.text
    assert len(rows(desk, select(incident))) == before, "nothing is kept before it is confirmed"
    done = confirm(desk.client, "/formal/psow/1/incident", page)
    assert "govuk-panel--confirmation" in done.text
    made = rows(desk, select(incident).order_by(incident.c.id.desc()))[0]
    assert (made.state, made.detail["staff"], made.detail["warned_first"]) == ("proposed", ["Elin"], True)


@pytest.mark.parametrize(
    ("question", "value", "told"),
    [
        ("channel", "", "Give an answer"),
        ("channel", "pigeon", "Choose from the list"),
        ("day", "2026-02-30", "Give a real date"),
    ],
)
def test_a_wrong_answer_is_told_on_its_own_page(desk, question, value, told):
    appoint(desk, "staff")
    page = desk.client.get("/formal/psow/1/incident")
    fields = _form([*hidden(page.text), (question, value), ("go", "next")])
    fields["at"] = [question]
    answer = desk.client.post("/formal/psow/1/incident", data=fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert "govuk-error-summary" in answer.text


def test_an_answer_may_be_changed_from_the_check_page(desk):
    appoint(desk, "staff")
    path = "/formal/psow/1/incident"
    page = walk(desk.client, path, INCIDENT)
    again = desk.client.post(path, data=_form([*hidden(page.text), ("go", "change:what")]))
    assert "shouted at Elin</textarea>" in again.text
    fields = [
        *[(a, b) for a, b in hidden(again.text) if a != "what"],
        ("what", "shouted at Elin twice"),
        ("go", "next"),
    ]
    back = desk.client.post(path, data=_form(fields))
    assert "shouted at Elin twice" in back.text
    assert 'value="confirm"' in back.text


RESTRICT = {
    "basis": "formal", "measures": ["one_channel"], "one_channel.channels": ["email"], "why": "calls cannot be borne",
    "grounds": ["psow/8.3.a"], "before.psow/7.4": "an advocate was offered",
}  # fmt: skip


def warned(desk):
    """Report and uphold, warn, let the letter arrive, report and uphold again; return the second incident."""
    appoint(desk, "hopsc")
    first = report(desk)
    assert uphold(desk, first).status_code == 200
    page = walk(
        desk.client,
        "/formal/psow/1/warn",
        {"incidents": [str(first)], "why": "please stop", "written": "yes", "policy": "yes"},
    )
    assert confirm(desk.client, "/formal/psow/1/warn", page).status_code == 200
    sent = utc_now()
    with writing(desk.world.engine) as database:
        (letter,) = letters.waiting(database, "psow")
        letters.fulfil(
            database, KEY, letter["id"], PSOW, sent.replace(year=2026, month=3, day=6), by_post=False, by="post"
        )
    second = report(desk, day="2026-03-20")
    assert uphold(desk, second).status_code == 200
    return second


def test_the_policy_speaks_before_anything_is_confirmed(desk):
    appoint(desk, "hopsc")
    number = report(desk)
    uphold(desk, number)
    page = walk(desk.client, "/formal/psow/1/restrict", RESTRICT | {"incidents": [str(number)], "once": "eighty calls"})
    assert page.status_code == 422
    assert SENTENCES["warn_first"].en in page.text
    assert "psow/7.3" in page.text
    assert 'value="confirm"' not in page.text
    confirm(desk.client, "/formal/psow/1/restrict", page)
    assert rows(desk, select(measure).where(measure.c.kind == "restriction")) == []
    desk.client.get("/language/cy")
    assert (
        SENTENCES["warn_first"].cy.replace("'", "&#39;")
        in walk(
            desk.client, "/formal/psow/1/restrict", RESTRICT | {"incidents": [str(number)], "once": "eighty calls"}
        ).text
    )


def test_contact_is_managed_by_the_grade_and_proposed_from_below(desk):
    second = warned(desk)
    replies = RESTRICT | {"incidents": [str(second)], "once": "eighty calls"}
    appoint(desk, "tm")
    path = "/formal/psow/1/restrict"
    page = walk(desk.client, path, replies)
    assert "it goes there as a proposal" in page.text
    assert "The proposal is sent" in confirm(desk.client, path, page).text
    (waiting,) = rows(desk, select(proposal))
    assert (waiting.state, waiting.by, waiting.role) == ("open", NAME, "hopsc")
    with writing(desk.world.engine) as database:
        people.add(database, "pen", auth._hasher.hash(PASSWORD), "reviewer", "en", must_change=False, now=utc_now())
    appoint(desk, "hopsc", "pen")
    with TestClient(desk.client.app, follow_redirects=False) as other:
        other.post("/sign-in", data={"name": "pen", "password": PASSWORD})
        assert "a restriction" in other.get("/formal").text
        path = f"/formal/psow/1/proposal?about={waiting.id}"
        done = confirm(other, path, walk(other, path, {"verdict": "take", "why": ""}))
        assert done.status_code == 200
    (made,) = rows(desk, select(measure).where(measure.c.kind == "restriction"))
    assert made.detail["taken"]["by"]["name"] == "pen"
    assert made.detail["taken"]["proposed_by"] == NAME
    assert [row.kind for row in rows(desk, select(letter_wanted).where(letter_wanted.c.measure_id == made.id))] == [
        "restriction"
    ]
    with reading(desk.world.engine) as database:
        assert audit.verify(database, KEY)[1] is None
        assert sealed.altered(database, KEY) == []


def test_the_check_page_says_which_line_stays_open_and_asks_before_closing_the_last(desk):
    second = warned(desk)
    replies = RESTRICT | {"incidents": [str(second)], "once": "eighty calls"}
    page = walk(desk.client, "/formal/psow/1/restrict", replies)
    assert re.search(r"stay open: <strong>email\s*</strong>", page.text)
    closing = replies | {"measures": ["block_contact"], "block_contact.channels": ["telephone", "email", "letter"]}
    page = walk(desk.client, "/formal/psow/1/restrict", closing)
    assert SENTENCES["last_line_reason"].en in page.text
    page = walk(desk.client, "/formal/psow/1/restrict", closing | {"override": "threats on every line"})
    assert page.status_code == 200


def test_the_register_tells_what_to_do_and_never_why(desk):
    second = warned(desk)
    replies = RESTRICT | {"incidents": [str(second)], "once": "eighty calls", "circumstances": "weighed"}
    need = {"text": "a private diagnosis", "certainty": "recorded", "requested": "no", "seen_by": "hopsc"}
    page = walk(desk.client, "/formal/psow/1/need", need)
    assert confirm(desk.client, "/formal/psow/1/need", page).status_code == 200
    page = walk(desk.client, "/formal/psow/1/restrict", replies)
    assert confirm(desk.client, "/formal/psow/1/restrict", page).status_code == 200
    assert "a private diagnosis" in desk.client.get("/formal/psow/1").text
    appoint(desk, "staff")
    register = desk.client.get("/register").text
    assert "One channel of contact only" in register
    for kept in ("calls cannot be borne", "a private diagnosis", "psow/8.3.a", "eighty calls"):
        assert kept not in register
    file = desk.client.get("/formal/psow/1").text
    assert "a private diagnosis" not in file
    assert "its words are for others to read" in file


def test_an_appeal_is_taken_in_by_anybody_and_refused_to_who_decided(desk):
    second = warned(desk)
    page = walk(desk.client, "/formal/psow/1/restrict", RESTRICT | {"incidents": [str(second)], "once": "x"})
    confirm(desk.client, "/formal/psow/1/restrict", page)
    (made,) = rows(desk, select(measure).where(measure.c.kind == "restriction"))
    path = f"/formal/psow/1/appeal?about={made.id}"
    assert (
        confirm(desk.client, path, walk(desk.client, path, {"day": "2026-03-21", "grounds": "unfair"})).status_code
        == 200
    )
    (appeal,) = rows(desk, select(measure).where(measure.c.kind == "appeal"))
    path = f"/formal/psow/1/hear?about={appeal.id}"
    appoint(desk, "edcl")
    page = walk(desk.client, path, {"outcome": "dismissed", "why": "right"})
    assert page.status_code == 422
    assert f"{NAME} took part" in page.text


@pytest.mark.parametrize("name", ["ask", "refer", "record", "profile", "join", "need"])
def test_every_form_begins_in_both_languages(desk, name):
    appoint(desk, "hopsc")
    english = desk.client.get(f"/formal/psow/1/{name}").text
    desk.client.get("/language/cy")
    welsh = desk.client.get(f"/formal/psow/1/{name}").text
    assert 'lang="cy"' in welsh
    assert re.search(r"<h1.*?</h1>", english, re.DOTALL)[0] != re.search(r"<h1.*?</h1>", welsh, re.DOTALL)[0]


def test_decisions_not_to_act_are_recorded(desk):
    appoint(desk, "hopsc")
    path = "/formal/psow/1/record"
    page = walk(desk.client, path, {"kind": "not_reply", "why": "asked and answered", "looked": "no"})
    assert SENTENCES["look_first"].en in page.text
    page = walk(desk.client, path, {"kind": "not_reply", "why": "asked and answered", "looked": "yes"})
    assert confirm(desk.client, path, page).status_code == 200
    assert "asked and answered" in desk.client.get("/formal/psow/1").text


def test_hostile_words_stay_text_on_every_page(desk):
    appoint(desk, "hopsc")
    evil = '<script>alert(1)</script>"><img src=x>'
    number = report(desk, what=evil, staff=evil)
    assert uphold(desk, number).status_code == 200
    page = walk(desk.client, "/formal/psow/1/record", {"kind": "apply", "why": evil})
    confirm(desk.client, "/formal/psow/1/record", page)
    for html in (page.text, desk.client.get("/formal/psow/1").text, desk.client.get("/formal").text):
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_a_form_without_its_token_changes_nothing(desk):
    appoint(desk, "hopsc")
    page = walk(desk.client, "/formal/psow/1/record", {"kind": "apply", "why": "x"})
    fields = _form([*[pair for pair in hidden(page.text) if pair[0] != "csrf"], ("csrf", "forged"), ("go", "confirm")])
    assert desk.client.post("/formal/psow/1/record", data=fields).status_code == 403
    assert rows(desk, select(measure)) == []
    assert rows(desk, select(contact.c.adjustment).where(contact.c.id == 1))[0].adjustment in {False, True}
