"""The pages of the rota: kept by operators, an urgent case taken up by a button or by opening it, and what is said of it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.rota_tables import rota_day, rota_exception, urgent_watch
from models.session import writing
from models.store import rota, urgent
from models.store.rota import Plan
from models.tables import audit_event, case
from review_queue import i18n
from tests.review_queue.conftest import NAME
from tests.review_queue.test_access import csrf, enter

KEY = b"a" * 32


def post(desk, path, **form):
    return desk.client.post(path, data={"csrf": desk.csrf(), **form})


@pytest.fixture
def number(desk):
    """An urgent case that is watched."""
    with writing(desk.world.engine) as database:
        rota.keep(database, KEY, Plan("psow", active=True), NAME, i18n.utc_now())
        urgent.follow(database, ["psow"], i18n.utc_now())
    return desk.world.every(select(case.c.id).where(case.c.attention == 2))[0].id


def acknowledged(desk):
    return desk.world.every(select(urgent_watch.c.acknowledged_by))[0].acknowledged_by


def test_the_rota_is_kept_shown_and_on_record(desk):
    assert "The rota is off" in desk.client.get("/rota").text
    plan = {"active": "1", "opens": "08:30", "closes": "17:00", "minutes": "20"}
    assert post(desk, "/rota/psow/plan", **plan).headers["location"].endswith("said=plan")
    week = {f"day-{day}-1": NAME for day in range(7)} | {"day-0-2": "<script>"}
    assert post(desk, "/rota/psow/week", **week).status_code == 303
    assert [row.name for row in desk.world.every(select(rota_day))] == [NAME] * 7
    page = desk.client.get("/rota/psow?said=week").text
    assert 'value="08:30"' in page
    assert len(re.findall(rf"<td[^>]*>{NAME}</td>", page)) == 14
    day = i18n.utc_now().date() + timedelta(days=3)
    assert post(desk, "/rota/psow/exception", day=day.isoformat(), place="2", name=NAME).status_code == 303
    assert f"/rota/psow/usual/{desk.world.every(select(rota_exception))[0].id}" in desk.client.get("/rota/psow").text
    assert post(desk, "/rota/psow/usual/1").status_code == 303
    assert desk.world.every(select(rota_exception)) == []
    what = [row.what for row in desk.world.every(select(audit_event).order_by(audit_event.c.number))]
    assert what == ["rota.plan", "rota.week", "rota.exception", "rota.exception_ended"]


@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        ("plan", {"opens": "17:00", "closes": "09:00"}, "opens"),
        ("plan", {"opens": "x", "closes": "09:00"}, "opens"),
        ("plan", {"opens": "09:00", "closes": "17:00", "minutes": "-3"}, "minutes"),
        ("plan", {"opens": "09:00", "closes": "17:00", "minutes": "9999"}, "minutes"),
        ("exception", {"day": "2020-01-01", "name": NAME}, "day"),
        ("exception", {"day": "soon", "name": NAME}, "day"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(desk, path, form, field):
    answer = post(desk, f"/rota/psow/{path}", **form)
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)
    assert desk.client.get("/rota/nowhere").status_code == 404


def test_a_button_takes_an_urgent_case_up(desk, number):
    page = desk.client.get("/rota").text
    assert f'action="/case/{number}/acknowledge"' in page
    assert post(desk, f"/case/{number}/acknowledge").headers["location"] == "/rota?said=acknowledged"
    assert acknowledged(desk) == NAME
    assert f'action="/case/{number}/acknowledge"' not in desk.client.get("/rota").text
    assert re.search(
        rf"Taken up by</?[^<]*\s*<strong>{NAME}|Taken up by <strong>{NAME}", desk.client.get(f"/case/{number}").text
    )


def test_opening_takes_it_up_fetching_ahead_and_a_reader_do_not(desk, number):
    desk.client.get(f"/case/{number}?ahead=1")
    assert acknowledged(desk) is None
    reader = enter(desk, "learner", "reader")
    reader.get(f"/case/{number}")
    assert acknowledged(desk) is None
    assert reader.post(f"/case/{number}/acknowledge", data={"csrf": csrf(reader)}).status_code == 403
    reviewer = enter(desk, "gwen", "reviewer")
    with writing(desk.world.engine) as database:
        database.execute(case.update().values(claimed_by=None, claimed_until=None))
    reviewer.get(f"/case/{number}")
    assert acknowledged(desk) == "gwen"
    assert reviewer.post("/rota/psow/plan", data={"csrf": csrf(reviewer)}).status_code == 403
