"""Drift of scores: told when it is large, silent when it is not or when there is too little to tell."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import drift
from models.session import reading, writing
from models.store import scores
from models.store.scores import BINS, Tally
from tests.fakes.guarantee import certify
from tests.fakes.world import World

bins = st.lists(st.integers(0, 500), min_size=BINS, max_size=BINS)


@given(bins, bins)
def test_the_index_is_never_negative_and_nothing_for_the_same(one, two):
    assert drift.stability_index(Tally(one), Tally(two)) >= -1e-9
    assert drift.stability_index(Tally(one), Tally(one)) == pytest.approx(0)


def tally(low, high):
    made = Tally()
    for _ in range(low):
        made.add(0.03, acted=False, delivered=True)
    for _ in range(high):
        made.add(0.97, acted=True, delivered=False)
    return made


@pytest.mark.parametrize(("late", "told"), [((260, 40), False), ((150, 150), True), ((20, 20), False)])
def test_a_connection_whose_scores_moved_is_told(late, told):
    world = World()
    certify(world)
    key = ("c1", "social", "1")
    with writing(world.engine) as database:
        scores.add(database, world.clock().date(), {key: tally(270, 30)})
        world.clock.forward(days=40)
        scores.add(database, world.clock().date() - timedelta(days=1), {key: tally(*late)})
    with reading(world.engine) as database:
        found = drift.warn(database, world.clock())
    assert bool(found) == told
    if told:
        assert "connection c1" in found[0].sentence
        assert (found[0].n_then, found[0].n_now) == (300, 300)
    world.engine.dispose()
