"""Learning from verdicts: what counts, what never trains, what is refused, and that it really learns."""

from dataclasses import dataclass

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot.cli.errors import CommandError
from bot.intake import take_in
from bot.learning.history_diff import history_diff
from bot.learning.learn import learn
from bot.learning.verdicts import judgements, standing
from bot.local_models import LocalModels
from classifiers import linear
from models.domain import Action, VerdictKind
from models.guarantee_tables import blind_draw
from models.session import reading, writing
from models.store import blind, cases, models_in_force, reopening
from models.store.blind import Judgement, Stratum
from models.tables import audit_event, case, case_item, decision, message
from tests.fakes.guarantee import KEY, keep_layer
from tests.fakes.world import ABUSE, INNOCENT, World

LOCAL = ("planning", "harbour", "school", "road", "bins", "library", "pool", "market", "bridge", "rates")


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


@dataclass
class Row:
    case_id: int
    kind: str
    reason: str = ""


kinds = st.sampled_from([kind.value for kind in VerdictKind])


@given(st.lists(st.builds(Row, st.integers(1, 3), kinds, st.sampled_from(["", "irony"])), max_size=12))
def test_an_undone_verdict_never_counts(rows):
    for case_id, row in standing(rows).items():
        mine = [one for one in rows if one.case_id == case_id]
        assert row in mine
        assert row.kind in {"deliver", "enforce"} or (row.kind, row.reason) == ("no_action", "irony")
        if len(mine) >= 2 and mine[-1].kind == "undo":
            before = next((one for one in reversed(mine) if one.kind != "undo"), None)
            assert row is not before


def verdict(world, case_id, kind, actions=(), reason=""):
    with writing(world.engine) as database:
        version = database.execute(select(case.c.version).where(case.c.id == case_id)).scalar_one()
        cases.record_verdict(database, KEY, case_id, version, kind, actions, "nia", world.clock(), reason=reason)


def learned_from(world, for_training=True):
    with reading(world.engine) as database:
        return judgements(database, for_training)


def test_an_enforced_message_bears_its_likeliest_harm_and_a_delivered_one_none(world):
    world.put(world.message("1", ABUSE), world.message("2", ABUSE, author="b"))
    verdict(world, 1, VerdictKind.ENFORCE, [Action.HIDE])
    verdict(world, 2, VerdictKind.DELIVER)
    first, second = learned_from(world)
    assert (first.harmful, list(first.known.values())) == (True, [True])
    assert (second.harmful, set(second.known.values())) == (False, {False})
    verdict(world, 1, VerdictKind.UNDO)
    assert [one.message_id for one in learned_from(world)] == [2]


def test_the_reason_decides_what_a_verdict_teaches(world):
    world.put(*[world.message(str(n), f"{ABUSE} {LOCAL[n]}", author=f"a{n}") for n in range(5)])
    world.put(world.message("plain", INNOCENT, author="b"))
    with writing(world.engine) as database:
        reopening.to_person(database, 6, world.clock())
    verdict(world, 1, VerdictKind.DELIVER, reason="criticism")
    verdict(world, 2, VerdictKind.DELIVER, reason="quoted")
    verdict(world, 3, VerdictKind.NO_ACTION, reason="irony")
    verdict(world, 4, VerdictKind.NO_ACTION)
    verdict(world, 5, VerdictKind.ENFORCE, [Action.HIDE], reason="missed")
    verdict(world, 6, VerdictKind.ENFORCE, [Action.HIDE], reason="missed")
    found = {one.message_id: one for one in learned_from(world)}
    assert set(found) == {1, 2, 3, 5, 6}, "that nothing is done says nothing without a reason"
    assert "abuse.insult" in found[1].known
    assert "abuse.insult" not in found[2].known, "quoted abuse does not teach that its words are harmless"
    assert found[2].known["spam.phishing"] is False
    assert (found[3].harmful, found[3].known["abuse.insult"]) == (False, False)
    assert (found[5].harmful, found[5].known != {}) == (True, True)
    assert (found[6].harmful, found[6].known) == (True, {}), "too little was seen: it measures, it teaches no label"
    assert [found[number].reason for number in sorted(found)] == ["criticism", "quoted", "irony", "missed", "missed"]


def test_what_came_into_the_case_after_the_verdict_was_not_judged(world):
    world.put(world.message("1", ABUSE))
    verdict(world, 1, VerdictKind.ESCALATE)
    verdict(world, 1, VerdictKind.DELIVER)
    world.clock.forward(hours=1)
    with writing(world.engine) as database:
        database.execute(update(case).values(state="open"))
    world.put(world.message("2", ABUSE + " again"))
    assert [one.message_id for one in learned_from(world)] == [1]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_a_blind_verdict_never_trains_nor_does_its_author(drawn):
    world = World()
    try:
        world.put(*[world.message(str(n), f"{ABUSE} {LOCAL[n]}", author=f"a{n}") for n in range(3)])
        for number in (1, 2, 3):
            verdict(world, number, VerdictKind.ENFORCE, [Action.HIDE])
        before = {one.message_id for one in learned_from(world)}
        with writing(world.engine) as database:
            for row in [dict(r) for r in database.execute(select(message)).mappings()]:
                if drawn[int(row["native_id"])]:
                    blind.keep(database, row, _draw(world))
                    blind.record(database, KEY, row["id"], Judgement.LEGITIMATE, "ifan", world.clock())
        with reading(world.engine) as database:
            sampled = set(database.execute(select(blind_draw.c.message_id)).scalars())
        assert {one.message_id for one in learned_from(world)} == before - sampled
        assert {one.message_id for one in learned_from(world, for_training=False)} == before
    finally:
        world.engine.dispose()


def _draw(world):
    return blind.Draw(Stratum.ACTION, 0.02, second=False, act_at=0.9, model_version="1", pack_id="psow", pack_version="1", drawn_at=world.clock())  # fmt: skip


def test_too_few_verdicts_are_refused_with_their_number(world, tmp_path):
    world.put(world.message("1", ABUSE))
    verdict(world, 1, VerdictKind.DELIVER)
    with pytest.raises(CommandError, match="too few verdicts to learn from: 1 judged"):
        learn(world.engine, tmp_path, world.clock())
    assert list(tmp_path.iterdir()) == []


def house(world, n=90):
    """A house whose people deliver 'muppet' and enforce 'gobshite', told apart by nothing the heads know."""
    items = []
    for number in range(n):
        word = "gobshite" if number % 2 else "muppet"
        text = f"what a {word} you are about the {LOCAL[number % 10]}, case {number % 7}"
        items.append(world.message(str(number), text, author=f"person{number}"))
    take_in(world.engine, "c1", world.batch(*items), world.clock())
    world.pipeline.run()
    with writing(world.engine) as database:
        for row in database.execute(select(message)).all():
            _into_a_case(database, row, world)
    with reading(world.engine) as database:
        rows = database.execute(
            select(case_item.c.case_id, message.c.own_text).join(message, message.c.id == case_item.c.message_id)
        ).all()
    for row in rows:
        harmful = "gobshite" in row.own_text
        verdict(world, row.case_id, VerdictKind.ENFORCE if harmful else VerdictKind.DELIVER, [])


def _into_a_case(database, row, world):
    """See to it that each message stands in a case that points out an insult, as the queue would have it."""
    database.execute(update(decision).where(decision.c.message_id == row.id).values(labels=["abuse.insult"]))
    if database.execute(select(case_item).where(case_item.c.message_id == row.id)).first() is None:
        made = database.execute(
            case.insert().values(
                contact_id=row.contact_id, org="psow", state="open", attention=1, weight=1.0, opened_at=world.clock(),
                updated_at=world.clock(), version=1,
            )
        )  # fmt: skip
        database.execute(case_item.insert().values(case_id=made.inserted_primary_key[0], message_id=row.id))


@pytest.mark.slow
def test_it_learns_what_a_house_means_and_is_measured_on_contacts_it_never_saw(world, tmp_path):
    house(world)
    made = learn(world.engine, tmp_path, world.clock())
    (overall, insult) = (made.report.labels[0], next(x for x in made.report.labels if x.label == "abuse.insult"))
    assert overall.n == 90
    assert insult.contacts == 90
    assert insult.brier_after.value < insult.brier_before.value
    assert insult.auc_after.value > 0.9 > insult.auc_before.value
    assert "false actions" in made.report.to_text()
    card = orjson.loads((made.folder / "card.json").read_bytes())
    assert (card["base"], card["judged"]) == (linear.load().version, 90)
    assert "muppet" not in orjson.dumps(card).decode()
    models = LocalModels(world.engine, tmp_path, world.registry)
    assert models.candidate().version == made.layer.version
    assert models.registry().layer is None, "never by itself"
    after = world.registry.with_layer(models.layer(made.layer.version))
    changes = history_diff(world.engine, world.registry, after)
    assert changes.n == 90
    assert "muppet" not in changes.to_text()


def test_the_diff_tells_right_from_wrong_by_what_people_decided(world, tmp_path):
    world.put(world.message("1", ABUSE), world.message("2", INNOCENT, author="b"))
    verdict(world, 1, VerdictKind.DELIVER)
    milder = world.registry.with_layer(keep_layer(tmp_path, -20.0))
    found = history_diff(world.engine, world.registry, milder)
    (change,) = found.changes
    assert (change.message_id, change.people) == (1, "delivered")
    assert change.verdict == ("right" if change.acts_before else "no action changes")
    assert "1 of 2 messages would be decided differently" in found.to_text()


def test_the_command_needs_a_name_puts_in_force_and_returns(tmp_path):
    import typer

    from bot.cli.learn import command

    app = typer.Typer()
    app.command()(command)
    data = tmp_path / "data"
    keep_layer(data / "models", 0.0)

    def run(*words):
        return CliRunner().invoke(app, [*words, "--data-dir", str(data)])

    assert "put in force by a person only" in str(run("--use", "local-test").exception)
    assert "no local layer is called" in str(run("--use", "nothing", "--by", "nia").exception)
    assert "put in force by nia" in run("--use", "local-test", "--by", "nia").output
    assert "stands in force already" in str(run("--use", "local-test", "--by", "nia").exception)
    assert "would be decided differently" in run("--diff", "local-test").output
    assert "trained heads put in force by nia" in run("--back", "--by", "nia").output
    from models.session import open_store

    engine = open_store(f"sqlite:///{data / 'porthor.sqlite3'}")
    with reading(engine) as database:
        assert models_in_force.ever(database) == ["local-test", ""]
        assert list(database.execute(select(audit_event.c.what)).scalars()) == ["model.in_force"] * 2
    engine.dispose()
