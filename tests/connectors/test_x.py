"""The connector `x` against tweepy's real client and an emulated API: the contract, faults, costs, every exception."""

import inspect
import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import requests
import tweepy.errors

from connectors.base import AuthFailed, RateLimited, Refused, Unavailable
from connectors.social.x_errors import MEANING, translated
from models.domain import Action, EnforcementState
from tests.connectors.contract import ConnectorContract
from tests.connectors.steps import items, texts, wanted
from tests.emulators.x import NOW, OWN, ident

pytestmark = pytest.mark.usefixtures("never_sleeps")

AT = "2026-11-21T10:00:00.000Z"


class TestX(ConnectorContract):
    @pytest.fixture
    def connector(self, x, open_x):
        x.page_size = 2
        root = ident(300)
        x.post(root, OWN, "Bins are late", AT)
        for number in range(5):
            x.post(ident(100 - number), "42", f"@council you {number}", AT, conversation_id=root)
        x.post(ident(50), "42", "no mention here", AT, conversation_id=root)
        x.direct(ident(40), "42", "a direct word", AT)
        return open_x(query="bins")

    @pytest.fixture
    def enforcement(self):
        return wanted(Action.MUTE, "angry_one")


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (429, {"x_rate_limit_reset": int(NOW.timestamp()) + 77}, RateLimited),
        (500, {}, Unavailable),
        (503, {}, Unavailable),
        (403, {}, Refused),
        (402, {}, AuthFailed),
        (None, {}, Unavailable),
    ],
)
def test_faults_say_what_to_do_next_and_the_next_fetch_goes_on(x, open_x, status, headers, error):
    x.page_size = 2
    for number in range(5):
        x.post(ident(100 - number), "42", f"@council {number}", AT)
    x.fail("mentions", status, skip=1, **headers)
    connector = open_x()
    got = []
    with pytest.raises(error) as caught:
        got.extend(connector.fetch(None))
    cursor = got[-1].cursor
    got = [item for batch in got for item in batch.items]
    if error is RateLimited:
        assert caught.value.retry_after_s == 77
    assert len(got) == 2
    assert len(got + items(connector, cursor)) == 5


def test_a_daily_limit_counts_before_the_short_one(x, open_x):
    soon, day = int(NOW.timestamp()) + 60, int(NOW.timestamp()) + 40_000
    x.fail("muting", 429, x_rate_limit_reset=soon, x_user_limit_24hour_remaining=0, x_user_limit_24hour_reset=day)
    with pytest.raises(RateLimited) as caught:
        open_x().act(wanted(Action.MUTE, "angry_one"))
    assert caught.value.retry_after_s == 40_000


def test_the_month_is_counted_and_the_cap_stops_reading_but_not_acting(x, open_x):
    for number in range(20):
        x.post(ident(100 - number), "42", f"@council {number}", AT)
    connector = open_x(monthly_cap_usd="0.035", direct_messages=False)
    cursor = list(connector.fetch(None))[-1].cursor
    spent = connector.month()
    assert spent.counts == {"user_read": 1, "owned_read": 20}
    assert spent.usd == Decimal("0.030")
    with pytest.raises(RateLimited, match=r"cap of \$0\.035 is reached: \$0\.030 were spent in 2026-11") as caught:
        items(connector, cursor)
    assert x.clock.now + timedelta(seconds=caught.value.retry_after_s) == datetime(2026, 12, 1, tzinfo=UTC)
    assert connector.act(wanted(Action.MUTE, "angry_one")).state is EnforcementState.DONE
    x.clock.now = datetime(2026, 12, 1, tzinfo=UTC)
    x.post(ident(1), "42", "@council news", AT)
    assert texts(connector, cursor) == ["@council news"]


def test_every_exception_of_the_library_has_a_meaning():
    classes = {
        found
        for module in (tweepy.errors, requests.exceptions)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Exception) and found.__module__ == module.__name__ and not issubclass(found, Warning)
    }
    assert len(classes) > 20
    own = {found for found in classes if found.__module__ == "tweepy.errors"}
    assert own <= set(MEANING)
    unmapped = {found for found in classes - own if not issubclass(found, requests.RequestException)}
    assert not unmapped
    for error in (requests.Timeout("t"), requests.exceptions.ChunkedEncodingError(), tweepy.TweepyException("x")):
        assert isinstance(translated(error, "testing", NOW), Unavailable)


def test_no_log_holds_a_token_or_a_message(x, open_x, caplog):
    x.post(ident(9), "42", "@council a secret matter", AT)
    connector = open_x()
    with caplog.at_level(logging.DEBUG):
        items(connector)
        x.fail("muting", 403)
        with pytest.raises(Refused) as caught:
            connector.act(wanted(Action.MUTE, "angry_one"))
    told = caplog.text + str(caught.value)
    assert not [secret for secret in ("access-1", "refresh-", "secret matter") if secret in told]
