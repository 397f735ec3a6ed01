"""Holds that end by themselves, standing blocks, quotas and breakers, evidence first, and the ladder."""

from dataclasses import replace

import orjson
import pytest
from sqlalchemy import delete, func, insert, select

from bot import holds, standing_blocks
from models.domain import Action, Channel, Mode, VerdictKind
from models.engine_tables import alarm, breaker
from models.policy.history import EventKind, FormalEvent, RestrictionType
from models.policy.in_force import PolicyInForce
from models.session import reading, writing
from models.store import evidence
from models.store.commands import CommandKind
from models.store.history import event_detail
from models.tables import case, decision, formal_event, message
from models.tables import enforcement as rows
from tests.fakes.world import ABUSE, INNOCENT, Platform, World
from tests.fakes.world import policy_of as real_policy


def with_automation(**changes):
    def policy_of(org, mode):
        policy = real_policy(org, mode)
        automation = policy.pack.automation.model_copy(update=changes)
        return PolicyInForce(policy.pack.model_copy(update={"automation": automation}), policy.certificate, mode)

    return policy_of


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def restrict(world, contact_id, until=None, kind=RestrictionType.BLOCK_CONTACT):
    event = FormalEvent(EventKind.RESTRICTION, world.clock(), text="no more mail", restriction=kind, until=until)
    with writing(world.engine) as database:
        database.execute(
            insert(formal_event).values(
                contact_id=contact_id, kind=event.kind.value, at=event.at, detail=event_detail(event)
            )
        )


def mail(world, native_id, text, author="g@example.org"):
    return world.message(native_id, text, author=author, channel=Channel.EMAIL)


def test_a_restriction_blocks_the_sender_and_its_end_lifts_the_block(world):
    from datetime import timedelta

    world.put(mail(world, "1", INNOCENT))
    (person,) = world.every(select(message.c.contact_id))[0]
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 0
    restrict(world, person, until=world.clock() + timedelta(days=30))
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 1
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 0
    world.act()
    assert ("block", "g@example.org") in world.platform.in_force
    world.clock.forward(days=31)
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 1
    world.act()
    assert world.platform.in_force == set()


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.ASSIST])
def test_no_standing_block_is_set_where_the_connection_may_not_act(mode):
    world = World(mode=mode)
    world.put(mail(world, "1", INNOCENT))
    restrict(world, 1)
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 0
    world.engine.dispose()


def test_a_verdict_alone_never_blocks_a_sender_of_mail(world):
    world.put(mail(world, "1", ABUSE))
    world.judge(VerdictKind.ENFORCE, [Action.QUARANTINE, Action.BLOCK])
    world.act()
    assert {effect for effect, _ in world.platform.in_force} == {"quarantine"}
    (row,) = world.every(select(rows).where(rows.c.effect == "block"))
    assert (row.state, "restriction in force" in row.detail) == ("cancelled", True)


@pytest.mark.parametrize("then", ["release", "escalate"])
def test_what_stands_held_unread_too_long_is_released_or_escalated_by_the_pack(then):
    policies = with_automation(unread_held_days=3, unread_held_then=then)
    world = World(policies=policies)
    world.put(mail(world, "1", INNOCENT))
    restrict(world, 1)
    world.clock.forward(days=1)
    world.put(mail(world, "2", "You never mended my fence. I want it mended."), cursor="2")
    world.act()
    held = ("quarantine", "2") in world.platform.in_force
    assert held, "the closed channel holds it, without a date on which it would lift itself"
    world.clock.forward(days=1)
    assert holds.end_unread(world.engine, policies, world.clock) == (0, 0)
    world.clock.forward(days=4)
    released, escalated = holds.end_unread(world.engine, policies, world.clock)
    world.act()
    assert (released, escalated) == ((1, 0) if then == "release" else (0, 1))
    assert (("quarantine", "2") in world.platform.in_force) == (then == "escalate")
    states = [r.state for r in world.every(select(case))]
    assert ("escalated" in states) == (then == "escalate")
    assert holds.end_unread(world.engine, policies, world.clock) == (0, 0)
    world.engine.dispose()


def test_a_surge_stops_that_action_and_resume_starts_it_again():
    world = World(policies=with_automation(surge_actions=5, surge_minutes=10))
    world.put(*[world.message(str(n), f"{ABUSE} number {n}", author=f"a{n}") for n in range(12)])
    assert world.every(select(func.count()).select_from(rows))[0][0] == 5
    (stop,) = world.every(select(breaker))
    assert (stop.effect, stop.why, stop.resumed_at) == ("hide", "surge", None)
    assert [a.key for a in world.every(select(alarm))] == ["breaker:c1:hide"]
    late = world.every(select(decision).order_by(decision.c.id.desc()))[0]
    assert (late.handling, late.actions, "breaker_open" in late.rules) == ("review", [], True)
    assert "hidden" not in late.why_en
    world.tell(CommandKind.RESUME, Action.HIDE)
    world.act()
    world.clock.forward(minutes=1)
    world.put(world.message("99", ABUSE, author="z"), cursor="9")
    world.act()
    assert ("hide", "99") in world.platform.in_force
    assert not world.every(select(alarm).where(alarm.c.cleared_at.is_(None)))
    world.engine.dispose()


def test_a_used_up_quota_trips_the_breaker_and_resume_gives_a_fresh_one():
    world = World(policies=with_automation(daily_quota={Action.HIDE: 2}))
    world.put(*[world.message(str(n), ABUSE, author=f"a{n}") for n in range(4)])
    assert [r.why for r in world.every(select(breaker))] == ["quota"]
    world.clock.forward(days=1)
    world.put(world.message("5", ABUSE, author="next-day"), cursor="2")
    assert world.every(select(func.count()).select_from(rows))[0][0] == 2, "a new day alone starts nothing"
    world.tell(CommandKind.RESUME)
    world.act()
    world.put(world.message("6", ABUSE, author="resumed"), cursor="3")
    assert world.every(select(func.count()).select_from(rows))[0][0] == 3
    world.engine.dispose()


def test_a_person_may_stop_an_action_and_start_it_again(world):
    world.tell(CommandKind.PAUSE, Action.HIDE)
    world.act()
    world.put(world.message("1", ABUSE))
    assert world.every(select(rows)) == []
    world.tell(CommandKind.PAUSE)
    world.act()
    world.tell(CommandKind.RESUME)
    world.act()
    world.put(world.message("2", ABUSE, author="b"), cursor="2")
    world.act()
    assert world.platform.in_force == {("hide", "2")}


def test_evidence_stands_before_anything_is_done_and_outlives_the_author(world):
    thread = replace(world.message("0", INNOCENT, author="other"), thread="t1")
    world.put(thread, replace(world.message("1", ABUSE), thread="t1", reply_to_id="0"))
    kept_when_acting = []
    original = type(world.platform).act

    def acting(platform, job):
        with reading(world.engine) as database:
            kept_when_acting.append(evidence.is_kept(database, job.message_id))
        return original(platform, job)

    world.platform.act = lambda job: acting(world.platform, job)
    world.act()
    assert kept_when_acting == [True]
    world.judge(VerdictKind.ENFORCE, [Action.BLOCK])
    world.act()
    with reading(world.engine) as database:
        parts = {part: body for _, part, _, body in evidence.parts_of(database, 2)}
    manifest = orjson.loads(parts["manifest"])
    assert manifest["text"]["own"] == ABUSE
    assert manifest["author"]["address"] == "somebody"
    assert [entry["native_id"] for entry in manifest["thread"]["messages"]] == ["0"]
    assert manifest["raw_sha256"]
    assert manifest["text_sha256"]
    assert manifest["times"]["kept"]
    assert parts["raw"] == f"1:{ABUSE}".encode()
    assert orjson.loads(parts["author_profile"]) == {"followers": 3}
    world.put(world.message("1", "(deleted)"), cursor="3")
    with reading(world.engine) as database:
        assert ABUSE in {
            orjson.loads(b)["text"]["own"] for _, p, _, b in evidence.parts_of(database, 2) if p == "manifest"
        }


def test_the_next_step_of_the_ladder_is_offered_to_a_person_and_never_taken_by_the_machine(world):
    world.put(world.message("1", ABUSE))
    world.act()
    world.clock.forward(hours=1)
    world.put(world.message("2", f"{ABUSE} again"), cursor="2")
    last = world.every(select(decision).order_by(decision.c.id.desc()))[0]
    assert last.actions == ["hide"]
    assert last.proposed == ["hide", "mute"]
    world.judge(VerdictKind.ENFORCE, [Action.HIDE, Action.MUTE, Action.BLOCK])
    world.act()
    world.put(world.message("3", f"{ABUSE} once more"), cursor="3")
    last = world.every(select(decision).order_by(decision.c.id.desc()))[0]
    assert last.proposed == ["hide", "report"]


def test_the_ladder_is_the_packs():
    from models.policy.ladder import hardest, next_rung

    ladder = (Action.HIDE, Action.BLOCK, Action.REPORT)
    assert next_rung(ladder, None) is Action.HIDE
    assert next_rung(ladder, Action.HIDE) is Action.BLOCK
    assert next_rung(ladder, Action.HIDE, {Action.REPORT}) is Action.REPORT
    assert next_rung(ladder, Action.REPORT) is None
    assert next_rung(ladder, Action.MUTE) is Action.HIDE
    assert hardest(ladder, {Action.HIDE, Action.BLOCK, Action.MUTE}) is Action.BLOCK
    assert hardest(ladder, set()) is None


def test_a_lapsed_hold_that_could_not_be_lifted_is_told():
    from connectors.base import Unavailable
    from models.engine_tables import manual_task

    world = World(platform=Platform())
    world.put(world.message("1", ABUSE))
    world.act()
    world.clock.forward(days=2)
    assert holds.lift_lapsed(world.engine, world.clock) == 1
    world.platform.fail_with = [Unavailable("down")] * 20
    for _ in range(20):
        world.act()
        world.clock.forward(hours=2)
    (task,) = world.every(select(manual_task))
    assert task.why == "dead"
    with writing(world.engine) as database:
        database.execute(delete(manual_task))
    world.engine.dispose()
