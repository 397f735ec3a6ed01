"""What staff say by a folder, and what a standing block held at intake: decided, counted, and never lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import standing_blocks
from bot.policies import policy_of
from bot.service import Service
from bot.settings import ConnectionSettings, FileSettings, Settings
from connectors.mail.parse import parse_mail
from models.domain import Attention, Channel, MessageKey, Mode, Nature, VerdictKind
from models.mail_notes import BLOCKED, INTAKE_NOTE, NOT_ABUSE, REPORTED, STAFF_NOTE
from models.session import reading
from models.store import cases
from models.tables import case, decision, enforcement, message
from tests.bot.test_holds import restrict
from tests.bot.test_mailbox import end, server, subjects  # noqa: F401 - the fixture is used by its name
from tests.connectors.mail_contract import BOUNDARY, QUARANTINE, mail
from tests.fakes.guarantee import permit
from tests.fakes.world import ABUSE, INNOCENT, START, World
from tests.servers.dovecot import PASSWORD


@pytest.fixture
def world():
    return World()


def letter(world, native_id, text, note=None, author="ann@example.org"):
    item = world.message(native_id, text, author=author, channel=Channel.EMAIL)
    return replace(item, headers=(note, ("subject", "x")) if note else (("subject", "x"),))


def effects(world):
    rows = world.every(select(enforcement).order_by(enforcement.c.id))
    return [(row.effect, row.wanted, row.state, row.read_back) for row in rows]


def last_rules(world):
    rows = world.every(select(decision.c.rules, decision.c.attention).order_by(decision.c.id))
    return set(rows[-1].rules), Attention(rows[-1].attention)


def test_what_staff_report_goes_to_a_person_though_the_machine_found_nothing(world):
    world.put(letter(world, "1", INNOCENT))
    assert not world.every(select(case))
    world.put(letter(world, "1", INNOCENT, (STAFF_NOTE, REPORTED)))
    rules, attention = last_rules(world)
    assert "staff_report" in rules
    assert attention is Attention.REVIEW
    assert len(world.every(select(case))) == len(world.every(select(message))) == 1
    assert world.every(select(decision.c.why_en))[-1][0] == "A member of staff reported it: a person looks."
    world.put(letter(world, "1", INNOCENT, (STAFF_NOTE, REPORTED)))
    assert len(world.every(select(decision))) == 2, "said once, decided once"


def test_a_report_by_staff_never_overrides_what_a_person_decided(world):
    world.put(letter(world, "1", ABUSE))
    world.act()
    world.judge(VerdictKind.DELIVER)
    world.act()
    world.put(letter(world, "1", ABUSE, (STAFF_NOTE, REPORTED)))
    world.act()
    assert [row[:2] for row in effects(world)] == [("quarantine", True), ("quarantine", False)]
    assert [row.state for row in world.every(select(case).order_by(case.c.id))] == ["closed", "open"]


def test_old_mail_that_staff_report_comes_before_a_person_too(world):
    old = replace(letter(world, "1", INNOCENT, (STAFF_NOTE, REPORTED)), nature=Nature.HISTORY)
    world.put(old)
    assert last_rules(world)[1] is Attention.REVIEW


def test_what_staff_call_no_abuse_is_given_back_and_not_held_again(world):
    world.put(letter(world, "1", ABUSE))
    world.act()
    world.put(letter(world, "1", ABUSE, (STAFF_NOTE, NOT_ABUSE)))
    world.act()
    assert effects(world) == [("quarantine", True, "done", True), ("quarantine", False, "done", False)]
    assert "staff_not_abuse" in last_rules(world)[0]
    assert [row.state for row in world.every(select(case))] == ["open"], "a person still sees it"


def test_no_word_of_staff_lifts_what_a_reviewer_confirmed(world):
    world.put(letter(world, "1", ABUSE))
    world.act()
    world.judge(VerdictKind.ENFORCE)
    world.act()
    world.put(letter(world, "1", ABUSE, (STAFF_NOTE, NOT_ABUSE)))
    world.act()
    assert {row[1] for row in effects(world)} == {True}


def test_a_blocked_senders_mail_held_at_intake_stands_in_the_outbox(world):
    world.put(letter(world, "0", INNOCENT))
    restrict(world, 1)
    world.clock.forward(minutes=1)
    world.platform.in_force.add(("quarantine", "1"))
    world.put(letter(world, "1", INNOCENT, (INTAKE_NOTE, BLOCKED)))
    world.act()
    assert effects(world) == [("quarantine", True, "done", True)]
    assert {"blocked_sender", "closed_channel"} <= last_rules(world)[0]


def test_what_no_restriction_holds_any_more_is_given_back_and_read(world):
    world.platform.in_force.add(("quarantine", "1"))
    world.put(letter(world, "1", INNOCENT, (INTAKE_NOTE, BLOCKED)))
    world.act()
    assert ("quarantine", "1") not in world.platform.in_force
    assert effects(world)[-1] == ("quarantine", False, "done", False)
    assert last_rules(world) == ({"blocked_sender_passes"}, Attention.REVIEW)
    with reading(world.engine) as database:
        assert not cases.unaccounted(database)


def test_a_sender_cannot_write_our_notes():
    raw = mail("m", more=f"{STAFF_NOTE}: {NOT_ABUSE}\r\n{INTAKE_NOTE.title()} : {BLOCKED}\r\nX-Porthor-New: 1")
    parsed = parse_mail(raw, key=MessageKey("c", "1"), org="psow", own_addresses=(), received_at=START)
    assert parsed.header("subject") == "m"
    assert not [name for name, _ in parsed.headers if name.startswith("x-porthor")]


def opened(server, user, folder):  # noqa: F811
    wanted = ConnectionSettings(
        name="mail", kind="imap", org="psow", mode=Mode.ENFORCE, host="127.0.0.1", port=server.port, security="none",
        username=user, password="env:TEST_MAIL_PASSWORD", authserv_id=BOUNDARY, report_folder="Report",
    )  # fmt: skip
    service = Service.open(
        Settings(folder, "127.0.0.1", 8080, f"sqlite:///{folder / 's.sqlite3'}", FileSettings(connection=(wanted,)))
    )
    permit(service, "mail")
    return service


def test_on_a_real_server_a_reported_mail_opens_a_case_and_a_blocked_one_can_be_read(server, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("TEST_MAIL_PASSWORD", PASSWORD)
    user = server.new_user()
    client, service = server.client(user), opened(server, user, tmp_path)
    later = service.clock() + timedelta(seconds=2)
    for name in ("missed", "fine"):
        client.append("INBOX", mail(name, INNOCENT, who=f"{name}@example.org"), msg_time=later)
    service.poll("mail")
    with reading(service.engine) as database:
        assert not list(database.execute(select(case)))
    client.select_folder("INBOX")
    client.move(client.search(["SUBJECT", "missed"]), "Report")
    with reading(service.engine) as database:
        fine = select(message.c.contact_id).where(message.c.author == "fine@example.org")
        writer = database.execute(fine).scalar_one()
    restrict(service, writer)
    standing_blocks.keep(service.engine, policy_of, service.clock)
    service.act()
    after = service.clock() + timedelta(seconds=2)
    client.append("INBOX", mail("again", INNOCENT, who="fine@example.org"), msg_time=after)
    service.poll("mail")
    with reading(service.engine) as database:
        found = list(database.execute(select(message.c.subject).join(case, case.c.contact_id == message.c.contact_id)))
        held = list(
            database.execute(
                select(enforcement.c.state, enforcement.c.read_back).where(enforcement.c.effect == "quarantine")
            )
        )
    assert [row.subject for row in found] == ["missed"]
    assert subjects(client, QUARANTINE) == ["again"]
    assert [tuple(row) for row in held] == [("already_done", True)]
    client.logout()
    end(service)
