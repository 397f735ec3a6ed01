"""Counts by day against a count of everything anew: as messages come, are edited and erased, whatever the span."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from sqlalchemy import select

from models.desk_tables import decided_day
from models.domain import VerdictKind
from models.session import reading, writing
from models.store import daily
from models.store.erasure import erase_messages
from models.tables import case, message
from tests.fakes.world import ABUSE, INNOCENT, START, World


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def kept(world):
    rows = world.every(select(decided_day))
    return {(row.kind, row.org, row.day, row.value, row.handling): row.count for row in rows if row.count}


def anew(world):
    before = kept(world)
    with writing(world.engine) as database:
        daily.recount(database)
    return before, kept(world)


def test_counts_follow_what_comes_what_is_edited_and_what_is_erased(world):
    texts = (ABUSE, INNOCENT, "Mae'r tŷ ar dân ac mae'r plant y tu mewn, helpwch ni nawr")
    items = [world.message(f"m{n}", f"{text} {n}", author=f"a{n}") for n, text in enumerate(texts)]
    world.put(*items, cursor="1")
    world.clock.forward(days=2)
    first = kept(world)
    assert sum(number for (kind, *_), number in first.items() if kind == "channel") == 3
    world.put(replace(items[0], own_text=INNOCENT, raw_sha256=""), cursor="2")
    world.pipeline.run()
    assert kept(world) != first, "what was edited counts on its new day"
    before, then = anew(world)
    assert before == then
    for row in world.every(select(case).where(case.c.state == "open")):
        world.judge(VerdictKind.NO_ACTION, case_id=row.id)
    while world.act():
        pass
    quiet = world.every(
        select(message.c.id).where(message.c.own_text.like(f"{INNOCENT}%")).order_by(message.c.id.desc())
    )
    with writing(world.engine) as database:
        erase_messages(database, [quiet[0].id])
    before, then = anew(world)
    assert before == then
    assert sum(number for (kind, *_), number in then.items() if kind == "channel") == 2


def test_a_span_begins_in_the_middle_of_a_day(world):
    for n in range(6):
        world.put(world.message(f"m{n}", f"{ABUSE} {n}", author=f"a{n}"), cursor=str(n))
        world.clock.forward(hours=9)
    for hours in range(0, 60, 5):
        since = START.astimezone(UTC) + timedelta(hours=hours)
        with reading(world.engine) as database:
            found = daily.tally(database, since, "psow")
            everything = daily.tally(database, since, "")
        came = sum(START + timedelta(hours=9 * n) >= since for n in range(6))
        assert sum(number for (kind, *_), number in found.days.items() if kind == "channel") == came, hours
        assert found == everything
