"""One person under each policy: abuse on two channels, the ladder, a restriction, a breach, more time, an appeal, a review, the end."""

import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from bot import formal_clock, standing_blocks
from models.domain import Author, Channel, Connection, Mode
from models.formal_tables import incident
from models.measures import deadlines
from models.measures.steps import Appeal, AppealOutcome, Ask, FormalWarning, Review, ReviewOutcome
from models.measures.terms import Terms
from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store import audit
from models.store import people as staff
from models.store.formal import files, letters, offices, sealed
from models.store.formal.desk import Desk
from models.tables import case, connection, contact, decision, message
from review_queue import auth
from review_queue.app import Keys, create_app
from tests.fakes.formal import MANAGES, TOP, restricted, taken
from tests.fakes.world import ABUSE, INNOCENT, KEY, World
from tests.fakes.world import policy_of as real_policy
from tests.review_queue.test_formal_pages import confirm, walk

NAME, PASSWORD = "nia", "a long enough password"
MAIL, POST = "jones@example.org", "jonesposts"


class Story(World):
    """A small bot of one organisation, its page, and somebody in each role of its policy."""

    def __init__(self, org, url, monkeypatch):
        super().__init__(url)
        self.org, self.pack = org, builtin_pack(org)
        self.connection = Connection("c1", "files", org, Mode.ENFORCE)
        with writing(self.engine) as database:
            database.execute(update(connection).values(org=org))
            staff.add(
                database, NAME, auth._hasher.hash(PASSWORD), "reviewer", "en", must_change=False, now=self.clock()
            )
            for role in self.pack.roles:
                offices.appoint(database, KEY, role.id, self.pack, role.id, "root", self.clock())
            offices.appoint(database, KEY, NAME, self.pack, MANAGES[org], "root", self.clock())
        app = create_app(self.engine, Keys(b"s" * 32, KEY, b"e" * 32))
        for name, module in list(sys.modules.items()):
            if name.startswith("review_queue") and hasattr(module, "utc_now"):
                monkeypatch.setattr(module, "utc_now", self.clock)
        self.client = TestClient(app, follow_redirects=False)
        self.client.post("/sign-in", data={"name": NAME, "password": PASSWORD})

    def message(self, native_id, text, author=MAIL, channel=Channel.EMAIL):
        return replace(
            super().message(native_id, text, author, channel), org=self.org, author=Author(author, "Ms Jones")
        )

    def fill_in(self, form, replies, about=0):
        path = f"/formal/{self.org}/{self.person}/{form}" + (f"?about={about}" if about else "")
        page = walk(self.client, path, replies)
        done = confirm(self.client, path, page)
        assert done.status_code == 200, done.text
        return done

    @property
    def person(self):
        return self.every(select(message.c.contact_id).where(message.c.author == MAIL))[0].contact_id

    def file(self):
        with reading(self.engine) as database:
            return files.dossier_of(database, self.person, self.org)

    def step(self, what, draft, by=NAME):
        with writing(self.engine) as database:
            officer = offices.officer(database, by, self.org, self.clock())
            return getattr(Desk(database, KEY, self.pack, officer, self.clock()), what)(self.person, draft).number

    def uphold_last(self):
        """Uphold the newest incident on its page; return its number."""
        last = self.every(select(incident).where(incident.c.state == "proposed").order_by(incident.c.id.desc()))[0]
        self.fill_in(
            "decide", {"verdict": "uphold", "why": "read it", "police": "not", "police_note": "no danger"}, last.id
        )
        return last.id

    def waiting(self):
        with reading(self.engine) as database:
            return [row["kind"] for row in letters.waiting(database, self.org)]

    def send_letters(self):
        with writing(self.engine) as database:
            for row in letters.waiting(database, self.org):
                letters.fulfil(database, KEY, row["id"], self.pack, self.clock(), by_post=False, by="post room")

    def last_rules(self):
        return self.every(select(decision).order_by(decision.c.id.desc()))[0].rules


@pytest.fixture(params=["psow", "adra", "wrexham", "phso"])
def story(request, tmp_path, monkeypatch):
    made = Story(request.param, f"sqlite:///{tmp_path / 'story.sqlite3'}", monkeypatch)
    yield made
    made.client.close()
    made.engine.dispose()


def first_abuse(story):
    """Abuse comes as a post and as a mail; the post is hidden; both accounts are found to be one person's."""
    story.put(story.message("m1", ABUSE), story.message("x1", ABUSE, author=POST, channel=Channel.X))
    story.act()
    assert ("hide", "x1") in story.platform.in_force
    assert {row.state for row in story.every(select(case.c.state))} == {"open"}
    other = story.every(select(message.c.contact_id).where(message.c.author == POST))[0].contact_id
    story.fill_in("join", {"other": str(other), "why": "she says so in her mail"})
    assert len({row.contact_id for row in story.every(select(message.c.contact_id))}) == 1


def ask_and_warn(story):
    """The policy's first steps, each followed by more abuse."""
    number = story.uphold_last()
    if story.org == "phso":
        story.step("ask", Ask(0, (number,), taken("x"), "please do not write like this"))
        story.clock.forward(days=1)
        story.put(story.message("m2", ABUSE))
        number = story.uphold_last()
    story.step("warn", FormalWarning(0, (number,), taken("x"), "this must stop", policy_enclosed=True))
    assert story.waiting() == ["warning"]
    story.send_letters()
    story.clock.forward(days=1)
    story.put(story.message("m3", ABUSE))
    return story.uphold_last()


def restrict(story, number):
    """Mail and social media are closed; the telephone and letters stay open."""
    measures = tuple(
        Terms(found.id, channels=(Channel.EMAIL,)) for found in story.pack.measures if found.type == "block_contact"
    ) or (Terms(next(found.id for found in story.pack.measures if found.type == "read_and_file")),)
    story.clock.forward(hours=1)
    review = {"review_on": (story.clock() + timedelta(days=90)).date()} if story.org == "wrexham" else {}
    more = {"single_occasion_why": "each week for a month"} | review
    restriction = story.step(
        "restrict", restricted(story.org, story.clock(), number, measures=measures, number=0, **more)
    )
    assert story.waiting() == ["restriction"]
    story.send_letters()
    register = story.client.get("/register").text
    assert "Ms Jones" in register or MAIL in register
    return restriction, any(terms.channels for terms in measures)


@pytest.mark.slow
def test_from_the_first_insult_to_the_end_of_the_restriction(story):
    first_abuse(story)
    restriction, closes_mail = restrict(story, ask_and_warn(story))
    before = deadlines.ends_at(story.file().restriction(restriction), story.file().incidents, story.pack)

    story.clock.forward(days=10)
    if closes_mail:
        assert standing_blocks.keep(story.engine, real_policy, story.clock) >= 1
        story.act()
        assert ("block", MAIL) in story.platform.in_force
    story.put(story.message("m4", ABUSE))
    if closes_mail:
        assert "closed_channel" in story.last_rules()
    story.uphold_last()
    after = deadlines.ends_at(story.file().restriction(restriction), story.file().incidents, story.pack)
    if story.pack.clocks.restriction_rolls_from_last_incident:
        assert after > before, "the breach moves the end"
    else:
        assert after == before, "a fixed end stays until a review moves it"
        day = min(
            filter(None, [deadlines.latest_review(story.clock(), story.pack), before.date() + timedelta(days=60)])
        )
        draft = Review(0, restriction, ReviewOutcome.CONTINUE, taken("x"), "it went on", next_review_on=day)
        story.step("review", draft)
        assert deadlines.ends_at(story.file().restriction(restriction), story.file().incidents, story.pack) > before

    appeal_against(story, restriction)
    story.clock.forward(days=20)
    formal_clock.tick(story.engine, KEY, story.clock)
    story.send_letters()
    story.step("review", Review(0, restriction, ReviewOutcome.END, taken("x"), "ten quiet weeks"))
    assert "end" in story.waiting()
    the_end(story)


def appeal_against(story, restriction):
    """It is lodged on the page by anybody, and decided by somebody who took no part; where there is none the page says so."""
    path = f"/formal/{story.org}/{story.person}/appeal?about={restriction}"
    replies = {"day": story.clock().date().isoformat(), "grounds": "it is unfair"}
    page = walk(story.client, path, replies)
    if not story.pack.appeal.exists:
        assert page.status_code == 422
        assert "no right of appeal" in page.text
        return
    assert confirm(story.client, path, page).status_code == 200
    (lodged,) = story.file().appeals
    assert (lodged.late, lodged.outside, lodged.outcome) == (False, False, None)
    assert "appeal_received" in story.waiting()
    draft = Appeal(
        lodged.appeal_id, restriction, story.clock(), "", outcome=AppealOutcome.DISMISSED, why="in proportion"
    )
    story.step("hear", draft, by=story.pack.appeal.role or TOP[story.org])
    assert "appeal_outcome" in story.waiting()


def the_end(story):
    """Nothing is in force any more, an ordinary message is delivered, and everything is proved."""
    standing_blocks.keep(story.engine, real_policy, story.clock)
    story.act()
    assert ("block", MAIL) not in story.platform.in_force
    assert "Nothing is in force" in story.client.get("/register").text
    story.put(story.message("m9", INNOCENT))
    last = story.every(select(decision).order_by(decision.c.id.desc()))[0]
    assert "closed_channel" not in last.rules
    assert last.actions == []
    line = story.client.get(f"/formal/{story.org}/{story.person}/timeline").text
    for told in (
        "A message",
        "An incident, upheld",
        "a warning",
        "a restriction",
        "the end of a restriction",
        "A letter sent",
    ):
        assert told in line
    number = story.every(select(case.c.id).where(case.c.contact_id == story.person))[0].id
    csrf = story.client.app.state.page.sessions.read(story.client.cookies["porthor_session"]).csrf
    assert story.client.post(f"/case/{number}/evidence", data={"csrf": csrf}).content[:2] == b"PK"
    assert story.client.get(f"/year/{story.org}?to=2026-03-31").status_code == 200
    assert story.every(select(contact.c.id))
    with reading(story.engine) as database:
        assert audit.verify(database, KEY)[1] is None
        assert sealed.altered(database, KEY) == []
