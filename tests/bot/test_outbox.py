"""The outbox under trouble: retries that read first, reports at most once, leases, and what people must do by hand."""

import pytest
from sqlalchemy import select

from connectors.base import AuthFailed, MessageGone, RateLimited, Refused, Unavailable
from models.domain import Action, EnforcementState, VerdictKind
from models.engine_tables import alarm, connection_state, manual_task
from models.session import writing
from models.store import leases, outbox, tasks
from models.store.commands import CommandKind
from models.tables import audit_event, case
from models.tables import enforcement as rows
from tests.fakes.world import ABUSE, KEY, Platform, World

EVERYTHING = frozenset(Action)


@pytest.fixture
def world():
    made = World(platform=Platform(abilities=EVERYTHING))
    yield made
    made.engine.dispose()


def only(world, effect):
    (row,) = world.every(select(rows).where(rows.c.effect == effect))
    return row


def open_tasks(world):
    return world.every(select(manual_task).where(manual_task.c.state == "open"))


def until_ended(world, rounds=40):
    for _ in range(rounds):
        world.act()
        world.clock.forward(hours=2)


def test_a_retry_reads_first_and_does_nothing_twice(world):
    world.put(world.message("1", ABUSE))
    world.platform.fail_after_effect = [Unavailable("torn")]
    world.act()
    world.clock.forward(minutes=5)
    world.act()
    assert world.platform.calls == [("hide", True)]
    row = only(world, "hide")
    assert (row.state, row.read_back, row.uncertain) == ("already_done", True, False)


def test_an_effect_that_the_platform_does_not_show_is_tried_again(world, monkeypatch):
    world.put(world.message("1", ABUSE))
    answers = iter([False, False, True])
    monkeypatch.setattr(type(world.platform), "read_back", lambda *_: next(answers))
    world.act()
    assert only(world, "hide").state == "pending"
    world.clock.forward(minutes=5)
    world.act()
    assert (only(world, "hide").state, len(world.platform.calls)) == ("done", 2)


@pytest.mark.parametrize(
    ("error", "state"), [(Unavailable("torn"), "unknown"), (RateLimited("slow", 5), "done"), (AuthFailed("x"), "done")]
)
def test_a_report_runs_at_most_once_but_a_plain_no_is_tried_again(world, error, state):
    world.put(world.message("1", ABUSE))
    world.judge(VerdictKind.ENFORCE, [Action.REPORT])
    world.act()
    world.platform.calls.clear()
    world.put(world.message("2", ABUSE, author="other"), cursor="2")
    world.judge(VerdictKind.ENFORCE, [Action.REPORT], case_id=2)
    from bot import verdicts

    verdicts.carry_out(world.engine, world.clock)
    world.platform.fail_with = [Unavailable("down"), error] if state == "unknown" else [error, error]
    for _ in range(4):
        world.act()
        world.tell(CommandKind.RESUME)
        world.clock.forward(minutes=10)
    (row,) = world.every(select(rows).where(rows.c.effect == "report", rows.c.target_id == "other"))
    assert row.state in {state, "already_done"}
    assert world.platform.calls.count(("report", True)) == (0 if state == "unknown" else 1)


def test_a_crash_in_the_middle_of_a_report_is_unknown_and_a_task(world):
    world.put(world.message("1", ABUSE))
    world.judge(VerdictKind.ENFORCE, [Action.REPORT])
    from bot import verdicts

    verdicts.carry_out(world.engine, world.clock)
    row = only(world, "report")
    with writing(world.engine) as database:
        assert leases.lease(database, row.id, world.clock()) is not None, "and here the process dies"
        assert leases.reclaim(database, world.clock()) == 1
    world.act()
    assert only(world, "report").state == "unknown"
    assert ("report", True) not in world.platform.calls
    (task,) = open_tasks(world)
    assert (task.why, task.link) == ("unknown", "https://platform.example/account/somebody")


def test_a_crash_in_the_middle_of_a_hide_is_read_and_taken_up(world):
    world.put(world.message("1", ABUSE))
    row = only(world, "hide")
    with writing(world.engine) as database:
        leases.lease(database, row.id, world.clock())
        leases.reclaim(database, world.clock())
    world.platform.in_force.add(("hide", "1"))
    world.act()
    assert (only(world, "hide").state, world.platform.calls) == ("already_done", [])


@pytest.mark.parametrize("error", [Unavailable("down"), RuntimeError("a fault of the SDK with words of the message")])
def test_giving_up_is_told_and_never_forgotten(world, error):
    world.put(world.message("1", ABUSE))
    world.judge(VerdictKind.ENFORCE, [Action.HIDE])
    world.platform.fail_with = [error] * 50
    until_ended(world)
    row = only(world, "hide")
    assert (row.state, row.failures) == ("dead", 7)
    assert "words of the message" not in row.detail
    (task,) = open_tasks(world)
    assert task.why == "dead"
    assert world.every(select(case.c.state)) == [("open",)], "the closed case is open again"
    assert [a.kind for a in world.every(select(alarm).where(alarm.c.cleared_at.is_(None)))] == ["enforcement"]


def test_a_dead_row_is_tried_again_when_a_person_says_so(world):
    world.put(world.message("1", ABUSE))
    world.platform.fail_with = [Unavailable("down")] * 8
    until_ended(world, 10)
    (task,) = open_tasks(world)
    world.tell(CommandKind.RETRY, task_id=task.id)
    world.act()
    assert only(world, "hide").state in {"done", "already_done"}
    assert open_tasks(world) == []
    assert not world.every(select(alarm).where(alarm.c.cleared_at.is_(None), alarm.c.kind == "enforcement"))


def test_an_unknown_report_is_never_tried_again(world):
    test_a_crash_in_the_middle_of_a_report_is_unknown_and_a_task(world)
    (task,) = open_tasks(world)
    world.tell(CommandKind.RETRY, task_id=task.id)
    world.act()
    assert ("report", True) not in world.platform.calls
    assert len(open_tasks(world)) == 1


def test_what_the_platform_cannot_do_is_a_task_with_a_link_and_the_next_step():
    world = World(platform=Platform(abilities=frozenset({Action.MUTE, Action.BLOCK})))
    world.put(world.message("1", ABUSE))
    world.act()
    (task,) = open_tasks(world)
    assert (task.why, task.link, task.advice) == ("manual", "https://platform.example/message/1", "mute")
    world.engine.dispose()


def ticked(world):
    (task,) = open_tasks(world)
    with writing(world.engine) as database:
        assert tasks.tick(database, KEY, task.id, "nia", world.clock())
        assert not tasks.tick(database, KEY, task.id, "ifan", world.clock())
    world.act()
    (task,) = world.every(select(manual_task))
    return task


def test_a_ticked_task_is_read_back_and_closes_its_case():
    world = World(platform=Platform(abilities=frozenset()))
    world.put(world.message("1", ABUSE))
    world.judge(VerdictKind.ENFORCE, [Action.HIDE])
    world.act()
    assert world.every(select(case.c.state)) == [("open",)]
    world.clock.forward(minutes=1)
    world.platform.in_force.add(("hide", "1"))
    task = ticked(world)
    assert (task.state, task.verified, task.ended_by) == ("done", True, "nia")
    assert (only(world, "hide").state, only(world, "hide").read_back) == ("done", True)
    assert world.every(select(case.c.state)) == [("closed",)]
    assert "task.done" in [e.what for e in world.every(select(audit_event))]
    assert not world.every(select(alarm).where(alarm.c.cleared_at.is_(None)))
    world.engine.dispose()


def test_a_ticked_task_that_the_platform_denies_is_open_again():
    world = World(platform=Platform(abilities=frozenset()))
    world.put(world.message("1", ABUSE))
    world.act()
    task = ticked(world)
    assert (task.state, task.verified) == ("open", False)
    world.engine.dispose()


def test_an_undo_before_a_person_did_it_drops_the_task():
    world = World(platform=Platform(abilities=frozenset()))
    world.put(world.message("1", ABUSE))
    world.act()
    world.judge(VerdictKind.DELIVER)
    world.act()
    assert open_tasks(world) == []
    assert only(world, "hide").state == "cancelled"
    world.engine.dispose()


def test_failed_credentials_pause_the_connection_until_a_person_resumes_it(world):
    world.put(world.message("1", ABUSE))
    world.platform.fail_with = [AuthFailed("the token has run out")]
    for _ in range(3):
        world.act()
        world.clock.forward(days=1)
    assert world.platform.calls == []
    (state,) = world.every(select(connection_state))
    assert state.paused_by == "porthor"
    assert [(a.key, a.facts["trouble"], a.answer) for a in world.every(select(alarm))] == [
        ("paused:c1", "auth", "the token has run out")
    ]
    world.tell(CommandKind.RESUME)
    world.act()
    assert ("hide", "1") in world.platform.in_force
    assert [e.what for e in world.every(select(audit_event))] == ["command.resume"]


def test_a_rate_limit_holds_back_every_row_of_that_action(world):
    world.put(*[world.message(str(n), ABUSE, author=f"a{n}") for n in range(5)])
    world.platform.fail_with = [RateLimited("slow", 900)]
    for _ in range(10):
        world.act()
        world.clock.forward(seconds=60)
    tried = [row.attempts for row in world.every(select(rows))]
    assert sum(tried) <= 5, "all five were due together; none is tried again before its time"
    world.clock.forward(seconds=900)
    world.act()
    assert len(world.platform.in_force) == 5


def test_a_mail_that_cannot_be_given_back_is_a_persons_matter(world):
    from models.domain import Channel

    world.put(world.message("1", ABUSE, author="a@example.org", channel=Channel.EMAIL))
    world.act()
    world.judge(VerdictKind.DELIVER)
    world.platform.fail_with = [MessageGone("no such item")]
    world.act()
    last = world.every(select(rows).where(rows.c.effect == "quarantine").order_by(rows.c.generation.desc()))[0]
    assert (last.wanted, last.state) == (False, "manual")
    assert "evidence" in last.detail


def test_a_refusal_is_a_task_and_an_alarm(world):
    world.put(world.message("1", ABUSE))
    world.platform.fail_with = [Refused("not in this conversation")]
    world.act()
    (task,) = open_tasks(world)
    assert (task.why, task.advice) == ("refused", "mute")


def test_generations_run_in_order(world):
    world.put(world.message("1", ABUSE))
    world.platform.fail_with = [Unavailable("down")]
    world.act()
    row = only(world, "hide")
    with writing(world.engine) as database:
        leases.lease(database, row.id, world.clock() + outbox_wait())
    world.judge(VerdictKind.DELIVER)
    world.act()
    assert world.platform.calls == [], "generation 1 is with a worker: generation 2 waits for it"
    world.clock.forward(hours=2)
    world.act()
    world.act()
    assert world.platform.calls == [("hide", True), ("hide", False)]
    assert world.platform.in_force == set()


def outbox_wait():
    from datetime import timedelta

    return timedelta(minutes=10)


def test_a_confirmed_hold_is_read_once_more(world):
    world.put(world.message("1", ABUSE))
    world.act()
    world.platform.in_force.clear()
    world.judge(VerdictKind.ENFORCE, [Action.HIDE])
    world.act()
    world.act()
    assert ("hide", "1") in world.platform.in_force, "it had been taken away on the platform"
    assert (only(world, "hide").read_back, only(world, "hide").provisional_until) == (True, None)


def test_times_written_by_a_wrong_clock_hold_nothing_up(world):
    world.put(world.message("1", ABUSE))
    with writing(world.engine) as database:
        database.execute(rows.update().values(next_at=world.clock() + outbox_wait() * 6 * 24 * 400))
    world.act()
    assert only(world, "hide").state == "done"
    assert outbox.LIVE == (EnforcementState.PENDING, EnforcementState.LEASED)


def test_a_report_is_cancelled_before_it_goes_out_and_never_undone_after(world):
    world.put(world.message("1", ABUSE))
    world.judge(VerdictKind.ENFORCE, [Action.REPORT])
    from bot import verdicts

    verdicts.carry_out(world.engine, world.clock)
    world.judge(VerdictKind.UNDO)
    world.act()
    assert only(world, "report").state == "cancelled"
    world.judge(VerdictKind.ENFORCE, [Action.REPORT])
    world.act()
    for kind in (VerdictKind.UNDO, VerdictKind.ENFORCE):
        world.judge(kind, [Action.REPORT] if kind is VerdictKind.ENFORCE else [])
        world.act()
    assert world.platform.calls.count(("report", True)) == 1
    assert ("report", False) not in world.platform.calls
