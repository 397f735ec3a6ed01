"""Around the pipeline: a candidate beside it never acts, draws repeat themselves, scores are counted."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.blind_sample import ACTIONS_SHARE, DELIVERIES_SHARE, BlindSample, stratum_of
from bot.intake import take_in
from bot.policies import policy_of
from models.domain import MessageKey, Mode, Nature
from models.guarantee_tables import blind_draw, score_day
from models.policy.decide import decide
from models.policy.history import HistoryView
from models.session import reading, writing
from models.store import models_in_force, scores
from models.store.blind import Stratum
from models.tables import decision, enforcement, message, signal
from tests.fakes.guarantee import KEY, assured, certify, keep_layer
from tests.fakes.policy import NOW, found, in_force, make_message
from tests.fakes.world import ABUSE, INNOCENT, World

TEXTS = (ABUSE, INNOCENT, "Please send me the minutes of the meeting", "What a shambles, you should be ashamed")


def run(folder, texts, intercept=None, use=False):
    """Return decisions and enforcements of a certified world, with a candidate beside it or not."""
    world = World()
    try:
        assured(world, folder)
        certify(world)
        if intercept is not None:
            keep_layer(folder, intercept)
        if use:
            with writing(world.engine) as database:
                models_in_force.put(database, KEY, "local-test", "nia", world.clock())
        items = [world.message(str(n), text, author=f"a{n}") for n, text in enumerate(texts)]
        take_in(world.engine, "c1", world.batch(*items), world.clock())
        world.pipeline.run()
        with reading(world.engine) as database:
            made = database.execute(select(decision.c.handling, decision.c.actions, decision.c.rules)).all()
            held = database.execute(select(enforcement.c.target_id, enforcement.c.effect)).all()
            versions = set(database.execute(select(signal.c.version).where(signal.c.classifier == "abuse")).scalars())
        return [tuple(map(str, row)) for row in made], [tuple(row) for row in held], versions
    finally:
        world.engine.dispose()


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4), st.sampled_from([-15.0, -2.0, 2.0, 15.0]))
def test_a_candidate_never_acts_before_it_is_put_in_force(tmp_path_factory, texts, intercept):
    alone = run(tmp_path_factory.mktemp("alone"), texts)
    beside = run(tmp_path_factory.mktemp("beside"), texts, intercept)
    assert beside == alone


def test_what_a_candidate_would_decide_is_kept_by_id_and_never_with_text(tmp_path):
    run(tmp_path, [ABUSE, INNOCENT], intercept=-15.0)
    lines = [orjson.loads(line) for line in (tmp_path / "local-test" / "shadow.jsonl").read_bytes().splitlines()]
    (line,) = lines
    assert line["message"] == 1
    assert line["in_force"]["actions"]
    assert line["candidate"]["actions"] == []
    assert ABUSE[:10] not in str(line)


def test_put_in_force_it_classifies_and_the_certificate_of_the_other_model_is_no_use(tmp_path):
    made, held, versions = run(tmp_path, [ABUSE], intercept=1.0, use=True)
    assert all(version.endswith("+local-test") for version in versions)
    assert held == []
    assert "certificate_other_model" in made[0][2]


def test_a_layer_over_other_heads_is_neither_candidate_nor_in_force(tmp_path):
    world = World()
    made = assured(world, tmp_path)
    keep_layer(tmp_path, 9.0, base="older")
    assert made.models.candidate() is None
    with writing(world.engine) as database:
        models_in_force.put(database, KEY, "local-test", "nia", world.clock())
    assert made.models.registry().layer is None
    world.engine.dispose()


def test_a_damaged_candidate_does_not_stop_the_bot(tmp_path):
    world = World()
    assured(world, tmp_path)
    keep_layer(tmp_path, 1.0)
    (tmp_path / "local-test" / "layer.npz").write_bytes(b"broken")
    take_in(world.engine, "c1", world.batch(world.message("1", ABUSE)), world.clock())
    assert world.pipeline.run() == 1
    world.engine.dispose()


def draws(key, n=4000, stratum=Stratum.ACTION):
    sample = BlindSample(key)
    policy = policy_of("psow", Mode.ENFORCE)
    return [
        sample.draw(MessageKey("c1", str(number)), stratum, policy, 0.9, "1", NOW) is not None for number in range(n)
    ]


def test_the_lot_falls_as_often_as_it_should_and_the_same_way_again():
    first = draws(b"one")
    assert first == draws(b"one")
    assert first != draws(b"two")
    assert 0.5 * ACTIONS_SHARE < sum(first) / len(first) < 1.6 * ACTIONS_SHARE
    deliveries = draws(b"one", stratum=Stratum.DELIVERY)
    assert 0 < sum(deliveries) / len(deliveries) < 2 * DELIVERIES_SHARE
    assert all(action for action, delivery in zip(first, deliveries, strict=True) if delivery)


@pytest.mark.parametrize(
    ("nature", "labels", "mode", "expected"),
    [
        (Nature.ORDINARY, ["abuse.insult"], Mode.ENFORCE, Stratum.ACTION),
        (Nature.ORDINARY, ["abuse.insult"], Mode.ASSIST, Stratum.ACTION),
        (Nature.ORDINARY, ["abuse.insult"], Mode.SHADOW, Stratum.ACTION),
        (Nature.ORDINARY, [], Mode.ENFORCE, Stratum.DELIVERY),
        (Nature.ORDINARY, ["abuse.rudeness"], Mode.ENFORCE, None),
        (Nature.ORDINARY, ["abuse.insult", "welfare.self_harm"], Mode.ENFORCE, None),
        (Nature.HISTORY, ["abuse.insult"], Mode.ENFORCE, None),
        (Nature.OWN, [], Mode.ENFORCE, None),
    ],
)
def test_what_the_machine_meant_by_itself_is_drawn_from(nature, labels, mode, expected):
    signals = [found(label, 0.95) for label in labels]
    made = decide(make_message(nature=nature), signals, HistoryView.empty(), in_force(mode), NOW)
    assert stratum_of(made, nature) is expected


def test_draws_and_scores_stand_in_the_store_with_their_probability(tmp_path, monkeypatch):
    monkeypatch.setattr("bot.blind_sample.SHARES", {Stratum.ACTION: 1.0, Stratum.DELIVERY: 1.0})
    world = World()
    assured(world, tmp_path)
    take_in(
        world.engine, "c1", world.batch(world.message("1", ABUSE), world.message("2", INNOCENT, "b")), world.clock()
    )
    world.pipeline.run()
    with reading(world.engine) as database:
        rows = database.execute(select(blind_draw).order_by(blind_draw.c.message_id)).all()
        assert [(row.message_id, row.stratum, row.probability) for row in rows] == [
            (1, "action", 1.0),
            (2, "delivery", 1.0),
        ]
        day = world.clock().date()
        total = scores.between(database, "c1", day, day)
        assert (sum(total.bins), total.acted, total.delivered) == (2, 1, 1)
        assert database.execute(select(func.count()).select_from(score_day)).scalar() == 1
        assert database.execute(select(func.count()).select_from(message)).scalar() == 2
    world.engine.dispose()
