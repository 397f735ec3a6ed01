"""The connector `exchange`: the real exchangelib against an emulator of EWS over HTTP, faults included."""

import inspect
import threading
from datetime import UTC, datetime

import exchangelib.errors
import pytest
from pydantic import ValidationError

from connectors.base import AuthFailed, MessageGone, Place, RateLimited, Refused, Unavailable
from connectors.exchange import ExchangeConnector, ExchangeOptions
from connectors.mail.ews_answers import is_known, meaning
from models.domain import Action, Connection, Enforcement, EnforcementState, Target
from tests.connectors.exchange_mailbox import StoreMailbox
from tests.connectors.mail_contract import MailContract, fetched, last_cursor, mail, quarantine
from tests.emulators.ews import Ews
from tests.emulators.ews_xml import busy
from tests.emulators.loopback import Answer, Fault, make_certificate

PASSWORD = "a-password-of-the-test"
BLOCK = Enforcement(1, "c1", Target("account", "rude@example.org"), Action.BLOCK, wanted=True, generation=1)


class EwsMailbox(StoreMailbox):
    def __init__(self, folder, certificate=None):
        self.ews = Ews("svc", PASSWORD, certificate)
        self.store = self.ews.store
        self.opened = []
        self._folder = folder
        self._states = 0

    def connect(self, since=None, fresh_state=False, password=PASSWORD, **options):
        self._states += fresh_state
        place = Place(self._folder / f"state{self._states}", lambda _: password, lambda: datetime.now(UTC))
        asked = {"url": self.ews.url, "mailbox": "ask@adra.example.org", "username": "svc", "auth": "basic"}
        settings = ExchangeOptions(**asked | {"password": "env:EWS_PASSWORD"} | options)
        connector = ExchangeConnector.open(Connection("c1", "exchange", "adra", since=since), settings, place)
        self.opened.append(connector)
        return connector

    def spoil(self, operation, answer=None, **more):
        self.ews.server.faults.append(Fault(lambda request: f"<m:{operation}".encode() in request.body, answer, **more))


@pytest.fixture
def mailbox(tmp_path):
    mailbox = EwsMailbox(tmp_path)
    yield mailbox
    for connector in mailbox.opened:
        connector.close()
    mailbox.ews.server.close()


class TestExchange(MailContract):
    pass


@pytest.fixture
def held(mailbox):
    mailbox.deliver(mail("m"))
    connector = mailbox.connect()
    (item,) = fetched(connector)
    return connector, quarantine(item.message.key.native_id)


def test_a_move_whose_answer_was_lost_is_found_by_its_search_key(mailbox, held):
    connector, enforcement = held
    mailbox.spoil("MoveItem", after_the_work=True)
    with pytest.raises(Unavailable):
        connector.act(enforcement)
    assert connector.read_back(enforcement) is True
    assert connector.act(enforcement).state is EnforcementState.ALREADY_DONE
    assert mailbox.where("m") == ["Porthor quarantine"]
    assert connector.act(Enforcement(1, "c1", enforcement.target, Action.QUARANTINE, False, 2)).read_back is False


def test_what_we_moved_ourselves_is_no_new_message(mailbox, held):
    connector, enforcement = held
    cursor = last_cursor(connector)
    connector.act(enforcement)
    assert fetched(connector, cursor) == []


def test_pages_go_on_where_they_stopped_and_a_torn_one_loses_nothing(mailbox, monkeypatch):
    monkeypatch.setattr("connectors.exchange.BATCH_ITEMS", 4)
    for number in range(10):
        mailbox.deliver(mail(f"m{number}"))
    connector = mailbox.connect()
    stream = connector.fetch(None)
    first = next(stream)
    mailbox.spoil("SyncFolderItems")
    with pytest.raises(Unavailable):
        next(stream)
    rest = fetched(connector, first.cursor)
    assert [item.message.subject for item in (*first.items, *rest)] == [f"m{number}" for number in range(10)]


def test_read_flags_and_categories_bring_nothing_again(mailbox, held):
    connector, _ = held
    cursor = last_cursor(connector)
    mailbox.store.update(mailbox.store.by_subject("m")[0])
    before = len(mailbox.ews.operations)
    assert fetched(connector, cursor) == []
    assert "GetItem" not in mailbox.ews.operations[before:]


def test_a_pause_the_server_asks_for_is_told_and_not_slept(mailbox, held):
    connector, enforcement = held
    for answer, seconds in ((busy(42_000), 42), (Answer(503, b"", "text/plain", {"Retry-After": "17"}), 17)):
        mailbox.spoil("GetItem", answer)
        with pytest.raises(RateLimited) as told:
            connector.act(enforcement)
        assert told.value.retry_after_s == seconds
    mailbox.spoil("GetItem", Answer(500, b"oops", "text/plain"))
    with pytest.raises(Unavailable):
        connector.act(enforcement)
    assert connector.act(enforcement).state is EnforcementState.DONE


def test_a_wrong_password_is_a_matter_for_a_person(mailbox):
    connector = mailbox.connect(password="wrong")
    with pytest.raises(AuthFailed):
        fetched(connector)
    assert connector.can() == frozenset()


def test_a_quarantine_folder_deleted_meanwhile_is_made_again(mailbox, held):
    connector, enforcement = held
    del mailbox.store.folders[mailbox.store.folder_named("Porthor quarantine").id]
    with pytest.raises(Unavailable):
        connector.act(enforcement)
    assert connector.act(enforcement).state is EnforcementState.DONE


def test_rules_that_outlook_keeps_are_not_erased(mailbox):
    mailbox.ews.blob_exists = True
    with pytest.raises(Refused, match="Outlook"):
        mailbox.connect().act(BLOCK)
    assert mailbox.store.rules == []


def test_a_rule_of_staff_is_left_alone(mailbox):
    connector = mailbox.connect()
    connector.act(BLOCK)
    (rule,) = mailbox.store.rules
    mailbox.store.rules.append(
        type(rule)("R-staff", "Newsletters", [], rule.move_to, rule.body.replace(rule.name, "Newsletters"))
    )
    connector.act(Enforcement(2, "c1", BLOCK.target, Action.BLOCK, wanted=False, generation=2))
    assert [rule.name for rule in mailbox.store.rules] == ["Newsletters"]


def test_the_stream_tells_of_a_new_mail(mailbox, held):
    connector, _ = held
    sender = threading.Timer(0.2, mailbox.deliver, (mail("late"),))
    sender.start()
    assert connector.wait(20) is True
    sender.join()


def test_a_mailbox_without_the_folder_says_so(mailbox):
    with pytest.raises(Refused, match="no folder 'No such'"):
        fetched(mailbox.connect(folders=("No such",)))


def test_certificates_are_checked(tmp_path):
    certificate = make_certificate(tmp_path)
    mailbox = EwsMailbox(tmp_path, certificate)
    mailbox.deliver(mail("m"))
    trusting = mailbox.connect(ca_file=certificate[0])
    assert len(fetched(trusting)) == 1
    trusting.close()
    (tmp_path / "other").mkdir()
    other = make_certificate(tmp_path / "other")[0]
    doubting = mailbox.connect(ca_file=other, fresh_state=True, username="not shared with the first")
    with pytest.raises((Refused, Unavailable)):
        fetched(doubting)
    doubting.close()
    mailbox.ews.server.close()


def test_no_password_goes_over_a_network_unencrypted():
    with pytest.raises(ValidationError, match="https"):
        ExchangeOptions(url="http://mail.example.org/EWS", mailbox="m", username="u", password="env:P")


def test_every_error_of_the_library_means_something():
    classes = [
        each for _, each in inspect.getmembers(exchangelib.errors, inspect.isclass) if issubclass(each, Exception)
    ]
    own = [each for each in classes if each.__module__ == exchangelib.errors.__name__]
    assert len(own) > 350
    assert not [each.__name__ for each in own if not is_known(each.__name__)]
    assert isinstance(meaning(exchangelib.errors.ErrorItemNotFound("gone")), MessageGone)
    assert isinstance(meaning(exchangelib.errors.ErrorServerBusy("Reraised from X", back_off=10)), Unavailable)
    assert isinstance(meaning(exchangelib.errors.ErrorServerBusy("busy", back_off=7)), RateLimited)
    assert isinstance(meaning(exchangelib.errors.ErrorInvalidArgument("x")), Refused)
    assert isinstance(meaning(OSError("reset")), Unavailable)
