"""The blind sample in the store: who is asked what, once each, and how far readers agree."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake import take_in
from models.domain import VerdictKind
from models.session import reading, writing
from models.store import blind, cases
from models.store.blind import AlreadyJudged, BlindItem, Judgement, NotDrawn, Stratum, kappa
from tests.fakes.guarantee import KEY, assured
from tests.fakes.world import ABUSE, INNOCENT, World


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.blind_sample.SHARES", {Stratum.ACTION: 1.0, Stratum.DELIVERY: 1.0})
    monkeypatch.setattr("bot.blind_sample.SECOND_SHARE", 1.0)
    made = World()
    assured(made, tmp_path)
    take_in(made.engine, "c1", made.batch(made.message("1", ABUSE), made.message("2", INNOCENT, "b")), made.clock())
    made.pipeline.run()
    yield made
    made.engine.dispose()


def asked(world, reader):
    with reading(world.engine) as database:
        item = blind.next_for(database, reader)
    return None if item is None else item.message_id


def judge(world, message_id, by, judgement=Judgement.LEGITIMATE):
    with writing(world.engine) as database:
        blind.record(database, KEY, message_id, judgement, by, world.clock())


def test_a_reader_is_asked_each_message_once_and_a_second_reader_again(world):
    assert asked(world, "nia") == 1
    judge(world, 1, "nia")
    assert asked(world, "nia") == 2
    judge(world, 2, "nia")
    assert asked(world, "nia") is None
    assert asked(world, "ifan") == 1
    judge(world, 1, "ifan", Judgement.HARMFUL)
    judge(world, 2, "ifan")
    assert asked(world, "mair") is None
    with reading(world.engine) as database:
        assert blind.waiting(database) == 0
        agreed = blind.agreement(database)
    assert (agreed.n, agreed.same) == (2, 1)


def test_the_same_reader_is_refused_a_second_time_and_the_first_word_stands(world):
    judge(world, 1, "nia")
    with pytest.raises(AlreadyJudged):
        judge(world, 1, "nia", Judgement.HARMFUL)
    with reading(world.engine) as database:
        (one,) = blind.sampled(database, "c1", world.clock())
    assert one.judgement is Judgement.LEGITIMATE


def test_what_was_not_drawn_is_not_judged(world):
    with pytest.raises(NotDrawn):
        judge(world, 99, "nia")


def test_whoever_decided_its_case_is_not_blind_to_a_message(world):
    with writing(world.engine) as database:
        cases.record_verdict(database, KEY, 1, 1, VerdictKind.DELIVER, (), "nia", world.clock())
    assert asked(world, "nia") == 2
    assert asked(world, "ifan") == 1


def test_a_reader_sees_neither_score_nor_proposal():
    names = {field.name for field in fields(BlindItem)}
    assert not names & {
        "signals",
        "stratum",
        "probability",
        "decision",
        "actions",
        "handling",
        "clauses",
        "why",
        "author",
    }


def test_where_readers_differ_the_one_who_says_legitimate_is_believed(world):
    judge(world, 1, "nia", Judgement.HARMFUL)
    judge(world, 1, "ifan", Judgement.LEGITIMATE)
    with reading(world.engine) as database:
        (one,) = blind.sampled(database, "c1", world.clock())
    assert one.judgement is Judgement.LEGITIMATE


pairs = st.lists(st.tuples(st.sampled_from(Judgement), st.sampled_from(Judgement)), max_size=30)


@given(pairs)
def test_kappa_lies_between_its_limits(found):
    agreed = kappa(found)
    assert agreed.n == len(found)
    if agreed.kappa is not None:
        assert -1 <= agreed.low <= agreed.kappa <= agreed.high <= 1


def test_kappa_of_a_known_table():
    yes, no = Judgement.HARMFUL, Judgement.LEGITIMATE
    found = [(yes, yes)] * 20 + [(yes, no)] * 5 + [(no, yes)] * 10 + [(no, no)] * 15
    assert kappa(found).kappa == pytest.approx(0.4)
