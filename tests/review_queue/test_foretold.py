"""Other limits on the own history: much contact, long letters, targets and thresholds, against what the engine then does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import null, select, update

from classifiers import persistence
from classifiers.calibration import ARTEFACT
from connectors.mail.links import links_in
from models.domain import Action, Channel, ChannelGroup, Mode, VerdictKind
from models.policy import foretold
from models.policy.foretold import Linking, Received, Waited
from models.policy.limits import Limits, Targets
from models.policy.links import EXCESSIVE, LinkFacts
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.movable import PATTERNS, TARGETS, numbers_of, with_all, with_moved
from models.policy.what_if import UnknownLimit
from models.session import reading, writing
from models.store import certificates, changes, foretelling
from models.store.certificates import KeptCertificate
from models.tables import case, decision, enforcement, message, signal
from review_queue import i18n
from tests.fakes.world import ABUSE, START, World

KEY = b"a" * 32
ROADS = ("the bridge", "my bins", "a lamp post", "the library", "our school", "a hedge", "the bus", "my council tax")


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def write(world, count, first=0, author="gwen", text="I would like to know when {} will be seen to, thank you"):
    for n in range(count):
        world.clock.forward(minutes=20)
        world.put(
            world.message(f"w{first + n}", text.format(ROADS[n % len(ROADS)]), author=author), cursor=f"{first + n}"
        )


def approve(world, field, value):
    with writing(world.engine) as database:
        number = changes.propose(database, KEY, "psow", field, value, "nia", world.clock(), "x")
        changes.decide(database, KEY, number, True, "mair", world.clock())


def flagged(world, label=foretold.VOLUME, since=0):
    query = select(decision.c.message_id, decision.c.labels, decision.c.attention).order_by(decision.c.message_id)
    return [row.message_id for row in world.every(query) if label in row.labels and row.message_id > since]


def test_much_contact_is_foretold_as_the_engine_then_sees_it(world):
    write(world, 6)
    pack_day = numbers_of(builtin_pack("psow"))["limits.volume_per_day"]
    before = flagged(world)
    assert len(before) == 6 - pack_day + 1
    with reading(world.engine) as database:
        stricter = changes.tried(database, "psow", "limits.volume_per_day", 2, world.clock())
        looser = changes.tried(database, "psow", "limits.volume_per_day", 50, world.clock())
    assert (stricter.looked_at, stricter.before, stricter.after) == (6, len(before), 5)
    assert looser.after == 0
    assert set(looser.to_nobody) == set(before)
    approve(world, "limits.volume_per_day", 2)
    world.clock.forward(days=30)
    last = world.every(select(message.c.id).order_by(message.c.id.desc()))[0].id
    write(world, 6, first=20)
    assert len(flagged(world, since=last)) == stricter.after, "as foretold"


@given(
    st.lists(st.tuples(st.integers(0, 900_000), st.integers(1, 900)), max_size=30),
    st.integers(2, 8),
    st.integers(2, 20),
)
def test_the_pure_counts_are_those_of_the_detector(pairs, day, week):
    from models.domain import Author, Message, MessageKey
    from models.policy.history import HistoryView, PastMessage

    limits = Limits(volume_per_day=day, volume_per_week=week, length_words_per_day=1_000)
    view, detector = HistoryView.empty(), persistence.PersistenceDetector()
    said = {foretold.VOLUME: 0, foretold.LENGTH: 0}
    history = []
    for number, (seconds, words) in enumerate(sorted(pairs)):
        at, text = START + timedelta(seconds=seconds), "gair " * words
        item = Message(MessageKey("c1", str(number)), Channel.EMAIL, "psow", Author("gwen"), text, at)
        for found in (
            detector._volume(item, view, limits) if view.messages else None,
            detector._length(item, view, limits),
        ):
            if found is not None and found.probability >= persistence.LOOK:
                said[found.label] += 1
        view = view.adding(PastMessage(str(number), at, Channel.EMAIL, "gwen", text))
        history.append(Received(number, 1, at, words, 0, (), ()))
    for label, count in said.items():
        found = foretold.pressing(label, history, limits, limits)
        assert (found.before, found.after, found.to_person) == (count, count, ())


def test_targets_are_foretold_from_how_long_cases_waited(world):
    for n in range(3):
        world.put(world.message(f"a{n}", f"{ABUSE} {n} {ROADS[n]}", author=f"a{n}"), cursor=f"a{n}")
    ids = [row.id for row in world.every(select(case).order_by(case.c.id))]
    for number in ids[:2]:
        world.clock.forward(minutes=50)
        world.judge(VerdictKind.NO_ACTION, case_id=number)
    world.clock.forward(hours=40)
    kinds = {}
    for kind in ("grave", "other"):
        with reading(world.engine) as database:
            kinds[kind] = changes.tried(database, "psow", f"targets.{kind}_minutes", 60, world.clock())
    found = max(kinds.values(), key=lambda one: one.cases)
    assert (found.cases, found.before, found.after, found.differ) == (3, 1, 2, (ids[1],))
    approve(world, "targets.other_minutes", 10)
    approve(world, "targets.grave_minutes", 10)
    world.put(world.message("new", f"{ABUSE} and {ROADS[5]}", author="new"), cursor="new")
    row = world.every(select(case).order_by(case.c.id.desc()))[0]
    assert row.target_at - row.opened_at == timedelta(minutes=10)


@given(st.lists(st.integers(0, 10_000), max_size=20), st.integers(1, 5_000), st.integers(0, 5_000))
def test_a_longer_target_never_makes_a_case_late(minutes, target, more):
    cases = [Waited(n, "other", START, START + timedelta(minutes=m)) for n, m in enumerate(minutes)]
    found = foretold.late("other", cases, Targets(other_minutes=target), Targets(other_minutes=target + more), START)
    assert found.after <= found.before
    assert len(found.differ) == found.before - found.after


def test_a_stricter_threshold_counts_what_would_have_gone_to_a_person(world):
    for n in range(4):
        world.put(world.message(f"a{n}", f"{ABUSE} {ROADS[n]}", author=f"a{n}"), cursor=f"a{n}")
    world.act()
    acted = {row.message_id for row in world.every(select(enforcement))}
    best = {}
    for row in world.every(
        select(signal).where(signal.c.label.in_(["abuse.insult", "abuse.profanity", "abuse.sexual"]))
    ):
        best[row.message_id] = max(row.probability, best.get(row.message_id, 0))
    import json

    kept = KeptCertificate(
        "c1", "psow", "1", "accepted", Mode.ENFORCE, "1", json.loads(ARTEFACT.read_text("utf-8")), "nia", world.clock(),
        world.clock() + timedelta(days=90),
    )  # fmt: skip
    pack, since = builtin_pack("psow"), world.clock() - timedelta(days=90)
    with reading(world.engine) as database:
        assert foretelling.thresholds(database, pack, 0.999, since) == []
    with writing(world.engine) as database:
        certificates.record(database, KEY, kept)
        found = {one.group: one for one in foretelling.thresholds(database, pack, 1.0, since)}
        same = {
            one.group: one for one in foretelling.thresholds(database, pack, found[ChannelGroup.SOCIAL].now_at, since)
        }
    social = found[ChannelGroup.SOCIAL]
    assert social.acted == len(acted) == 4
    assert set(social.to_person) == {number for number in acted if best[number] < 1.0}
    assert same[ChannelGroup.SOCIAL].to_person == ()
    assert found[ChannelGroup.MAIL].acted == 0


@pytest.mark.parametrize("org", sorted(builtin_pack_ids()))
def test_each_number_moves_alone_and_only_within_its_bounds(org):
    pack = builtin_pack(org)
    for field, value in numbers_of(pack).items():
        changed = with_moved(pack, field, value + 1)
        assert numbers_of(changed) == numbers_of(pack) | {field: value + 1}
        assert changed.clauses == pack.clauses
    for field, (low, high) in {**PATTERNS, **TARGETS}.items():
        for value in (low - 1, high + 1):
            with pytest.raises(UnknownLimit):
                with_moved(pack, field, value)
    assert with_all(pack, {"limits.gone": 3}) == pack
    assert Action.HIDE in pack.automation.daily_quota


def test_the_page_says_what_each_kind_would_have_changed(desk):
    form = {"csrf": desk.csrf(), "field": "limits.volume_per_day", "value": "2"}
    assert "Messages that the limit speaks of" in desk.client.post("/policy/psow/try", data=form).text
    tried = desk.client.post("/policy/psow/try", data=form | {"field": "targets.other_minutes"}).text
    assert "Past their time" in tried
    assert desk.client.post("/policy/psow/try", data=form | {"value": "1"}).status_code == 422
    sure = form | {"sure": "yes", "why": "we are few"}
    assert desk.client.post("/policy/psow/try", data=sure).status_code == 303
    assert "messages of one person in a day" in desk.client.get("/policy/psow").text
    assert "No connection has a certificate" in desk.client.get("/policy/psow/threshold?at=95").text
    for wrong in ("", "x", "101", "0", "1e1"):
        assert desk.client.get("/policy/psow/threshold", params={"at": wrong}).status_code == 422, wrong
    assert desk.client.get("/policy/nowhere/threshold?at=95").status_code == 404


def linked(world, number, links, *, hidden=False):
    host = "bit.ly" if hidden else "site{}.example.com"
    text = " ".join(f"https://{host.format(n)}/page-{number}-{n}" for n in range(links))
    text = f"{text} have a look at what they have put up in {ROADS[number % len(ROADS)]} again"
    item = replace(world.message(f"l{number}", text, author=f"l{number}"), links=links_in(text))
    world.put(item, cursor=f"l{number}")


@pytest.fixture
def strict_on_links(monkeypatch):
    """A world in which the number of links alone brings a message before a person."""
    from models.policy.in_force import PolicyInForce

    asked = PolicyInForce.review_at
    monkeypatch.setattr(
        PolicyInForce, "review_at", lambda self, label, group: 0.55 if label == EXCESSIVE else asked(self, label, group)
    )


def test_limits_of_links_are_foretold_as_the_engine_then_sees_them(world, strict_on_links):
    for number in range(6):
        linked(world, number, number)
    before = flagged(world, EXCESSIVE)
    with reading(world.engine) as database:
        stricter = changes.tried(database, "psow", "limits.links_per_post", 2, world.clock())
        mails = changes.tried(database, "psow", "limits.links_per_mail", 2, world.clock())
    assert (stricter.looked_at, stricter.uncounted) == (5, 0), "the one without a link is not looked at"
    assert (stricter.before, stricter.after) == (3, 4)
    assert (mails.before, mails.after) == (3, 3), "posts are no mails"
    approve(world, "limits.links_per_post", 2)
    world.clock.forward(days=30)
    last = world.every(select(message.c.id).order_by(message.c.id.desc()))[0].id
    for number in range(6):
        linked(world, 10 + number, number)
    assert len(before) == stricter.before
    assert len(flagged(world, EXCESSIVE, since=last)) == stricter.after, "as foretold"


def test_messages_from_before_links_were_counted_are_named_and_left_out(desk):
    for number in range(3):
        linked(desk.world, number, 4)
    with writing(desk.world.engine) as database:
        database.execute(update(decision).where(decision.c.message_id != 7).values(links=null()))
        found = changes.tried(database, "psow", "limits.links_per_post", 2, desk.world.clock())
    assert (found.looked_at, found.uncounted) == (1, 2)
    with writing(desk.world.engine) as database:
        database.execute(update(decision).values(decided_at=i18n.utc_now()))
    form = {"csrf": desk.csrf(), "field": "limits.links_per_post", "value": "2"}
    shown = desk.client.post("/policy/psow/try", data=form).text
    assert "since they came before links were counted:" in shown
    assert "It never makes the machine act" in shown


@given(
    st.lists(st.tuples(st.integers(1, 8), st.booleans(), st.booleans(), st.integers(0, 40)), max_size=8),
    st.integers(2, 6),
    st.integers(2, 6),
)
def test_the_pure_counts_of_links_are_those_of_the_detector(pairs, per_post, per_mail):
    from classifiers.link_patterns import LinkPatternsDetector
    from classifiers.links import facts_of
    from models.policy.history import HistoryView
    from tests.classifiers.texts import message as made

    limits = Limits(links_per_post=per_post, links_per_mail=per_mail)
    for links, hidden, mail, words in pairs:
        host = "bit.ly" if hidden else "site{}.example.com"
        text = " ".join(f"https://{host.format(n)}/{n}" for n in range(links)) + " gair" * words
        item = made(text, Channel.EMAIL if mail else Channel.X)
        said = LinkPatternsDetector().detect(item, (), HistoryView.empty(), limits)
        assert facts_of(item).strength(limits, mail=mail) == (said[0].probability if said else 0)


def test_what_else_speaks_of_links_is_not_the_limit_s_doing():
    facts = LinkFacts(3, 20, 1)
    one = Linking(1, False, facts, 0.7, 0.0, 1, (EXCESSIVE,), ())
    loose, now = Limits(links_per_post=9), Limits(links_per_post=3)
    assert foretold.linking([one], now, loose).to_nobody == (1,)
    assert foretold.linking([replace(one, otherwise=0.7)], now, loose).to_nobody == ()
    assert foretold.linking([replace(one, labels=(EXCESSIVE, "spam"))], now, loose).to_nobody == ()
    quiet = replace(one, attention=0, labels=())
    assert foretold.linking([quiet], loose, now).to_person == (1,)
    assert foretold.linking([replace(quiet, look_from=0.9)], loose, now).after == 0, "too few hide where they go"
    assert foretold.linking([replace(quiet, facts=None)], loose, now).uncounted == 1
