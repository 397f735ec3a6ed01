"""A live connection acts only under a certificate of its own: not without one, not after it, not for another model or pack."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.certificates import ConnectionCertificates, accept_reference, in_force, why_not
from bot.cli.errors import CommandError
from bot.intake import take_in
from bot.policies import policy_of
from bot.reading_version import reading_version
from models.domain import Mode
from models.session import reading, writing
from models.store import certificates, models_in_force
from models.tables import audit_event, decision, enforcement
from tests.fakes.guarantee import KEY, assured, certify, keep_layer, kept
from tests.fakes.world import ABUSE, World


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def decided(world, native_id="1"):
    take_in(world.engine, "c1", world.batch(world.message(native_id, ABUSE, author=f"a{native_id}")), world.clock())
    world.pipeline.run()
    with reading(world.engine) as database:
        row = database.execute(select(decision).order_by(decision.c.id.desc())).first()
        held = database.execute(select(enforcement)).all()
    return row, held


def test_without_a_certificate_a_connection_in_enforce_behaves_as_in_assist(world, tmp_path):
    assured(world, tmp_path)
    row, held = decided(world)
    assert (row.actions, row.mode, held) == ([], "assist", [])
    assert row.attention >= 1
    assert {"mode_assist", "certificate_missing"} <= set(row.rules)


def test_under_its_certificate_it_acts_and_names_it(world, tmp_path):
    assured(world, tmp_path)
    certify(world)
    row, held = decided(world)
    assert row.actions
    assert row.certificate_id == "accepted-1"
    assert held


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"model_version": "another"}, "certificate_other_model"),
        ({"pack_version": "0"}, "certificate_other_pack"),
        ({"pack_id": "adra"}, "certificate_missing"),
        ({"connection_id": "c2"}, "certificate_missing"),
    ],
)
def test_another_model_pack_or_connection_gives_no_right_to_act(world, tmp_path, changes, rule):
    from models.domain import Connection
    from models.store import connections

    with writing(world.engine) as database:
        connections.ensure(database, Connection("c2", "files", "psow", Mode.ENFORCE), ())
    assured(world, tmp_path)
    certify(world, **changes)
    row, held = decided(world)
    assert (row.actions, held) == ([], [])
    assert rule in row.rules


def test_it_lapses_after_ninety_days_whatever_its_row_says(world, tmp_path):
    assured(world, tmp_path)
    certify(world, valid_until=world.clock() + timedelta(days=900))
    world.clock.forward(days=89)
    assert decided(world)[0].actions
    world.clock.forward(days=1)
    row, _ = decided(world, "2")
    assert row.actions == []
    assert "certificate_lapsed" in row.rules


def test_a_model_put_in_force_lets_the_certificate_of_the_other_lapse_and_back_restores_it(world, tmp_path):
    assured(world, tmp_path)
    certify(world)
    keep_layer(tmp_path, 0.0)
    put(world, "local-test")
    row, _ = decided(world)
    assert (row.actions, "certificate_other_model" in row.rules) == ([], True)
    put(world, "")
    assert decided(world, "2")[0].actions


def put(world, version):
    with writing(world.engine) as database:
        models_in_force.put(database, KEY, version, "nia", world.clock())


@settings(max_examples=60, deadline=None)
@given(
    st.none() | st.tuples(st.integers(-200, 200), st.integers(0, 200), st.booleans(), st.booleans()),
    st.sampled_from(list(Mode)),
)
def test_an_uncertified_connection_never_acts(found, mode):
    world = WORLD
    with writing(world.engine) as database:
        database.exec_driver_sql("DELETE FROM certificate")
    same_model = same_pack = False
    if found is not None:
        age, days, same_model, same_pack = found
        at = world.clock() - timedelta(days=age)
        changes = {} if same_model else {"model_version": "other"}
        changes |= {} if same_pack else {"pack_version": "other"}
        certify(world, at=at, valid_until=at + timedelta(days=days), **changes)
    good = found is not None and same_model and same_pack and 0 <= found[0] < min(found[1], 90)
    with reading(world.engine) as database:
        policy = policy_of("psow", mode)
        version = reading_version(world.registry)
        governed = ConnectionCertificates().governed(database, "c1", policy, version, world.clock())
    assert (governed.mode is Mode.ENFORCE) == (good and mode is Mode.ENFORCE)
    assert bool(governed.withheld) == (mode is Mode.ENFORCE and not good)


WORLD = World()


def test_a_person_accepts_the_reference_by_name_and_it_is_audited(world):
    with pytest.raises(CommandError, match="--by"):
        accept_reference(world.engine, KEY, "c1", " ", world.registry, world.clock())
    with pytest.raises(CommandError, match="no connection is called"):
        accept_reference(world.engine, KEY, "nobody", "nia", world.registry, world.clock())
    (row,) = accept_reference(world.engine, KEY, "c1", "nia", world.registry, world.clock())
    assert (row.basis, row.by, row.pack_id) == ("accepted", "nia", "psow")
    assert in_force(world.engine, "c1", ["psow"], world.registry, world.clock())
    assert not in_force(world.engine, "c1", ["psow", "adra"], world.registry, world.clock())
    with reading(world.engine) as database:
        assert database.execute(select(audit_event.c.what)).scalar() == "certificate.accepted"
        assert certificates.latest(database, "c1", "psow").valid_until == world.clock() + timedelta(days=90)


def test_the_reference_is_not_accepted_for_another_model(world, tmp_path):
    layered = world.registry.with_layer(keep_layer(tmp_path, 0.0))
    with pytest.raises(CommandError, match="another model"):
        accept_reference(world.engine, KEY, "c1", "nia", layered, world.clock())


def test_a_certificate_of_tomorrow_is_not_in_force_yet(world):
    later = kept(world, at=world.clock() + timedelta(days=1))
    assert why_not(later, later.pack_version, later.model_version, world.clock()) == "certificate_lapsed"
