"""The own certificate: strictest first, inverse-probability weighed, one message an author, never beyond its sample."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import certify_own, own_certificate
from bot.certificates import in_force
from bot.certify import GRID
from bot.certify_own import Meant, certify, measure, one_an_author
from bot.intake import take_in
from models.session import reading, writing
from models.store import blind, certificates
from models.store.blind import Draw, Judgement, Sampled, Stratum
from tests.fakes.guarantee import KEY, assured
from tests.fakes.world import ABUSE, INNOCENT, World

AT = datetime(2026, 3, 1, tzinfo=UTC)


CALM = [
    INNOCENT,
    "When does the library in Denbigh open on Saturdays?",
    "Please send me the minutes of the October meeting",
    "My green bin was not emptied this week",
    "Diolch yn fawr am drwsio'r goleuadau",
    "Is the swimming pool closed over Easter?",
    "I would like to thank the nurse who helped my father",
    "Ble mae'r ffurflen gais am drwydded barcio?",
]


def draw(stratum, act_at=0.85):
    share = 0.02 if stratum is Stratum.ACTION else 0.005
    return Draw(stratum, share, False, act_at, "1", "psow", "1", AT)


def sample(actions, wrong, deliveries, act_at=0.85, lang="en"):
    """Return judged draws, each of its own author; the first `wrong` actions are legitimate."""
    rows = [
        Sampled(n, n, draw(Stratum.ACTION, act_at), Judgement.LEGITIMATE if n < wrong else Judgement.HARMFUL, "x", lang)
        for n in range(actions)
    ]
    return rows + [
        Sampled(10_000 + n, 10_000 + n, draw(Stratum.DELIVERY, act_at), Judgement.LEGITIMATE, "x", lang)
        for n in range(deliveries)
    ]


def always(_message_id, _threshold):
    return True


def test_a_clean_sample_large_enough_certifies_down_to_what_it_was_drawn_under():
    found = certify(sample(80, 0, 900), always, Meant(4_000, 180_000))
    assert found.act == 0.85
    assert [one.threshold for one in found.tried] == [t for t in GRID if t >= 0.85]
    assert found.best.upper <= 0.002
    assert certify(sample(80, 0, 900, act_at=0.95), always, Meant(4_000, 180_000)).act == 0.95


def test_a_small_sample_certifies_nothing_and_says_so():
    found = certify(sample(4, 0, 20), always, Meant(200, 4_000))
    assert found.act is None
    assert len(found.tried) == 1
    text = certify_own.to_text("social", found, Meant(200, 4_000))
    assert "not certified" in text
    assert "share of actions that are wrong" in text
    assert "false-action rate" in text


def test_errors_below_a_threshold_stop_the_descent_there():
    found = certify(sample(80, 3, 900), lambda number, t: number >= 3 or t < 0.95, Meant(4_000, 180_000))
    assert found.act == 0.95
    assert found.tried[-1].upper > 0.002


def test_the_rate_is_weighed_by_the_inverse_of_the_probability():
    one = measure(sample(10, 1, 4), always, 0.9, Meant(500, 800))
    assert one.rate == pytest.approx(50 / (50 + 4 * 200))
    assert one.wrong == pytest.approx(0.1)


def test_one_message_an_author_and_the_one_that_speaks_most_against_the_machine():
    harmless = Sampled(1, 7, draw(Stratum.DELIVERY), Judgement.LEGITIMATE, "x", "en")
    right = Sampled(2, 7, draw(Stratum.ACTION), Judgement.HARMFUL, "x", "en")
    wrong = Sampled(3, 7, draw(Stratum.ACTION), Judgement.LEGITIMATE, "x", "cy")
    assert one_an_author([harmless, right, wrong]) == [wrong]
    assert one_an_author([harmless, right]) == [right]


@settings(max_examples=60)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 300))
def test_more_errors_never_give_a_looser_certificate(actions, wrong, deliveries):
    wrong = min(wrong, actions)
    meant = Meant(50 * max(1, actions), 200 * max(1, deliveries))
    clean = certify(sample(actions, 0, deliveries), always, meant)
    dirty = certify(sample(actions, wrong, deliveries), always, meant)
    assert dirty.act is None or (clean.act is not None and clean.act <= dirty.act)
    if dirty.best is not None:
        assert dirty.best.upper >= dirty.best.rate * 0.999 or dirty.best.errors == 0 or dirty.best.upper > 0.002


def test_from_the_store_measured_recorded_and_in_force(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.blind_sample.SHARES", {Stratum.ACTION: 1.0, Stratum.DELIVERY: 1.0})
    monkeypatch.setattr("bot.own_certificate._limit", lambda *_: 0.9)
    world = World()
    assured(world, tmp_path)
    texts = [ABUSE] * 6 + CALM
    items = [world.message(str(n), text, author=f"a{n}") for n, text in enumerate(texts)]
    take_in(world.engine, "c1", world.batch(*items), world.clock())
    world.pipeline.run()
    with writing(world.engine) as database:
        while (item := blind.next_for(database, "nia")) is not None:
            word = Judgement.HARMFUL if item.own_text == ABUSE else Judgement.LEGITIMATE
            blind.record(database, KEY, item.message_id, word, "nia", world.clock())
    world.clock.forward(hours=1)
    found = own_certificate.find(world.engine, "c1", world.registry, world.clock())
    (group,) = found.groups.values()
    assert (group.best.errors, group.best.legitimate) == (0, len(CALM))
    assert found.certified
    assert "share of actions that are wrong" in found.to_text()
    own_certificate.record(world.engine, KEY, found, world.registry, "nia", world.clock())
    assert in_force(world.engine, "c1", ["psow"], world.registry, world.clock() + timedelta(days=89))
    assert not in_force(world.engine, "c1", ["psow"], world.registry, world.clock() + timedelta(days=90))
    with reading(world.engine) as database:
        row = certificates.latest(database, "c1", "psow")
    assert (row.basis, row.body["groups"]["mail"]["act"]) == ("own", None)
    world.engine.dispose()
