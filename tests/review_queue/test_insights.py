"""Insights against what really happened, their charts as harmless pictures, their tables as files."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain import Channel, VerdictKind
from models.session import reading
from models.store import insights
from models.store.insights import Span, wilson
from review_queue import charts, i18n
from review_queue.pages.insights import panels
from review_queue.panels import Panel


def found(desk, org="", days=1):
    with reading(desk.world.engine) as database:
        return insights.read(database, Span(desk.world.clock() - timedelta(days=days), org))


def test_insights_count_what_happened(desk):
    desk.world.act()
    before = found(desk)
    assert before.decided == 4
    assert sum(row[3] for row in before.by_day.values()) == 1, "one is urgent"
    assert (before.held_and_judged, before.overturned, before.waited) == (0, 0, [])
    assert before.held_by_machine >= 1
    desk.world.clock.forward(minutes=30)
    desk.world.judge(VerdictKind.DELIVER)
    after = found(desk)
    assert (after.held_and_judged, after.overturned) == (1, 1)
    assert [(row.kind, row.cases, row.median_min) for row in after.waited] == [("review", 1, 30.0)]
    assert after.load == {"nia": {"deliver": 1}}
    assert found(desk, "adra").decided == 0
    assert {name for name, _ in after.clauses if name.startswith("psow/")}


def test_why_the_machine_was_wrong_is_counted_by_reason(desk):
    for number, reason in ((1, "criticism"), (2, "irony")):
        form = {"csrf": desk.csrf(), "kind": "deliver", "version": "1", "reason": reason}
        assert desk.client.post(f"/case/{number}/verdict", data=form).status_code == 303
    assert found(desk).wrong_because == {"criticism": {"deliver": 1}, "irony": {"deliver": 1}}
    desk.world.judge(VerdictKind.UNDO, case_id=2)
    assert found(desk).wrong_because == {"criticism": {"deliver": 1}}
    panel = next(one for one in panels(found(desk), "cy") if one.name == "wrong")
    assert panel.rows == [("beirniadaeth deg yw hi", 1, 0, 0, 0)]


PETITION = (
    "Please keep the library in Stryd Fawr open on Saturdays, our children need it and you promised this in March"
)


def petition(world, first, count, channel=Channel.X, **more):
    for n in range(first, first + count):
        item = world.message(f"p{n}", PETITION, author=f"resident{n}", channel=channel)
        world.put(replace(item, **more), cursor=f"p{n}")


def test_campaigns_lie_on_their_days_with_people_channels_and_places(desk):
    world = desk.world
    petition(world, 0, 4, thread="one")
    world.clock.forward(days=2)
    petition(world, 4, 2, Channel.EMAIL, to=("llyfrgell@council.example",), cc=("cllr@council.example",))
    (cluster,) = found(desk, days=9).clusters
    first = cluster.days[0][0]
    assert [(day - first).days for day, _ in cluster.days] == [0, 2]
    assert [count for _, count in cluster.days] == [4, 2]
    assert (cluster.messages, cluster.people, cluster.channels, cluster.places) == (6, 6, ("x", "email"), 3)
    assert found(desk, days=1).clusters[0].messages == 2
    assert found(desk, "adra", days=9).clusters == []
    for language in i18n.LANGUAGES:
        panel = next(one for one in panels(found(desk, days=9), language) if one.name == "map")
        assert panel.links == [f"/case/{cluster.case_id}"]
        assert len(panel.days) == 3
        picture = charts.svg(panel)
        ET.fromstring(picture)
        assert panel.rows[0][0] in picture


def test_every_panel_is_drawn_in_both_languages_without_a_script(desk):
    desk.world.act()
    desk.world.judge(VerdictKind.DELIVER)
    for language in i18n.LANGUAGES:
        drawn = panels(found(desk), language)
        assert {"volume", "channels", "languages", "clauses", "verdicts", "load"} <= {panel.name for panel in drawn}
        for panel in drawn:
            picture = ET.fromstring(charts.svg(panel))
            names = {node.tag.rpartition("}")[2] for node in picture.iter() if isinstance(node.tag, str)}
            assert "script" not in names
            assert not [name for node in picture.iter() for name in node.attrib if name.startswith("on")]


def test_the_page_its_pictures_and_files_are_served(desk, monkeypatch):
    monkeypatch.setattr("review_queue.pages.insights.i18n.utc_now", lambda: desk.world.clock() + timedelta(hours=1))
    page = desk.client.get("/insights?days=7&org=psow")
    assert page.text.count("<img class=") >= 4
    picture = desk.client.get("/insights/volume.svg?days=7")
    assert picture.headers["content-type"].startswith("image/svg")
    assert "sandbox" in picture.headers["content-security-policy"]
    assert "Messages" in desk.client.get("/insights/clauses.csv?days=7").text
    assert desk.client.get("/insights/nothing.svg").status_code == 404
    assert desk.client.get("/insights?days=-4&org=<script>").status_code == 200


def test_who_decided_how_much_is_for_those_who_lead(desk, monkeypatch):
    monkeypatch.setattr("review_queue.pages.insights.i18n.utc_now", lambda: desk.world.clock() + timedelta(hours=1))
    desk.world.judge(VerdictKind.DELIVER)
    assert desk.client.get("/insights/load.csv").status_code == 200
    desk.client.post("/view-as", data={"csrf": desk.csrf(), "role": "reviewer"})
    assert desk.client.get("/insights/load.csv").status_code == 404
    assert "load.svg" not in desk.client.get("/insights").text


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share(hits, more):
    n = hits + more
    low, high = wilson(hits, n)
    assert 0 <= low <= high <= 1
    assert n == 0 or low - 1e-9 <= hits / n <= high + 1e-9


def test_the_interval_is_the_known_one():
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-3)


def test_a_year_of_days_is_drawn_as_one_outline_a_series():
    head = ("Day", "Delivered", "Held", "To look at", "Urgent")
    rows = [(f"{day}", day % 7, day % 5, day % 3, day % 2) for day in range(365)]
    month, year = (charts.svg(Panel("volume", "", head, rows[:days])) for days in (30, 365))
    for drawn in (month, year):
        assert all(name in drawn for name in head[1:])
        assert all(colour in drawn for colour in charts.COLOURS[:4])
    assert year.count("<path") < month.count("<path"), "bars would be over a thousand"
