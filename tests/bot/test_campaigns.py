"""Campaigns across authors: one cluster and no spam, known again after a restart, and a person looks until it is."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.campaigns import Campaigns
from bot.pipeline import NOT_YET_BUILT, Pipeline
from bot.policies import policy_of
from classifiers.duplicates import DuplicatesDetector
from classifiers.registry import Classified, Registry
from classifiers.signatures import is_current
from models.session import reading, writing
from models.store import messages
from models.tables import decision, message, signal, signature
from tests.fakes.world import World

PETITION = (
    "Please keep the library in Gresford open: the children of three schools walk there every afternoon of the week."
)


class OnlyDetecting(Registry):
    """Leaves the text unread, so that only what the history shows is seen."""

    def __init__(self):
        super().__init__([], [DuplicatesDetector()])

    def classify(self, found):
        return [Classified((), frozenset(), "en") for _ in found]


@pytest.fixture
def world(tmp_path):
    made = World(f"sqlite:///{tmp_path}/store.db")
    made.pipeline = Pipeline(made.engine, OnlyDetecting(), policy_of, made.clock)
    yield made
    made.engine.dispose()


def send(world, *numbers, text=PETITION):
    items = []
    for number in numbers:
        world.clock.forward(hours=1)
        items.append((world.message(f"n{number}", text, author=f"author{number}"), f"{number}".encode()))
    with writing(world.engine) as database:
        messages.save(database, items, world.clock.now)
    world.pipeline.run()


def signals_of(world, number):
    with reading(world.engine) as database:
        query = select(signal).join(message).where(message.c.native_id == f"n{number}")
        return {row.label: row.probability for row in database.execute(query)}


def missing_of(world, number):
    with reading(world.engine) as database:
        query = (
            select(decision.c.missing, decision.c.attention).join(message).where(message.c.native_id == f"n{number}")
        )
        return database.execute(query).one()


def test_a_petition_is_one_campaign_and_no_spam_and_stays_known_after_a_restart(world):
    send(world, 1, 2, 3, 4)
    assert signals_of(world, 4)["duplicate.campaign"] >= 0.5
    assert "spam" not in signals_of(world, 4)
    world.pipeline = Pipeline(world.engine, OnlyDetecting(), policy_of, world.clock)
    send(world, 5)
    assert signals_of(world, 5)["duplicate.campaign"] >= 0.5
    with reading(world.engine) as database:
        assert all(is_current(blob) for blob in database.scalars(select(signature.c.blob)))


def test_a_person_looks_until_the_index_is_built_in_the_background(world, monkeypatch):
    send(world, 1, 2, 3)
    campaigns = Campaigns(world.engine, at_once=0)
    monkeypatch.setattr("threading.Thread.start", lambda self: None)
    monkeypatch.setattr("threading.Thread.is_alive", lambda self: True)
    world.pipeline = Pipeline(world.engine, OnlyDetecting(), policy_of, world.clock, campaigns=campaigns)
    send(world, 4)
    missing, attention = missing_of(world, 4)
    assert NOT_YET_BUILT in missing
    assert attention > 0
    monkeypatch.undo()
    for building in campaigns._building.values():
        building.thread.start()
    campaigns.wait(60)
    send(world, 5)
    missing, _ = missing_of(world, 5)
    assert missing == []
    assert signals_of(world, 5)["duplicate.campaign"] >= 0.5


def test_signatures_that_lack_or_are_old_are_made_from_the_texts(world):
    send(world, 1, 2, 3)
    with writing(world.engine) as database:
        database.execute(delete(signature).where(signature.c.message_id == 1))
        database.execute(update(signature).where(signature.c.message_id == 2).values(blob=b"\x01old"))
    world.pipeline = Pipeline(world.engine, OnlyDetecting(), policy_of, world.clock)
    send(world, 4)
    assert signals_of(world, 4)["duplicate.campaign"] >= 0.5
    with reading(world.engine) as database:
        blobs = list(database.scalars(select(signature.c.blob)))
    assert len(blobs) == 4
    assert all(is_current(blob) for blob in blobs)


def test_what_left_the_window_is_no_campaign(world):
    send(world, 1, 2, 3)
    world.clock.forward(days=60)
    send(world, 4)
    assert "duplicate.campaign" not in signals_of(world, 4)


def test_an_index_that_could_not_be_built_is_begun_again(world, monkeypatch):
    send(world, 1, 2, 3)

    def broken(*_):
        raise OSError("gone")

    campaigns = Campaigns(world.engine)
    monkeypatch.setattr("models.store.signatures.every_since", broken)
    campaigns.prepare({"psow": 30}, world.clock())
    assert not campaigns.ready("psow")
    monkeypatch.undo()
    campaigns.prepare({"psow": 30}, world.clock() + timedelta(minutes=1))
    campaigns.prepare({"psow": 30}, world.clock() + timedelta(minutes=1))
    assert campaigns.ready("psow")


def test_the_benchmark_runs_at_a_small_size(monkeypatch, capsys):
    from tests.benchmarks import campaigns as benchmark

    monkeypatch.setattr("sys.argv", ["campaigns", "5000"])
    monkeypatch.setattr(benchmark, "KNOWN", 400)
    monkeypatch.setattr(benchmark, "ASKED", 40)
    benchmark.main()
    assert "index of 5001" in capsys.readouterr().out
