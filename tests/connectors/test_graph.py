"""The connector `graph`: real httpx and msal against an emulator of the sign-in and of Graph over HTTPS, faults included."""

import inspect
import re
import stat
import threading
from datetime import UTC, datetime, timedelta

import httpx
import msal
import pytest
from pydantic import ValidationError

from connectors.base import AuthFailed, MessageGone, Place, RateLimited, Refused, Unavailable
from connectors.graph import GraphConnector, GraphOptions
from connectors.mail.graph_client import BY_CLASS, FolderMissing, Resync, failure
from connectors.mail.graph_hints import validation_answer
from connectors.mail.graph_login import BY_MSAL, CACHE_NAME
from models.domain import Action, Connection, Enforcement, EnforcementState, Target
from tests.connectors.exchange_mailbox import StoreMailbox
from tests.connectors.mail_contract import MailContract, fetched, last_cursor, mail, quarantine
from tests.emulators.graph import CLIENT, TENANT, Graph, notification
from tests.emulators.loopback import Answer, Fault

SECRET = "a-secret-of-the-test"
BLOCK = Enforcement(1, "c1", Target("account", "rude@example.org"), Action.BLOCK, wanted=True, generation=1)


class GraphMailbox(StoreMailbox):
    def __init__(self, folder):
        self.graph = Graph(folder, SECRET)
        self.store = self.graph.store
        self.opened = []
        self.ahead = timedelta()
        self._folder = folder
        self._states = 0

    def connect(self, since=None, fresh_state=False, secret=SECRET, **options):
        self._states += fresh_state
        folder = self._folder / f"state{self._states}"
        place = Place(folder, lambda _: secret, lambda: datetime.now(UTC) + self.ahead)
        asked = {"mailbox": "ask@adra.example.org", "tenant": TENANT, "client_id": CLIENT, "client_secret": "env:S"}
        asked |= {"api_url": self.graph.url, "login_url": self.graph.login_url, "ca_file": self.graph.ca_file}
        settings = GraphOptions(**asked | options)
        connector = GraphConnector.open(Connection("c1", "graph", "adra", since=since), settings, place)
        self.opened.append(connector)
        return connector

    def spoil(self, pattern, answer=None, **more):
        self.graph.server.faults.append(Fault(lambda request: bool(re.search(pattern, request.path)), answer, **more))


@pytest.fixture
def mailbox(tmp_path):
    mailbox = GraphMailbox(tmp_path)
    yield mailbox
    for connector in mailbox.opened:
        connector.close()
    mailbox.graph.server.close()


class TestGraph(MailContract):
    pass


@pytest.fixture
def held(mailbox):
    mailbox.deliver(mail("m"))
    connector = mailbox.connect()
    (item,) = fetched(connector)
    return connector, quarantine(item.message.key.native_id)


def test_every_request_asks_for_immutable_ids(mailbox, held):
    connector, enforcement = held
    connector.act(enforcement)
    asked = [r.headers.get("Prefer", "") for r in mailbox.graph.server.requests if r.path.startswith("/v1.0")]
    assert len(asked) > 5
    assert all('IdType="ImmutableId"' in prefer for prefer in asked)


def test_a_mail_that_went_and_came_back_between_two_rounds_is_not_lost(mailbox, held):
    connector, _ = held
    cursor = last_cursor(connector)
    mailbox.deliver(mail("wanderer"))
    mailbox.staff_move("wanderer", "Elsewhere")
    mailbox.staff_move("wanderer", "INBOX")
    (item,) = fetched(connector, cursor)
    assert item.message.subject == "wanderer"


def test_a_sweep_finds_what_delta_never_told_of(mailbox, held):
    connector, _ = held
    cursor = last_cursor(connector)
    mailbox.deliver(mail("silent"))
    silent = mailbox.store.by_subject("silent")[0]
    mailbox.store.log = [change for change in mailbox.store.log if change.mail is not silent]
    assert fetched(connector, cursor) == []
    mailbox.ahead = timedelta(hours=25)
    assert [item.message.subject for item in fetched(connector, cursor)] == ["silent"]


def test_repeated_pages_bring_nothing_twice(mailbox):
    mailbox.graph.repeat_pages, mailbox.graph.page_items = True, 4
    for number in range(10):
        mailbox.deliver(mail(f"m{number}"))
    items = fetched(mailbox.connect())
    assert [item.message.subject for item in items] == [f"m{number}" for number in range(10)]


def test_a_throttled_first_sync_hands_over_what_it_has_and_gets_on(mailbox):
    for number in range(6):
        mailbox.deliver(mail(f"m{number}"))
    connector = mailbox.connect()
    stream = connector.fetch(None)
    mailbox.spoil(r"M-\d+/\$value")  # torn
    with pytest.raises(Unavailable):
        next(stream)
    fourth = mailbox.store.by_subject("m3")[0].immutable_id
    mailbox.spoil(rf"{fourth}/\$value", Answer(429, b"{}", headers={"Retry-After": "33"}))
    stream = connector.fetch(None)
    batch = next(stream)
    assert len(batch.items) == 3
    with pytest.raises(RateLimited) as told:
        next(stream)
    assert told.value.retry_after_s == 33
    assert [item.message.subject for item in fetched(connector, batch.cursor)] == ["m3", "m4", "m5"]


def test_batches_are_bounded_and_each_may_be_the_last(mailbox, monkeypatch):
    monkeypatch.setattr("connectors.mail.graph_delta.BATCH_ITEMS", 3)
    for number in range(8):
        mailbox.deliver(mail(f"m{number}"))
    batches = list(mailbox.connect().fetch(None))
    assert max(len(batch.items) for batch in batches) == 3
    rest = fetched(mailbox.connect(), batches[0].cursor)
    assert [item.message.subject for item in (*batches[0].items, *rest)] == [f"m{number}" for number in range(8)]


def test_outages_pauses_and_torn_connections_are_told_apart(mailbox, held):
    connector, enforcement = held
    mailbox.spoil("move", Answer(500, b"oops", "text/plain"))
    with pytest.raises(Unavailable):
        connector.act(enforcement)
    mailbox.spoil("move", Answer(503, b"{}", headers={"Retry-After": "5"}))
    with pytest.raises(RateLimited):
        connector.act(enforcement)
    mailbox.spoil("move", after_the_work=True)
    with pytest.raises(Unavailable):
        connector.act(enforcement)
    assert connector.read_back(enforcement) is True
    assert connector.act(enforcement).state is EnforcementState.ALREADY_DONE


def test_a_token_no_longer_taken_is_replaced_once(mailbox, held):
    connector, enforcement = held
    mailbox.graph.tokens.clear()
    assert connector.act(enforcement).state is EnforcementState.DONE
    mailbox.graph.secret = "another"
    mailbox.graph.tokens.clear()
    with pytest.raises(AuthFailed, match="wrong secret"):
        connector.read_back(enforcement)


def test_a_wrong_secret_is_a_matter_for_a_person_and_is_not_told(mailbox):
    with pytest.raises(AuthFailed) as told:
        fetched(mailbox.connect(secret="wrong-secret"))
    assert "wrong-secret" not in str(told.value)


def test_a_person_signs_in_by_code_once_and_the_tokens_stay(mailbox):
    mailbox.deliver(mail("m"))
    connector = mailbox.connect(auth="device_code", client_secret=None)
    with pytest.raises(AuthFailed, match="connect it again"):
        fetched(connector)
    shown = []
    connector.sign_in(shown.append)
    assert "ABCD-EFGH" in shown[0]
    assert len(fetched(connector)) == 1
    kept = connector._place.state_dir / CACHE_NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    mailbox.graph.tokens.clear()  # the access token lapses; the refresh token is used and rotates
    before = kept.read_text()
    again = mailbox.connect(auth="device_code", client_secret=None)
    assert len(fetched(again)) == 1
    assert kept.read_text() != before
    mailbox.graph.tokens.clear()
    mailbox.graph.refresh_tokens.clear()
    with pytest.raises(AuthFailed):
        fetched(mailbox.connect(auth="device_code", client_secret=None))


def test_a_person_who_declines_is_told(mailbox):
    mailbox.graph.person_has_agreed = False
    with pytest.raises(AuthFailed, match="they said no"):
        mailbox.connect(auth="device_code", client_secret=None).sign_in(lambda _: None)


def test_without_the_right_to_rules_there_is_no_block(mailbox):
    mailbox.graph.may_change_rules = False
    assert Action.BLOCK not in mailbox.connect().can()
    assert Action.QUARANTINE in mailbox.connect().can()


def test_a_block_names_exactly_one_address(mailbox):
    mailbox.connect().act(BLOCK)
    (rule,) = mailbox.store.rules
    assert set(rule.body["conditions"]) == {"fromAddresses"}
    assert rule.body["actions"]["stopProcessingRules"] is True


def test_a_quarantine_folder_deleted_meanwhile_is_made_again(mailbox, held):
    connector, enforcement = held
    del mailbox.store.folders[mailbox.store.folder_named("Porthor quarantine").id]
    with pytest.raises(Unavailable):
        connector.act(enforcement)
    assert connector.act(enforcement).state is EnforcementState.DONE


def test_a_mail_brought_back_from_a_backup_is_known_by_its_bytes(mailbox, held):
    connector, enforcement = held
    before = mailbox.store.by_subject("m")[0]
    mailbox.deliver(mail("m", "an imitation of the same Message-ID"))
    mailbox.deliver(before.raw)
    mailbox.store.delete(before)
    assert connector.act(enforcement).state is EnforcementState.DONE
    assert [each.raw for each in mailbox.store.mails.values() if each.folder != "F-inbox"] == [before.raw]


def test_hints_are_kept_and_only_genuine_ones_wake(mailbox):
    hinted = {"notification_url": "https://porthor.example.org/hints", "notification_secret": "env:H"}
    connector = mailbox.connect(secret=SECRET, **hinted)
    fetched(connector)
    fetched(connector)
    (subscription,) = mailbox.graph.subscriptions.values()
    assert subscription["clientState"] == SECRET
    mailbox.ahead = timedelta(days=1, hours=12)
    until = subscription["expirationDateTime"]
    fetched(connector)
    assert subscription["expirationDateTime"] > until
    for body in (notification("forged"), b"{}", b'{"value": []}', b"no json", b"[1]"):
        assert connector.hint(body) is False
    assert connector.wait(0.01) is False
    assert connector.hint(notification(SECRET)) is True
    assert connector.wait(0.01) is True
    assert connector.wait(0.01) is False
    assert validation_answer({"validationToken": "abc"}) == "abc"
    assert validation_answer({}) is None


def test_mail_is_read_though_hints_are_refused(mailbox):
    mailbox.deliver(mail("m"))
    mailbox.graph.validate = lambda _: False
    connector = mailbox.connect(notification_url="https://porthor.example.org/hints", notification_secret="env:H")
    assert len(fetched(connector)) == 1


def test_a_hint_wakes_a_waiting_thread(mailbox):
    connector = mailbox.connect(notification_url="https://porthor.example.org/hints", notification_secret="env:H")
    threading.Timer(0.05, connector.hint, (notification(SECRET),)).start()
    assert connector.wait(20) is True


def test_a_link_to_another_host_is_not_followed(mailbox):
    cursor = '{"batch":1,"folders":{"INBOX":{"link":"https://elsewhere.example.org/v1.0/x","swept":"2026-03-10T10:00:00+00:00"}}}'
    with pytest.raises(Refused, match="only"):
        fetched(mailbox.connect(), cursor)


def test_an_untrusted_certificate_is_refused(mailbox):
    with pytest.raises(Refused, match="ca_file"):
        fetched(mailbox.connect(ca_file=None))


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_url": "http://graph.example.org/v1.0"},
        {"auth": "device_code"},
        {"notification_url": "https://x.example.org"},
    ],
)
def test_options_that_do_not_fit_are_told(wrong):
    with pytest.raises(ValidationError):
        GraphOptions(mailbox="m", tenant="t", client_id="c", client_secret="env:S", **wrong)


def test_every_error_of_the_libraries_and_every_status_means_something(now):
    classes = {each for _, each in inspect.getmembers(httpx, inspect.isclass) if issubclass(each, Exception)}
    assert not classes - BY_CLASS.keys()
    own = {each for _, each in inspect.getmembers(msal.exceptions, inspect.isclass) if issubclass(each, Exception)}
    assert not own - BY_MSAL.keys()

    def meant(status, code="x", **headers):
        return failure(httpx.Response(status, json={"error": {"code": code}}, headers=headers), lambda: now)

    kinds = {
        status: type(meant(status)) for status in (400, 401, 403, 404, 409, 410, 412, 423, 429, 500, 502, 503, 504, 509)
    }
    assert kinds == {
        400: Refused, 401: AuthFailed, 403: AuthFailed, 404: MessageGone, 409: Unavailable, 410: Resync, 412: Unavailable,
        423: Unavailable, 429: RateLimited, 500: Unavailable, 502: Unavailable, 503: Unavailable, 504: Unavailable,
        509: RateLimited,
    }  # fmt: skip
    assert isinstance(meant(404, "ErrorFolderNotFound"), FolderMissing)
    assert meant(429, **{"Retry-After": "Tue, 10 Mar 2026 10:02:00 GMT"}).retry_after_s == 120
