"""Limits that people move: what-if against what really happened, two people, and the engine that then obeys."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from models.domain import Action
from models.policy.loader import builtin_pack
from models.policy.what_if import UnknownLimit, Wanted, compared, limits_of, moved
from models.session import reading, writing
from models.store import changes, people
from models.store.agreeing import NotPossible
from models.tables import decision
from review_queue import auth
from tests.fakes.world import ABUSE, START, World
from tests.review_queue.conftest import PASSWORD

KEY = b"a" * 32
BEFORE = builtin_pack("psow").automation


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def approve(world, field, value):
    with writing(world.engine) as database:
        number = changes.propose(database, KEY, "psow", field, value, "nia", world.clock(), "x")
        changes.decide(database, KEY, number, True, "mair", world.clock())


def abuse(world, count, first=0):
    world.put(*(world.message(f"m{first + n}", ABUSE, author=f"a{first + n}") for n in range(count)), cursor=str(first))


def handlings(world):
    return [row.handling for row in world.every(select(decision).order_by(decision.c.id))]


def test_what_if_says_what_the_engine_then_does(world):
    abuse(world, 5)
    assert handlings(world).count("enforce") == 5
    with reading(world.engine) as database:
        found = changes.tried(database, "psow", "daily_quota.hide", 2, world.clock())
        shown = changes.examples(database, found.to_person)
    assert (found.to_machine, found.stopped_days_after) == ((), 1)
    hides = len(found.to_person)
    assert hides == 3
    assert len(shown) == 3
    approve(world, "daily_quota.hide", 2)
    world.clock.forward(days=1)
    abuse(world, 5, 10)
    tomorrow = world.every(select(decision.c.actions).order_by(decision.c.id).offset(5))
    assert sum("hide" in row.actions for row in tomorrow) == 5 - hides, "as foretold"
    with reading(world.engine) as database:
        back = changes.tried(database, "psow", "daily_quota.hide", 200, world.clock())
    assert (back.to_person, len(back.to_machine)) == ((), 3 + hides)


def test_a_change_needs_two_people_and_a_limit_that_exists(world):
    with writing(world.engine) as database:
        number = changes.propose(database, KEY, "psow", "surge_actions", 1, "nia", world.clock(), "x")
        with pytest.raises(NotPossible, match="own"):
            changes.decide(database, KEY, number, True, "nia", world.clock())
        for field, value in (("max_false_action_rate", 1), ("surge_minutes", 0), ("daily_quota.hide", 10**6)):
            with pytest.raises(UnknownLimit):
                changes.propose(database, KEY, "psow", field, value, "nia", world.clock(), "x")
    abuse(world, 2)
    assert handlings(world) == ["enforce", "enforce"], "what is only proposed changes nothing"
    with writing(world.engine) as database:
        changes.decide(database, KEY, number, False, "mair", world.clock())
        with pytest.raises(NotPossible, match="gone"):
            changes.decide(database, KEY, number, True, "mair", world.clock())


times = st.lists(st.integers(0, 200_000), max_size=40).map(sorted)


@given(times, st.integers(0, 12), st.integers(0, 12), st.integers(1, 9))
def test_a_higher_quota_never_sends_more_to_people(seconds, low, more, surge):
    wanted = [Wanted(START + timedelta(seconds=s), "c1", Action.HIDE, n) for n, s in enumerate(seconds)]
    one = moved(moved(BEFORE, "daily_quota.hide", low), "surge_actions", surge)
    two = moved(one, "daily_quota.hide", low + more)
    found = compared(wanted, one, two)
    assert found.to_person == ()
    assert found.after >= found.before
    assert compared(wanted, one, one).to_machine == ()


def test_every_limit_of_every_pack_can_be_moved_and_nothing_else_changes():
    for field, value in limits_of(BEFORE).items():
        changed = moved(BEFORE, field, max(1, value - 1))
        assert limits_of(changed) == limits_of(BEFORE) | {field: max(1, value - 1)}
        assert changed.max_false_action_rate == BEFORE.max_false_action_rate


def test_the_page_tries_proposes_and_lets_another_approve(desk):
    assert "psow/" in desk.client.get("/policy/psow").text
    assert desk.client.get("/policy/nowhere").status_code == 404
    form = {"csrf": desk.csrf(), "field": "daily_quota.hide", "value": "7"}
    assert "What it would have changed" in desk.client.post("/policy/psow/try", data=form).text
    assert desk.client.post("/policy/psow/try", data=form | {"value": "-7"}).status_code == 422
    assert desk.client.post("/policy/psow/try", data=form | {"field": "limits"}).status_code == 422
    assert desk.client.post("/policy/psow/try", data=form | {"sure": "yes"}).status_code == 422, "no reason"
    sure = form | {"sure": "yes", "why": "<script>alert(8)</script>"}
    assert desk.client.post("/policy/psow/try", data=sure).status_code == 303
    page = desk.client.get("/policy/psow").text
    assert "waits for a second person" in page
    assert "limits that wait" in desk.client.get("/today").text
    assert "<script>alert" not in page
    assert desk.client.post("/policy/1/approve", data={"csrf": desk.csrf()}).status_code == 409
    with writing(desk.world.engine) as database:
        people.add(database, "mair", auth._hasher.hash(PASSWORD), "administrator", "en", False, desk.world.clock())
    other = TestClient(desk.client.app, follow_redirects=False)
    other.post("/sign-in", data={"name": "mair", "password": PASSWORD})
    csrf = other.app.state.page.sessions.read(other.cookies["porthor_session"]).csrf
    assert other.post("/policy/1/approve", data={"csrf": csrf}).status_code == 303
    with reading(desk.world.engine) as database:
        assert changes.in_force(database) == {"psow": {"daily_quota.hide": 7}}
