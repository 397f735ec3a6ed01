"""One verdict over a search: the dry run, two people, the frozen set, small batches, what is never touched, and the undo."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from bot import bulk as carrying
from models.bulk_tables import bulk as bulk_table
from models.bulk_tables import bulk_item
from models.domain import Action, Mode, VerdictKind
from models.formal_tables import measure
from models.session import reading, writing
from models.store import audit, bulk, claims, people, queue, spared
from models.store.agreeing import NotPossible
from models.store.bulk import Item
from models.tables import audit_event, case, contact, decision, enforcement, signal, verdict
from review_queue import auth
from tests.fakes.world import ABUSE, KEY, World
from tests.review_queue.conftest import PASSWORD

FIRE = "Mae'r tŷ ar dân ac mae'r plant y tu mewn, helpwch ni nawr"


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def abuse(world, count, first=0):
    texts = [
        f"{ABUSE} and my bin number {first + n} at {first + n} Lôn Fawr was missed {n + 3} times" for n in range(count)
    ]
    items = [world.message(f"m{first + n}", text, author=f"a{first + n}") for n, text in enumerate(texts)]
    world.put(*items, cursor=str(first))


def open_cases(world):
    return world.every(select(case).where(case.c.state == "open").order_by(case.c.id))


def frozen(world, kind=VerdictKind.DELIVER):
    items = [Item(row.id, row.version, kind, ()) for row in open_cases(world)]
    with writing(world.engine) as database:
        return bulk.propose(database, KEY, "deliver", "", "x", items, {}, "nia", world.clock())


def settle(world):
    while world.act():
        pass


def run_through(world, number):
    with writing(world.engine) as database:
        bulk.decide(database, KEY, number, True, "mair", world.clock())
    while carrying.carry_out(world.engine, KEY, world.clock):
        settle(world)


def states(world, number):
    rows = world.every(select(bulk_item).where(bulk_item.c.bulk_id == number).order_by(bulk_item.c.case_id))
    return [(row.state, row.why) for row in rows]


def test_a_set_is_carried_out_in_batches_on_the_platform_and_taken_back_whole(world):
    abuse(world, 60)
    settle(world)
    held = set(world.platform.in_force)
    assert len(held) == 60
    number = frozen(world)
    run_through(world, number)
    assert states(world, number) == [("done", "")] * 60
    assert world.platform.in_force == set()
    assert open_cases(world) == []
    with writing(world.engine) as database:
        bulk.undo(database, KEY, number, "nia", world.clock())
    while carrying.carry_out(world.engine, KEY, world.clock):
        settle(world)
    assert states(world, number) == [("undone", "")] * 60
    assert world.platform.in_force == held
    assert len(open_cases(world)) == 60
    assert all(
        row.provisional_until for row in world.every(select(enforcement).where(enforcement.c.generation == 3))
    ), "what the machine held is provisional again, as after a single undo"
    with reading(world.engine) as database:
        told = list(database.execute(select(audit_event.c.what).order_by(audit_event.c.number)).scalars())
        assert audit.verify(database, KEY)[1] is None
        assert bulk.find(database, number)["state"] == "undone"
    assert [what for what in told if what.startswith("bulk.")] == [
        "bulk.propose", "bulk.approve", *["bulk.batch"] * 3, "bulk.undo", *["bulk.undo_batch"] * 3,
    ]  # fmt: skip
    assert told.count("verdict.deliver") == told.count("verdict.undo") == 60


def test_what_was_hidden_together_is_shown_again_together():
    world = World(mode=Mode.ASSIST)
    try:
        abuse(world, 3)
        items = [Item(row.id, row.version, VerdictKind.ENFORCE, (Action.HIDE,)) for row in open_cases(world)]
        with writing(world.engine) as database:
            number = bulk.propose(database, KEY, "hide", "", "x", items, {}, "nia", world.clock())
        run_through(world, number)
        assert world.platform.in_force == {("hide", f"m{n}") for n in range(3)}
        with writing(world.engine) as database:
            bulk.undo(database, KEY, number, "mair", world.clock())
        while carrying.carry_out(world.engine, KEY, world.clock):
            settle(world)
        assert world.platform.in_force == set()
        assert world.platform.calls == [("hide", True)] * 3 + [("hide", False)] * 3
    finally:
        world.engine.dispose()


def test_what_changed_since_is_held_or_became_urgent_is_left_alone(world):
    abuse(world, 5)
    number = frozen(world)
    ids = [row.id for row in open_cases(world)]
    world.put(world.message("more", f"{ABUSE} again and again about the drains", author="a0"))
    world.judge(VerdictKind.NO_ACTION, case_id=ids[1])
    with writing(world.engine) as database:
        assert claims.claim(database, ids[2], "somebody else", world.clock()) is None
        person = database.execute(select(case.c.contact_id).where(case.c.id == ids[3])).scalar_one()
        database.execute(update(contact).where(contact.c.id == person).values(adjustment=True))
    run_through(world, number)
    assert states(world, number) == [
        ("left", "moved"), ("left", "state"), ("left", "held"), ("left", "adjustment"), ("done", ""),
    ]  # fmt: skip
    kinds = [(row.case_id, row.kind) for row in world.every(select(verdict).order_by(verdict.c.id))]
    assert kinds == [(ids[1], "no_action"), (ids[4], "deliver")]


def test_an_undo_leaves_alone_what_somebody_decided_again(world):
    abuse(world, 2)
    number = frozen(world, VerdictKind.NO_ACTION)
    ids = [row.id for row in open_cases(world)]
    run_through(world, number)
    world.judge(VerdictKind.UNDO, case_id=ids[0])
    world.judge(VerdictKind.DELIVER, case_id=ids[0])
    with writing(world.engine) as database:
        bulk.undo(database, KEY, number, "nia", world.clock())
    carrying.carry_out(world.engine, KEY, world.clock)
    assert states(world, number) == [("kept", "moved"), ("undone", "")]


def test_nobody_approves_their_own_and_nothing_runs_before(world):
    abuse(world, 2)
    number = frozen(world)
    assert carrying.carry_out(world.engine, KEY, world.clock) == 0
    with writing(world.engine) as database:
        with pytest.raises(NotPossible, match="own"):
            bulk.decide(database, KEY, number, True, "nia", world.clock())
        with pytest.raises(NotPossible, match="gone"):
            bulk.undo(database, KEY, number, "nia", world.clock())
        bulk.decide(database, KEY, number, False, "mair", world.clock())
        with pytest.raises(NotPossible, match="gone"):
            bulk.decide(database, KEY, number, True, "mair", world.clock())
        with pytest.raises(NotPossible, match="empty"):
            bulk.propose(database, KEY, "deliver", "", "x", [], {}, "nia", world.clock())
    assert carrying.carry_out(world.engine, KEY, world.clock) == 0
    assert len(open_cases(world)) == 2


def test_a_stop_leaves_the_rest_and_what_was_decided_can_be_undone(world, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr(carrying, "BATCHES_A_ROUND", 1)
    abuse(world, 5)
    number = frozen(world)
    with writing(world.engine) as database:
        bulk.decide(database, KEY, number, True, "mair", world.clock())
    carrying.carry_out(world.engine, KEY, world.clock)
    with writing(world.engine) as database:
        bulk.stop(database, KEY, number, "nia", world.clock())
    assert carrying.carry_out(world.engine, KEY, world.clock) == 0
    assert states(world, number) == [("done", "")] * 2 + [("left", "stopped")] * 3
    with writing(world.engine) as database:
        bulk.undo(database, KEY, number, "nia", world.clock())
    while carrying.carry_out(world.engine, KEY, world.clock):
        pass
    assert len(open_cases(world)) == 5


def test_each_reason_to_be_spared_is_found(world):
    abuse(world, 8)
    world.put(world.message("fire", FIRE, author="gwen"))
    rows, now = open_cases(world), world.clock()
    ids = [row.id for row in rows if row.attention < 2]
    urgent = next(row.id for row in rows if row.attention == 2)
    message_id = world.every(select(bulk_faint(ids[1])))[0][0]
    with writing(world.engine) as database:
        database.execute(
            insert(signal).values(
                message_id=message_id, label="rights.request", probability=0.25, classifier="t", version="1", spans=[]
            )
        )
        restricted = next(row.contact_id for row in rows if row.id == ids[2])
        database.execute(
            insert(measure).values(
                contact_id=restricted,
                org="psow",
                kind="restriction",
                at=now,
                state="standing",
                pack_version="1",
                detail={},
            )
        )
        professional = next(row.contact_id for row in rows if row.id == ids[3])
        database.execute(update(contact).where(contact.c.id == professional).values(professional=True))
        claims.ask_second(database, KEY, ids[4], "mair", now)
        database.execute(update(case).where(case.c.id == ids[5]).values(assigned_to="mair"))
        claims.claim(database, ids[6], "nia", now)
        found = spared.why(database, [*ids, urgent], "nia", now)
    assert found == {
        urgent: "urgent", ids[1]: "signal", ids[2]: "restricted", ids[3]: "professional", ids[4]: "second", ids[5]: "assigned",
    }  # fmt: skip


def bulk_faint(case_id):
    from models.tables import case_item

    return select(case_item.c.message_id).where(case_item.c.case_id == case_id).subquery()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(1, 99), st.integers(1, 9)), unique_by=lambda pair: pair[0], min_size=1, max_size=9)
)
def test_the_seal_tells_every_other_set_apart(pairs):
    items = [Item(number, version, VerdictKind.DELIVER, ()) for number, version in pairs]
    assert bulk.seal(items) == bulk.seal(items[::-1])
    other = [Item(items[0].case_id, items[0].version + 1, items[0].kind, ()), *items[1:]]
    assert bulk.seal(items) != bulk.seal(other)
    assert bulk.seal(items) != bulk.seal(items[1:])


def second(desk):
    with writing(desk.world.engine) as database:
        people.add(database, "mair", auth._hasher.hash(PASSWORD), "administrator", "en", False, desk.world.clock())
    other = TestClient(desk.client.app, follow_redirects=False)
    other.post("/sign-in", data={"name": "mair", "password": PASSWORD})
    return other, other.app.state.page.sessions.read(other.cookies["porthor_session"]).csrf


def test_the_page_shows_first_then_proposes_and_another_person_approves(desk):
    abuse(desk.world, 3)
    assert "/bulk/new?channel=x" in desk.client.get("/?channel=x").text
    assert "See what it would do" in desk.client.get("/bulk/new?channel=x").text
    shown = desk.client.get("/bulk/new?channel=x&verdict=deliver").text
    assert "Deliver: 4 cases" in shown
    assert re.search(r"urgent: <strong>1</strong>", shown), "gwen's fire is left out and named"
    seen = re.search(r'name="seen" value="(\w+)"', shown).group(1)
    form = {"csrf": desk.csrf(), "query": "channel=x", "verdict": "deliver", "seen": seen}
    assert desk.client.post("/bulk/new", data=form).status_code == 422
    form |= {"why": "<script>alert(9)</script>"}
    abuse(desk.world, 1, first=50)
    late = desk.client.post("/bulk/new", data=form)
    assert (late.status_code, "changed while you looked" in late.text) == (409, True)
    form["seen"] = re.search(r'name="seen" value="(\w+)"', late.text).group(1)
    there = desk.client.post("/bulk/new", data=form).headers["location"]
    assert there == "/bulk/1?said=proposed"
    page = desk.client.get(there).text
    assert "<script>alert" not in page
    assert "Approve exactly" not in page, "not to whoever proposed"
    assert desk.client.post("/bulk/1/approve", data={"csrf": desk.csrf()}).status_code == 409
    assert "many cases that wait" in desk.client.get("/today").text
    other, csrf = second(desk)
    assert "Approve exactly" in other.get("/bulk/1").text
    assert other.post("/bulk/1/approve", data={"csrf": csrf}).status_code == 303
    assert "being carried out" in desk.client.get("/bulk/1").text
    while carrying.carry_out(desk.world.engine, b"a" * 32, desk.world.clock):
        pass
    done = desk.client.get("/bulk/1").text
    assert "decided: <strong>5</strong>" in done
    number = desk.world.every(select(bulk_item.c.case_id))[0].case_id
    assert 'href="/bulk/1"' in desk.client.get(f"/case/{number}").text
    assert desk.client.post("/bulk/1/undo", data={"csrf": desk.csrf()}).status_code == 303
    assert "being undone" in desk.client.get("/bulk").text


def test_nothing_that_acts_on_a_person_is_given_to_many(desk):
    for name in ("block", "report", "mute", "escalate", "undo", "<script>"):
        answer = desk.client.post("/bulk/new", data={"csrf": desk.csrf(), "verdict": name, "why": "x"})
        assert answer.status_code == 403
    with writing(desk.world.engine) as database:
        database.execute(update(decision).where(decision.c.message_id == 1).values(proposed=["hide", "block"]))
    page = desk.client.get("/bulk/new?verdict=proposed").text
    assert "the proposal is about the person" in page
    assert desk.world.every(select(bulk_table)) == []


def test_a_thousand_cases_are_tried_in_some_seconds(world):
    from time import process_time

    from models.store import cards

    abuse(world, 200)
    began = process_time()
    with reading(world.engine) as database:
        ids = queue.numbers(database, queue.QueueFilter())
        assert len(spared.why(database, ids, "nia", world.clock() + timedelta(hours=1))) == 0
        assert len(cards.many(database, ids)) == 200
    assert process_time() - began < 5
