"""The neutral notice to the sender of a held mail, through a real SMTP conversation: who gets one, once, and no loop."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot import dispatching, notices
from bot.dispatching import Outlets
from bot.policies import policy_of
from bot.reviewers import AppriseTeller
from bot.sending import SmtpSender
from bot.settings import MailSettings
from connectors.mail.nature import is_automatic
from models.domain import Channel, Mode, Nature, VerdictKind
from models.engine_tables import alarm, dispatch, manual_task
from models.session import writing
from models.store import dispatches
from tests.emulators.smtp import mail_server
from tests.fakes.world import ABUSE, World

THREAT = "I know where you live, I will come round and kill you and your family"
SPAM = "CONGRATULATIONS! You have WON $5,000,000. Claim your prize now: http://win.example.com/claim click here, free bonus, limited offer"


@pytest.fixture(scope="module")
def server():
    with mail_server() as box:
        yield box


@pytest.fixture
def box(server):
    server.mails.clear()
    server.answers.clear()
    return server


@pytest.fixture
def world(box):
    made = World()
    made.after = lambda database, job, outcome: notices.consider(
        database, job, outcome, policy_of("psow", Mode.ENFORCE).pack, made.clock()
    )
    sender = SmtpSender(
        MailSettings(
            host="127.0.0.1", port=box.port, security="none", sender="no-reply@ombudsman.example", timeout_s=5
        ),
        lambda reference: reference,
    )
    made.outlets = Outlets(policy_of, AppriseTeller(lambda r: r), sender, "no-reply@ombudsman.example")
    yield made
    made.engine.dispose()


def mail(world, native_id="1", text=ABUSE, **changes):
    made = world.message(native_id, text, author="gwen@example.org", channel=Channel.EMAIL)
    return replace(
        made, message_id=f"{native_id}@example.org", headers=(("return-path", "<gwen@example.org>"),), **changes
    )


def round_of(world):
    world.act()
    return dispatching.run_due(world.engine, world.outlets, world.clock)


def states(world):
    return [(row.state, row.attempts) for row in world.every(select(dispatch))]


def test_the_sender_of_a_held_mail_is_told_in_both_languages_and_neutral_words(world, box):
    world.put(mail(world))
    round_of(world)
    ((envelope, recipient, told),) = box.mails
    assert (envelope, recipient) == ("<>", "gwen@example.org"), "an empty return path: nobody's machine answers it"
    assert told["Auto-Submitted"] == "auto-replied"
    assert told["X-Auto-Response-Suppress"] == "All"
    assert told["In-Reply-To"] == "<1@example.org>"
    assert told["Content-Language"] == "cy, en"
    text = told.get_content()
    for language in (
        ("ein system gyfrifiadurol", "Person fydd yn penderfynu, nid y system", "os nad ydych yn cytuno â hyn"),
        ("Our computer system", "A person decides, not the system", "if you do not agree with this"),
    ):
        assert all(words in " ".join(text.split()) for words in language), "what did it, who decides, how to object"
    assert not any(word in text.lower() for word in ("abus", "block", "quarantin", "cam-drin", "scum"))
    assert is_automatic(told), "we would know it ourselves as one that gets no answer"
    assert states(world) == [("done", 1)]
    assert round_of(world) == 0


def test_at_most_one_a_week_and_contact(world, box):
    for day in (0, 1, 6, 8):
        world.put(mail(world, str(day), f"{ABUSE} day {day}"), cursor=str(day))
        round_of(world)
        world.clock.forward(days=1 if day == 0 else 5 if day == 1 else 2)
    assert len(box.mails) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"text": THREAT},
        {"text": SPAM},
        {"nature": Nature.AUTOMATIC},
        {"headers": (("return-path", "<>"),)},
        {"headers": (("auto-submitted", "auto-generated"),)},
        {"headers": (("list-id", "<x.example.org>"),)},
        {"headers": (("return-path", "<bounces@sender.example.com>"),)},
    ],
    ids=["threat", "spam", "automatic", "null path", "auto-submitted", "list", "other envelope"],
)
def test_nobody_is_told_where_it_is_unsafe_or_could_loop(world, box, changes):
    world.put(mail(world, **changes) if "headers" not in changes else replace(mail(world), **changes))
    round_of(world)
    assert (box.mails, states(world)) == ([], [])


@pytest.mark.parametrize("author", ["no-reply@example.org", "mailer-daemon@example.org", "talk-request@example.org"])
def test_machines_are_told_nothing(world, box, author):
    world.put(replace(mail(world), author=replace(mail(world).author, address=author)))
    round_of(world)
    assert states(world) == []


def test_mail_of_unproven_origin_is_told_nothing(world, box):
    made = mail(world)
    world.put(replace(made, author=replace(made.author, verified=False)))
    round_of(world)
    assert states(world) == []


def test_what_a_person_confirms_or_a_restriction_files_needs_no_notice(world, box):
    world.put(mail(world, text="You are jobsworths and clowns"))
    from models.domain import Action

    world.judge(VerdictKind.ENFORCE, [Action.QUARANTINE])
    round_of(world)
    assert states(world) == []


@pytest.mark.parametrize(
    ("verb", "answer", "ended"),
    [
        ("MAIL", "451 later", "pending"),
        ("RCPT", "drop", "pending"),
        ("DATA", "421 busy", "pending"),
        (".", "452 full", "pending"),
        ("RCPT", "550 no such person", "refused"),
        (".", "554 not wanted", "refused"),
        (".", "drop", "unknown"),
    ],
)
def test_only_what_certainly_did_not_go_out_is_tried_again(world, box, verb, answer, ended):
    box.answers[verb] = answer
    world.put(mail(world))
    round_of(world)
    assert states(world)[0][0] == ended
    box.answers.clear()
    world.clock.forward(minutes=5)
    round_of(world)
    assert states(world)[0][0] == ("done" if ended == "pending" else ended)
    assert len(box.mails) == (0 if ended == "refused" else 1), "and the unknown one had in truth come in: never twice"
    waiting = [task.why for task in world.every(select(manual_task))]
    assert waiting == ([] if ended == "pending" else [ended])


def test_a_crash_between_call_and_record_is_unknown_and_a_task(world, box):
    world.put(mail(world))
    world.act()
    with writing(world.engine) as database:
        (row_id,) = dispatches.due(database, world.clock())
        assert dispatches.lease(database, row_id, world.clock()) is not None
    with writing(world.engine) as database:
        assert dispatches.abandoned(database, world.clock(), all_leases=True) == 1
        assert dispatches.abandoned(database, world.clock(), all_leases=True) == 0
    round_of(world)
    assert box.mails == []
    assert states(world) == [("unknown", 1)]
    (task,) = world.every(select(manual_task))
    assert (task.why, task.enforcement_id) == ("unknown", None)
    assert [a.kind for a in world.every(select(alarm))] == ["dispatch"]


def test_a_notice_too_late_to_be_of_use_is_not_sent(world, box):
    box.answers["MAIL"] = "451 later"
    world.put(mail(world))
    round_of(world)
    world.clock.forward(days=3)
    box.answers.clear()
    round_of(world)
    assert (box.mails, states(world)[0][0]) == ([], "cancelled")


def test_no_relay_means_a_plain_error_that_names_it(world):
    from bot.sending import NotSent

    nowhere = SmtpSender(MailSettings(host="127.0.0.1", port=9, security="none", sender="a@b", timeout_s=1), str)
    with pytest.raises(NotSent, match=r"the relay 127\.0\.0\.1:9 did not let us in"):
        nowhere.send(notices.EmailMessage(), "x@example.org")
