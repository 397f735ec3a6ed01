"""The connector `x` against tweepy's real client and an emulated API: reading, resuming, acting, tokens, costs, faults."""

import inspect
import json
import logging
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import tweepy.errors

from connectors.base import AuthFailed, MessageGone, Place, RateLimited, Refused, Unavailable
from connectors.social.x_errors import MEANING, translated
from connectors.social.x_sign_in import REDIRECT, SCOPES, SignIn
from connectors.x import XConnector, XOptions
from models.domain import Action, Connection, Enforcement, EnforcementState, Nature, Target
from tests.connectors.contract import ConnectorContract
from tests.emulators.x import OWN, XEmulator, snowflake

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = "2026-11-21T10:00:00.000Z"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def never_sleeps(monkeypatch):
    """A call that would wait says so by an error instead."""

    def sleep(seconds: float) -> None:
        assert seconds == 0, "a connector slept inside a call"

    monkeypatch.setattr("time.sleep", sleep)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def x():
    with XEmulator() as emulator:
        emulator.add_user("42", "Angry_One", "A", description="profile text")
        yield emulator


@pytest.fixture
def open_x(x, clock, tmp_path):
    secrets = {"env:X_REFRESH": "refresh-0", "env:K": "key"}

    def opened(name="state", **more):
        folder = tmp_path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        options = XOptions(client_id="app", refresh_token="env:X_REFRESH", api_url=x.url, **more)
        connection = Connection("council-x", "x", "psow", own_addresses=("council",))
        return XConnector.open(connection, options, Place(folder, secrets.__getitem__, clock))

    return opened


def ident(minutes: int) -> str:
    """Return an id given out `minutes` before now."""
    return snowflake(NOW - timedelta(minutes=minutes))


def wanted(effect, native_id, kind="account", **more):
    return Enforcement(1, "council-x", Target(kind, native_id), effect, wanted=True, generation=1, **more)


def items(connector, cursor=None):
    return [item for batch in connector.fetch(cursor) for item in batch.items]


def texts(connector, cursor=None):
    return [item.message.own_text for item in items(connector, cursor)]


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


def test_mentions_replies_searches_and_direct_messages_are_read(x, open_x):
    root = ident(300)
    x.post(root, OWN, "Bins are late", AT)
    x.post(ident(99), "42", "@council useless", AT, conversation_id=root)
    x.post(ident(98), "42", "nobody there is any use", AT, conversation_id=root)
    x.post(ident(97), "42", "potholes everywhere", AT)
    x.direct(ident(96), "42", "a direct word", AT)
    found = {item.message.own_text: item.message for item in items(open_x(query="potholes"))}
    assert set(found) == {
        "Bins are late",
        "@council useless",
        "nobody there is any use",
        "potholes everywhere",
        "a direct word",
    }
    assert found["Bins are late"].nature is Nature.OWN
    assert found["nobody there is any use"].thread == root
    assert found["a direct word"].key.native_id == f"dm-{ident(96)}"
    assert found["@council useless"].author.address == "angry_one"
    assert found["@council useless"].to == ("council",)


def test_replies_that_mention_the_account_are_not_paid_for_twice(x, open_x):
    root = ident(300)
    x.post(root, OWN, "Bins are late", AT)
    x.post(ident(99), "42", "@council useless", AT, conversation_id=root)
    connector = open_x()
    items(connector)
    assert connector.spent().counts.get("post_read", 0) == 0


def test_a_kill_at_any_page_loses_nothing_and_reads_no_page_twice(x, open_x):
    x.page_size = 2
    for number in range(9):
        x.post(ident(100 - number), "42", f"@council {number}", AT)
    x.post(ident(300), OWN, "root", AT)
    x.post(ident(50), "42", "an answer", AT, conversation_id=ident(300))
    whole = set(texts(open_x("whole")))
    assert len(whole) == 11
    for kill_after in range(1, 9):
        x.refresh_token = "refresh-0"
        name = f"killed-{kill_after}"
        got, cursor = until_killed(open_x(name), kill_after)
        late = x.post(ident(10 - kill_after), "42", f"@council meanwhile {kill_after}", AT)
        asked = len(x.asked("mentions"))
        rest = list(open_x(name).fetch(cursor))
        rest += open_x(name).fetch(rest[-1].cursor)
        got += [item.message.own_text for batch in rest for item in batch.items]
        assert whole <= set(got)
        assert late["text"] in got
        assert len(got) == len(set(got))
        assert len(x.asked("mentions")) - asked <= 7
        del x.tweets[late["id"]]


def until_killed(connector, batches):
    got, cursor = [], None
    for _, batch in zip(range(batches), connector.fetch(None), strict=False):
        got += [item.message.own_text for item in batch.items]
        cursor = batch.cursor
    return got, cursor


def test_the_first_reading_goes_back_only_as_far_as_is_set(x, open_x):
    for days in (1, 5, 9):
        x.post(ident(days * 1440), "42", f"@council {days} days ago", (NOW - timedelta(days=days)).isoformat())
        x.direct(ident(days * 1440), "42", f"direct {days}", AT)
    assert sorted(texts(open_x())) == ["@council 1 days ago", "@council 5 days ago", "direct 1", "direct 5"]


def test_a_search_resumed_after_long_asks_no_further_back_than_x_keeps(x, open_x, clock):
    x.post(ident(10), "42", "potholes", AT)
    connector = open_x(query="potholes", replies=False)
    cursor = list(connector.fetch(None))[-1].cursor
    list(connector.fetch(cursor))
    clock.now += timedelta(days=9)
    list(connector.fetch(cursor))
    assert [request.one("since_id") for request in x.asked("search")] == [None, ident(10), None]


def test_the_high_water_mark_waits_for_the_last_page(x, open_x):
    x.page_size = 2
    for number in range(4):
        x.post(ident(100 - number), "42", f"@council {number}", AT)
    batches = [batch for batch in open_x().fetch(None) if batch.items]
    first, second = (json.loads(batch.cursor)["walks"]["mentions"] for batch in batches)
    assert first == {"since": None, "mark": ident(97), "token": f"t{ident(98)}"}
    assert second == {"since": ident(97), "mark": None, "token": None}


def test_a_lapsed_page_token_begins_the_walk_again(x, open_x):
    x.page_size = 2
    for number in range(5):
        x.post(ident(100 - number), "42", f"@council {number}", AT)
    connector = open_x()
    cursor = next(batch.cursor for batch in connector.fetch(None) if batch.items)
    x.lapsed_tokens = True
    assert set(texts(open_x(), cursor)) == {f"@council {number}" for number in range(5)}


def test_a_page_sent_twice_gives_nothing_twice(x, open_x):
    x.page_size = 2
    x.duplicate_pages = True
    for number in range(6):
        x.post(ident(100 - number), "42", f"@council {number}", AT)
    assert sorted(texts(open_x())) == [f"@council {number}" for number in range(6)]


def test_an_edit_is_a_newer_version_of_the_same_message_and_hides_by_its_newest_id(x, open_x):
    root, first, second = ident(300), ident(100), ident(50)
    x.post(root, OWN, "Bins are late", AT)
    x.post(first, "42", "@council please help", AT, conversation_id=root)
    connector = open_x()
    batches = list(connector.fetch(None))
    x.edit(first, second, "@council you filth", "2026-11-21T10:20:00.000Z")
    (edited,) = items(connector, batches[-1].cursor)
    assert edited.message.key.native_id == first
    assert edited.message.own_text == "@council you filth"
    connector.act(wanted(Action.HIDE, first, "message"))
    assert x.hidden == {second}


def test_an_older_version_never_replaces_a_newer_one(x, open_x):
    first, second = ident(100), ident(50)
    x.page_size = 1
    old = x.post(first, "42", "@council first words", AT)
    x.edit(first, second, "@council second words", AT)
    x.tweets[first] = {**old, "edit_history_tweet_ids": [first, second]}
    assert texts(open_x()) == ["@council second words"]


def test_what_a_reader_sees_is_the_text(x, open_x):
    x.media["m1"] = {"media_key": "m1", "type": "photo", "alt_text": "a fist"}
    urls = [
        {"url": "https://t.co/a", "expanded_url": "https://example.org/?a=1&copy=2", "display_url": "example.org"},
        {"url": "https://t.co/b", "expanded_url": "https://x.com/i/status/1/photo/1", "media_key": "m1"},
    ]
    long = "@council Tom &amp; Ann &lt;3 see https://t.co/a now " + "x" * 300 + " https://t.co/b"
    x.post(
        ident(9),
        "42",
        long[:200],
        AT,
        note_tweet={"text": long, "entities": {"urls": urls}},
        attachments={"media_keys": ["m1"]},
    )
    (item,) = items(open_x())
    message = item.message
    assert (
        message.own_text
        == f"@council Tom & Ann <3 see https://example.org/?a=1&copy=2 now {'x' * 300}\n[photo: a fist]"
    )
    (link,) = message.links
    assert message.own_text[link.span.start : link.span.end] == link.target == "https://example.org/?a=1&copy=2"
    assert message.attachments[0].content_type == "image/*"


def test_the_evidence_holds_the_author_and_no_counter(x, open_x):
    x.post(ident(9), "42", "@council hi", AT, public_metrics={"like_count": 3})
    (item,) = items(open_x())
    kept = json.loads(item.raw)
    assert kept["author"]["description"] == "profile text"
    assert kept["post"]["text"] == "@council hi"
    assert "public_metrics" not in kept["post"]


@pytest.mark.parametrize(
    ("more", "nature", "quoted"),
    [
        ({"text": "@council https://t.co/p", "attachments": {"media_keys": ["m1"]}}, Nature.OPAQUE, ""),
        (
            {"text": "@council see", "referenced_tweets": [{"type": "quoted", "id": "500"}]},
            Nature.ORDINARY,
            "their words",
        ),
        (
            {"text": "RT @other: @council their words", "referenced_tweets": [{"type": "retweeted", "id": "500"}]},
            Nature.ORDINARY,
            "@council their words",
        ),
    ],
)
def test_pictures_quotations_and_shared_posts(x, open_x, more, nature, quoted):
    x.media["m1"] = {"media_key": "m1", "type": "photo"}
    x.post("500", "42", "their words", AT)
    entities = {"urls": [{"url": "https://t.co/p", "expanded_url": "https://x.com/p/1", "media_key": "m1"}]}
    x.post(ident(9), "42", more.pop("text"), AT, entities=entities, **more)
    (item,) = items(open_x())
    assert (item.message.nature, item.message.quoted_text) == (nature, quoted)


@pytest.mark.parametrize("at", [AT, "2026-11-21T10:00:00Z", None])
def test_direct_messages_with_any_form_of_time_are_read(x, open_x, at):
    x.direct(ident(60), "42", "hello", at)
    (item,) = items(open_x())
    assert item.message.received_at == (
        NOW - timedelta(minutes=60) if at is None else datetime(2026, 11, 21, 10, tzinfo=UTC)
    )


def test_direct_messages_are_read_only_down_to_the_mark(x, open_x):
    x.page_size = 1
    for number in range(5):
        x.direct(ident(60 - number), "42", f"hello {number}", AT)
    connector = open_x()
    cursor = list(connector.fetch(None))[-1].cursor
    x.direct(ident(1), "42", "news", AT)
    before = len(x.asked("dm_events"))
    assert texts(connector, cursor) == ["news"]
    assert len(x.asked("dm_events")) - before == 2


def test_a_post_of_unknown_form_is_kept_for_a_person(x, open_x):
    x.post(ident(9), "42", "@council hi", "yesterday")
    (item,) = items(open_x())
    assert item.message.nature is Nature.OPAQUE
    assert json.loads(item.raw)["text"] == "@council hi"


def test_a_reply_in_an_own_conversation_is_hidden_shown_and_hidden_again(x, open_x):
    root, reply = ident(300), ident(100)
    x.post(root, OWN, "Bins are late", AT)
    x.post(reply, "42", "@council filth", AT, conversation_id=root)
    hide = wanted(Action.HIDE, reply, "message")
    for connector in (open_x(), open_x()):  # the second knows neither post from reading
        assert connector.act(hide).state is EnforcementState.DONE
        assert x.hidden == {reply}
        assert connector.act(replace(hide, wanted=False)).state is EnforcementState.DONE
        assert not x.hidden
        assert connector.read_back(hide) is None


def test_a_reply_elsewhere_is_refused_with_the_reason_and_a_link(x, open_x):
    x.post(ident(300), "42", "my own thread", AT)
    x.post(ident(100), "42", "@council filth", AT, conversation_id=ident(300))
    x.direct(ident(50), "42", "filth", AT)
    connector = open_x()
    items(connector)
    with pytest.raises(Refused, match=rf"somebody else's.*x\.com/i/status/{ident(100)}"):
        connector.act(wanted(Action.HIDE, ident(100), "message"))
    with pytest.raises(Refused, match="direct message cannot be hidden"):
        connector.act(wanted(Action.HIDE, f"dm-{ident(50)}", "message"))
    assert not x.asked("PUT")


def test_what_the_access_lacks_is_left_to_people(x, open_x):
    assert open_x().can() == {Action.HIDE, Action.MUTE}
    with pytest.raises(Refused, match=r"x\.com/angry_one"):
        open_x().act(wanted(Action.BLOCK, "angry_one"))
    with pytest.raises(Refused, match="old_api"):
        open_x(report=True)


def test_direct_messages_are_closed_and_the_rest_is_a_persons_task(x, open_x):
    connector = open_x(dm_block=True)
    outcome = connector.act(wanted(Action.BLOCK, "angry_one"))
    assert outcome.state is EnforcementState.MANUAL
    assert "https://x.com/angry_one" in outcome.detail
    assert x.dm_blocked == {"42"}
    assert connector.read_back(wanted(Action.BLOCK, "angry_one")) is None
    connector.act(replace(wanted(Action.BLOCK, "angry_one"), wanted=False))
    assert not x.dm_blocked


def test_enterprise_access_blocks_and_reads_back(x, open_x):
    x.enterprise = True
    connector = open_x(block=True)
    block = wanted(Action.BLOCK, "angry_one")
    assert connector.act(block).state is EnforcementState.DONE
    assert connector.read_back(block) is True
    assert connector.act(block).state is EnforcementState.ALREADY_DONE
    assert connector.act(replace(block, wanted=False)).state is EnforcementState.DONE
    assert not x.blocked


@pytest.mark.parametrize("has_access", [True, False])
def test_reports_go_by_the_older_api_once(x, open_x, has_access):
    x.old_access = has_access
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "env:K")
    connector = open_x(report=True, old_api=keys)
    report = wanted(Action.REPORT, "angry_one")
    if has_access:
        assert connector.act(report).state is EnforcementState.DONE
        assert x.reported == ["42"]
    else:
        with pytest.raises(Refused, match="403"):
            connector.act(report)
    assert len(x.asked("report_spam")) == 1
    assert connector.read_back(report) is None


def test_a_list_of_muted_accounts_is_read_to_its_end(x, open_x):
    x.page_size = 2
    for number in range(100, 107):
        x.add_user(str(number), f"u{number}")
        x.muted.add(str(number))
    assert open_x().read_back(wanted(Action.MUTE, "u100")) is True
    assert open_x().read_back(wanted(Action.MUTE, "angry_one")) is False


def test_a_handle_that_changed_hands_is_left_to_a_person(x, open_x):
    x.post(ident(100), "42", "@council first holder", AT)
    connector = open_x()
    items(connector)
    x.add_user("42", "renamed")
    x.add_user("43", "Angry_One")
    x.post(ident(50), "43", "@council second holder", AT)
    items(connector)
    with pytest.raises(Refused, match="held by 2 accounts"):
        connector.act(wanted(Action.MUTE, "angry_one"))
    assert not x.muted


def test_a_vanished_account_or_post_is_gone(x, open_x):
    root = ident(300)
    x.post(root, OWN, "root", AT)
    x.post(ident(100), "42", "@council hi", AT, conversation_id=root)
    connector = open_x()
    items(connector)
    del x.tweets[ident(100)]
    for gone in (
        wanted(Action.HIDE, ident(100), "message"),
        wanted(Action.HIDE, "12345", "message"),
        wanted(Action.MUTE, "nobody"),
    ):
        with pytest.raises(MessageGone):
            connector.act(gone)


def test_the_token_rotates_and_is_on_disk_before_it_is_used(x, open_x, clock, tmp_path):
    connector = open_x()
    items(connector)
    kept = tmp_path / "state" / "token.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_bytes())["refresh"] == x.refresh_token == "refresh-1"
    clock.now += timedelta(hours=1, minutes=59)
    items(connector)
    assert x.refresh_token == "refresh-2"
    items(open_x())
    assert x.refresh_token == "refresh-2"


def test_a_token_that_x_no_longer_takes_is_renewed_once(x, open_x):
    connector = open_x()
    items(connector)
    x.expire()
    items(connector)
    assert len(x.asked("oauth2/token")) == 2
    x.refresh_token = "refresh-99"
    x.expire()
    with pytest.raises(AuthFailed, match="sign in to X again"):
        items(connector)


def test_another_process_that_renewed_first_is_believed(x, open_x):
    one, other = open_x(), open_x()
    items(one)
    items(other)
    x.expire()
    items(one)
    items(other)
    assert x.refresh_token == "refresh-2"


def test_a_new_sign_in_replaces_a_dead_chain(x, open_x, clock, tmp_path):
    items(open_x())
    x.refresh_token = "refresh-50"
    x.expire()
    options = XOptions(client_id="app", refresh_token="env:NEW", api_url=x.url)
    place = Place(tmp_path / "state", {"env:NEW": "refresh-50"}.__getitem__, clock)
    items(XConnector.open(Connection("council-x", "x", "psow"), options, place))
    assert x.refresh_token == "refresh-51"


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


def test_an_effect_whose_answer_was_lost_is_seen_on_the_retry(x, open_x):
    x.fail("POST /2/users/7/muting", after=True)
    connector = open_x()
    mute = wanted(Action.MUTE, "angry_one")
    with pytest.raises(Unavailable):
        connector.act(mute)
    assert connector.read_back(mute) is True
    assert connector.act(mute).state is EnforcementState.ALREADY_DONE


def test_the_month_is_counted_and_the_cap_stops_reading_but_not_acting(x, open_x, clock):
    for number in range(20):
        x.post(ident(100 - number), "42", f"@council {number}", AT)
    connector = open_x(monthly_cap_usd="0.035", direct_messages=False)
    cursor = list(connector.fetch(None))[-1].cursor
    spent = connector.spent()
    assert spent.counts == {"user_read": 1, "owned_read": 20}
    assert spent.usd == Decimal("0.030")
    with pytest.raises(RateLimited, match=r"cap of \$0\.035 is reached: \$0\.030 were spent in 2026-11") as caught:
        items(connector, cursor)
    assert clock.now + timedelta(seconds=caught.value.retry_after_s) == datetime(2026, 12, 1, tzinfo=UTC)
    assert connector.act(wanted(Action.MUTE, "angry_one")).state is EnforcementState.DONE
    clock.now = datetime(2026, 12, 1, tzinfo=UTC)
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


def answered(page, code):
    state = parse_qs(urlsplit(page).query)["state"][0]
    return f"{REDIRECT}?state={state}&code={code}"


def test_signing_in_gives_a_refresh_token_by_pkce(x):
    sign_in = SignIn("app", api_url=x.url)
    page = sign_in.page()
    query = parse_qs(urlsplit(page).query)
    assert query["code_challenge_method"] == ["S256"]
    assert "offline.access" in query["scope"][0]
    with pytest.raises(AuthFailed, match="begin the sign-in again"):
        sign_in.refresh_token(answered(page, "refused"))
    x.granted = "tweet.read offline.access"
    with pytest.raises(AuthFailed, match=r"mute\.write"):
        sign_in.refresh_token(answered(page, "granted"))
    x.granted = " ".join(SCOPES)
    assert sign_in.refresh_token(answered(sign_in.page(), "granted")) == "refresh-0"


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
