"""The register to take away: its table is logged and holds no formulas, its calendar no names, its address is a secret."""

import csv
import io
import re

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from models.formal_tables import calendar_token, measure
from models.policy.loader import builtin_pack
from models.records.sheet import safe
from models.session import reading, writing
from models.store import audit
from models.store.formal import offices
from models.store.formal.codec import dumped
from models.tables import audit_event, contact
from review_queue.i18n import utc_now
from tests.fakes.formal import restricted
from tests.fakes.world import KEY
from tests.review_queue.conftest import NAME


@pytest.fixture(autouse=True)
def _key(desk):
    desk.client.app.state.page.audit_key = KEY


def appoint(desk, role="staff"):
    with writing(desk.world.engine) as database:
        offices.appoint(database, KEY, NAME, builtin_pack("psow"), role, "root", utc_now())


def restrict(desk):
    from datetime import timedelta

    now = utc_now()
    step = restricted(
        "psow", now - timedelta(days=1), review_on=(now + timedelta(days=30)).date(), grounds=("psow/8.3.a",)
    )
    with writing(desk.world.engine) as database:
        database.execute(update(contact).where(contact.c.id == 1).values(name="=HYPERLINK(1)"))
        database.execute(measure.insert().values(contact_id=1, org="psow", kind="restriction", at=now, state="standing", pack_version="1", detail=dumped(step)))  # fmt: skip


def test_the_table_is_for_those_in_a_role_logged_and_without_formulas(desk):
    restrict(desk)
    assert desk.client.post("/register/table", data={"csrf": desk.csrf()}).status_code == 403
    appoint(desk)
    assert desk.client.post("/register/table", data={"csrf": "x"}).status_code == 403
    got = desk.client.post("/register/table", data={"csrf": desk.csrf()})
    _, row = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert row[2] == "'=HYPERLINK(1)"
    assert "One channel of contact only" in row[4]
    assert "psow/8.3.a" not in got.text
    with reading(desk.world.engine) as database:
        last = database.execute(select(audit_event).order_by(audit_event.c.number.desc())).first()
        assert (last.what, last.by, last.detail["rows"]) == ("register.exported", NAME, 1)
        assert audit.verify(database, KEY)[1] is None


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1"])
def test_what_a_spreadsheet_takes_for_a_formula_becomes_text(text):
    assert safe(text) == f"'{text}"
    assert safe("plain - text") == "plain - text"


def test_the_calendar_holds_references_only_and_a_new_address_ends_the_old(desk):
    restrict(desk)
    appoint(desk)
    page = desk.client.post("/register/calendar", data={"csrf": desk.csrf()})
    (address,) = re.findall(r"(/calendar/\S+\.ics)", page.text)
    desk.client.cookies.clear()
    feed = desk.client.get(address)
    assert feed.headers["content-type"].startswith("text/calendar")
    events = list(Calendar.from_ical(feed.text).walk("VEVENT"))
    assert {str(event["summary"]) for event in events} >= {"Review of restriction psow 1"}
    assert "HYPERLINK" not in feed.text
    assert desk.client.get(address.replace("/calendar/", "/calendar/x")).status_code == 404
    with reading(desk.world.engine) as database:
        (kept,) = database.execute(select(calendar_token.c.sha256)).scalars()
        assert kept not in address


def test_an_ended_address_and_a_lost_role_show_nothing(desk):
    restrict(desk)
    appoint(desk)
    first = re.findall(
        r"(/calendar/\S+\.ics)", desk.client.post("/register/calendar", data={"csrf": desk.csrf()}).text
    )[0]
    second = re.findall(
        r"(/calendar/\S+\.ics)", desk.client.post("/register/calendar", data={"csrf": desk.csrf()}).text
    )[0]
    assert desk.client.get(first).status_code == 404
    with writing(desk.world.engine) as database:
        database.execute(offices.office.update().values(until=utc_now()))
    assert "VEVENT" not in desk.client.get(second).text
    desk.client.post("/register/calendar", data={"csrf": desk.csrf(), "end": "yes"})
    assert desk.client.get(second).status_code == 404
