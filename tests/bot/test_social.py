"""X and Mastodon through the whole engine: edits as revisions, effects once and read back, reports at most once."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import enforcement
from bot.intake import fetch_all
from connectors.base import Connector, Place, RateLimited
from connectors.mastodon import MastodonConnector, MastodonOptions
from connectors.x import XConnector, XOptions
from models.domain import Action, Connection, EnforcementState, Target
from models.session import open_store, reading, writing
from models.store import connections, outbox
from models.store.outbox import Wish
from models.tables import enforcement as rows
from models.tables import message, revision
from tests.emulators.mastodon import FIRST, MastodonEmulator
from tests.emulators.x import OWN, XEmulator, snowflake

NOW = FIRST + timedelta(days=1)
AT = "2026-11-21T08:00:00.000Z"


@dataclass
class Bot:
    """A store, one connection and a clock to turn."""

    connector: Connector
    connection: Connection
    clock: "Clock"
    engine: object = field(default_factory=lambda: open_store("sqlite://"))

    def __post_init__(self) -> None:
        with writing(self.engine) as database:
            connections.ensure(database, self.connection, self.connector.can())

    def take_in(self):
        return fetch_all(self.engine, self.connection, self.connector, self.clock)

    def want(self, effect: Action, native_id: str, kind: str = "account", *, wanted: bool = True) -> None:
        with writing(self.engine) as database:
            outbox.enter(database, Wish("c", Target(kind, native_id), effect, wanted), self.clock())

    def act(self) -> list[tuple[str, str, bool | None]]:
        enforcement.run_due(self.engine, {"c": self.connector}, self.clock)
        with reading(self.engine) as database:
            query = select(rows.c.effect, rows.c.state, rows.c.read_back).order_by(rows.c.id)
            return [tuple(row) for row in database.execute(query)]

    def texts(self, table) -> list[str]:
        with reading(self.engine) as database:
            return list(database.execute(select(table.c.own_text)).scalars())


class Clock:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def x():
    with XEmulator() as emulator:
        emulator.add_user("42", "angry")
        yield emulator


@pytest.fixture
def on_x(x, tmp_path):
    clock = Clock()
    x.old_access = True
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "env:T")
    options = XOptions(client_id="app", refresh_token="env:T", api_url=x.url, report=True, old_api=keys)
    connection = Connection("c", "x", "psow")
    bot = Bot(XConnector.open(connection, options, Place(tmp_path, lambda _: "refresh-0", clock)), connection, clock)
    yield bot
    bot.engine.dispose()


@pytest.fixture
def instance():
    with MastodonEmulator() as emulator:
        yield emulator


@pytest.fixture
def on_mastodon(instance, tmp_path):
    clock = Clock()
    options = MastodonOptions(api_url=instance.url, access_token="env:T", domain="home.example")
    connection = Connection("c", "mastodon", "psow")
    bot = Bot(MastodonConnector.open(connection, options, Place(tmp_path, lambda _: "token", clock)), connection, clock)
    yield bot
    bot.engine.dispose()


def ident(minutes: int) -> str:
    return snowflake(NOW - timedelta(minutes=minutes))


def test_edits_on_x_become_revisions_and_nothing_else_does(x, on_x):
    x.post(ident(90), "42", "@council please help", AT)
    assert on_x.take_in().new == 1
    x.edit(ident(90), ident(80), "@council you filth", AT)
    taken = on_x.take_in()
    assert (taken.new, taken.edited) == (0, 1)
    assert on_x.texts(message) == ["@council you filth"]
    assert on_x.texts(revision) == ["@council please help"]
    assert on_x.take_in().edited == 0


def test_a_limit_in_the_middle_of_reading_loses_nothing(x, on_x):
    x.page_size = 2
    for number in range(7):
        x.post(ident(90 - number), "42", f"@council {number}", AT)
    for _ in range(2):
        x.fail("mentions", 429, skip=1)
        with pytest.raises(RateLimited):
            on_x.take_in()
    on_x.take_in()
    assert sorted(on_x.texts(message)) == [f"@council {number}" for number in range(7)]
    assert not on_x.texts(revision)


def test_effects_on_x_are_done_once_read_back_and_undone(x, on_x):
    x.post(ident(300), OWN, "root", AT)
    x.post(ident(90), "42", "@council filth", AT, conversation_id=ident(300))
    on_x.take_in()
    on_x.want(Action.MUTE, "angry")
    on_x.want(Action.HIDE, ident(90), "message")
    x.fail("POST /2/users/7/muting", after=True)
    assert on_x.act() == [("mute", "pending", None), ("hide", "done", None)]
    on_x.clock.now += timedelta(minutes=5)
    assert on_x.act()[0] == ("mute", "already_done", True)
    assert len(x.asked("POST /2/users/7/muting")) == 1
    on_x.want(Action.MUTE, "angry", wanted=False)
    assert on_x.act()[-1] == ("mute", "done", False)
    assert (x.muted, x.hidden) == (set(), {ident(90)})


def test_what_x_lacks_is_a_manual_task_and_a_lost_report_is_never_sent_again(x, on_x):
    on_x.want(Action.BLOCK, "angry")
    on_x.want(Action.REPORT, "angry")
    x.fail("report_spam", after=True)
    assert [state for _, state, _ in on_x.act()] == ["manual", "pending"]
    on_x.clock.now += timedelta(minutes=5)
    assert on_x.act()[1][1] == EnforcementState.UNKNOWN
    assert x.reported == ["42"]


def test_edits_on_mastodon_become_revisions_with_all_between(instance, on_mastodon):
    instance.mention("100", "20", "42", "please help")
    assert on_mastodon.take_in().new == 1
    instance.edit("20", "<p>you idiots</p>", 5)
    instance.edit("20", "<p>thank you</p>", 9)
    on_mastodon.clock.now += timedelta(minutes=11)
    assert on_mastodon.take_in().edited == 2
    assert on_mastodon.texts(message) == ["thank you"]
    assert on_mastodon.texts(revision) == ["@council please help", "you idiots"]


def test_a_report_attaches_the_post_that_was_acted_on_and_not_the_newest(instance, on_mastodon):
    instance.mention("100", "20", "42", "filth")
    instance.mention("101", "21", "42", "thank you")
    on_mastodon.take_in()
    with writing(on_mastodon.engine) as database:
        acted_on = database.execute(select(message.c.id).where(message.c.native_id == "20")).scalar_one()
        target = Target("account", "angry@elsewhere.example")
        outbox.enter(database, Wish("c", target, Action.REPORT, wanted=True, message_id=acted_on), on_mastodon.clock())
    assert on_mastodon.act() == [("report", "done", None)]
    assert [report["status_ids[]"] for report in instance.reports] == [["20"]]


def test_evidence_on_mastodon_outlives_the_block_and_a_lost_report_is_never_sent_again(instance, on_mastodon):
    instance.mention("100", "20", "42", "filth")
    on_mastodon.take_in()
    on_mastodon.want(Action.BLOCK, "angry@elsewhere.example")
    on_mastodon.want(Action.REPORT, "angry@elsewhere.example")
    instance.fail("reports", after=True)
    assert on_mastodon.act() == [("block", "done", True), ("report", "pending", None)]
    on_mastodon.clock.now += timedelta(minutes=5)
    assert on_mastodon.act()[1] == ("report", "unknown", None)
    assert len(instance.reports) == 1
    assert on_mastodon.take_in().new == 0
    assert on_mastodon.texts(message) == ["@council filth"]
