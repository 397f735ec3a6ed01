"""Taking in: history, own posts, revisions, pace, spend, and what each error of a platform leads to."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select

from bot import reading
from bot.intake import fetch_all, next_month
from connectors.base import AuthFailed, Batch, Fetched, Pace, RateLimited, Refused, Unavailable
from connectors.mail.parse import parse_mail
from models.domain import Action, Author, Channel, Connection, MessageKey, Mode, Nature
from models.engine_tables import alarm, connection_state, spend_month
from models.session import writing
from models.store import connections
from models.tables import decision, message
from models.tables import enforcement as rows
from tests.fakes.world import ABUSE, START, World

OWN = ("ourselves",)


@dataclass
class Feed:
    """A platform with pages, a pace and a price."""

    pages: list = field(default_factory=list)
    fail_with: list = field(default_factory=list)
    cost: float = 0.0
    asked: int = 0
    pace: ClassVar[Pace] = Pace(calls=3, per_s=900)

    def can(self):
        return frozenset({Action.HIDE})

    def fetch(self, cursor):
        if self.fail_with:
            raise self.fail_with.pop(0)
        for number in range(int(cursor or 0), len(self.pages)):
            self.asked += 1
            yield Batch(tuple(Fetched(m, m.own_text.encode()) for m in self.pages[number]), str(number + 1))

    def spent(self):
        spent, self.cost = self.cost, 0.0
        return spent


@pytest.fixture
def world():
    made = World()
    with writing(made.engine) as database:
        own = replace(made.connection, own_addresses=OWN)
        connections.ensure(database, own, [Action.HIDE])
        database.execute(connection_state.update().values(since=START))
    made.connection = own
    yield made
    made.engine.dispose()


def read(world, feed, cap=None):
    return reading.read(world.engine, world.connection, feed, world.clock, cap)


def natures(world):
    return {row.native_id: row.nature for row in world.every(select(message))}


def test_what_is_older_than_the_connection_is_history_and_never_acted_on(world):
    old = replace(world.message("old", ABUSE, author="a"), received_at=START - timedelta(days=3))
    read(world, Feed([[old, world.message("new", ABUSE, author="b")]]))
    world.pipeline.run()
    world.act()
    assert natures(world) == {"old": "history", "new": "ordinary"}
    assert {row.target_id for row in world.every(select(rows))} == {"new"}


def test_the_moment_of_the_first_connection_stays_when_the_bot_starts_again(world):
    with writing(world.engine) as database:
        connections.ensure(database, world.connection, [Action.HIDE], START + timedelta(days=9))
        assert connections.since_of(database, "c1") == START


def test_own_posts_are_context_and_a_forged_claim_to_be_us_is_not(world):
    own = world.message("own", ABUSE, author="ourselves")
    forged = replace(world.message("forged", ABUSE), author=Author("ourselves", verified=False))
    read(world, Feed([[own, forged]]))
    world.pipeline.run()
    assert natures(world) == {"own": "own", "forged": "ordinary"}
    handled = {row.message_id: row.handling for row in world.every(select(decision).order_by(decision.c.id))}
    assert handled[1] == "deliver"
    assert handled[2] != "deliver"


def test_an_edit_is_read_again_and_keeps_when_it_first_came(world):
    read(world, Feed([[world.message("1", "Thank you")]]))
    world.pipeline.run()
    world.clock.forward(minutes=9)
    read(world, Feed([[], [world.message("1", ABUSE)]]))
    world.pipeline.run()
    (row,) = world.every(select(message))
    assert (row.revision, row.received_at) == (2, START)
    assert [d.handling for d in world.every(select(decision))] == ["deliver", "enforce"]


@pytest.mark.parametrize(
    ("raw", "nature"),
    [
        (b"From: a@example.org\nAuto-Submitted: auto-replied\n\nI am away", Nature.AUTOMATIC),
        (b"From: mailer-daemon@example.org\nReturn-Path: <>\n\nbounced", Nature.AUTOMATIC),
        (b"From: a@example.org\nContent-Type: application/pkcs7-mime\n\nMIIB", Nature.OPAQUE),
        (b"From: a@example.org\n\n-----BEGIN PGP MESSAGE-----\nxx", Nature.OPAQUE),
        (
            b"From: a@example.org\nContent-Type: image/png\nContent-Disposition: attachment; filename=a.png\n\nxx",
            Nature.OPAQUE,
        ),
    ],
    ids=["auto-reply", "bounce", "s/mime", "pgp", "image only"],
)
def test_automatic_encrypted_and_image_only_mail_through_the_whole_flow(world, raw, nature):
    item = parse_mail(raw, key=MessageKey("c1", "m"), org="psow", own_addresses=OWN, received_at=START)
    assert item.nature is nature
    read(world, Feed([[item]]))
    world.pipeline.run()
    (found,) = world.every(select(decision))
    assert found.actions == []
    assert (found.handling == "review") == (nature is Nature.OPAQUE), "never clean: a person looks"


def test_a_pace_used_up_reads_on_later_and_loses_nothing(world):
    feed = Feed([[world.message(str(n), "hello", author=f"a{n}")] for n in range(7)])
    read(world, feed)
    assert feed.asked < 7
    for _ in range(20):
        world.clock.forward(seconds=300)
        read(world, feed)
    assert feed.asked == 7
    assert len(natures(world)) == 7


def test_a_month_spent_stops_the_reading_says_so_and_goes_on_next_month(world):
    feed = Feed([[world.message(str(n), "hello", author=f"a{n}")] for n in range(2)], cost=4.0)
    read(world, feed, cap=3.0)
    assert len(natures(world)) == 1
    assert read(world, feed, cap=3.0).new == 0
    assert [a.kind for a in world.every(select(alarm))] == ["spend"]
    assert [(s.month, s.cost) for s in world.every(select(spend_month))] == [("2026-03", 4.0)]
    world.clock.now = next_month(world.clock.now) + timedelta(seconds=1)
    assert read(world, feed, cap=3.0).new == 1


@pytest.mark.parametrize("error", [AuthFailed("expired"), Refused("no such folder")])
def test_what_only_a_person_can_mend_pauses_the_connection_and_says_so(world, error):
    feed = Feed([[world.message("1", "hello")]], fail_with=[error])
    assert read(world, feed) is None
    assert read(world, feed).new == 0, "paused: not even asked"
    assert [a.key for a in world.every(select(alarm))] == ["paused:c1"]
    from models.store.commands import CommandKind

    world.tell(CommandKind.RESUME)
    world.act()
    assert read(world, feed).new == 1


def test_a_rate_limit_waits_as_long_as_it_says(world):
    feed = Feed([[world.message("1", "hello")]], fail_with=[RateLimited("slow", 300)])
    read(world, feed)
    world.clock.forward(seconds=299)
    assert read(world, feed).new == 0
    world.clock.forward(seconds=2)
    assert read(world, feed).new == 1


@pytest.mark.parametrize("error", [Unavailable("no route"), ConnectionResetError()])
def test_an_outage_backs_off_and_is_told_when_it_lasts(world, error):
    feed = Feed([[world.message("1", "hello")]], fail_with=[error] * 6)
    for _ in range(6):
        read(world, feed)
        world.clock.forward(minutes=11)
    assert [a.kind for a in world.every(select(alarm).where(alarm.c.cleared_at.is_(None)))] == ["unreachable"]
    read(world, feed)
    assert world.every(select(alarm).where(alarm.c.cleared_at.is_(None))) == []


def test_a_forged_sender_joins_no_history_and_no_block(world):
    proven = replace(world.message("1", "Thank you", author="a@example.org"), channel=Channel.EMAIL)
    forged = replace(proven, key=MessageKey("c1", "2"), own_text=ABUSE, author=Author("a@example.org", verified=False))
    fetch_all(world.engine, world.connection, Feed([[proven, forged]]), world.clock)
    world.pipeline.run()
    contacts = {row.native_id: row.contact_id for row in world.every(select(message))}
    assert contacts["1"] != contacts["2"]
    assert "block" not in {row.effect for row in world.every(select(rows))}


def test_connections_are_told_with_their_mode():
    world = World(mode=Mode.SHADOW)
    assert isinstance(world.connection, Connection)
    world.engine.dispose()
