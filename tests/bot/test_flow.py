"""The flow through a real store: taken in once, decided, held, read back, lifted, released and undone."""

from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select

from bot import holds, verdicts
from bot.intake import take_in
from classifiers.registry import Registry
from connectors.base import AuthFailed, RateLimited, Refused, Unavailable
from models.domain import Action, Channel, EnforcementState, Mode, VerdictKind
from models.policy.history import EventKind, FormalEvent, RestrictionType
from models.session import reading, writing
from models.store import audit, cases, connections
from models.store import queue as queues
from models.store.cases import CaseMoved
from models.store.commands import CommandKind
from models.store.history import event_detail
from models.store.queue import QueueFilter
from models.tables import audit_event, case, decision, formal_event, message, quota_day
from models.tables import enforcement as rows
from models.tables import revision as revisions
from tests.fakes.world import ABUSE, INNOCENT, World

KEY = b"k" * 32


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def put(world, *messages, cursor="1"):
    taken = take_in(world.engine, "c1", world.batch(*messages, cursor=cursor), world.clock())
    world.pipeline.run()
    return taken


def act(world):
    return world.act()


def every(world, query):
    with reading(world.engine) as database:
        return list(database.execute(query))


def judge(world, kind, actions=(), by="nia"):
    with reading(world.engine) as database:
        row = database.execute(select(case).order_by(case.c.id)).first()
    with writing(world.engine) as database:
        cases.record_verdict(database, KEY, row.id, row.version, kind, actions, by, world.clock())


def test_a_batch_and_its_cursor_are_kept_together_and_a_second_time_changes_nothing(world):
    first = put(world, world.message("1", INNOCENT), world.message("2", ABUSE), cursor="two")
    again = put(world, world.message("1", INNOCENT), world.message("2", ABUSE), cursor="two")
    assert (first.new, again.new, again.known) == (2, 0, 2)
    with reading(world.engine) as database:
        assert connections.cursor_of(database, "c1") == "two"
        assert cases.unaccounted(database) == []


def test_an_abusive_post_is_held_read_back_and_stands_before_a_person(world):
    put(world, world.message("1", ABUSE))
    assert act(world) >= 1
    assert ("hide", "1") in world.platform.in_force
    (row,) = every(world, select(rows).where(rows.c.effect == "hide"))
    assert (row.state, row.read_back, row.wanted) == ("done", True, True)
    with reading(world.engine) as database:
        listed, total = queues.queue(database, QueueFilter(), 10, 0)
    assert total == 1
    assert listed[0].top["decision_actions"] == ["hide"]


def test_a_hold_that_nobody_confirms_lifts_itself(world):
    put(world, world.message("1", ABUSE))
    act(world)
    world.clock.forward(hours=20)
    assert holds.lift_lapsed(world.engine, world.clock) == 0
    world.clock.forward(days=2)
    assert holds.lift_lapsed(world.engine, world.clock) >= 1
    assert holds.lift_lapsed(world.engine, world.clock) == 0
    act(world)
    assert world.platform.in_force == set()


def test_a_confirmed_hold_stays(world):
    put(world, world.message("1", ABUSE))
    act(world)
    judge(world, VerdictKind.ENFORCE, [Action.HIDE])
    act(world)
    world.clock.forward(days=10)
    assert holds.lift_lapsed(world.engine, world.clock) == 0
    assert ("hide", "1") in world.platform.in_force


def test_deliver_releases_and_undo_holds_again(world):
    put(world, world.message("1", ABUSE))
    act(world)
    judge(world, VerdictKind.DELIVER)
    act(world)
    assert world.platform.in_force == set()
    judge(world, VerdictKind.UNDO)
    act(world)
    assert ("hide", "1") in world.platform.in_force
    generations = [r.generation for r in every(world, select(rows).where(rows.c.effect == "hide").order_by(rows.c.id))]
    assert generations == [1, 2, 3]


def test_enforce_brings_about_what_was_ticked_and_undo_reverses_it(world):
    put(world, world.message("1", "Your staff are jobsworths and clowns, pull your finger out"))
    act(world)
    assert world.platform.in_force == set()
    judge(world, VerdictKind.ENFORCE, [Action.HIDE, Action.BLOCK])
    act(world)
    assert world.platform.in_force == {("hide", "1"), ("block", "somebody")}
    judge(world, VerdictKind.UNDO)
    act(world)
    assert world.platform.in_force == set()


def test_undoing_a_confirmation_makes_the_hold_provisional_again(world):
    put(world, world.message("1", ABUSE))
    act(world)
    judge(world, VerdictKind.ENFORCE, [Action.HIDE])
    act(world)
    judge(world, VerdictKind.UNDO)
    act(world)
    assert ("hide", "1") in world.platform.in_force
    world.clock.forward(days=3)
    assert holds.lift_lapsed(world.engine, world.clock) >= 1


def test_an_undo_before_the_lease_cancels(world):
    put(world, world.message("1", ABUSE))
    judge(world, VerdictKind.DELIVER)
    verdicts.carry_out(world.engine, world.clock)
    states = {(r.generation, r.state) for r in every(world, select(rows).where(rows.c.effect == "hide"))}
    assert (1, "cancelled") in states
    act(world)
    assert world.platform.in_force == set()


def test_the_second_of_two_reviewers_is_told(world):
    put(world, world.message("1", ABUSE))
    row = every(world, select(case))[0]
    with writing(world.engine) as database:
        cases.record_verdict(database, KEY, row.id, row.version, VerdictKind.DELIVER, (), "nia", world.clock())
    with pytest.raises(CaseMoved) as told, writing(world.engine) as database:
        cases.record_verdict(database, KEY, row.id, row.version, VerdictKind.ENFORCE, (), "ifan", world.clock())
    assert told.value.by == "nia"
    assert len(every(world, select(audit_event))) == 1


def test_what_the_platform_cannot_do_becomes_a_manual_task(world):
    put(world, world.message("1", ABUSE))
    judge(world, VerdictKind.ENFORCE, [Action.REPORT])
    act(world)
    (row,) = every(world, select(rows).where(rows.c.effect == "report"))
    assert row.state == EnforcementState.MANUAL.value


def test_a_rate_limit_waits_and_an_outage_backs_off_then_succeeds(world):
    put(world, world.message("1", ABUSE))
    world.platform.fail_with = [RateLimited("slow down", 90), Unavailable("down"), AuthFailed("token")]
    for wait_s in (0, 91, 60, 1000):
        world.clock.forward(seconds=wait_s)
        act(world)
    assert world.platform.in_force == set(), "the connection is paused: the credentials no longer hold"
    world.tell(CommandKind.RESUME)
    act(world)
    assert ("hide", "1") in world.platform.in_force
    assert len([call for call in world.platform.calls if call == ("hide", True)]) == 1


def test_an_effect_that_happened_before_the_error_is_not_done_twice(world):
    put(world, world.message("1", ABUSE))
    world.platform.fail_after_effect = [Unavailable("the line broke after the effect")]
    act(world)
    world.clock.forward(minutes=10)
    act(world)
    (row,) = every(world, select(rows).where(rows.c.effect == "hide"))
    assert row.state == "already_done"
    assert world.platform.calls.count(("hide", True)) == 1


def test_what_never_works_is_dead_and_told_never_forgotten(world):
    put(world, world.message("1", ABUSE))
    world.platform.fail_with = [Unavailable("down") for _ in range(100)]
    for _ in range(12):
        world.clock.forward(hours=3)
        act(world)
    states = {r.state for r in every(world, select(rows))}
    assert states == {"dead"}


def test_a_refusal_ends_the_row_with_its_words(world):
    put(world, world.message("1", ABUSE))
    world.platform.fail_with = [Refused("not allowed here")]
    act(world)
    refused = every(world, select(rows).where(rows.c.state == "refused"))
    assert [r.detail for r in refused] == ["not allowed here"]


def test_a_worker_that_lost_its_lease_changes_nothing(world):
    from models.domain import Outcome
    from models.store import leases

    put(world, world.message("1", ABUSE))
    with writing(world.engine) as database:
        row_id = leases.due(database, world.clock())[0]
        slow = leases.lease(database, row_id, world.clock())
    world.clock.forward(minutes=5)
    with writing(world.engine) as database:
        fast = leases.lease(database, row_id, world.clock())
        assert leases.settle(database, fast, Outcome(EnforcementState.DONE), world.clock())
        assert not leases.settle(database, slow, Outcome(EnforcementState.DEAD), world.clock())


def test_an_edit_is_a_revision_and_is_decided_again(world):
    put(world, world.message("1", INNOCENT))
    put(world, world.message("1", ABUSE), cursor="2")
    assert len(every(world, select(revisions))) == 1
    handled = [r.handling for r in every(world, select(decision).order_by(decision.c.revision))]
    assert handled == ["deliver", "enforce"]


def test_shadow_does_nothing_at_all():
    world = World(mode=Mode.SHADOW)
    put(world, world.message("1", ABUSE))
    act(world)
    assert every(world, select(rows)) == []
    assert [r.mode for r in every(world, select(decision))] == ["shadow"]
    world.engine.dispose()


def test_the_days_quota_stops_automation_and_says_so(world):
    with writing(world.engine) as database:
        database.execute(insert(quota_day).values(connection_id="c1", effect="hide", day="2026-03-10", used=200))
    put(world, world.message("1", ABUSE))
    (row,) = every(world, select(decision))
    assert "hide" not in row.actions
    assert "quota_reached" in row.rules
    assert every(world, select(case))


def test_a_failing_classifier_sends_the_message_to_a_person_and_loses_no_other(world):
    class Broken:
        name, version, labels = "broken", "1", ("abuse.insult",)

        def classify(self, messages):
            if any("crash" in item.own_text for item in messages):
                raise RuntimeError("boom")
            return [[] for _ in messages]

    world.pipeline._registry = Registry([Broken()], [])
    put(world, world.message("1", "crash me"), world.message("2", INNOCENT, author="other"))
    found = {r.message_id: (r.handling, r.missing) for r in every(world, select(decision))}
    assert found == {1: ("review", ["broken"]), 2: ("deliver", [])}


def test_later_items_join_the_persons_open_case(world):
    put(world, world.message("1", ABUSE))
    world.clock.forward(minutes=5)
    put(world, world.message("2", ABUSE + " all of you"), cursor="2")
    put(world, world.message("3", ABUSE, author="another"), cursor="3")
    assert every(world, select(func.count()).select_from(case))[0][0] == 2


def test_mail_of_unproven_origin_joins_no_history(world):
    proven = world.message("1", INNOCENT, author="a@example.org", channel=Channel.EMAIL)
    forged = replace(
        world.message("2", ABUSE, author="a@example.org", channel=Channel.EMAIL),
        author=replace(proven.author, verified=False),
    )
    put(world, proven, forged)
    people = {r.contact_id for r in every(world, select(message))}
    assert len(people) == 2


def test_a_restriction_in_force_files_a_repeat_with_nothing_new(world):
    text = "The tree was healthy. Your decision is wrong."
    mail = {"author": "g@example.org", "channel": Channel.EMAIL}
    put(world, world.message("1", text, **mail))
    person = every(world, select(message.c.contact_id))[0][0]
    event = FormalEvent(
        EventKind.RESTRICTION, world.clock(), text="read and file the tree", restriction=RestrictionType.READ_AND_FILE
    )
    with writing(world.engine) as database:
        database.execute(
            insert(formal_event).values(
                contact_id=person, kind=event.kind.value, at=event.at, detail=event_detail(event)
            )
        )
    world.clock.forward(days=3)
    put(world, world.message("2", text, **mail), cursor="2")
    last = every(world, select(decision).order_by(decision.c.id.desc()))[0]
    assert (last.handling, last.actions) == ("enforce", ["file"])


def test_the_audit_trail_proves_itself(world):
    with writing(world.engine) as database:
        for number in range(5):
            audit.append(database, KEY, world.clock(), "nia", "verdict.deliver", f"case:{number}", {"n": number})
    with reading(world.engine) as database:
        assert audit.verify(database, KEY) == (5, None)
        assert audit.verify(database, b"other")[1] == 1
    with writing(world.engine) as database:
        database.execute(audit_event.update().where(audit_event.c.number == 3).values(by="somebody else"))
    with reading(world.engine) as database:
        assert audit.verify(database, KEY) == (5, 3)
