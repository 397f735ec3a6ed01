"""The bot on a real PostgreSQL: one flow through the whole store, and one bot by an advisory lock that ends with its holder."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import select, text

from bot import bulk as carrying
from bot import on_call, standing_blocks
from bot import webhooks as delivery
from bot.only import AdvisoryLock, OnlyBot, only_bot
from bot.policies import policy_of
from models.domain import Channel, VerdictKind
from models.policy.loader import builtin_pack
from models.policy.routing import Rule
from models.sealing import Seal
from models.session import StoreError, open_engine, open_store, reading, writing
from models.store import (
    bulk,
    cards,
    cases,
    changes,
    connections,
    foretelling,
    insights,
    people,
    petitions,
    queue,
    rota,
    routing,
    spared,
    tokens,
    urgent,
    webhooks,
)
from models.store.formal import cased
from models.store.insights import Span
from models.store.queue import QueueFilter
from models.store.rota import Plan
from models.tables import case, enforcement, message
from tests.bot.test_holds import restrict
from tests.emulators.receiver import receiver
from tests.fakes.world import ABUSE, INNOCENT, KEY, World
from tests.network.processes import postgresql

pytestmark = pytest.mark.slow
HOLDER = (
    "import sys, time; from bot.only import AdvisoryLock; from models.session import open_engine\n"
    "lock = AdvisoryLock(open_engine(sys.argv[1])); print(lock.take(), flush=True); time.sleep(60)"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with postgresql(tmp_path_factory.mktemp("postgresql")) as address:
        yield address


@pytest.fixture
def engine(url):
    made = open_engine(url)
    yield made
    made.dispose()


def test_a_whole_flow_stands_in_the_store(url):
    world = World(url)
    world.put(world.message("1", ABUSE, author="a"), world.message("2", INNOCENT, author="b"))
    world.put(
        world.message("1", f"{ABUSE}!", author="a"),
        world.message("3", INNOCENT, author="g@x.example", channel=Channel.EMAIL),
    )
    world.act()
    assert world.platform.in_force == {("hide", "1")}
    world.judge(VerdictKind.DELIVER)
    world.act()
    assert world.platform.in_force == set()
    states = [
        tuple(row) for row in world.every(select(enforcement.c.wanted, enforcement.c.state).order_by(enforcement.c.id))
    ]
    assert states == [(True, "done"), (False, "done")]
    assert [row.state for row in world.every(select(case))] == ["closed"]
    assert {row.revision for row in world.every(select(message.c.revision).where(message.c.native_id == "1"))} == {2}
    restrict(world, world.every(select(message.c.contact_id).where(message.c.native_id == "3"))[0][0])
    assert standing_blocks.keep(world.engine, policy_of, world.clock) == 1
    with writing(world.engine) as database:
        assert connections.spend(database, "c1", 0.5, world.clock()) == 0.5
        assert not connections.take_token(database, "c1", 5, 60, world.clock())
    with reading(world.engine) as database:
        assert not cases.unaccounted(database)
        assert connections.overview(database, world.clock())[0]["cost"] == 0.5
    world.engine.dispose()


def test_the_schema_is_made_once_and_found_again(url):
    for _ in range(2):
        open_store(url).dispose()


def test_the_lock_is_the_servers_own_there_and_a_file_elsewhere(engine, tmp_path):
    assert isinstance(only_bot(tmp_path, engine), AdvisoryLock)
    assert isinstance(only_bot(tmp_path, open_engine("sqlite://")), OnlyBot)


def test_one_bot_holds_the_lock_and_the_next_takes_it_over(url, engine):
    one, other = AdvisoryLock(engine), AdvisoryLock(open_engine(url))
    assert one.take()
    assert one.take()
    assert not other.take()
    one.release()
    assert other.take()
    assert not one.take()
    other.release()


def taken(lock):
    """Take the lock as soon as the server has let go of whoever is gone, which it does in its own time."""
    deadline = time.monotonic() + 20
    while not lock.take() and time.monotonic() < deadline:
        time.sleep(0.05)
    return lock.held


def test_a_bot_that_was_killed_holds_nothing(url, engine):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline().strip() == "True"
        lock = AdvisoryLock(engine)
        assert not lock.take()
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert taken(lock)
        lock.release()
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def test_who_lost_its_line_has_lost_the_lock_and_knows_it(engine):
    lock = AdvisoryLock(engine)
    assert taken(lock)
    with engine.connect() as other:
        other.execute(text("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"))
    assert not lock.held
    assert taken(lock), "nobody else wanted it meanwhile"
    lock.release()


def test_a_store_of_another_kind_and_a_server_that_is_away_are_told_plainly(tmp_path):
    with pytest.raises(StoreError, match="use SQLite or PostgreSQL"):
        open_engine("mysql://x/y")
    with pytest.raises(StoreError, match="cannot be reached"):
        open_store("postgresql://porthor@127.0.0.1:1/none")


def test_other_systems_are_told_and_whoever_is_on_call_is_called(url):
    world = World(url)
    world.clock.now = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)
    with receiver() as other:
        with writing(world.engine) as database:
            seal = Seal(KEY, webhooks.PURPOSE)
            webhooks.add(database, KEY, seal, "x", other.address, "", list(webhooks.Event), "nia", world.clock())
            people.add(database, "nia", "!", "reviewer", "en", must_change=False, now=world.clock())
            rota.keep(database, KEY, Plan("psow", active=True, minutes=5), "nia", world.clock())
            rota.keep_week(database, KEY, "psow", {1: ["nia"]}, "nia", world.clock())
        world.put(world.message("9", "The house is on fire and the children are inside, help us now", author="z"))
        for _ in range(3):
            on_call.run(world.engine, lambda _: "env:NIA", world.clock)
            world.clock.forward(minutes=5)
        post = delivery.Post(seal, (ip_network("127.0.0.0/8"),))
        assert delivery.run_due(world.engine, post, world.clock) == len(other.calls) >= 2
    with writing(world.engine) as database:
        (watch,) = urgent.unanswered(database)
        assert [row.name for row in urgent.calls(database, watch.id)] == ["nia"]
        assert urgent.recent(database, "psow")[0]["called"] == 1
        assert urgent.acknowledge(database, KEY, watch.case_id, "nia", world.clock())
        assert webhooks.listed(database)[0]["last_state"] == "done"
        secret = tokens.make(
            database, KEY, "case system", "nia", ["cases:read"], world.clock() + timedelta(days=1), "nia", world.clock()
        )
        assert tokens.find(database, secret, world.clock())["account"] == "nia"
        webhooks.switch(database, KEY, 1, "off", "nia", world.clock())
    world.engine.dispose()


def test_queues_verdicts_on_many_replies_and_insights_stand_in_the_store(url):
    world = World(url)
    world.clock.forward(days=30)
    with writing(world.engine) as database:
        housing = routing.name_queue(database, KEY, "psow", "Tai", "Housing", "nia", world.clock())
        rule = Rule(housing, routing.checked({"channel": ["x"]}))
        number = routing.propose(database, KEY, "psow", rule, 1, "x", "nia", world.clock())
        routing.decide(database, KEY, number, True, "mair", world.clock())
    for n in range(3):
        world.put(world.message(f"many{n}", f"{ABUSE}, {n} bins in {n} weeks", author=f"many{n}"), cursor=f"many{n}")
    with writing(world.engine) as database:
        ids = queue.numbers(database, QueueFilter(queues=(housing,)))
        items = [
            bulk.Item(card.case["id"], card.case["version"], VerdictKind.DELIVER, ())
            for card in cards.many(database, ids)
        ]
        assert len(items) >= 3
        assert set(spared.why(database, ids, "nia", world.clock())) <= set(ids)
        number = bulk.propose(database, KEY, "deliver", "", "x", items, {}, "nia", world.clock())
        bulk.decide(database, KEY, number, True, "mair", world.clock())
    while carrying.carry_out(world.engine, KEY, world.clock):
        world.act()
    with writing(world.engine) as database:
        assert bulk.progress(database, number)["done"] >= 3
        bulk.undo(database, KEY, number, "nia", world.clock())
    while carrying.carry_out(world.engine, KEY, world.clock):
        world.act()
    petition = (
        "Please keep the library in Stryd Fawr open on Saturdays, our children need it and you promised this in March"
    )
    for n in range(5):
        item = world.message(f"p{n}", petition, author=f"p{n}@example.org", channel=Channel.EMAIL)
        world.put(item, cursor=f"p{n}")
    (found,) = world.every(select(case).where(case.c.campaign, case.c.state == "open"))
    world.judge(VerdictKind.DELIVER, case_id=found.id)
    words = petitions.Words("a", "b", "c", "d")
    with writing(world.engine) as database:
        petitions.send(database, KEY, found.id, words, "nia", world.clock(), both=False)
        assert petitions.result(database, found.id) == {"reply": {"pending": 5}}
        now = world.clock()
        for field in ("limits.volume_per_day", "targets.other_minutes", "daily_quota.hide"):
            changes.tried(database, "psow", field, 3, now)
        assert foretelling.thresholds(database, builtin_pack("psow"), 0.9, now - timedelta(days=9)) == []
        assert [one.messages for one in insights.read(database, Span(now - timedelta(days=1))).clusters] == [5]
        assert routing.tried(database, "psow", rule, 9).looked_at >= 3
        assert cased.warnings_of(database, found.id) == []
    world.engine.dispose()
