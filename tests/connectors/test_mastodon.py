"""The connector `mastodon` against Mastodon.py's real client and an emulated instance: reading, edits, acting, faults."""

import inspect
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import mastodon.errors
import pytest

from connectors.base import AuthFailed, MessageGone, Place, RateLimited, Refused, Unavailable
from connectors.mastodon import MastodonConnector, MastodonOptions
from connectors.social.mastodon_errors import MEANING, translated
from models.domain import Action, Connection, Enforcement, EnforcementState, Nature, Target
from tests.connectors.contract import ConnectorContract
from tests.emulators.mastodon import FIRST, OWN, MastodonEmulator

ANGRY = "angry@elsewhere.example"


class Clock:
    def __init__(self) -> None:
        self.now = FIRST + timedelta(days=1)

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
def instance():
    with MastodonEmulator() as emulator:
        yield emulator


@pytest.fixture
def open_it(instance, clock, tmp_path):
    def opened(name="state", **more):
        folder = tmp_path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        since = more.pop("since", None)
        options = MastodonOptions(api_url=instance.url, access_token="env:T", domain="home.example", **more)
        connection = Connection("council-m", "mastodon", "psow", own_addresses=("council@home.example",), since=since)
        return MastodonConnector.open(connection, options, Place(folder, {"env:T": "token"}.__getitem__, clock))

    return opened


def wanted(effect, address=ANGRY, kind="account", **more):
    return Enforcement(1, "council-m", Target(kind, address), effect, wanted=True, generation=1, **more)


def items(connector, cursor=None):
    return [item for batch in connector.fetch(cursor) for item in batch.items]


def texts(connector, cursor=None):
    return [item.message.own_text for item in items(connector, cursor)]


def last_cursor(connector, cursor=None):
    return list(connector.fetch(cursor))[-1].cursor


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
        return wanted(Action.MUTE)


class TestBlocking(TestMastodon):
    @pytest.fixture
    def enforcement(self):
        return wanted(Action.BLOCK)


def test_mentions_direct_posts_and_own_posts_are_read_oldest_first(instance, open_it):
    instance.post("10", OWN, "<p>Bins are late</p>")
    instance.mention("100", "20", "42", "useless", in_reply_to_id="10")
    instance.mention("101", "21", "42", "in private", visibility="direct", filtered=True)
    instance.post("22", "42", "<p>a later direct word</p>", visibility="direct", conversation="c", in_reply_to_id="20")
    found = [item.message for item in items(open_it())]
    assert [message.own_text for message in found] == [
        "Bins are late",
        "@council useless",
        "@council in private",
        "a later direct word",
    ]
    own, mention, _, direct = found
    assert own.nature is Nature.OWN
    assert own.author.address == "council@home.example"
    assert (mention.author.address, mention.to, mention.links) == (ANGRY, ("council@home.example",), ())
    assert own.thread == mention.thread == direct.thread == "10"


def test_a_kill_at_any_page_loses_nothing(instance, open_it):
    instance.page_size = 2
    instance.post("10", OWN, "<p>root</p>")
    for number in range(7):
        instance.mention(str(100 + number), str(20 + number), "42", f"m{number}")
    instance.post("40", "42", "<p>direct</p>", visibility="direct")
    whole = texts(open_it("whole"))
    assert len(whole) == len(set(whole)) == 9
    for kill_after in range(1, 7):
        name = f"killed-{kill_after}"
        batches = [batch for _, batch in zip(range(kill_after), open_it(name).fetch(None), strict=False)]
        got = [item.message.own_text for batch in batches for item in batch.items]
        late = instance.mention("200", "90", "42", "meanwhile")
        got += texts(open_it(name), batches[-1].cursor)
        assert sorted(got) == sorted([*whole, "@council meanwhile"])
        instance.delete(late["id"])


def test_an_edit_comes_as_a_newer_version_with_every_version_between(instance, open_it, clock):
    instance.mention("100", "20", "42", "please help")
    connector = open_it()
    cursor = last_cursor(connector)
    instance.edit("20", "<p>@council you idiots</p>", 5)
    instance.edit("20", "<p>@council thank you</p>", 9)
    assert not items(connector, cursor)
    clock.now += timedelta(minutes=11)
    versions = items(connector, cursor)
    assert [item.message.own_text for item in versions] == ["@council you idiots", "@council thank you"]
    assert {item.message.key.native_id for item in versions} == {"20"}
    assert len({item.raw for item in versions}) == 2
    clock.now += timedelta(minutes=11)
    assert not items(connector, last_cursor(connector, cursor))


def test_a_post_edited_before_it_was_read_is_read_with_its_past(instance, open_it):
    instance.mention("100", "20", "42", "you idiots")
    instance.edit("20", "<p>@council thank you</p>", 5)
    batches = [batch for batch in open_it().fetch(None) if batch.items]
    assert [batch.items[0].message.own_text for batch in batches] == ["@council you idiots", "@council thank you"]
    assert texts(open_it(), batches[0].cursor) == ["@council thank you"]


@pytest.mark.parametrize("has_list", [True, False])
def test_edits_are_found_on_older_instances_and_deleted_posts_let_go(instance, open_it, clock, has_list):
    instance.knows_lists_of_statuses = has_list
    instance.mention("100", "20", "42", "one")
    instance.mention("101", "21", "42", "two")
    connector = open_it()
    cursor = last_cursor(connector)
    instance.edit("21", "<p>@council three</p>", 5)
    instance.delete("20")
    clock.now += timedelta(minutes=11)
    assert texts(connector, cursor) == ["@council three"]
    assert set(json.loads(last_cursor(connector, cursor))["watched"]) == {"21"}


def test_favourites_are_no_edits_and_the_profile_is_evidence(instance, open_it):
    status = instance.mention("100", "20", "42", "hello")
    (before,) = items(open_it("one"))
    status.update(favourites_count=9, card={"title": "preview"})
    (after,) = items(open_it("two"))
    assert before.raw == after.raw
    assert json.loads(before.raw)["status"]["account"]["note"] == "<p>profile text</p>"


def test_every_word_of_the_author_is_text_and_spans_fit(instance, open_it):
    link = (
        '<a href="https://example.org/a/very/long/page"><span class="invisible">https://</span>'
        '<span class="ellipsis">example.org/a/very</span><span class="invisible">/long/page</span></a>'
    )
    trick = '<a href="https://evil.example/x">bank.example</a>'
    instance.mention(
        "100",
        "20",
        "42",
        f"Tom &amp; Ann<br>see {link} and {trick}",
        spoiler_text="Warning: rude",
        media_attachments=[{"id": "7", "type": "image", "description": "a fist"}],
        poll={"options": [{"title": "leave", "votes_count": 1}]},
    )
    (item,) = items(open_it())
    message = item.message
    assert message.own_text == (
        "Warning: rude\n@council Tom & Ann\nsee https://example.org/a/very/long/page and bank.example\n"
        "[option: leave]\n[image: a fist]"
    )
    shown = {link.target: message.own_text[link.span.start : link.span.end] for link in message.links}
    assert shown == {
        "https://example.org/a/very/long/page": "https://example.org/a/very/long/page",
        "https://evil.example/x": "bank.example",
    }
    assert message.attachments[0].content_type == "image/*"


def test_pictures_alone_are_opaque_and_quotations_stand_apart(instance, open_it):
    picture = [{"id": "7", "type": "image", "description": None}]
    instance.mention("100", "20", "42", "", media_attachments=picture)
    quote = {"state": "accepted", "quoted_status": instance.post("9", "42", "<p>their words</p>")}
    instance.mention("101", "21", "42", 'see</p><p class="quote-inline">RE: https://x.example</p><p>so', quote=quote)
    first, second = (item.message for item in items(open_it()))
    assert first.nature is Nature.OPAQUE
    assert (second.own_text, second.quoted_text) == ("@council see\nso", "their words")


def test_what_is_older_than_the_connection_is_history(instance, open_it):
    instance.mention("100", "20", "42", "old")
    instance.mention("101", "60", "42", "new", created_at="2020-01-01T00:00:00.000Z")
    natures = [item.message.nature for item in items(open_it(since=FIRST + timedelta(minutes=40)))]
    assert natures == [Nature.HISTORY, Nature.ORDINARY]


def test_a_post_of_unknown_form_is_kept_for_a_person(instance, open_it):
    instance.mention("100", "20", "42", "hello", account={"id": "42"})
    (item,) = items(open_it())
    assert item.message.nature is Nature.OPAQUE
    assert json.loads(item.raw)["id"] == "20"


def test_a_page_sent_twice_does_no_harm(instance, open_it):
    instance.page_size = 2
    for number in range(5):
        instance.mention(str(100 + number), str(20 + number), "42", f"m{number}")
    connector = open_it()
    first = next(batch for batch in connector.fetch(None) if batch.items)
    instance.duplicate_pages = True
    assert sorted(texts(open_it(), first.cursor)) == ["@council m2", "@council m3", "@council m4"]


def test_a_muted_persons_complaint_still_comes_in(instance, open_it):
    instance.mention("100", "20", "42", "abuse")
    connector = open_it()
    cursor = last_cursor(connector)
    connector.act(wanted(Action.MUTE))
    instance.mention("101", "21", "42", "a real complaint")
    assert texts(connector, cursor) == ["@council a real complaint"]
    connector = open_it(hide_muted_notifications=True)
    connector.act(replace(wanted(Action.MUTE), wanted=False))
    connector.act(wanted(Action.MUTE))
    assert not texts(connector, cursor)


def test_a_timed_mute_carries_its_time_and_is_renewed_before_it_ends(instance, open_it, clock):
    connector = open_it(mute_days=7)
    mute = wanted(Action.MUTE)
    assert connector.act(mute).state is EnforcementState.DONE
    assert instance.muted["42"]["expires"] == "2026-11-28T09:00:00.000Z"
    assert connector.act(mute).state is EnforcementState.ALREADY_DONE
    clock.now += timedelta(days=3)
    instance.now = clock.now
    assert connector.act(replace(mute, generation=2)).state is EnforcementState.DONE
    assert instance.muted["42"]["expires"] == "2026-12-01T09:00:00.000Z"


def test_after_a_block_the_mentions_vanish_there_but_were_kept_before(instance, open_it):
    instance.mention("100", "20", "42", "abuse")
    connector = open_it()
    batches = list(connector.fetch(None))
    connector.act(wanted(Action.BLOCK))
    assert not instance.notes
    assert [item.message.own_text for batch in batches for item in batch.items] == ["@council abuse"]
    assert not items(connector, batches[-1].cursor)


def test_a_moderators_block_limits_the_account_and_both_are_read_back(instance, open_it):
    connector = open_it(limit_on_block=True)
    with pytest.raises(Refused, match="403"):
        connector.act(wanted(Action.BLOCK))
    instance.is_moderator = True
    block = wanted(Action.BLOCK)
    assert connector.act(block).state is EnforcementState.DONE
    assert connector.read_back(block) is True
    instance.silenced.clear()
    assert connector.read_back(block) is False
    assert connector.act(block).state is EnforcementState.DONE
    connector.act(replace(block, wanted=False))
    assert not instance.silenced | instance.blocked


def test_a_report_is_made_once_with_rules_and_forwarding(instance, open_it):
    instance.mention("100", "20", "42", "abuse")
    connector = open_it(report_rules=("3",), report_forward=True, report_comment="Abuse of staff.")
    items(connector)
    assert connector.act(wanted(Action.REPORT)).state is EnforcementState.DONE
    (report,) = instance.reports
    assert report == {
        "account_id": "42",
        "status_ids[]": ["20"],
        "comment": "Abuse of staff.",
        "forward": "1",
        "category": "violation",
        "rule_ids[]": ["3"],
    }
    assert connector.read_back(wanted(Action.REPORT)) is None
    instance.fail("reports", after=True)
    with pytest.raises(Unavailable):
        connector.act(wanted(Action.REPORT))
    assert len(instance.reports) == 2
    with pytest.raises(Refused, match="cannot be taken back"):
        connector.act(replace(wanted(Action.REPORT), wanted=False))


def test_what_an_account_cannot_do_is_a_persons_task_with_a_link(instance, open_it):
    connector = open_it(report=False)
    assert connector.can() == {Action.MUTE, Action.BLOCK}
    with pytest.raises(Refused, match="/web/statuses/20"):
        connector.act(wanted(Action.HIDE, "20", "message"))
    assert connector.deep_link(Target("account", ANGRY)) == f"{instance.url}/@{ANGRY}"
    assert connector.deep_link(Target("account", "tai@home.example")) == f"{instance.url}/@tai"


def test_a_vanished_account_is_gone(instance, open_it):
    with pytest.raises(MessageGone):
        open_it().act(wanted(Action.MUTE, "nobody@elsewhere.example"))
    instance.mention("100", "20", "42", "abuse")
    connector = open_it()
    items(connector)
    del instance.accounts["42"]
    with pytest.raises((MessageGone, Unavailable)):
        connector.act(wanted(Action.MUTE))


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


def test_an_effect_whose_answer_was_lost_is_seen_on_the_retry(instance, open_it):
    instance.fail("POST /api/v1/accounts/42/block", after=True)
    connector = open_it()
    with pytest.raises(Unavailable):
        connector.act(wanted(Action.BLOCK))
    assert connector.read_back(wanted(Action.BLOCK)) is True
    assert connector.act(wanted(Action.BLOCK)).state is EnforcementState.ALREADY_DONE


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
    assert open_it().news(0.0 if stream == b":thump\n" else 5.0) is told


def test_a_stream_that_cannot_be_opened_is_unavailable(instance, open_it):
    instance.fail("streaming", 503)
    with pytest.raises(Unavailable):
        open_it().news(1.0)


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
