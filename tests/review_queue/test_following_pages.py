"""Pages of what follows in a file: for those in a role, with their token, in both languages, hostile words as text."""

import pytest
from sqlalchemy import insert, select

from models.formal_tables import incident, letter_wanted, notice, policy_review
from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store import audit
from models.store.formal import notices, offices
from models.tables import contact, message
from review_queue.i18n import utc_now
from tests.fakes.world import ABUSE, KEY
from tests.review_queue.api_client import Api, key
from tests.review_queue.conftest import NAME
from tests.review_queue.test_formal_pages import confirm, walk


@pytest.fixture(autouse=True)
def _key(desk):
    desk.client.app.state.page.audit_key = KEY


def appoint(desk, role):
    with writing(desk.world.engine) as database:
        offices.appoint(database, KEY, NAME, builtin_pack("psow"), role, "root", utc_now())


def rows(desk, query):
    with reading(desk.world.engine) as database:
        return database.execute(query).all()


@pytest.mark.parametrize("path", ["/formal/psow/1/timeline", "/policy-review/psow", "/document/psow/1/incident/1.pdf"])
def test_without_a_role_nothing_is_shown(desk, path):
    assert desk.client.get(path).status_code == 403
    appoint(desk, "edcl")
    assert desk.client.get(path).status_code == 200
    assert desk.client.get(path.replace("psow", "nowhere")).status_code == 404


def test_documents_with_needs_are_for_those_who_may_refer(desk):
    appoint(desk, "staff")
    assert desk.client.get("/document/psow/1/incident/1.docx").status_code == 200
    assert desk.client.get("/document/psow/1/referral/1.pdf").status_code == 403
    appoint(desk, "tm")
    assert desk.client.get("/document/psow/1/referral/1.pdf").status_code == 404
    assert desk.client.get("/document/psow/1/incident/1.exe").status_code == 404


def test_a_notice_is_marked_as_seen_with_its_token(desk):
    appoint(desk, "tm")
    with writing(desk.world.engine) as database:
        for role in ("tm", "edcl"):
            notices.tell(database, "psow", "review_soon", f"measure:{role}", role, utc_now().date(), utc_now())
    mine, theirs = (row.id for row in rows(desk, select(notice).order_by(notice.c.id)))
    assert "Mark as seen" in desk.client.get("/formal").text
    assert desk.client.post(f"/notice/psow/{mine}", data={"csrf": "x"}).status_code == 403
    assert desk.client.post(f"/notice/psow/{theirs}", data={"csrf": desk.csrf()}).status_code == 403
    assert desk.client.post(f"/notice/psow/{mine}", data={"csrf": desk.csrf()}).status_code == 303
    assert [row.done_by for row in rows(desk, select(notice).order_by(notice.c.id))] == [NAME, None]
    with reading(desk.world.engine) as database:
        assert audit.verify(database, KEY)[1] is None


def test_the_policy_is_reviewed_by_the_highest_role(desk):
    day = utc_now().date().isoformat()
    appoint(desk, "tm")
    told = desk.client.post("/policy-review/psow", data={"csrf": desk.csrf(), "held_on": day})
    assert told.status_code == 422
    top = max(builtin_pack("psow").roles, key=lambda role: role.rank).id
    appoint(desk, top)
    assert desk.client.post("/policy-review/psow", data={"csrf": desk.csrf(), "held_on": "x"}).status_code == 422
    assert desk.client.post("/policy-review/psow", data={"csrf": desk.csrf(), "held_on": day}).status_code == 303
    assert [row.held_on.isoformat() for row in rows(desk, select(policy_review))] == [day]


def test_risks_stand_until_somebody_was_told_and_hostile_words_stay_text(desk):
    appoint(desk, "staff")
    evil = "<script>alert(1)</script>"
    with reading(desk.world.engine) as database:
        from models.store.formal import aftercare

        risks = aftercare.untold(database, "psow")
    assert risks
    contact_id, about = risks[0]["contact_id"], risks[0]["id"]
    assert "nobody is recorded as told" in desk.client.get("/formal").text
    assert "nobody is recorded as told" in desk.client.get(f"/formal/psow/{contact_id}").text
    path = f"/formal/psow/{contact_id}/welfare?about={about}"
    page = walk(desk.client, path, {"told": evil, "day": "2026-03-10", "time": "10:05", "why": evil})
    assert confirm(desk.client, path, page).status_code == 200
    for where in (f"/formal/psow/{contact_id}", f"/formal/psow/{contact_id}/timeline"):
        html = desk.client.get(where).text
        assert "alert(1)" in html
        assert evil not in html
    desk.client.get("/language/cy")
    assert "Popeth yn nhrefn amser" in desk.client.get(f"/formal/psow/{contact_id}/timeline").text


@pytest.mark.parametrize(
    ("form", "replies"),
    [
        ("complaint", {"subject": "behaviour", "why": "nobody rang back"}),
        ("closed", {"reference": "2026-1", "why": "told in May"}),
        ("read", {"looked": "yes", "why": "nothing new"}),
    ],
)
def test_what_anybody_may_record_is_recorded(desk, form, replies):
    appoint(desk, "staff")
    path = f"/formal/psow/1/{form}?about=1"
    assert confirm(desk.client, path, walk(desk.client, path, replies)).status_code == 200
    assert replies["why"] in desk.client.get("/formal/psow/1").text


def test_the_line_of_time_speaks_the_readers_language_and_hides_harsh_words(desk):
    appoint(desk, "tm")
    with writing(desk.world.engine) as database:
        number = database.execute(select(message.c.contact_id).where(message.c.own_text == ABUSE)).scalar_one()
        wanted = {"contact_id": number, "org": "psow", "kind": "not_replying", "language": "cy", "style": "full"}
        database.execute(insert(letter_wanted).values(**wanted, wanted_at=utc_now(), wanted_by=NAME))
    desk.world.act()
    desk.client.get("/language/cy")
    page = desk.client.get(f"/formal/psow/{number}/timeline").text
    for code in ("not_replying", ">hide", "(done)", ABUSE):
        assert code not in page, code
    assert "porthor-masked" in page
    assert "cuddiwyd: mewn grym" in page
    wanted = Api(desk, key(desk)).get(f"/organisations/psow/contacts/{number}/timeline").json()
    (said,) = (one for one in wanted if one["kind"] == "message")
    assert "▇" in said["said"]
    assert (said["code"], said["text"]) != ("", "")
    plain = Api(desk, key(desk)).get(f"/organisations/psow/contacts/{number}/timeline", shown=True).json()
    assert ABUSE in [one["said"] for one in plain]


def test_a_notice_leads_to_whom_it_is_about(desk):
    appoint(desk, "edcl")
    with writing(desk.world.engine) as database:
        query = select(incident.c.id, contact.c.id.label("whose"), contact.c.name).join(contact)
        made = database.execute(query.order_by(incident.c.id)).first()
        notices.tell(database, "psow", "incident_report", f"incident:{made.id}", "tm", utc_now().date(), utc_now())
    page = desk.client.get("/formal").text
    assert f"incident:{made.id}" not in page
    assert f'{utc_now():%Y} · <a class="govuk-link" href="/formal/psow/{made.whose}">{made.name}</a>' in page
