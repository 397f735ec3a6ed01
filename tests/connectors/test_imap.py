"""The connector `imap` against a real Dovecot: identity, bounds, IDLE, and what each error means."""

import imaplib
import inspect
import select
import socket
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime

import imapclient
import pytest
from pydantic import ValidationError

from connectors.base import AuthFailed, ConnectorError, Place, RateLimited, Refused, Unavailable
from connectors.imap import ImapConnector, ImapOptions
from connectors.mail.imap_session import BY_CLASS, meaning
from models.domain import Action, Connection, EnforcementState
from models.mail_notes import STAFF_NOTE
from tests.benchmarks.mailbox import fill, killed_and_resumed
from tests.connectors.mail_contract import Mailbox, MailContract, fetched, last_cursor, mail, quarantine
from tests.servers.dovecot import PASSWORD, Dovecot


class DovecotMailbox(Mailbox):
    def __init__(self, server, folder):
        self.server = server
        self.user = server.new_user()
        self.client = server.client(self.user)
        self.opened = []
        self._folder = folder
        self._states = 0

    def connect(self, since=None, fresh_state=False, password=PASSWORD, **options):
        self._states += fresh_state
        place = Place(self._folder / f"state{self._states}", lambda _: password, lambda: datetime.now(UTC))
        asked = {"host": "127.0.0.1", "port": self.server.port, "security": "none", "username": self.user}
        settings = ImapOptions(**asked | {"password": "env:IMAP_PASSWORD"} | options)
        connector = ImapConnector.open(Connection("c1", "imap", "adra", since=since), settings, place)
        self.opened.append(connector)
        return connector

    def deliver(self, raw, folder="INBOX"):
        self.client.append(folder, raw)

    def staff_move(self, name, folder):
        if not self.client.folder_exists(folder):
            self.client.create_folder(folder)
        for here in self.where(name):
            self.client.select_folder(here)
            self.client.move(self.client.search(["SUBJECT", name]), folder)

    def staff_delete(self, name):
        for here in self.where(name):
            self.client.select_folder(here)
            self.client.delete_messages(uids := self.client.search(["SUBJECT", name]))
            self.client.uid_expunge(uids)

    def where(self, name):
        found = []
        for _, _, folder in self.client.list_folders():
            self.client.select_folder(folder, readonly=True)
            found += [folder] * len(self.client.search(["SUBJECT", name]))
        self.client.unselect_folder()
        return found

    def renumber(self):
        before = self.client.folder_status("INBOX", ["UIDVALIDITY"])
        for connector in self.opened:
            connector._sessions.close()
        self.client.logout()
        (self.server.maildir(self.user) / "dovecot-uidlist").unlink()
        for path in self.server.maildir(self.user).glob("dovecot.index*"):
            path.unlink()
        self.client = self.server.client(self.user)
        assert self.client.folder_status("INBOX", ["UIDVALIDITY"]) != before


@pytest.fixture(scope="module")
def server():
    server = Dovecot()
    yield server
    server.stop()


@pytest.fixture
def mailbox(server, tmp_path):
    mailbox = DovecotMailbox(server, tmp_path)
    yield mailbox
    for connector in mailbox.opened:
        connector.close()
    mailbox.client.logout()


class TestImap(MailContract):
    pass


def test_reading_leaves_a_mail_unread(mailbox):
    mailbox.deliver(mail("m"))
    fetched(mailbox.connect())
    mailbox.client.select_folder("INBOX", readonly=True)
    assert mailbox.client.search("UNSEEN") == [1]


def test_what_others_marked_as_deleted_is_left_to_them(mailbox):
    for name in ("keep", "move"):
        mailbox.deliver(mail(name))
    mailbox.client.select_folder("INBOX")
    mailbox.client.delete_messages([1])
    connector = mailbox.connect()
    assert Action.QUARANTINE in connector.can()
    items = {item.message.subject: item.message.key.native_id for item in fetched(connector)}
    connector.act(quarantine(items["move"]))
    connector.close()
    assert mailbox.where("keep") == ["INBOX"]


def test_nothing_comes_again_though_the_server_always_answers_with_the_last_mail(mailbox):
    mailbox.deliver(mail("only"))
    connector = mailbox.connect()
    cursor = last_cursor(connector)
    mailbox.client.select_folder("INBOX", readonly=True)
    assert mailbox.client.search(["UID", "2:*"]) == [1]  # the trap itself
    assert fetched(connector, cursor) == []


def test_batches_are_bounded_in_number_and_bytes(mailbox, monkeypatch):
    monkeypatch.setattr("connectors.imap.WINDOW_UIDS", 30)
    monkeypatch.setattr("connectors.mail.mailbox.BATCH_ITEMS", 7)
    for number in range(40):
        mailbox.deliver(mail(f"m{number}"))
    mailbox.staff_delete("m11")
    batches = list(mailbox.connect().fetch(None))
    assert max(len(batch.items) for batch in batches) == 7
    subjects = [item.message.subject for batch in batches for item in batch.items]
    assert subjects == [f"m{number}" for number in range(40) if number != 11]


def test_a_name_with_other_letters_is_a_folder_like_any(mailbox):
    mailbox.deliver(mail("m"))
    connector = mailbox.connect(quarantine_folder="Cwarantîn & ŵy")
    (item,) = fetched(connector)
    assert connector.act(quarantine(item.message.key.native_id)).read_back is True
    assert mailbox.where("m") == ["Cwarantîn & ŵy"]


def test_a_copy_that_staff_made_is_not_the_mail_itself(mailbox):
    mailbox.deliver(mail("m"))
    connector = mailbox.connect(folders=("INBOX", "Casework"))
    mailbox.client.create_folder("Casework")
    (item,) = fetched(connector)
    mailbox.client.select_folder("INBOX")
    mailbox.client.copy([1], "Casework")
    (copy,) = [each for each in fetched(connector) if each.message.key != item.message.key]
    connector.act(quarantine(item.message.key.native_id))
    assert sorted(mailbox.where("m")) == ["Casework", "Porthor quarantine"]
    connector.act(quarantine(copy.message.key.native_id))
    assert mailbox.where("m") == ["Porthor quarantine"] * 2


def test_a_copy_in_a_folder_of_staff_marks_the_mail_and_leaves_it_where_it_is(mailbox):
    mailbox.deliver(mail("m"))
    connector = mailbox.connect(report_folder="Report")
    cursor = last_cursor(connector)
    mailbox.client.select_folder("INBOX")
    mailbox.client.copy([1], "Report")
    (item,) = fetched(connector, cursor)
    assert item.message.header(STAFF_NOTE) == "report"
    connector.act(quarantine(item.message.key.native_id))
    assert sorted(mailbox.where("m")) == ["Porthor quarantine", "Report"]


def test_a_mail_without_message_id_is_found_by_its_bytes(mailbox):
    raw = b"From: a@example.org\r\nSubject: bare\r\n\r\nno id\r\n"
    mailbox.deliver(raw)
    connector = mailbox.connect()
    (item,) = fetched(connector)
    mailbox.staff_move("bare", "Casework")
    assert connector.act(quarantine(item.message.key.native_id)).read_back is True


def test_an_unproven_sender_is_not_blocked(mailbox):
    connector = mailbox.connect()
    connector._ledger.block("rude@example.org", wanted=True)
    mailbox.deliver(mail("forged"))
    fetched(connector)
    assert mailbox.where("forged") == ["INBOX"]


def test_a_block_never_moves_what_the_store_has_not_kept(mailbox):
    connector = mailbox.connect(authserv_id="mx.adra.example.org")
    connector._ledger.block("rude@example.org", wanted=True)
    mailbox.deliver(mail("m"))
    next(iter(connector.fetch(None)))  # the engine dies before it keeps the batch
    again = mailbox.connect(authserv_id="mx.adra.example.org")
    batch = next(stream := iter(again.fetch(None)))
    assert mailbox.where("m") == ["INBOX"]
    assert len(batch.items) == 1
    stream.close()  # kept, but the engine dies before it asks for more
    assert fetched(mailbox.connect(authserv_id="mx.adra.example.org"), batch.cursor) == []
    assert mailbox.where("m") == ["Porthor quarantine"]


def test_idle_tells_of_a_new_mail_and_of_none(mailbox):
    connector = mailbox.connect()
    cursor = (list(connector.fetch(None)) or [None])[-1]
    assert connector.wait(0.05) is False
    sender = threading.Timer(0.1, mailbox.deliver, (mail("late"),))
    sender.start()
    assert connector.wait(20) is True
    sender.join()
    assert len(fetched(connector, cursor and cursor.cursor)) == 1
    assert connector.wait(0.05) is False
    mailbox.deliver(mail("between"))
    assert connector.wait(20) is True  # it came before we listened


def test_wrong_password_stopped_server_and_missing_folder_are_told_apart(mailbox):
    with pytest.raises(AuthFailed):
        fetched(mailbox.connect(password="wrong"))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable):
            fetched(mailbox.connect(port=nobody.getsockname()[1]))
        assert mailbox.connect(port=nobody.getsockname()[1], fresh_state=True).can() == frozenset()
    with pytest.raises(ConnectorError, match="Mailbox doesn't exist"):
        fetched(mailbox.connect(folders=("No such",)))


def test_abilities_are_remembered_while_the_server_is_away(mailbox):
    assert mailbox.connect().can() >= {Action.QUARANTINE}
    assert mailbox.connect(password="wrong").can() >= {Action.QUARANTINE}


def test_a_session_that_broke_is_replaced(mailbox):
    connector = mailbox.connect()
    mailbox.deliver(mail("m"))
    fetched(connector)
    for session in connector._sessions._waiting:
        session._imap.sock.shutdown(socket.SHUT_RDWR)
    assert len(fetched(connector)) == 1


def test_a_connection_torn_in_the_middle_is_unavailable_and_goes_on_later(mailbox):
    for number in range(3):
        mailbox.deliver(mail(f"m{number}"))
    connector = mailbox.connect(folders=("INBOX", "Sent"))
    mailbox.client.create_folder("Sent")
    mailbox.deliver(mail("sent"), "Sent")
    stream = connector.fetch(None)
    first = next(stream)
    torn = next(frame for frame in [stream.gi_yieldfrom] if frame).gi_frame.f_locals["session"]
    torn._imap.sock.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Unavailable):
        next(stream)
    assert [item.message.subject for item in fetched(connector, first.cursor)] == ["sent"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_certificates_are_checked(mailbox, security):
    mailbox.deliver(mail("m"))
    port = mailbox.server.tls_port if security == "tls" else mailbox.server.port
    asked = {"host": "localhost", "port": port, "security": security}
    assert len(fetched(mailbox.connect(ca_file=mailbox.server.ca_file, **asked))) == 1
    with pytest.raises(Refused, match="ca_file"):
        fetched(mailbox.connect(**asked))
    with pytest.raises(Refused, match="no certificates could be read"):
        fetched(mailbox.connect(ca_file=mailbox.server.folder / "nothing", **asked))


def test_no_password_goes_over_a_network_unencrypted():
    with pytest.raises(ValidationError, match="allowed only to a server on this machine"):
        ImapOptions(host="mail.example.org", username="u", password="env:P", security="none")


def test_every_error_of_the_library_means_something():
    modules = (imapclient.exceptions, imaplib.IMAP4)
    classes = {each for module in modules for _, each in inspect.getmembers(module, inspect.isclass)}
    unmapped = [each for each in classes if issubclass(each, Exception) and each not in BY_CLASS]
    assert not unmapped
    assert isinstance(meaning(TimeoutError()), Unavailable)
    assert isinstance(meaning(ssl.SSLCertVerificationError("self-signed")), Refused)
    assert isinstance(meaning(imaplib.IMAP4.error("select failed: [LIMIT] slow down")), RateLimited)
    assert isinstance(meaning(imapclient.exceptions.LoginError("[UNAVAILABLE] later")), Unavailable)
    assert isinstance(meaning(imapclient.exceptions.LoginError("no")), AuthFailed)


def test_a_crash_right_after_the_move_is_found_out_by_looking(mailbox, monkeypatch):
    mailbox.deliver(mail("m"))
    connector = mailbox.connect()
    (item,) = fetched(connector)
    held = quarantine(item.message.key.native_id)
    noted = []

    def die(*args):
        noted.append(args)
        if len(noted) == 2:  # where it came from is written down, where it went is not
            raise KeyboardInterrupt
        return type(connector._ledger).moved(connector._ledger, *args)

    monkeypatch.setattr(connector._ledger, "moved", die)
    with pytest.raises(KeyboardInterrupt):
        connector.act(held)
    again = mailbox.connect()
    assert mailbox.where("m") == ["Porthor quarantine"]
    assert again.read_back(held) is True
    assert again.act(held).state is EnforcementState.ALREADY_DONE
    assert again.act(replace(held, wanted=False)).state is EnforcementState.DONE
    assert mailbox.where("m") == ["INBOX"]


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_mail_that_comes_together_with_the_answer_to_idle_is_heard_at_once(mailbox, monkeypatch, security):
    tls = {"host": "localhost", "port": mailbox.server.tls_port, "security": "tls", "ca_file": mailbox.server.ca_file}
    connector = mailbox.connect(**(tls if security == "tls" else {}))
    mailbox.deliver(mail("first"))
    fetched(connector)
    begin = imapclient.IMAPClient.idle

    def begin_late(session):
        mailbox.deliver(mail("between"))  # after the folder was selected, before IDLE
        begin(session)
        assert select.select([session.socket()], [], [], 0.2)  # let what follows the answer arrive
        session._imap.file.peek(1)  # as it lies in the buffer when both come in one packet

    monkeypatch.setattr(imapclient.IMAPClient, "idle", begin_late)
    monkeypatch.setattr(imapclient.IMAPClient, "idle_check", lambda *_, **__: pytest.fail("it would sleep over it"))
    assert connector.wait(20) is True


@pytest.mark.slow
def test_a_first_sync_killed_half_way_goes_on_and_stays_small(server, tmp_path):
    user = server.new_user()
    fill(server, user, 3_000)
    kept, new, peak_mb = killed_and_resumed(server, user, tmp_path, 3_000)
    assert 1_500 <= kept < 3_000
    assert kept + new == 3_000
    assert peak_mb < 300
