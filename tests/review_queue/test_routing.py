"""Queues with names: rules in order, two people, what shows in every queue, where a reviewer lands, and moving by hand."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from models.domain import Channel, VerdictKind
from models.policy.routing import FIELDS, Facts, Rule, routed
from models.queue_tables import case_note
from models.session import reading, writing
from models.store import casework, lists, people, queue, routing
from models.store.agreeing import NotPossible
from models.store.queue import QueueFilter
from models.tables import audit_event, case
from review_queue import auth
from tests.fakes.world import ABUSE, KEY, World
from tests.review_queue.conftest import NAME, PASSWORD

FIRE = "Mae'r tŷ ar dân ac mae'r plant y tu mewn, helpwch ni nawr"


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def named(world, name="Tai", org="psow"):
    with writing(world.engine) as database:
        return routing.name_queue(database, KEY, org, name, f"{name} (en)", "nia", world.clock())


def lead(world, queue_id, position=routing.TRIED_ON_AT_MOST, **conditions):
    with writing(world.engine) as database:
        rule = Rule(queue_id, routing.checked(conditions))
        number = routing.propose(database, KEY, "psow", rule, position, "x", "nia", world.clock())
        routing.decide(database, KEY, number, True, "mair", world.clock())
    return number


def stands(world):
    return {row.id: row.queue_id for row in world.every(select(case).order_by(case.c.id))}


def abuse(world, author, text="", **more):
    message = world.message(f"m-{author}", f"{ABUSE} {text}", author=author)
    world.put(replace(message, **more), cursor=author)


values = st.frozensets(st.sampled_from("abcd"), max_size=3)


@given(st.lists(st.tuples(st.integers(1, 3), st.dictionaries(st.sampled_from(FIELDS), st.lists(st.sampled_from("abcd"), min_size=1)))), values, values)  # fmt: skip
def test_the_first_rule_that_fits_counts(pairs, labels, clauses):
    facts = Facts("a", "b", labels, clauses, "c", frozenset({"d"}), frozenset())
    rules = [Rule(number, {field: tuple(found) for field, found in asked.items()}) for number, asked in pairs]
    fitting = [rule.queue_id for rule in rules if rule.fits(facts)]
    assert routed(rules, facts) == (fitting[0] if fitting else None)
    for rule in rules:
        assert not rule.fits(facts) or all(set(found) & facts.of(field) for field, found in rule.conditions.items())


def test_recipients_fit_by_address_and_by_domain():
    facts = Facts("email", "c1", frozenset(), frozenset(), "cy", frozenset({"tai@sub.council.example"}), frozenset())
    for value, fits in (("@council.example", True), ("tai@sub.council.example", True), ("@ncil.example", False)):
        assert Rule(1, {"recipient": (value,)}).fits(facts) is fits
    assert not Rule(1, {}).fits(facts)


def test_cases_go_where_the_first_rule_says_from_then_on(world):
    abuse(world, "before")
    housing, welsh = named(world), named(world, "Cymraeg")
    lead(world, housing, channel=["x"])
    lead(world, welsh, position=1, lang=["cy"])
    abuse(world, "after")
    world.put(world.message("cy", "Rwyt ti'n ffycin twpsyn diwerth, cer i grafu", author="w"))
    mail = replace(world.message("mail", ABUSE, author="m", channel=Channel.EMAIL), to=("tai@council.example",))
    world.put(mail, cursor="mail")
    assert list(stands(world).values())[:2] == [None, housing]
    assert welsh in stands(world).values(), "a rule put before another comes first"
    assert stands(world)[max(stands(world))] is None, "no rule fits the mail"


def test_lists_and_recipients_lead_and_an_ended_rule_does_not(world):
    complaints = named(world)
    first = lead(world, complaints, list=["watch"])
    lead(world, complaints, recipient=["@Council.example"])
    with writing(world.engine) as database:
        watch = lists.propose(
            database, KEY, *lists.checked("watch", "sender", "w"), "psow", "nia", world.clock(), why="x"
        )
        lists.decide(database, KEY, watch, True, "mair", world.clock())
    abuse(world, "w")
    abuse(world, "m", channel=Channel.EMAIL, to=("tai@council.example",))
    with writing(world.engine) as database:
        routing.end(database, KEY, first, "nia", world.clock())
        with pytest.raises(NotPossible, match="in_use"):
            routing.end_queue(database, KEY, complaints, "nia", world.clock())
    world.judge(VerdictKind.NO_ACTION, case_id=1)
    world.clock.forward(hours=1)
    world.put(world.message("again", f"{ABUSE} you lot", author="w"), cursor="again")
    assert list(stands(world).values()) == [complaints, complaints, None]


def test_nothing_counts_before_a_second_person_agrees(world):
    housing = named(world)
    with writing(world.engine) as database:
        rule = Rule(housing, {"channel": ("x",)})
        number = routing.propose(database, KEY, "psow", rule, 1, "x", "nia", world.clock())
        for by, code in (("nia", "own"),):
            with pytest.raises(NotPossible, match=code):
                routing.decide(database, KEY, number, True, by, world.clock())
        with pytest.raises(NotPossible, match="queue"):
            routing.propose(database, KEY, "adra", rule, 1, "x", "nia", world.clock())
        with pytest.raises(NotPossible, match="empty"):
            routing.checked({"channel": [" "], "unknown": ["x"]})
        with pytest.raises(NotPossible, match="name"):
            routing.name_queue(database, KEY, "psow", "TAI", "else", "nia", world.clock())
    abuse(world, "a")
    assert list(stands(world).values()) == [None]
    with writing(world.engine) as database:
        routing.decide(database, KEY, number, False, "mair", world.clock())
        with pytest.raises(NotPossible, match="gone"):
            routing.decide(database, KEY, number, True, "mair", world.clock())
        routing.end_queue(database, KEY, housing, "nia", world.clock())
        assert routing.queues(database) == []


def test_the_trial_says_what_then_happens(world):
    for n in range(4):
        abuse(world, f"x{n}", f"about the road number {n}")
    abuse(world, "m", channel=Channel.EMAIL)
    housing, other = named(world), named(world, "Arall")
    lead(world, other, channel=["email"])
    rule = Rule(housing, {"channel": ("x", "email")})
    with reading(world.engine) as database:
        last, first = (routing.tried(database, "psow", rule, place) for place in (routing.TRIED_ON_AT_MOST + 9, 1))
    assert (last.looked_at, last.matched) == (5, 5)
    assert last.moved == {(None, housing): 4}
    assert first.moved == {(None, housing): 4, (other, housing): 1}
    assert len(first.examples) == 5


def test_the_urgent_and_any_risk_show_in_every_queue(world):
    housing, other = named(world), named(world, "Arall")
    lead(world, housing, channel=["x"])
    abuse(world, "a")
    world.put(world.message("fire", FIRE, author="gwen"))
    with reading(world.engine) as database:
        shown = {number: queue.numbers(database, QueueFilter(queues=(number,))) for number in (housing, other, 0)}
    urgent = next(row.id for row in world.every(select(case)) if row.attention == 2)
    plain = next(row.id for row in world.every(select(case)) if row.attention < 2)
    assert shown == {housing: [urgent, plain], other: [urgent], 0: [urgent]}


def test_what_is_taken_out_of_a_campaign_stays_in_its_queue(world):
    housing = named(world)
    lead(world, housing, channel=["x"])
    words = "Please keep the library in Stryd Fawr open, our children need it and you promised it to us in March"
    for n in range(5):
        world.put(world.message(f"p{n}", f"{ABUSE}. {words}", author=f"p{n}"), cursor=f"p{n}")
    campaign = next(row for row in world.every(select(case)) if row.campaign)
    items = world.every(select(casework.case_item.c.message_id).where(casework.case_item.c.case_id == campaign.id))
    with writing(world.engine) as database:
        made = casework.take_out(database, campaign.id, [items[0].message_id], world.clock())
    assert stands(world)[made[0]] == housing


def second(desk):
    with writing(desk.world.engine) as database:
        people.add(database, "mair", auth._hasher.hash(PASSWORD), "administrator", "en", False, desk.world.clock())
    other = TestClient(desk.client.app, follow_redirects=False)
    other.post("/sign-in", data={"name": "mair", "password": PASSWORD})
    return other, other.app.state.page.sessions.read(other.cookies["porthor_session"]).csrf


def test_the_page_names_tries_proposes_agrees_and_a_member_lands_there(desk):
    post, csrf = desk.client.post, desk.csrf()
    assert post("/queues/new", data={"csrf": csrf, "org": "psow", "name_cy": "Tai"}).status_code == 422
    hostile = {"csrf": csrf, "org": "psow", "name_cy": "<script>alert(1)</script>", "name_en": "Housing"}
    assert post("/queues/new", data=hostile).headers["location"] == "/queues?said=named"
    assert "<script>alert" not in desk.client.get("/queues", headers={"accept-language": "cy"}).text
    form = {"csrf": csrf, "org": "psow", "queue": "1", "channel": ["x", "bluesky"], "recipient": "a@b.example\n"}
    assert post("/queues/rules/new", data=form).status_code == 422, "no reason"
    form |= {"why": "they know houses"}
    assert post("/queues/rules/new", data=form | {"channel": [], "recipient": " "}).status_code == 422
    assert post("/queues/rules/new", data=form | {"queue": "7"}).status_code == 422
    tried = post("/queues/rules/new", data=form)
    assert (tried.status_code, "It would have changed nothing" in tried.text) == (200, True)
    form["recipient"] = ""
    assert "default queue → Housing" in post("/queues/rules/new", data=form).text
    assert post("/queues/rules/new", data=form | {"sure": "yes"}).headers["location"] == "/queues?said=proposed"
    assert "waits for a second person" in desk.client.get("/queues").text
    assert "rules of queues that wait" in desk.client.get("/today").text
    assert post("/queues/rules/1/approve", data={"csrf": csrf}).status_code == 409
    other, theirs = second(desk)
    assert "Agree: put it in force" in other.get("/queues/rules/1").text
    assert other.post("/queues/rules/1/approve", data={"csrf": theirs}).status_code == 303
    abuse(desk.world, "fresh", "with your gate")
    assert post("/queues/1/join", data={"csrf": csrf, "name": NAME}).headers["location"] == "/queues?said=member"
    landed = desk.client.get("/").text
    assert "My queues" in landed
    everything = desk.client.get("/?queue=all").text
    assert landed.count("data-case=") < everything.count("data-case=")
    assert "Housing (1)" in landed
    assert post("/queues/1/leave", data={"csrf": csrf, "name": NAME}).status_code == 303
    assert desk.client.get("/").text.count("data-case=") == everything.count("data-case=")
    assert post("/queues/rules/1/end", data={"csrf": csrf}).status_code == 303
    assert post("/queues/1/end", data={"csrf": csrf}).headers["location"] == "/queues?said=ended"
    assert desk.client.get("/?queue=1").status_code == 200


def test_a_case_is_moved_by_hand_with_a_reason_and_stays_there(desk):
    world, csrf = desk.world, desk.csrf()
    housing, elsewhere = named(world), named(world, "Adra", org="adra")
    there = {"csrf": csrf, "to": str(housing)}
    assert desk.client.post("/case/1/queue", data=there).headers["location"] == "/case/1?said=why"
    assert "say why" in desk.client.get("/case/1?said=why").text
    assert stands(world)[1] is None
    wrong = desk.client.post("/case/1/queue", data=there | {"to": str(elsewhere), "note": "x"})
    assert wrong.status_code == 404, "another organisation's queue"
    assert desk.client.post("/case/1/queue", data=there | {"note": "it is about rent"}).status_code == 303
    assert "queue: Tai (en)" in " ".join(desk.client.get("/case/1").text.split())
    other = named(world, "Arall")
    lead(world, other, channel=["x"])
    abuse(world, "somebody", "and more of it")
    assert stands(world)[1] == housing, "no rule moves what a person has put somewhere"
    assert world.every(select(case_note.c.text)) == [("it is about rent",)]
    assert "case.queue" in [row.what for row in world.every(select(audit_event.c.what))]
