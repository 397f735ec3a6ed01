"""Out of hours, with a clock that is moved: who is called about an urgent case, who next, who stops it, and what is said aloud."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot import dispatching, on_call
from bot.dispatching import Outlets
from bot.policies import policy_of
from bot.reviewers import NotTold
from bot.sending import SmtpSender
from bot.settings import MailSettings, load
from models.domain import VerdictKind
from models.engine_tables import alarm, dispatch
from models.policy.duty import Hours, clock_time
from models.session import writing
from models.store import access, audit, people, rota, urgent
from models.store.rota import Plan
from tests.emulators.smtp import mail_server
from tests.fakes.world import KEY, World

FIRE = "The house is on fire and the children are inside, help us now"
NIGHT = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)
PEOPLE = {"nia": "env:NIA", "ifan": "env:IFAN", "rhian": "env:RHIAN"}


class Phone:
    """Whom was told what; `dead` places take nothing."""

    def __init__(self):
        self.told, self.dead = [], set()

    def tell(self, reference, title, body):
        if reference in self.dead:
            raise NotTold("no answer")
        self.told.append((reference, f"{title}\n{body}"))


@pytest.fixture
def world():
    made = World()
    made.clock.now = NIGHT
    made.phone = Phone()
    made.outlets = Outlets(policy_of, made.phone, page="https://porthor.example.org/")
    with writing(made.engine) as database:
        for name in (*PEOPLE, "elin@example.org"):
            people.add(database, name, "!", "reviewer", "en", must_change=False, now=NIGHT)
        rota.keep(database, KEY, Plan("psow", active=True, minutes=10), "nia", NIGHT)
        week = dict.fromkeys(range(7), ("nia", "ifan"))
        rota.keep_week(database, KEY, "psow", week, "nia", NIGHT)
    yield made
    made.engine.dispose()


def tick(world, place=None):
    on_call.run(world.engine, place or on_call.place_of(PEOPLE, by_mail=False), world.clock)
    dispatching.run_due(world.engine, world.outlets, world.clock)
    return [reference for reference, _ in world.phone.told]


def burn(world, native_id="1", **more):
    world.put(world.message(native_id, FIRE, **more), cursor=native_id)


def alarms(world):
    return [row.facts for row in world.every(select(alarm).where(alarm.c.cleared_at.is_(None), alarm.c.kind == "rota"))]


def test_first_the_one_on_call_then_the_next_then_it_is_said_aloud(world):
    burn(world)
    assert tick(world) == []
    world.clock.forward(minutes=9, seconds=59)
    assert tick(world) == [], "not before its time"
    world.clock.forward(seconds=1)
    assert tick(world) == ["env:NIA"]
    assert tick(world) == ["env:NIA"], "once each"
    world.clock.forward(minutes=10)
    assert tick(world) == ["env:NIA", "env:IFAN"]
    assert alarms(world) == []
    world.clock.forward(minutes=10)
    assert tick(world) == ["env:NIA", "env:IFAN"]
    assert alarms(world) == [{"case": 1, "org": "psow"}]
    (_, words) = world.phone.told[0]
    assert "https://porthor.example.org/case/1" in words
    assert "Mae achos brys yn aros" in words
    assert not any(word in words for word in ("fire", "somebody\n", "children"))


def test_whoever_takes_it_up_stops_it_and_ends_the_alarm(world):
    burn(world)
    tick(world)
    world.clock.forward(minutes=10)
    tick(world)
    with writing(world.engine) as database:
        assert urgent.acknowledge(database, KEY, 1, "nia", world.clock())
        assert not urgent.acknowledge(database, KEY, 1, "ifan", world.clock()), "once"
    world.clock.forward(hours=5)
    assert tick(world) == ["env:NIA"]
    with writing(world.engine) as database:
        assert audit.verify(database, KEY)[1] is None
        assert urgent.of_case(database, 1)["acknowledged_by"] == "nia"


def test_deciding_it_stops_it_and_ends_the_alarm(world):
    burn(world)
    for _ in range(4):
        tick(world)
        world.clock.forward(minutes=10)
    assert alarms(world)
    world.judge(VerdictKind.DELIVER)
    tick(world)
    assert alarms(world) == []


def test_something_new_and_urgent_in_a_case_taken_up_calls_again(world):
    burn(world)
    tick(world)
    with writing(world.engine) as database:
        urgent.acknowledge(database, KEY, 1, "nia", world.clock())
    world.clock.forward(hours=1)
    burn(world, "2")
    tick(world)
    world.clock.forward(minutes=10)
    assert tick(world) == ["env:NIA"]


def test_in_office_hours_nobody_is_called_and_at_closing_time_at_once(world):
    world.clock.now = datetime(2026, 3, 10, 16, 40, tzinfo=UTC)
    burn(world)
    for _ in range(19):
        assert tick(world) == []
        world.clock.forward(minutes=1)
    world.clock.forward(minutes=1)
    assert tick(world) == ["env:NIA"]


def test_a_bank_holiday_is_out_of_hours(world):
    world.clock.now = datetime(2026, 4, 6, 10, 0, tzinfo=UTC)
    burn(world)
    tick(world)
    world.clock.forward(minutes=10)
    assert tick(world) == ["env:NIA"], "Easter Monday"


def test_the_duty_after_midnight_is_that_of_the_day_before(world):
    with writing(world.engine) as database:
        rota.differ(database, KEY, "psow", date(2026, 3, 10), 1, "rhian", "nia", NIGHT)
    world.clock.now = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
    burn(world)
    tick(world)
    world.clock.forward(minutes=10)
    assert tick(world) == ["env:RHIAN"]
    world.clock.forward(minutes=10)
    assert tick(world) == ["env:RHIAN", "env:IFAN"]


def test_who_cannot_be_reached_is_passed_over_and_said(world):
    burn(world)
    tick(world)
    world.phone.dead.add("env:NIA")
    world.clock.forward(minutes=10)
    assert tick(world) == []
    assert tick(world) == ["env:IFAN"], "the next at once, when the service did not take it"
    with writing(world.engine) as database:
        rota.keep_week(database, KEY, "psow", dict.fromkeys(range(7), ("elin@example.org", "rhian")), "nia", NIGHT)
    world.clock.forward(minutes=10)
    assert tick(world) == ["env:IFAN", "env:RHIAN"]
    assert {"name": "elin@example.org"} in alarms(world)


def test_a_deactivated_account_is_not_called(world):
    with writing(world.engine) as database:
        access.set_active(database, KEY, "nia", False, "ifan", NIGHT)
    burn(world)
    tick(world)
    world.clock.forward(minutes=10)
    assert tick(world) == ["env:IFAN"]


def test_without_an_address_in_the_settings_it_goes_by_mail(world):
    with mail_server() as box:
        settings = MailSettings(host="127.0.0.1", port=box.port, security="none", sender="no-reply@ombudsman.example")
        sender = SmtpSender(settings, lambda reference: reference)
        world.outlets = Outlets(policy_of, world.phone, sender, "no-reply@ombudsman.example")
        with writing(world.engine) as database:
            rota.keep_week(database, KEY, "psow", dict.fromkeys(range(7), ("elin@example.org",)), "nia", NIGHT)
        burn(world)
        tick(world)
        world.clock.forward(minutes=10)
        tick(world, on_call.place_of({}, by_mail=True))
        ((_, recipient, told),) = box.mails
    assert recipient == "elin@example.org"
    assert "ar alw" in str(told["Subject"])
    assert "Mae achos brys yn aros" in told.get_content()
    assert world.every(select(dispatch.c.state))[0].state == "done"


def test_the_pack_says_how_long_where_the_rota_does_not(world):
    with writing(world.engine) as database:
        rota.keep(database, KEY, Plan("psow", active=True), "nia", NIGHT)
    burn(world)
    tick(world)
    minutes = policy_of("psow", world.connection.mode).pack.targets.urgent_minutes
    world.clock.forward(minutes=minutes - 1)
    assert tick(world) == []
    world.clock.forward(minutes=1)
    assert tick(world) == ["env:NIA"]


def test_a_rota_that_is_off_calls_nobody(world):
    with writing(world.engine) as database:
        rota.keep(database, KEY, Plan("psow", active=False), "nia", NIGHT)
    burn(world)
    world.clock.forward(hours=5)
    assert tick(world) == []


def test_the_settings_name_where_people_are_called(tmp_path):
    (tmp_path / "porthor.toml").write_text('[on_call.people]\nnia = "env:NIA"\n"elin@example.org" = "env:ELIN"\n')
    assert load({}, tmp_path).file.on_call.people == {"nia": "env:NIA", "elin@example.org": "env:ELIN"}


moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NIGHT + timedelta(minutes=minutes))


@given(moments)
def test_a_duty_begins_at_most_a_day_before_and_hours_are_of_london(now):
    hours = Hours()
    assert 0 <= (now.date() - hours.duty_day(now)).days <= 1
    assert not (hours.staffed(now) and now.weekday() > 4)


def test_summer_time_moves_the_hours():
    hours = Hours()
    assert [hours.staffed(datetime(2026, 7, 1, hour, 30, tzinfo=UTC)) for hour in (7, 8, 15, 16)] == [
        False,
        True,
        True,
        False,
    ]
    assert [clock_time(text) for text in ("09:30", "9:30", "24:00", "09:30Z", "", "x")] == [time(9, 30), *[None] * 5]
