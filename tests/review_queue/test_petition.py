"""One reply to a campaign: who gets it, in which language, once; no loop; tasks for threads; through a real SMTP conversation."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, select, update

from bot import dispatching
from bot.dispatching import Outlets
from bot.policies import policy_of
from bot.reviewers import AppriseTeller
from bot.sending import SmtpSender
from bot.settings import MailSettings
from models.domain import Channel, Nature, VerdictKind
from models.engine_tables import dispatch, manual_task
from models.formal_tables import contact_profile, measure
from models.session import reading, writing
from models.store import petitions
from models.store.agreeing import NotPossible
from models.store.petitions import Words
from models.tables import case, contact, message
from tests.emulators.smtp import mail_server
from tests.fakes.world import KEY, World

PETITION = (
    "Please keep the library in Stryd Fawr open on Saturdays, our children need it and you promised this in March. "
    "We object to the decision of the council and ask you to think again before the summer"
)
WORDS = Words(
    "Y llyfrgell", "The library", "Annwyl bawb\n\nBydd y llyfrgell ar agor.", "Dear all\n\nThe library stays open."
)


@pytest.fixture(scope="module")
def server():
    with mail_server() as box:
        yield box


@pytest.fixture
def world(server):
    server.mails.clear()
    made = World()
    mail = MailSettings(
        host="127.0.0.1", port=server.port, security="none", sender="no-reply@council.example", timeout_s=5
    )
    made.outlets = Outlets(
        policy_of, AppriseTeller(lambda r: r), SmtpSender(mail, lambda r: r), "no-reply@council.example"
    )
    made.box = server
    yield made
    made.engine.dispose()


def campaign(world, count=6, **changes):
    """Put a petition in, one mail each; return the closed case that a person has delivered."""
    for n in range(count):
        author = f"resident{n}@example.org"
        one = world.message(f"p{n}", PETITION, author=author, channel=Channel.EMAIL)
        given = {"headers": (("return-path", f"<{author}>"),), "message_id": f"p{n}@example.org"} | changes.get(
            f"p{n}", {}
        )
        world.put(replace(one, **given), cursor=f"p{n}")
    found = next(row for row in world.every(select(case)) if row.campaign)
    return found.id


def deliver(world, case_id):
    world.judge(VerdictKind.DELIVER, case_id=case_id)


def person(world, number):
    return world.every(select(message.c.contact_id).where(message.c.native_id == f"p{number}"))[0].contact_id


def send(world, case_id, **more):
    with writing(world.engine) as database:
        return petitions.send(database, KEY, case_id, WORDS, "nia", world.clock(), **{"both": False} | more)


def test_each_sender_gets_one_mail_in_their_language_and_nobody_twice(world):
    number = campaign(world)
    deliver(world, number)
    known = [(person(world, n), language) for n, language in ((0, "cy"), (1, "en"))]
    with writing(world.engine) as database:
        for contact_id, language in known:
            database.execute(
                insert(contact_profile).values(
                    contact_id=contact_id, kind="person", represents="", language=language, easy_read=False, why="", by="x",
                    at=world.clock(),
                )
            )  # fmt: skip
    send(world, number)
    with pytest.raises(NotPossible, match="done"):
        send(world, number)
    for _ in range(3):
        dispatching.run_due(world.engine, world.outlets, world.clock)
    assert len(world.box.mails) == 6
    mails = {mail["To"]: mail for _, _, mail in world.box.mails}
    assert {sender for sender, _, _ in world.box.mails} == {"<>"}, "an empty return path: no answer can start a loop"
    welsh, english, both = (mails[f"resident{n}@example.org"] for n in (0, 1, 2))
    assert (welsh["Subject"], welsh["Content-Language"]) == ("Y llyfrgell", "cy")
    assert "library" not in welsh.get_content()
    assert (english["Subject"], "Annwyl" in english.get_content()) == ("The library", False)
    body = both.get_content()
    assert body.index("Annwyl bawb") < body.index("Dear all")
    assert both["Auto-Submitted"] == "auto-replied"
    assert both["Reply-To"] == "ask@ombudsman.wales"
    assert both["In-Reply-To"] == "<p2@example.org>"
    with reading(world.engine) as database:
        assert petitions.result(database, number) == {"reply": {"done": 6}}


def test_robots_lists_the_unproven_the_restricted_needs_and_exceptions_get_none(world):
    number = campaign(
        world, 9,
        p1={"headers": (("auto-submitted", "auto-generated"),)}, p2={"headers": (("list-id", "<x>"),)},
        p3={"nature": Nature.AUTOMATIC},
    )  # fmt: skip
    deliver(world, number)
    ids = {n: person(world, n) for n in range(9)}
    with writing(world.engine) as database:
        database.execute(update(message).where(message.c.contact_id == ids[4]).values(verified=False))
        database.execute(update(contact).where(contact.c.id == ids[5]).values(adjustment=True))
        standing = {"org": "psow", "kind": "restriction", "state": "standing", "pack_version": "1", "detail": {}}
        database.execute(insert(measure).values(contact_id=ids[6], at=world.clock(), **standing))
        found = petitions.plan(database, number, both=True, but=[ids[7]])
    assert {one.contact_id for one in found.recipients} == {ids[0], ids[8]}
    assert {one.language for one in found.recipients} == {"both"}
    assert {why: len(names) for why, names in found.left_out.items()} == {
        "unanswerable": 2, "automatic": 1, "unproven": 1, "adjustment": 1, "restricted": 1, "excepted": 1,
    }  # fmt: skip


def test_what_is_undecided_enforced_or_no_campaign_is_not_answered(world):
    number = campaign(world)
    with pytest.raises(NotPossible, match="undecided"):
        send(world, number)
    world.judge(VerdictKind.ENFORCE, case_id=number)
    with pytest.raises(NotPossible, match="undecided"):
        send(world, number)
    world.judge(VerdictKind.UNDO, case_id=number)
    world.judge(VerdictKind.NO_ACTION, case_id=number)
    with pytest.raises(NotPossible, match="nobody"):
        send(world, number, but=[person(world, n) for n in range(6)])
    send(world, number)
    assert world.every(select(dispatch.c.kind)) == [("reply",)] * 6


def test_a_campaign_that_goes_on_answers_only_the_new(world):
    number = campaign(world)
    deliver(world, number)
    send(world, number)
    again = world.message("again", PETITION, author="resident0@example.org", channel=Channel.EMAIL)
    new = world.message("new", PETITION, author="late@example.org", channel=Channel.EMAIL)
    world.put(again, new, cursor="late")
    following = next(row.id for row in world.every(select(case)) if row.follows_id == number)
    with reading(world.engine) as database:
        found = petitions.plan(database, following, both=False)
    assert [one.address for one in found.recipients] == ["late@example.org"]
    assert found.left_out == {"already": ("resident0@example.org",)}


def test_posts_get_one_task_a_thread_those_alone_one_together_and_the_case_stays_closed(world):
    for n in range(6):
        one = world.message(f"p{n}", PETITION, author=f"poster{n}")
        world.put(replace(one, thread="one" if n < 4 else "two" if n < 5 else None), cursor=f"p{n}")
    number = next(row.id for row in world.every(select(case)) if row.campaign)
    deliver(world, number)
    send(world, number)
    tasks = world.every(select(manual_task))
    assert [(row.why, row.state) for row in tasks] == [("manual", "open")] * 2
    assert dispatching.run_due(world.engine, world.outlets, world.clock) == 0
    assert world.every(select(case.c.state).where(case.c.id == number))[0].state == "closed"
    world.act()
    with reading(world.engine) as database:
        assert petitions.result(database, number) == {"public_reply": {"open": 2}}


def test_a_mail_of_which_nobody_knows_is_a_task_and_reopens_nothing(world, monkeypatch):
    number = campaign(world)
    deliver(world, number)
    send(world, number)

    class Broken:
        def send(self, mail, recipient):
            raise OSError("broken off")

    dispatching.run_due(world.engine, replace(world.outlets, sender=Broken()), world.clock)
    assert {row.state for row in world.every(select(dispatch))} == {"unknown"}
    assert len(world.every(select(manual_task))) == 6
    assert world.every(select(case.c.state).where(case.c.id == number))[0].state == "closed"


def test_the_page_shows_who_gets_it_before_it_goes(desk):
    world, csrf = desk.world, desk.csrf()
    number = campaign(world)
    page = desk.client.get(f"/case/{number}/reply").text
    assert "Decide the campaign first" in page
    assert "/reply" in desk.client.get(f"/case/{number}").text
    deliver(world, number)
    page = desk.client.get(f"/case/{number}/reply").text
    assert "6 people get one mail each" in page
    assert "No relay for mail is set" in page
    form = {"csrf": csrf, "subject_cy": "Y llyfrgell", "subject_en": "The <b>library</b>", "text_cy": "Diolch\nyn fawr"}
    assert desk.client.post(f"/case/{number}/reply", data=form).status_code == 422, "the English is missing"
    form |= {"text_en": "</textarea><script>alert(1)</script>", "but": str(person(world, 3))}
    confirm = desk.client.post(f"/case/{number}/reply", data=form)
    assert (confirm.status_code, "5 people get one mail each" in confirm.text) == (200, True)
    assert "excepted by you – resident3@example.org" in confirm.text
    assert "<script>alert" not in confirm.text
    assert world.every(select(dispatch)) == []
    sent = desk.client.post(f"/case/{number}/reply", data=form | {"sure": "yes"})
    assert sent.status_code == 303
    assert "on the way: <strong>5</strong>" in desk.client.get(f"/case/{number}/reply").text
    assert desk.client.post(f"/case/{number}/reply", data=form | {"sure": "yes"}).status_code == 409
    assert desk.client.get("/case/1/reply").status_code == 404, "no campaign"
    assert len(world.every(select(dispatch))) == 5
