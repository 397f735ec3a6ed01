"""The connector `mastodon` against Mastodon.py's real client and an emulated instance: the contract, faults, the stream."""

import inspect
import logging
from datetime import UTC, datetime

import mastodon.errors
import pytest

from connectors.base import AuthFailed, MessageGone, RateLimited, Refused, Unavailable
from connectors.social.mastodon_errors import MEANING, translated
from models.domain import Action
from tests.connectors.contract import ConnectorContract
from tests.connectors.steps import items, wanted
from tests.emulators.mastodon import OWN

pytestmark = pytest.mark.usefixtures("never_sleeps")

ANGRY = "angry@elsewhere.example"


class TestMastodon(ConnectorContract):
    @pytest.fixture
    def connector(self, instance, open_it):
        instance.page_size = 2
        instance.post("10", OWN, "<p>Bins are late</p>")
        for number in range(5):
            instance.mention(str(100 + number), str(20 + number), "42", f"you {number}")
        instance.mention("110", "30", "42", "in private", visibility="direct")
        return open_it()

    @pytest.fixture
    def enforcement(self):
        return wanted(Action.MUTE, ANGRY)


class TestBlocking(TestMastodon):
    @pytest.fixture
    def enforcement(self):
        return wanted(Action.BLOCK, ANGRY)


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"X_RateLimit_Reset": "2026-11-21T09:01:17.000Z"}, RateLimited),
        (429, {}, RateLimited),
        (500, {}, Unavailable),
        (502, {}, Unavailable),
        (503, {}, Unavailable),
        (504, {}, Unavailable),
        (401, {}, AuthFailed),
        (403, {}, Refused),
        (410, {}, MessageGone),
        (422, {}, Refused),
        (None, {}, Unavailable),
    ],
)
def test_faults_say_what_to_do_next_and_the_next_fetch_goes_on(instance, open_it, status, headers, error):
    instance.page_size = 2
    for number in range(5):
        instance.mention(str(100 + number), str(20 + number), "42", f"m{number}")
    instance.fail("notifications", status, skip=1, **headers)
    got = []
    with pytest.raises(error) as caught:
        got.extend(open_it().fetch(None))
    assert "fault" not in str(caught.value)
    cursor = got[-1].cursor
    got = [item for batch in got for item in batch.items]
    assert len(got) == 2
    assert len(got + items(open_it(), cursor)) == 5


def test_every_exception_of_the_library_has_a_meaning():
    classes = {
        found
        for _, found in inspect.getmembers(mastodon.errors, inspect.isclass)
        if issubclass(found, Exception) and not issubclass(found, Warning)
    }
    assert classes == set(MEANING)
    for found in classes:
        assert isinstance(translated(found("x"), "testing", None, datetime.now(UTC)), tuple(set(MEANING.values())))


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        (b":thump\nevent: update\ndata: {}\n\nevent: notification\ndata: {}\n\n", True),
        (b":thump\n", False),
        (b"", False),
    ],
)
def test_the_stream_is_a_hint_to_fetch(instance, open_it, stream, told):
    instance.stream = stream
    assert open_it().wait(0.0 if stream == b":thump\n" else 5.0) is told


def test_a_stream_that_cannot_be_opened_is_unavailable(instance, open_it):
    instance.fail("streaming", 503)
    with pytest.raises(Unavailable):
        open_it().wait(1.0)


def test_no_log_and_no_error_holds_the_token_or_a_message(instance, open_it, caplog):
    instance.token = "a-token"
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(AuthFailed) as caught:
            items(open_it())
        instance.token = "token"
        instance.mention("100", "20", "42", "a secret matter")
        items(open_it())
    told = caplog.text + str(caught.value)
    assert "Bearer" not in told
    assert "secret matter" not in told
