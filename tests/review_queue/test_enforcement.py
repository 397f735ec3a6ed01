"""The page of enforcement: tasks ticked, connections paused and resumed, each with its audit event, in both languages."""

import re

import pytest
from sqlalchemy import select, update

from bot import commands, handing_over, verdicts
from models.domain import Action, VerdictKind
from models.engine_tables import command, connection_state, manual_task
from models.session import reading, writing
from models.store import connections, quotas
from models.tables import audit_event, connection
from review_queue.i18n import utc_now
from tests.review_queue.conftest import NAME


@pytest.fixture
def busy(desk):
    world = desk.world
    world.platform.abilities = frozenset()
    world.judge(VerdictKind.ENFORCE, [Action.REPORT])
    verdicts.carry_out(world.engine, world.clock)
    handing_over.hand_over(world.engine, {"c1": world.platform}, world.policies, world.clock)
    with writing(world.engine) as database:
        quotas.trip(database, "c1", Action.HIDE, "surge", world.clock())
    return desk


def rows(desk, table):
    with reading(desk.world.engine) as database:
        return list(database.execute(select(table)))


def test_a_task_is_shown_with_its_link_and_ticked_once(busy):
    page = busy.client.get("/enforcement").text
    assert 'href="https://platform.example/account/somebody"' in page
    assert "the bot cannot do this there" in page
    form = {"csrf": busy.csrf()}
    first = busy.client.post("/task/1/done", data=form)
    assert first.headers["location"] == "/enforcement?said=done"
    again = busy.client.post("/task/1/done", data=form)
    assert again.headers["location"] == "/enforcement?said=moved"
    assert [(t.state, t.ended_by) for t in rows(busy, manual_task)] == [("ticked", NAME)]
    assert "task.done" in [e.what for e in rows(busy, audit_event)]
    assert "ticked, being checked" in busy.client.get("/enforcement?said=done").text


def test_only_what_cannot_happen_twice_may_be_tried_again(busy):
    assert "/task/1/retry" not in busy.client.get("/enforcement").text
    busy.client.post("/task/1/retry", data={"csrf": busy.csrf()})
    commands.carry_out(busy.world.engine, {}, busy.world.clock)
    assert [t.state for t in rows(busy, manual_task)] == ["open"]


def test_a_connection_is_paused_and_a_stopped_action_resumed_from_the_page(busy):
    page = busy.client.get("/enforcement").text
    assert "automation stopped:" in page
    form = {"csrf": busy.csrf()}
    assert busy.client.post("/connection/c1/pause", data=form).headers["location"] == "/connections?said=pause"
    busy.client.post("/connection/c1/resume", data=form | {"action": "hide"})
    assert [(c.kind, c.effect, c.by) for c in rows(busy, command)] == [("pause", None, NAME), ("resume", "hide", NAME)]
    commands.carry_out(busy.world.engine, {}, busy.world.clock)
    page = busy.client.get("/enforcement").text
    assert "automation stopped:" not in page
    assert "the connection is paused" in page
    assert '/connection/c1/resume"' in busy.client.get("/connections").text
    assert rows(busy, connection_state)[0].paused_by == NAME
    assert busy.client.post("/connection/none/pause", data=form).headers["location"].endswith("moved")
    assert busy.client.post("/connection/c1/destroy", data=form).status_code == 403


def test_the_page_speaks_welsh(busy):
    busy.client.get("/language/cy")
    page = busy.client.get("/enforcement").text
    for word in (
        "I berson ei wneud",
        "Cysylltiadau",
        "awtomeiddio wedi stopio",
        "ni all y bot wneud hyn yno",
    ):
        assert word in page
    assert not re.search(r">\s*(?:Resume|Pause|Connections|What was done)\s*<", page)


def test_every_kind_of_alarm_has_its_words(busy):
    from models.store import alarms

    kinds = ("paused", "dispatch", "spend", "unreachable", "clock", "notify")
    with writing(busy.world.engine) as database:
        for kind in kinds:
            alarms.raise_one(database, kind, kind, busy.world.clock(), "c1", answer="its own words")
    page = busy.client.get("/enforcement").text
    assert page.count("govuk-warning-text__text") == len(kinds) + 2
    assert page.count("its own words") == len(kinds)


def test_a_connection_says_what_it_may_spend(busy):
    assert "of at most" not in busy.client.get("/connections").text
    with writing(busy.world.engine) as database:
        database.execute(update(connection).values(settings={connections.MONTHLY_CAP: "50"}))
        connections.spend(database, "c1", 12.5, utc_now())
    assert "12.50 of at most 50.00" in busy.client.get("/connections").text
