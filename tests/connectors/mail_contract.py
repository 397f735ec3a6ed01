"""What every mailbox connector must do beyond the common contract, whatever server stands behind it."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import MessageGone, Refused
from models.domain import Action, Enforcement, EnforcementState, Nature, Target
from models.mail_notes import BLOCKED, INTAKE_NOTE, STAFF_NOTE
from tests.connectors.contract import ConnectorContract

QUARANTINE = "Porthor quarantine"
BOUNDARY = "mx.adra.example.org"
MAIL = (
    "Authentication-Results: {boundary}; dmarc=pass\r\nFrom: {who}\r\nTo: ask@adra.example.org\r\n"
    "Message-ID: <{name}@example.org>\r\nSubject: {name}\r\n{more}\r\n{text}\r\n"
)


def mail(name, text="You idiots", who="rude@example.org", more=""):
    more = f"{more}\r\n" if more else ""
    return MAIL.format(boundary=BOUNDARY, who=who, name=name, text=text, more=more).encode()


class Mailbox(ABC):
    """The server's side of a mailbox: what senders and staff do to it."""

    @abstractmethod
    def connect(self, since=None, fresh_state=False, **options):
        """Return a connector; its state is kept between calls unless `fresh_state`."""

    @abstractmethod
    def deliver(self, raw, folder="INBOX"):
        """Bring a mail in."""

    @abstractmethod
    def staff_move(self, name, folder):
        """Move the mail with this subject, as a person does; the folder is made if missing."""

    @abstractmethod
    def staff_delete(self, name):
        """Delete the mail for good."""

    @abstractmethod
    def where(self, name):
        """Return the folders that hold a mail with this subject."""

    @abstractmethod
    def renumber(self):
        """Make the server forget what it numbered and what it had told us: a resync follows."""


def fetched(connector, cursor=None):
    return [item for batch in connector.fetch(cursor) for item in batch.items]


def last_cursor(connector, cursor=None):
    return list(connector.fetch(cursor))[-1].cursor


def quarantine(native_id, wanted=True, generation=1):
    return Enforcement(1, "c1", Target("message", native_id), Action.QUARANTINE, wanted, generation)


class MailContract(ConnectorContract):
    """Inherit it, and give the fixture `mailbox`."""

    @pytest.fixture
    def connector(self, mailbox):
        for number in range(3):
            mailbox.deliver(mail(f"m{number}"))
        return mailbox.connect(authserv_id=BOUNDARY)

    @pytest.fixture
    def by_subject(self, connector):
        return {item.message.subject: item.message.key.native_id for item in fetched(connector)}

    @pytest.fixture
    def enforcement(self, by_subject):
        return quarantine(by_subject["m1"])

    def test_a_mail_is_held_in_a_folder_of_its_own_and_goes_back_where_it_was(self, mailbox, connector, enforcement):
        assert connector.act(enforcement).state is EnforcementState.DONE
        assert mailbox.where("m1") == [QUARANTINE]
        assert mailbox.where("m2") == ["INBOX"]
        assert connector.act(replace(enforcement, wanted=False)).read_back is False
        assert mailbox.where("m1") == ["INBOX"]

    def test_a_released_mail_comes_in_once_more_as_the_same_message_or_not_at_all(self, connector, enforcement):
        cursor = last_cursor(connector)
        connector.act(enforcement)
        connector.act(replace(enforcement, wanted=False))
        assert {item.message.key.native_id for item in fetched(connector, cursor)} <= {enforcement.target.native_id}

    def test_a_move_that_was_done_already_is_not_done_again(self, mailbox, connector, enforcement):
        mailbox.staff_move("m1", QUARANTINE)
        assert connector.read_back(enforcement) is True
        assert connector.act(enforcement).state is EnforcementState.ALREADY_DONE
        assert mailbox.where("m1") == [QUARANTINE]

    def test_a_mail_that_staff_moved_is_found_and_released_to_where_they_had_it(self, mailbox, connector, enforcement):
        mailbox.staff_move("m1", "Casework")
        assert connector.read_back(enforcement) is False
        assert connector.act(enforcement).state is EnforcementState.DONE
        assert mailbox.where("m1") == [QUARANTINE]
        connector.act(replace(enforcement, wanted=False))
        assert mailbox.where("m1") == ["Casework"]

    def test_a_mail_dragged_out_of_the_quarantine_is_not_said_to_be_held(self, mailbox, connector, enforcement):
        connector.act(enforcement)
        mailbox.staff_move("m1", "INBOX")
        assert connector.read_back(enforcement) is False
        assert connector.act(replace(enforcement, wanted=False)).state is EnforcementState.ALREADY_DONE

    def test_a_deleted_mail_is_gone(self, mailbox, connector, enforcement):
        mailbox.staff_delete("m1")
        assert connector.read_back(enforcement) is False
        with pytest.raises(MessageGone):
            connector.act(enforcement)

    def test_a_target_that_never_was_is_gone(self, connector):
        with pytest.raises(MessageGone):
            connector.act(quarantine("1.2.abcdef.0123456789"))

    def test_two_mails_of_one_message_id_are_told_apart(self, mailbox):
        for text in ("abuse", "a complaint"):
            mailbox.deliver(mail("same", text))
        connector = mailbox.connect()
        keys = {item.message.own_text.strip(): item.message.key.native_id for item in fetched(connector)}
        assert len(keys) == 2
        connector.act(quarantine(keys["abuse"]))
        assert connector.read_back(quarantine(keys["a complaint"])) is False
        assert connector.act(quarantine(keys["a complaint"])).state is EnforcementState.DONE
        assert mailbox.where("same") == [QUARANTINE, QUARANTINE]
        connector.act(quarantine(keys["a complaint"], wanted=False))
        assert connector.read_back(quarantine(keys["abuse"])) is True
        assert sorted(mailbox.where("same")) == ["INBOX", QUARANTINE]

    def test_a_lost_ledger_loses_no_mail(self, mailbox, connector, by_subject, enforcement):
        connector.act(enforcement)
        fresh = mailbox.connect(fresh_state=True, authserv_id=BOUNDARY)
        assert fresh.read_back(enforcement) is True
        assert fresh.act(replace(enforcement, wanted=False)).state is EnforcementState.DONE
        assert mailbox.where("m1") == ["INBOX"]
        assert fresh.act(quarantine(by_subject["m2"])).state is EnforcementState.DONE

    def test_a_resync_makes_no_message_twice(self, mailbox, connector, by_subject):
        cursor = last_cursor(connector)
        mailbox.renumber()
        mailbox.deliver(mail("late"))
        items = {item.message.subject: item.message.key.native_id for item in fetched(connector, cursor)}
        assert items.keys() >= {"late"}
        assert items.keys() == {"late"} or items == by_subject | {"late": items["late"]}
        assert connector.act(quarantine(by_subject["m1"])).state is EnforcementState.DONE
        assert mailbox.where("m1") == [QUARANTINE]

    def test_what_was_not_acknowledged_comes_again(self, mailbox):
        mailbox.deliver(mail("first"))
        cursor = last_cursor(mailbox.connect())
        mailbox.deliver(mail("second"))
        connector = mailbox.connect()
        (lost,) = next(iter(connector.fetch(cursor))).items
        again = fetched(mailbox.connect(), cursor)
        assert [item.message.key for item in again] == [lost.message.key]

    def test_mails_older_than_the_connection_are_history(self, mailbox, now):
        mailbox.deliver(mail("old"))
        later = mailbox.connect(since=now + timedelta(days=20_000))
        (old,) = fetched(later)
        assert old.message.nature is Nature.HISTORY
        earlier = mailbox.connect(since=now - timedelta(days=20_000), fresh_state=True)
        assert fetched(earlier)[0].message.nature is Nature.ORDINARY

    def test_what_staff_put_into_their_folders_says_so_and_no_sender_can_imitate_it(self, mailbox):
        mailbox.deliver(mail("complaint", more=f"{STAFF_NOTE}: not-abuse"))
        connector = mailbox.connect(report_folder="Report", not_abuse_folder="Not abuse")
        (item,) = fetched(connector)
        assert item.message.header(STAFF_NOTE) is None
        cursor = last_cursor(connector)
        mailbox.staff_move("complaint", "Report")
        (reported,) = fetched(connector, cursor)
        assert reported.message.header(STAFF_NOTE) == "report"
        assert reported.message.key == item.message.key

    def test_a_huge_mail_is_taken_up_to_a_bound(self, mailbox):
        mailbox.deliver(mail("huge", "words of a complaint\r\n" + "x" * 990 + "\r\n" + ("y" * 990 + "\r\n") * 300))
        mailbox.deliver(mail("small"))
        connector = mailbox.connect(mail_bytes_at_most=100_000)
        items = {item.message.subject: item for item in fetched(connector)}
        assert len(items["huge"].raw) <= 110_000
        assert items["huge"].message.own_text.startswith("words of a complaint")
        assert "bytes: only the first" in " ".join(items["huge"].message.defects)
        assert not items["small"].message.defects
        assert connector.act(quarantine(items["huge"].message.key.native_id)).read_back is True

    def test_a_label_is_put_on_and_taken_off(self, connector, enforcement):
        label = replace(enforcement, effect=Action.LABEL)
        assert connector.read_back(label) is False
        assert connector.act(label).state is EnforcementState.DONE
        assert connector.act(label).state is EnforcementState.ALREADY_DONE
        assert connector.read_back(label) is True
        assert connector.act(replace(label, wanted=False)).read_back is False

    def test_a_standing_block_holds_at_intake_until_it_is_lifted(self, mailbox):
        connector = mailbox.connect(authserv_id=BOUNDARY)
        block = Enforcement(1, "c1", Target("account", "rude@example.org"), Action.BLOCK, wanted=True, generation=1)
        mailbox.deliver(mail("before"))
        cursor = last_cursor(connector)
        assert connector.read_back(block) is False
        assert connector.act(block).state is EnforcementState.DONE
        assert connector.act(block).state is EnforcementState.ALREADY_DONE
        assert connector.read_back(block) is True
        for name, who in (("blocked", "rude@example.org"), ("similar", "very.rude@example.org")):
            mailbox.deliver(mail(name, who=who))
        batches = list(connector.fetch(cursor))
        items = {item.message.subject: item.message for batch in batches for item in batch.items}
        assert items["blocked"].header(INTAKE_NOTE) == BLOCKED
        assert items["similar"].header(INTAKE_NOTE) is None
        assert [mailbox.where(name) for name in ("before", "blocked", "similar")] == [
            ["INBOX"],
            [QUARANTINE],
            ["INBOX"],
        ]
        held = quarantine(items["blocked"].key.native_id)
        assert connector.read_back(held) is True
        assert connector.act(replace(held, wanted=False)).state is EnforcementState.DONE
        assert not [item for item in fetched(connector, batches[-1].cursor) if item.message.header(INTAKE_NOTE)]
        assert mailbox.where("blocked") == ["INBOX"]
        assert connector.act(replace(block, wanted=False)).state is EnforcementState.DONE
        assert connector.read_back(block) is False
        mailbox.deliver(mail("after"))
        fetched(connector, batches[-1].cursor)
        assert mailbox.where("after") == ["INBOX"]

    def test_filing_is_only_there_with_a_folder_for_it(self, mailbox):
        mailbox.deliver(mail("m"))
        connector = mailbox.connect(filed_folder="Filed")
        assert Action.FILE in connector.can()
        (item,) = fetched(connector)
        filing = replace(quarantine(item.message.key.native_id), effect=Action.FILE)
        assert connector.act(filing).state is EnforcementState.DONE
        assert mailbox.where("m") == ["Filed"]
        assert connector.act(replace(filing, wanted=False)).read_back is False
        assert mailbox.where("m") == ["INBOX"]
        without = mailbox.connect()
        assert without.can() == {Action.LABEL, Action.QUARANTINE, Action.BLOCK}
        with pytest.raises(Refused):
            without.act(filing)
        with pytest.raises(Refused):
            without.act(replace(filing, effect=Action.REPORT))
