"""From the first insult to the end of a restriction: the bot proposes incidents, keeps to measures and lets clocks act."""

import pytest
from sqlalchemy import select, update

from bot import formal_clock, standing_blocks
from models.domain import Channel
from models.formal_tables import incident, measure
from models.measures.steps import FormalWarning, Review, ReviewOutcome
from models.measures.terms import Terms
from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store import audit
from models.store.formal import incidents, letters, offices, people, sealed
from models.store.formal.desk import Desk
from models.tables import decision, message
from tests.fakes.desks import KEY
from tests.fakes.formal import need, restricted, taken
from tests.fakes.world import ABUSE, INNOCENT, World
from tests.fakes.world import policy_of as real_policy

PACK = builtin_pack("psow")
CLOSED = (Terms("block_contact", channels=(Channel.EMAIL,)), Terms("block_social"))


@pytest.fixture
def world():
    made = World()
    with writing(made.engine) as database:
        for role in PACK.roles:
            offices.appoint(database, KEY, role.id, PACK, role.id, "root", made.clock())
    yield made
    made.engine.dispose()


def desk(world, database, name="hopsc"):
    return Desk(database, KEY, PACK, offices.officer(database, name, "psow", world.clock()), world.clock())


def mail(world, native_id, text, author="g@example.org"):
    return world.message(native_id, text, author=author, channel=Channel.EMAIL)


def restrict(world, measures=CLOSED):
    """Uphold two incidents around a warning, and restrict."""
    world.put(mail(world, "1", ABUSE))
    person = world.every(select(message.c.contact_id))[0].contact_id
    with writing(world.engine) as database:
        incidents.uphold(desk(world, database, "tm"), 1, "read it")
        done = desk(world, database).warn(person, FormalWarning(0, (1,), taken("x"), "stop"))
        letter = letters.of_measure(database, done.number)[0]
        letters.fulfil(database, KEY, letter["id"], PACK, world.clock(), by_post=False, by="post")
    world.clock.forward(days=1)
    world.put(mail(world, "2", ABUSE))
    world.clock.forward(hours=1)
    with writing(world.engine) as database:
        incidents.uphold(desk(world, database, "tm"), 2, "read it")
        draft = restricted("psow", world.clock(), 2, measures=measures, number=0)
        return person, desk(world, database).restrict(person, draft).number


def test_a_decision_proposes_an_incident_that_counts_for_nothing(world):
    world.put(mail(world, "1", ABUSE), mail(world, "2", INNOCENT, author="b@example.org"))
    found = world.every(select(incident))
    assert [(row.message_id, row.state) for row in found] == [(1, "proposed")]
    assert found[0].detail["clauses"]
    with reading(world.engine) as database:
        assert sealed.altered(database, KEY) == []


def test_the_bot_keeps_to_a_measure_until_a_person_ends_it(world):
    person, number = restrict(world)
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 1
    world.act()
    assert ("block", "g@example.org") in world.platform.in_force
    world.put(mail(world, "3", "I write about the bridge again, as before."))
    last = world.every(select(decision).order_by(decision.c.id.desc()))[0]
    assert "closed_channel" in last.rules or "novelty_to_person" in last.rules
    with writing(world.engine) as database:
        draft = Review(0, number, ReviewOutcome.END, taken("x"), "settled")
        desk(world, database).review(person, draft)
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 1
    world.act()
    assert ("block", "g@example.org") not in world.platform.in_force
    with reading(world.engine) as database:
        assert audit.verify(database, KEY)[1] is None
        assert sealed.altered(database, KEY) == []


def test_a_measure_that_closes_the_telephone_leaves_mail_alone(world):
    restrict(world, (Terms("block_contact", channels=(Channel.TELEPHONE,)),))
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 0
    world.put(mail(world, "3", INNOCENT))
    last = world.every(select(decision).order_by(decision.c.id.desc()))[0]
    assert "closed_channel" not in last.rules


def test_a_need_that_becomes_known_stops_the_machine(world):
    person, _ = restrict(world)
    with writing(world.engine) as database:
        people.note(desk(world, database), person, need("an illness"))
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 0
    world.put(mail(world, "3", ABUSE))
    last = world.every(select(decision).order_by(decision.c.id.desc()))[0]
    assert last.actions == []
    assert "adjustment_no_automation" in last.rules


def test_an_account_on_a_platform_is_blocked_by_a_measure_and_only_that_block_is_lifted(world):
    person, number = restrict(world)
    world.put(world.message("x1", INNOCENT, author="joneshandle", channel=Channel.X))
    with writing(world.engine) as database:
        database.execute(update(message).where(message.c.author == "joneshandle").values(contact_id=person))
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 2
    world.act()
    assert ("block", "joneshandle") in world.platform.in_force
    with writing(world.engine) as database:
        desk(world, database).review(person, Review(0, number, ReviewOutcome.END, taken("x"), "settled"))
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 2
    world.act()
    assert world.platform.in_force & {("block", "joneshandle"), ("block", "g@example.org")} == set()


def test_the_clock_ends_what_nobody_reviewed(world):
    _, number = restrict(world)
    assert formal_clock.tick(world.engine, KEY, world.clock).ended == 0
    world.clock.forward(days=190)
    assert formal_clock.tick(world.engine, KEY, world.clock).ended == 1
    assert formal_clock.tick(world.engine, KEY, world.clock).ended == 0
    (state,) = world.every(select(measure.c.state).where(measure.c.id == number))
    assert state.state == "ended"
    assert standing_blocks.keep(world.engine, real_policy, world.clock) == 0, "it was never set"


def test_roles_are_given_and_the_trail_is_proved_from_the_command_line(tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from bot.cli import audit as proving
    from bot.cli import roles
    from bot.cli.errors import CommandError
    from models.session import open_store
    from models.store import people as staff

    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'porthor.sqlite3'}"
    engine = open_store(url)
    with writing(engine) as database:
        staff.add(database, "nia", "x", "reviewer", "cy", must_change=False, now=World().clock())
    run = CliRunner()
    assert "nia is tm in psow" in run.invoke(roles.command, ["give", "nia", "psow", "tm"]).output
    assert "nia" in run.invoke(roles.command, ["list", "psow"]).output
    assert isinstance(run.invoke(roles.command, ["give", "nobody", "psow", "tm"]).exception, CommandError)
    assert isinstance(run.invoke(roles.command, ["give", "nia", "psow", "king"]).exception, CommandError)
    proved = run.invoke(proving.command, ["verify"])
    assert (proved.exit_code, "1 events" in proved.output) == (0, True)
    with writing(engine) as database:
        database.exec_driver_sql("UPDATE office SET role = 'edcl'")
    engine.dispose()
    broken = run.invoke(proving.command, ["verify"])
    assert (broken.exit_code, "office:1 does not hold" in broken.output) == (1, True)
