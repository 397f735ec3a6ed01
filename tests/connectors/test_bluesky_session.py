"""Sessions, faults and direct messages of the connector `bluesky`, through a proxy in front of the real server."""

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.base import AuthFailed, MessageGone, RateLimited, Refused, Unavailable
from connectors.bsky.tokens import FILE_NAME, TokenFile
from models.domain import Action, Connection, Enforcement, EnforcementState, Nature, Target
from tests.network.bluesky.chat import chat_service
from tests.network.bluesky.people import Person, now_text
from tests.network.faults import Fault, faulty
from tests.network.processes import free_port

pytestmark = pytest.mark.slow
GET_FEED = "app.bsky.feed.getAuthorFeed"
LIST = "listNotifications"
REPORT = "createReport"


@pytest.fixture(scope="module")
def council(bluesky):
    return Person.join(bluesky, "council")


@pytest.fixture(scope="module")
def one_proxy(bluesky):
    with faulty(bluesky.pds) as made:
        yield made


@pytest.fixture
def proxy(one_proxy):
    one_proxy.faults.clear()
    one_proxy.calls.clear()
    return one_proxy


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory):
    """One folder for those tests that are not about logging in."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def logged_in(council, bluesky, proxy, state_dir):
    return council.connector(bluesky, state_dir, service=proxy.url)


@pytest.fixture
def connector(council, bluesky, proxy, tmp_path):
    return council.connector(bluesky, tmp_path, service=proxy.url)


@pytest.fixture
def report(council):
    return Enforcement(1, "bsky", Target("account", council.did), Action.REPORT, wanted=True, generation=1)


def read(connector, cursor=None):
    return list(connector.fetch(cursor))


def test_tokens_are_kept_for_the_bot_alone_and_used_again(connector, council, bluesky, proxy, tmp_path):
    read(connector)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    again = council.connector(bluesky, tmp_path, service=proxy.url, plain_password="forgotten")
    read(again)
    assert proxy.count("createSession") == 1


def test_expired_tokens_are_renewed_and_on_disk_before_the_call_goes_on(connector, proxy, tmp_path):
    read(connector)
    before = (tmp_path / FILE_NAME).read_text()
    proxy.faults.append(Fault(LIST, 400, "ExpiredToken", "Token has expired"))
    read(connector)
    assert (tmp_path / FILE_NAME).read_text() != before
    assert proxy.count("refreshSession") == 1
    assert proxy.count("createSession") == 1


def test_an_ended_session_is_begun_anew_with_the_password(connector, council, bluesky, proxy, tmp_path):
    read(connector)
    kept = json.loads((tmp_path / FILE_NAME).read_text())["session"].split(":::")
    refused = httpx.post(
        f"{bluesky.pds}/xrpc/com.atproto.server.deleteSession", headers={"authorization": f"Bearer {kept[3]}"}
    )
    assert refused.status_code == 200
    proxy.faults.append(Fault(LIST, 400, "ExpiredToken", "Token has expired"))
    read(connector)
    assert proxy.count("createSession") == 2


def test_a_damaged_or_foreign_session_is_not_used(council, bluesky, proxy, tmp_path):
    for content in ("{half", '{"service": "x", "handle": "y", "session": "z"}', "[]"):
        (tmp_path / FILE_NAME).write_text(content)
        read(council.connector(bluesky, tmp_path, service=proxy.url))
    assert proxy.count("createSession") == 3
    (tmp_path / FILE_NAME).unlink()
    TokenFile(tmp_path, proxy.url, council.handle).save("a:::b:::c:::d:::e")
    read(council.connector(bluesky, tmp_path, service=proxy.url))
    assert proxy.count("createSession") == 4


def test_a_wrong_password_says_what_to_check_and_not_what_it_was(council, bluesky, tmp_path):
    connector = council.connector(bluesky, tmp_path, plain_password="wrong-secret")
    with pytest.raises(AuthFailed, match="check the handle and the app password") as told:
        read(connector)
    assert "wrong-secret" not in str(told.value)


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (Fault(LIST, 429, "RateLimitExceeded", headers={"retry-after": "17"}), RateLimited),
        (Fault(LIST, 429, "RateLimitExceeded"), RateLimited),
        (Fault(LIST, 500, "InternalServerError"), Unavailable),
        (Fault(LIST, 502, "UpstreamFailure"), Unavailable),
        (Fault(LIST, 503), Unavailable),
        (Fault(LIST), Unavailable),
        (Fault(LIST, 200), Unavailable),
        (Fault(LIST, 302, headers={"location": "http://127.0.0.1:9/"}), Refused),
        (Fault(LIST, 400, "InvalidRequest", "no such thing"), Refused),
        (Fault(LIST, 501, "MethodNotImplemented"), Refused),
        (Fault(LIST, 401, "AuthMissing"), AuthFailed),
    ],
    ids=lambda value: f"{value.path}-{value.status}-{value.error}" if isinstance(value, Fault) else value.__name__,
)
def test_what_a_server_does_wrong_says_what_to_do_next(logged_in, proxy, fault, wanted):
    if fault.status == 200:
        fault = Fault(LIST, 200, headers={"content-type": "text/html"})
    proxy.faults.append(fault)
    with pytest.raises(wanted):
        read(logged_in)
    read(logged_in)


@pytest.mark.parametrize(("status", "wanted"), [(429, RateLimited), (500, Unavailable), (None, Unavailable)])
def test_a_server_that_lets_nobody_in_now_is_no_wrong_password(connector, proxy, status, wanted):
    proxy.faults.append(Fault("createSession", status))
    with pytest.raises(wanted):
        read(connector)


def test_a_rate_limit_tells_for_how_long(logged_in, proxy):
    reset = int((datetime.now(UTC) + timedelta(seconds=100)).timestamp())
    for headers, at_least, at_most in (({"retry-after": "17"}, 17, 17), ({"ratelimit-reset": str(reset)}, 60, 101)):
        proxy.faults.append(Fault(LIST, 429, "RateLimitExceeded", headers=headers))
        with pytest.raises(RateLimited) as told:
            read(logged_in)
        assert at_least <= told.value.retry_after_s <= at_most


def test_nobody_listening_is_unavailable_and_a_report_that_was_never_sent_is_not_unknown(
    council, bluesky, tmp_path, report
):
    connector = council.connector(bluesky, tmp_path, service=f"http://127.0.0.1:{free_port()}")
    block = replace(report, effect=Action.BLOCK)
    assert connector.wait(1), "before the first reading there is always something to read"
    for call in (lambda: read(connector), lambda: connector.act(report), lambda: connector.read_back(block)):
        with pytest.raises(Unavailable):
            call()


@pytest.mark.parametrize("fault", [Fault(REPORT, arrives=True), Fault(REPORT, 504, arrives=True)], ids=["torn", "504"])
def test_a_report_of_unclear_fate_is_unknown_and_never_repeated(logged_in, proxy, report, fault):
    proxy.faults.append(fault)
    outcome = logged_in.act(report)
    assert (outcome.state, outcome.read_back) == (EnforcementState.UNKNOWN, None)
    assert proxy.count(REPORT) == 1


def test_a_report_that_was_turned_away_may_be_tried_again(logged_in, proxy, report):
    proxy.faults.append(Fault(REPORT, 429, "RateLimitExceeded"))
    with pytest.raises(RateLimited):
        logged_in.act(report)
    assert logged_in.act(report).state is EnforcementState.DONE


def test_a_hide_torn_after_it_arrived_is_found_done(logged_in, council, bluesky, proxy):
    rude = Person.join(bluesky, "rude")
    answer = rude.reply(council.shown("Hello"), "no")
    hide = Enforcement(1, "bsky", Target("message", answer["uri"]), Action.HIDE, wanted=True, generation=1)
    proxy.faults.append(Fault("putRecord", arrives=True))
    with pytest.raises(Unavailable):
        logged_in.act(hide)
    assert logged_in.act(hide).state is EnforcementState.ALREADY_DONE


def test_a_page_the_server_no_longer_knows_starts_the_sweep_anew(logged_in, proxy):
    cursor = json.loads(read(logged_in)[-1].cursor)
    proxy.faults.append(Fault("cursor=gone", 400, "InvalidRequest", "Malformed cursor"))
    assert read(logged_in, json.dumps(cursor | {"page": "gone"}))


def test_an_account_taken_away_is_gone(logged_in, council):
    gone = Enforcement(1, "bsky", Target("account", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"), Action.MUTE, True, 1)
    with pytest.raises(MessageGone):
        logged_in.act(gone)


def test_direct_messages_are_read_from_when_they_were_permitted(council, bluesky, tmp_path):
    sender = Person.join(bluesky, "sender")
    password = council.app_password(privileged=True)
    more = {"direct_messages": True, "chat_service": bluesky.chat, "plain_password": password}
    with chat_service(int(bluesky.chat_port)) as chat:
        chat.write(sender.did, council.did, "before", now_text())
        connector = council.connector(bluesky, tmp_path, **more)
        cursor = read(connector)[-1].cursor
        texts = ["I need help", "Ŵyt ti yna? 😀", "Hello?"]
        for text in texts:
            chat.write(sender.did, council.did, text, now_text())
        chat.write(council.did, sender.did, "We are here", now_text())
        batches = read(connector, cursor)
        found = [item.message for batch in batches for item in batch.items]
        assert [message.own_text for message in found] == [*texts, "We are here"]
        assert [message.nature for message in found] == [Nature.ORDINARY] * 3 + [Nature.OWN]
        assert found[0].author.address == sender.did
        assert found[0].key.native_id.startswith("chat/")
        assert not [item for batch in read(connector, batches[-1].cursor) for item in batch.items]
        hide = Enforcement(1, "bsky", Target("message", found[0].key.native_id), Action.HIDE, True, 1)
        with pytest.raises(Refused, match="direct message"):
            connector.act(hide)


def test_an_app_password_without_the_right_to_messages_says_so(council, bluesky, tmp_path):
    connection = Connection("bsky", "bluesky", "adra")
    password = council.app_password(privileged=False)
    with chat_service(int(bluesky.chat_port)):
        connector = council.connector(
            bluesky, tmp_path, direct_messages=True, chat_service=bluesky.chat, plain_password=password,
            connection=connection,
        )  # fmt: skip
        batches = connector.fetch(None)
        assert next(batches).cursor
        with pytest.raises(Refused, match="allows access to direct messages"):
            list(batches)
