"""The connector `youtube` against Google's real client and an emulated API: the contract, faults, quota, every exception."""

import http.client
import inspect
import json
import logging
import stat
from datetime import UTC, datetime, timedelta

import httplib2.error
import orjson
import pytest
from googleapiclient import errors

from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable
from connectors.social.youtube_errors import CAUGHT, MEANING, translated
from models.domain import Action, Nature
from tests.connectors.conftest import SECRETS
from tests.connectors.contract import ConnectorContract
from tests.connectors.steps import items, last_cursor, texts, wanted
from tests.emulators.youtube import ANGRY, FIRST, OWN

pytestmark = pytest.mark.usefixtures("never_sleeps")


class TestYoutube(ConnectorContract):
    @pytest.fixture
    def connector(self, youtube, open_channel):
        youtube.page_size = 2
        for number in range(5):
            youtube.comment(f"Ug{number}", number, f"you {number}")
        for number in range(3):
            youtube.comment(f"Ug1.r{number}", 10 + number, f"reply {number}")
        youtube.comment("UgHeld", 20, "taken for abuse", state="heldForReview")
        youtube.comment("UgSpam", 21, "taken for spam", state="likelySpam")
        return open_channel()

    @pytest.fixture
    def enforcement(self):
        return wanted(Action.HIDE, "Ug2", "message")

    def test_all_is_read(self, connector):
        assert len(items(connector)) == 10


class TestHidingAReply(TestYoutube):
    @pytest.fixture
    def enforcement(self):
        return wanted(Action.HIDE, "Ug1.r1", "message")


def test_comments_and_replies_are_read_with_their_threads(youtube, open_channel):
    youtube.comment("Ug1", 1, "useless, see https://x.example/a.")
    youtube.comment("Ug1.own", 2, "sorry", OWN)
    youtube.comment("Ug2", 3, "", imageUrl="https://yt3.example/signed")
    comment, reply, picture = sorted((item.message for item in items(open_channel())), key=lambda one: one.received_at)
    assert (comment.nature, reply.nature, picture.nature) == (Nature.ORDINARY, Nature.OWN, Nature.OPAQUE)
    assert (comment.author.address, comment.author.display_name) == (ANGRY, "@ucangry")
    assert comment.thread == reply.thread == reply.reply_to_id == "Ug1"
    assert comment.reply_to_id == "vid1"
    assert comment.received_at == FIRST + timedelta(minutes=1)
    assert [link.target for link in comment.links] == ["https://x.example/a"]
    assert picture.attachments[0].content_type == "image/*"


def test_a_kill_at_any_page_loses_nothing_not_even_what_comes_meanwhile(youtube, open_channel):
    youtube.page_size = 2
    for number in range(5):
        youtube.comment(f"Ug{number}", number, f"c {number}")
    for number in range(3):
        youtube.comment(f"Ug0.r{number}", 10 + number, f"r {number}")
    whole = texts(open_channel("whole"))
    assert len(whole) == len(set(whole)) == 8
    for kill_after in range(1, len(list(open_channel("whole").fetch(None)))):
        name = f"killed-{kill_after}"
        batches = [batch for _, batch in zip(range(kill_after), open_channel(name).fetch(None), strict=False)]
        youtube.comment("UgLate", 90, "meanwhile")
        youtube.comment("Ug0.late", 91, "a late reply")
        got = [item.message.own_text for batch in batches for item in batch.items]
        youtube.clock.now += timedelta(minutes=11)
        got += texts(open_channel(name), batches[-1].cursor)
        assert sorted(got) == sorted([*whole, "meanwhile", "a late reply"])
        del youtube.comments["UgLate"], youtube.comments["Ug0.late"]


def test_an_edit_comes_as_a_newer_version_and_a_like_or_a_hold_does_not(youtube, open_channel):
    for number in range(3):
        youtube.comment(f"Ug{number}", number, f"c {number}")
    youtube.comment("Ug0.r", 5, "reply")
    connector = open_channel()
    cursor = last_cursor(connector)
    youtube.edit("Ug0", 30, "you idiots")
    youtube.edit("Ug0.r", 31, "and you")
    youtube.comments["Ug1"]["snippet"]["likeCount"] = 9
    youtube.clock.now += timedelta(minutes=11)
    assert sorted(texts(connector, cursor)) == ["and you", "you idiots"]
    before = {item.message.key.native_id: item.raw for item in items(open_channel("other"))}
    youtube.comments["Ug2"]["state"] = "heldForReview"
    after = {item.message.key.native_id: item.raw for item in items(open_channel("another"))}
    assert before == after


def test_a_lapsed_page_token_begins_the_list_again(youtube, open_channel):
    youtube.page_size = 2
    for number in range(6):
        youtube.comment(f"Ug{number}", number, f"c {number}")
    first = next(batch for batch in open_channel().fetch(None))
    del youtube.comments["Ug4"]
    assert sorted(texts(open_channel(), first.cursor)) == ["c 0", "c 1", "c 2", "c 3"]


def test_pages_sent_twice_do_no_harm(youtube, open_channel):
    youtube.page_size = 2
    for number in range(6):
        youtube.comment(f"Ug{number}", number, f"c {number}")
    fetching = open_channel().fetch(None)
    first = next(fetching)
    youtube.duplicate_pages = True
    rest = [item.message.own_text for batch in fetching for item in batch.items]
    assert sorted([*rest, *(item.message.own_text for item in first.items)]) == [f"c {number}" for number in range(6)]


def test_history_unknown_forms_and_days(youtube, open_channel):
    youtube.comment("UgOld", 10, "old")
    youtube.comment("UgOdd", 50, "odd", updatedAt="2026-11-20T10:00:00Z")
    del youtube.comments["UgOdd"]["snippet"]["publishedAt"]
    youtube.comments["UgOdd"]["snippet"]["publishedAt"] = "2026-11-20T09:50"
    youtube.comments["UgOdd"]["snippet"]["authorChannelId"] = "odd"
    found = {item.message.key.native_id: item for item in items(open_channel(since=FIRST + timedelta(minutes=40)))}
    assert found["UgOld"].message.nature is Nature.HISTORY
    assert found["UgOdd"].message.nature is Nature.OPAQUE
    assert json.loads(found["UgOdd"].raw)["comment"]["snippet"]["textDisplay"] == "odd"
    youtube.clock.now = FIRST + timedelta(days=1, minutes=20)
    assert texts(open_channel("young", days=1)) == [found["UgOdd"].message.own_text]


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (403, "quotaExceeded", RateLimited),
        (403, "rateLimitExceeded", RateLimited),
        (429, "", RateLimited),
        (500, "backendError", Unavailable),
        (503, "", Unavailable),
        (400, "processingFailure", Unavailable),
        (403, "insufficientPermissions", AuthFailed),
        (403, "accessNotConfigured", AuthFailed),
        (403, "forbidden", Refused),
        (400, "badRequest", Refused),
    ],
)
def test_faults_say_what_to_do_next_and_the_next_fetch_goes_on(youtube, open_channel, status, reason, error):
    youtube.page_size = 2
    for number in range(5):
        youtube.comment(f"Ug{number}", number, f"c {number}")
    youtube.refuse("commentThreads", status, reason, skip=1)
    got = []
    with pytest.raises(error) as caught:
        got.extend(open_channel().fetch(None))
    assert type(caught.value) is error
    assert "in Google's words" not in str(caught.value)
    found = [item.message.own_text for batch in got for item in batch.items]
    assert len(found) == 2
    assert len(found + texts(open_channel(), got[0].cursor)) == 5


def test_a_torn_connection_and_a_broken_server_are_unavailable(youtube, open_channel):
    youtube.comment("Ug1", 1, "c")
    for status in (None, 500):
        youtube.fail("commentThreads", status, times=4)
        with pytest.raises(Unavailable):
            items(open_channel())
        youtube.faults.clear()
    assert texts(open_channel()) == ["c"]


def test_a_used_up_quota_waits_until_midnight_in_california(youtube, open_channel):
    youtube.refuse("commentThreads", 403, "quotaExceeded")
    with pytest.raises(RateLimited) as caught:
        items(open_channel())
    assert youtube.clock.now + timedelta(seconds=caught.value.retry_after_s) == datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_units_are_counted_and_some_are_kept_for_acting(youtube, open_channel):
    youtube.comment("Ug1", 1, "abuse")
    connector = open_channel(daily_units=110, units_for_acting=104)
    batches = list(connector.fetch(None))
    cursor, (first,) = batches[-1].cursor, [item for batch in batches for item in batch.items]
    assert connector.spent() == youtube.units == 4
    with pytest.raises(RateLimited, match="6 of the day's 110 units"):
        items(connector, cursor)
    hide = wanted(Action.HIDE, "Ug1", "message")
    connector.act(hide)
    assert connector.read_back(hide) is True
    assert connector.spent() == youtube.units - 4
    youtube.clock.now += timedelta(days=1)
    (again,) = items(connector, cursor)  # it stands in another list now: the engine knows it by its bytes
    assert again.raw == first.raw
    with pytest.raises(Refused, match="lower it"):
        open_channel(daily_units=100, units_for_acting=100)


def test_the_token_is_kept_renewed_in_time_and_once_more_when_it_expires_early(youtube, open_channel, tmp_path):
    youtube.comment("Ug1", 1, "c")
    connector = open_channel()
    items(connector)
    kept = tmp_path / "state" / "token.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_bytes())["access"] == "access-1"
    items(open_channel())
    assert youtube.access == 1
    youtube.clock.now += timedelta(minutes=59)
    items(connector)
    assert youtube.access == 2
    youtube.expire()
    items(connector)
    assert youtube.access == 4


def test_a_dead_refresh_token_is_told_and_a_new_sign_in_replaces_it(youtube, open_channel, monkeypatch):
    youtube.comment("Ug1", 1, "c")
    connector = open_channel()
    items(connector)
    youtube.refresh_token = "another"
    youtube.expire()
    with pytest.raises(AuthFailed, match="sign in again"):
        items(connector)
    monkeypatch.setitem(SECRETS, "env:R", "another")
    assert texts(connector) == ["c"]


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (500, Unavailable), (None, Unavailable)])
def test_a_renewal_that_fails_says_what_to_do_next(youtube, open_channel, status, error):
    youtube.fail("/token", status, times=4)
    with pytest.raises(error):
        items(open_channel())


def test_every_exception_of_the_client_has_a_meaning():
    classes = {
        found
        for module in (errors, httplib2.error, http.client)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Exception) and found.__module__ == module.__name__
    } | {OSError, TimeoutError, ConnectionResetError, orjson.JSONDecodeError}
    assert len(classes) > 30
    now = datetime(2026, 11, 21, tzinfo=UTC)
    for found in classes:
        assert any(base in MEANING for base in found.__mro__), found
        assert issubclass(found, CAUGHT) or found is orjson.JSONDecodeError
        if not issubclass(found, errors.HttpError):
            assert isinstance(translated(found.__new__(found), "testing", now), ConnectorError)


def test_no_log_no_cursor_and_no_error_holds_a_token_or_a_message(youtube, open_channel, caplog):
    youtube.comment("Ug1", 1, "a secret matter")
    with caplog.at_level(logging.DEBUG):
        batches = list(open_channel().fetch(None))
        with pytest.raises(MessageGone) as caught:
            open_channel().act(wanted(Action.HIDE, "UgNone", "message"))
    told = caplog.text + str(caught.value) + "".join(batch.cursor for batch in batches)
    assert not [secret for secret in ("access-1", "refresh", "secret matter") if secret in told]
