"""Casework through the pages: claims, campaigns, two at once, care, search, what is said beforehand, and the layout of mail."""

import re
import threading
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from bot.intake import take_in
from connectors.base import Batch, Fetched
from models.domain import Action, Attention, Author, Channel, VerdictKind
from models.policy.limits import Targets
from models.session import reading, writing
from models.store import cases, casework, claims, people, ranking, reviewers
from models.store import queue as queues
from models.store.cases import CaseMoved
from models.store.queue import QueueFilter
from models.tables import audit_event, case, case_item, verdict
from review_queue import auth, differences, effects, marks
from review_queue.mail_html import laid_out
from tests.fakes.world import ABUSE, KEY, START
from tests.review_queue.conftest import HOSTILE, NAME, PASSWORD
from tests.review_queue.shift import NEWS, PETITION


def rows(desk, *columns):
    with reading(desk.world.engine) as database:
        return database.execute(select(*columns)).all()


def listed(desk, **wanted):
    with reading(desk.world.engine) as database:
        return [row.case["id"] for row in queues.queue(database, QueueFilter(**wanted), 50, 0)[0]]


def post(desk, path, **form):
    return desk.client.post(path, data={"csrf": desk.csrf(), **form})


def verdict_on(desk, case_id, kind, **form):
    page = desk.client.get(f"/case/{case_id}").text
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    return post(desk, f"/case/{case_id}/verdict", version=version, kind=kind, **form)


@pytest.fixture
def campaign(desk):
    """Five people with the same letter, one of them with something new in it; return the case."""
    world = desk.world
    letters = [world.message(f"p{n}", PETITION + (NEWS if n == 3 else ""), author=f"friend{n}") for n in range(5)]
    world.put(*letters, cursor="2")
    (found,) = [row.id for row in rows(desk, case.c.id, case.c.campaign) if row.campaign]
    return found


@pytest.fixture
def other(desk):
    """A second reviewer, signed in."""
    with writing(desk.world.engine) as database:
        people.add(database, "ifan", auth._hasher.hash(PASSWORD), "reviewer", "en", must_change=False, now=START)
    client = TestClient(desk.client.app, follow_redirects=False)
    client.post("/sign-in", data={"name": "ifan", "password": PASSWORD})
    return client


def test_a_campaign_is_one_row_and_one_verdict_with_the_news_apart(desk, campaign):
    page = desk.client.get("/").text
    assert page.count("Campaign: 5 people, the same words") == 1
    assert "friend3" not in [row.author_name for row in rows(desk, case.c.id.label("author_name"))]
    card = desk.client.get(f"/case/{campaign}").text
    assert "Elin Pritchard" in card
    (ticked,) = re.findall(r'name="apart" value="(\d+)" form="verdict" checked', card)
    assert verdict_on(desk, campaign, "hide", apart=ticked).status_code == 303
    desk.world.act()
    hidden = {key for effect, key in desk.world.platform.in_force if effect == "hide"}
    assert {"p0", "p1", "p2", "p4"} <= hidden
    assert "p3" not in hidden
    with reading(desk.world.engine) as database:
        own = select(case.c.state, case.c.id).join(case_item, case_item.c.case_id == case.c.id)
        (row,) = database.execute(own.where(case_item.c.message_id == int(ticked))).all()
    assert (row.state, row.id != campaign) == ("open", True)
    assert verdict_on(desk, campaign, "undo").headers["location"].endswith("said=undone")
    desk.world.act()
    assert not {"p0", "p1", "p2", "p4"} & {key for effect, key in desk.world.platform.in_force if effect == "hide"}


def test_a_campaign_that_goes_on_after_its_verdict_says_what_was_decided(desk, campaign):
    verdict_on(desk, campaign, "no_action")
    desk.world.put(desk.world.message("p9", PETITION, author="late"), cursor="3")
    (again,) = [row.id for row in rows(desk, case.c.id, case.c.follows_id) if row.follows_id == campaign]
    page = desk.client.get(f"/case/{again}").text
    assert "The same words were decided before" in page
    assert "no action taken" in page


def test_a_case_that_joined_a_campaign_leads_to_it(desk):
    world = desk.world
    for n in range(4):
        world.put(
            world.message(f"h{n}", f"{ABUSE}, all of you at the council offices", author=f"mob{n}"), cursor=f"{n + 5}"
        )
    joined = [row for row in rows(desk, case.c.id, case.c.joined_into) if row.joined_into]
    assert joined
    answer = desk.client.get(f"/case/{joined[0].id}")
    assert answer.headers["location"] == f"/case/{joined[0].joined_into}"
    with reading(world.engine) as database:
        assert cases.unaccounted(database) == []


def test_an_urgent_message_never_hides_in_a_campaign(desk, campaign):
    urgent = desk.world.message("u1", f"{PETITION} I will kill myself tonight, I have the tablets here", author="sad")
    desk.world.put(urgent, cursor="9")
    with reading(desk.world.engine) as database:
        own = select(case.c.attention, case.c.campaign).join(case_item, case_item.c.case_id == case.c.id)
        found = database.execute(own.where(case.c.id != campaign, case.c.attention == Attention.URGENT.value)).all()
    assert found
    assert not any(row.campaign for row in found)


def test_a_claim_is_seen_by_others_and_lapses(desk, other):
    desk.client.get("/case/1")
    assert f"<strong>{NAME}</strong>" in other.get("/case/1").text
    assert f"<span data-holder>{NAME}</span>" in other.get("/").text
    assert other.post("/case/1/claim", data={"csrf": "wrong"}).status_code == 403
    with writing(desk.world.engine) as database:
        (held,) = database.execute(select(case.c.claimed_until).where(case.c.id == 1)).scalars()
        assert claims.claim(database, 1, "ifan", held - timedelta(seconds=1)) == NAME
        assert claims.claim(database, 1, "ifan", held) is None
    assert post(desk, "/case/1/claim").status_code == 409
    assert "ifan" in desk.client.get("/case/1").text


def test_two_threads_with_one_verdict_each_give_one(desk):
    with reading(desk.world.engine) as database:
        version = database.execute(select(case.c.version).where(case.c.id == 1)).scalar_one()
    said, ready = [], threading.Barrier(2)

    def judge(name):
        ready.wait()
        try:
            with writing(desk.world.engine) as database:
                cases.record_verdict(database, KEY, 1, version, VerdictKind.DELIVER, (), name, START)
            said.append(name)
        except CaseMoved as moved:
            said.append(f"told of {moved.by}")

    threads = [threading.Thread(target=judge, args=[name]) for name in ("nia", "ifan")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (row,) = rows(desk, verdict.c.by)
    assert sorted(said) == sorted([row.by, f"told of {row.by}"])


def test_work_goes_to_others_and_is_on_record(desk, other):
    post(desk, "/case/1/assign", to="ifan", note="you know her")
    assert listed(desk, assigned="ifan") == [1]
    assert "you know her" in other.get("/case/1").text
    post(desk, "/case/1/second")
    assert "asks for a second opinion" in other.get("/case/1").text
    with reading(desk.world.engine) as database:
        assert queues.following(database, QueueFilter(viewer="ifan"), [n for n in listed(desk) if n != 1]) == 1
        assert queues.following(database, QueueFilter(viewer=NAME), [n for n in listed(desk) if n != 1]) is None
    verdict_on(desk, 2, "escalate", grade="hopsc")
    assert listed(desk, state="escalated", grades=("hopsc",)) == [2]
    post(desk, "/case/3/hand-over")
    assert 3 not in listed(desk, viewer=NAME)
    assert 3 in listed(desk, viewer="ifan")
    what = {row.what for row in rows(desk, audit_event.c.what)}
    assert {"case.assigned", "case.second_opinion", "contact.handed_over", "verdict.escalate"} <= what


def test_hidden_words_are_shown_only_when_asked_for(desk):
    for path in ("/", "/case/1"):
        assert "cunts" not in desk.client.get(path).text
    assert "cunts" in desk.client.get("/case/1?shown=1").text
    post(desk, "/care", gentle="1")
    assert "cunts" in desk.client.get("/case/1").text
    with reading(desk.world.engine) as database:
        assert reviewers.of(database, NAME, START).gentle


def test_a_reviewer_is_asked_to_rest_and_says_when_they_have(desk):
    with writing(desk.world.engine) as database:
        for minute in range(0, 66, 3):
            reviewers.opened(database, NAME, harsh=True, now=START + timedelta(minutes=minute))
        late = START + timedelta(minutes=64)
        care = reviewers.of(database, NAME, late)
        assert (care.nudge, care.rest, care.harsh) == (True, True, 22)
        reviewers.told(database, NAME, late)
        care = reviewers.of(database, NAME, late)
        assert (care.nudge, care.rest) == (False, False)
        assert reviewers.of(database, NAME, late + timedelta(days=1)).harsh == 0


def test_search_finds_words_without_their_accents_at_once_and_takes_any_text(desk):
    assert listed(desk, words="ty ar dan", state="any") == listed(desk, lang="cy")
    for odd in ('"', "NEAR(", "a* OR b", "-", "' OR 1=1", HOSTILE, "子"):
        assert desk.client.get("/", params={"words": odd}).status_code == 200


def test_views_are_saved_shown_and_removed(desk):
    post(desk, "/view", title=HOSTILE[:40], query="channel=x&lang=cy&evil=1")
    page = desk.client.get("/?channel=x&lang=cy").text
    assert 'aria-current="page" href="/?channel=x&amp;lang=cy"' in page
    assert "<script>alert" not in page
    (number,) = re.findall(r'action="/view/(\d+)/drop"', page)
    post(desk, f"/view/{number}/drop")
    assert "/drop" not in desk.client.get("/?channel=x&lang=cy").text


def test_facets_narrow_the_list(desk):
    everything = listed(desk)
    for narrowed in (listed(desk, channel="email"), listed(desk, handling="urgent"), listed(desk, lang="cy")):
        assert 0 < len(narrowed) < len(everything)
    clause = next(iter(rows(desk, case.c.id)))
    assert clause
    assert listed(desk, org="adra") == []


def test_what_a_key_will_do_is_said_beforehand(desk):
    from models.store import cards

    with reading(desk.world.engine) as database:
        card = cards.card(database, 1)
    offers = {offer.name: offer for offer in effects.offers(card)}
    assert [effect.how for effect in offers["block"].effects] == ["bot", "bot"] or "confirmed" in {
        effect.how for effect in offers["block"].effects
    }
    assert {effect.how for effect in offers["report"].effects} & {"person"}
    assert effects.meaning("block", card) == (VerdictKind.ENFORCE, (Action.HIDE, Action.BLOCK))
    with pytest.raises(ValueError, match="nonsense"):
        effects.meaning("nonsense", card)


def test_the_order_is_the_same_at_every_moment():
    grave = ranking.rank(4.0, START + timedelta(hours=4))
    mild = ranking.rank(1.0, START + timedelta(hours=24))
    old = ranking.rank(1.0, START - timedelta(hours=8))
    assert old > grave > mild
    targets = Targets()
    urgent, severe, other = (
        ranking.target_at(targets, attention, severity, START)
        for attention, severity in ((Attention.URGENT, 0), (Attention.REVIEW, 3), (Attention.REVIEW, 1))
    )
    assert urgent < severe < other


def test_differences_lift_out_what_is_new_and_no_signature():
    assert differences.news(differences.stretches(PETITION, PETITION + NEWS)) == (NEWS.strip(),)
    assert differences.news(differences.stretches(PETITION, f"{PETITION} Yours, Ann Jones")) == ()
    found = differences.stretches("one two three", "one four three five")
    assert "".join(part.text for part in found if part.kind != "gone") == "one four three five"


def test_a_text_is_hidden_whole_where_the_signal_shows_nowhere():
    hit = {"label": "abuse.threat", "probability": 0.9, "spans": []}
    assert all(piece.hidden for piece in marks.pieces("watch your back", [hit], mask=True))
    assert not any(piece.hidden for piece in marks.pieces("watch your back", [hit]))


def html_mail(body):
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.org", "x"
    mail.set_content("plain")
    mail.add_alternative(body, subtype="html")
    return mail.as_bytes()


@pytest.mark.parametrize(
    "body",
    [
        "<p onclick=alert(1)>a</p><script>alert(1)</script><img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>a</a><iframe src='https://evil.example'></iframe>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<form action='https://evil.example'><button>go</button></form><meta http-equiv=refresh content='0;url=//evil'>",
        "<div style='background:url(https://evil.example/x)'>a</div><link rel=stylesheet href=//evil>",
    ],
)
def test_laid_out_mail_can_do_and_fetch_nothing(body):
    clean = laid_out(html_mail(body)) or ""
    for bad in (
        "<script",
        "onerror=",
        "onclick",
        "<img",
        "href",
        "<iframe",
        "style=",
        "<form",
        "<meta",
        "<link",
        "<svg",
    ):
        assert bad not in re.sub(r"&lt;.*?&gt;", "", clean), clean


def test_the_layout_is_framed_in_a_sandbox(desk):
    world = desk.world
    item = replace(world.message("9", ABUSE, channel=Channel.EMAIL), author=Author("laid@example.org"))
    batch = Batch((Fetched(item, html_mail(f"<p>{ABUSE}</p><img src=https://evil.example/x>")),), "9")
    take_in(world.engine, "c1", batch, world.clock())
    world.pipeline.run()
    number = max(row.message_id for row in rows(desk, case_item.c.message_id))
    page = desk.client.get(f"/message/{number}/layout").text
    assert f'src="/message/{number}/html" sandbox' in page
    answer = desk.client.get(f"/message/{number}/html")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "img" not in answer.text
    assert laid_out(b"\xff\xfe nonsense") is None


def test_the_stream_tells_how_the_queue_stands(desk):
    answer = desk.client.get("/events?once=1")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert '"open"' in answer.text
    assert "cunts" not in answer.text


def test_nothing_of_a_text_is_logged(desk, capsys, caplog):
    desk.client.get("/", params={"words": "geheimwort"})
    verdict_on(desk, 1, "deliver", note="geheimnotiz")
    told = capsys.readouterr()
    for secret in ("geheimwort", "geheimnotiz", "cunts"):
        assert secret not in told.out + told.err + caplog.text


def test_taking_out_what_is_not_there_changes_nothing(desk, campaign):
    with writing(desk.world.engine) as database:
        assert casework.take_out(database, campaign, [999_999], START) == []
