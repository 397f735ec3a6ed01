"""Lists that staff keep, through the page, the store and the engine: two people, a dry run, and what never gives way."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.policies import policy_of
from models.domain import Author, Channel, Message, MessageKey, Mode, Signal
from models.policy.decide import decide
from models.policy.history import HistoryView
from models.policy.lists import Entry, Kind, Matches, applied, offered_for
from models.session import reading, writing
from models.store import lists, people
from models.store.agreeing import NotPossible
from models.tables import decision, message
from review_queue import auth
from tests.fakes.world import ABUSE, INNOCENT, START, World
from tests.review_queue.conftest import PASSWORD

KEY = b"a" * 32
THREAT = "I know where you live and I will come to your house and kill you"


@pytest.fixture
def world():
    made = World()
    yield made
    made.engine.dispose()


def keep(world, kind, matches, value, **more):
    with writing(world.engine) as database:
        number = lists.propose(
            database, KEY, *lists.checked(kind, matches, value), "psow", "nia", world.clock(), why="x", **more
        )
        lists.decide(database, KEY, number, True, "mair", world.clock())
    return number


def decided(world, text, native_id="n1", author="somebody", **more):
    world.put(world.message(native_id, text, author=author, **more), cursor=native_id)
    (row,) = world.every(
        select(decision).join(message, message.c.id == decision.c.message_id).where(message.c.native_id == native_id)
    )
    return row


def test_an_allowed_sender_is_delivered_and_a_threat_still_is_not(world):
    assert decided(world, ABUSE, "before").handling == "enforce"
    keep(world, "allow", "sender", "Somebody")
    after = decided(world, ABUSE, "after")
    assert (after.handling, after.actions, "list_allow" in after.rules) == ("deliver", [], True)
    assert decided(world, THREAT, "threat").handling == "urgent"
    assert decided(world, "Mae'r tŷ ar dân ac mae'r plant y tu mewn, helpwch ni nawr", "fire").handling == "urgent"
    assert decided(world, ABUSE, "another", author="somebody else").handling != "deliver"


def test_an_allowed_phrase_does_not_carry_abuse_past_anybody(world):
    keep(world, "allow", "phrase", "thank you kindly", expires_at=world.clock() + timedelta(days=9))
    assert decided(world, f"{ABUSE}, thank you kindly").handling == "enforce"


def test_a_denied_phrase_goes_to_a_person_and_is_never_acted_on(world):
    keep(world, "deny", "phrase", "Mending  the FENCE")
    row = decided(world, INNOCENT)
    assert (row.handling, row.actions, row.proposed) == ("review", [], ["hide"])
    assert "list that staff keep" in row.why_en
    mail = decided(world, INNOCENT, "mail", author="other", channel=Channel.EMAIL)
    assert (mail.actions, mail.proposed) == ([], ["quarantine"])
    assert decided(world, "mending the fences", "words", author="third").handling == "deliver"


def test_a_watched_sender_goes_to_a_person_and_a_professional_is_not_acted_on(world):
    keep(world, "watch", "sender", "@council.example")
    assert decided(world, INNOCENT, "w", author="x@sub.council.example").handling == "review"
    assert decided(world, INNOCENT, "v", author="x@notcouncil.example").handling == "deliver"
    keep(world, "professional", "sender", "cllr")
    row = decided(world, ABUSE, "p", author="cllr")
    assert (row.handling, row.actions, "list_professional" in row.rules) == ("review", [], True)


def test_what_is_proposed_refused_expired_ended_or_elsewhere_does_not_count(world):
    with writing(world.engine) as database:
        waiting = lists.propose(
            database, KEY, Kind.WATCH, Matches.PHRASE, "the fence", "psow", "nia", world.clock(), why="x"
        )
    assert decided(world, INNOCENT, "1").handling == "deliver"
    with writing(world.engine) as database, pytest.raises(NotPossible, match="own"):
        lists.decide(database, KEY, waiting, True, "nia", world.clock())
    with writing(world.engine) as database:
        lists.decide(database, KEY, waiting, False, "nia", world.clock())
        lists.propose(database, KEY, Kind.WATCH, Matches.PHRASE, "the fence", "adra", "nia", world.clock(), why="x")
    number = keep(world, "watch", "phrase", "the fence", expires_at=world.clock() + timedelta(hours=1))
    assert decided(world, INNOCENT, "2").handling == "review"
    world.clock.forward(hours=2)
    assert decided(world, INNOCENT, "3", author="fresh").handling == "deliver"
    with writing(world.engine) as database:
        lists.end(database, KEY, number, "nia", world.clock())
    with writing(world.engine) as database, pytest.raises(NotPossible, match="gone"):
        lists.end(database, KEY, number, "nia", world.clock())


@pytest.mark.parametrize(
    ("kind", "matches", "value", "code"),
    [
        ("watch", "phrase", "  a  ", "short"),
        ("watch", "sender", "@", "sender"),
        ("watch", "sender", "two words", "sender"),
        ("professional", "phrase", "the honourable", "professional_sender"),
        ("hide", "phrase", "words enough", "kind"),
    ],
)
def test_entries_that_cannot_be_are_refused(kind, matches, value, code):
    with pytest.raises(NotPossible, match=code):
        lists.checked(kind, matches, value)


@settings(deadline=None)
@given(st.sampled_from(list(Kind)), st.sampled_from(["abuse.insult", "abuse.threat", "welfare.self_harm", "spam", ""]))
def test_a_list_never_adds_an_action_nor_hides_what_is_urgent(kind, label):
    item = Message(MessageKey("c1", "1"), Channel.X, "psow", Author("somebody"), "some words here", START)
    signals = [Signal(label, 0.999, "test", "1")] if label else []
    before = decide(item, signals, HistoryView.empty(), policy_of("psow", Mode.ENFORCE), START)
    entry = Entry(kind, Matches.SENDER, "somebody")
    after = applied(before, item, [label] if label else [], offered_for(item.channel.group), [entry])
    assert set(after.actions) <= set(before.actions)
    assert before.handling.value != "urgent" or after.handling.value == "urgent"


def test_an_entry_is_tried_proposed_and_agreed_to_by_another_person(desk):
    form = {"csrf": desk.csrf(), "kind": "watch", "compared": "phrase", "value": "mending the fence", "org": "psow"}
    assert desk.client.post("/lists/new", data=form).status_code == 422, "no reason"
    form |= {"why": "<script>alert(9)</script>"}
    tried = desk.client.post("/lists/new", data=form).text
    assert "matched: <strong>1</strong>" in tried
    assert "<script>alert" not in tried
    assert desk.client.post("/lists/new", data=form | {"until": "2001-01-01"}).status_code == 422
    assert desk.client.post("/lists/new", data=form | {"sure": "yes"}).headers["location"] == "/lists?said=proposed"
    assert "waits for a second person" in desk.client.get("/lists").text
    assert "list entries that wait" in desk.client.get("/today").text
    own = desk.client.post("/lists/1/approve", data={"csrf": desk.csrf()})
    assert (own.status_code, "another person" in own.text) == (409, True)
    with writing(desk.world.engine) as database:
        people.add(database, "mair", auth._hasher.hash(PASSWORD), "administrator", "en", False, desk.world.clock())
    other = TestClient(desk.client.app, follow_redirects=False)
    other.post("/sign-in", data={"name": "mair", "password": PASSWORD})
    csrf = other.app.state.page.sessions.read(other.cookies["porthor_session"]).csrf
    assert other.post("/lists/1/approve", data={"csrf": csrf}).status_code == 303
    with reading(desk.world.engine) as database:
        assert [entry.value for entry in lists.in_force(database, desk.world.clock())["psow"]] == ["mending the fence"]
    assert desk.client.post("/lists/1/end", data={"csrf": desk.csrf()}).status_code == 303


def test_harsh_words_in_the_examples_of_a_trial_are_hidden_as_everywhere(desk):
    form = {"csrf": desk.csrf(), "kind": "watch", "compared": "sender", "value": "a", "org": "psow", "why": "x"}
    decided(desk.world, ABUSE, "harsh", author="a")
    tried = desk.client.post("/lists/new", data=form).text
    assert "Examples" in tried
    assert "hidden words" in tried
    assert ABUSE not in tried
