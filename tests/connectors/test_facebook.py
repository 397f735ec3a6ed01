"""The connector `facebook` against an emulated Graph API: the contract, reading, faults, every exception and code."""

import inspect
import json
import logging
from datetime import timedelta

import httpx
import orjson
import pytest

from connectors.base import AuthFailed, MessageGone, RateLimited, Refused, Unavailable
from connectors.social.meta_errors import MEANING, WINDOW_S, failed
from models.domain import Action, Nature
from tests.connectors.contract import ConnectorContract
from tests.connectors.steps import items, last_cursor, texts, wanted
from tests.emulators.meta import FIRST, PAGE, usage

pytestmark = pytest.mark.usefixtures("never_sleeps")


class TestFacebook(ConnectorContract):
    @pytest.fixture
    def connector(self, meta, open_page):
        meta.page_size = 2
        for number in (1, 2, 3):
            meta.post(number, f"Bins {number}")
        for number in range(10, 15):
            meta.comment(f"{PAGE}_1", number, f"you {number}")
        meta.comment(f"{PAGE}_2", 20, "and you")
        return open_page()

    @pytest.fixture
    def enforcement(self):
        return wanted(Action.HIDE, "1_12", "message")


class TestBanning(TestFacebook):
    @pytest.fixture
    def enforcement(self):
        return wanted(Action.BLOCK, "42")


def test_posts_comments_and_replies_are_read_with_their_threads(meta, open_page):
    post = meta.post(1, "Bins are late")
    meta.post(2, "a visitor's post", author="43")
    first = meta.comment(post, 10, "useless, see https://x.example/a.")
    meta.comment(post, 11, "sorry", author=PAGE, parent={"id": first})
    found = {item.message.own_text: item.message for item in items(open_page())}
    own, comment, reply = found["Bins are late"], found["useless, see https://x.example/a."], found["sorry"]
    assert own.nature is reply.nature is Nature.OWN
    assert found["a visitor's post"].nature is comment.nature is Nature.ORDINARY
    assert (comment.author.address, comment.author.display_name) == ("42", "Person 42")
    assert comment.thread == reply.thread == own.thread == post
    assert (comment.reply_to_id, reply.reply_to_id) == (post, first)
    assert [link.target for link in comment.links] == ["https://x.example/a"]
    assert comment.received_at == FIRST + timedelta(minutes=10)


def test_a_kill_at_any_page_loses_nothing_not_even_what_comes_meanwhile(meta, open_page):
    meta.page_size = 2
    for number in (1, 2, 3):
        post = meta.post(number, f"post {number}")
        for more in range(3):
            meta.comment(post, 10 * number + more, f"c {number} {more}")
    whole = texts(open_page("whole"))
    assert len(whole) == len(set(whole)) == 12
    count = len(list(open_page("whole").fetch(None)))
    for kill_after in range(1, count):
        name = f"killed-{kill_after}"
        batches = [batch for _, batch in zip(range(kill_after), open_page(name).fetch(None), strict=False)]
        late = meta.comment(f"{PAGE}_1", 90, "meanwhile")
        got = [item.message.own_text for batch in batches for item in batch.items]
        got += texts(open_page(name), batches[-1].cursor)
        assert sorted(got) == sorted([*whole, "meanwhile"])
        del meta.objects[late]
        meta.objects[f"{PAGE}_1"]["updated_time"] = meta.time_of(12)


def test_an_unchanged_page_costs_one_call_and_a_new_comment_two(meta, open_page):
    for number in (1, 2, 3):
        meta.comment(meta.post(number, "post"), 10 + number, "c")
    connector = open_page()
    cursor = last_cursor(connector)
    meta.log.clear()
    assert not items(connector, cursor)
    assert len(meta.log) == 1
    meta.comment(f"{PAGE}_2", 30, "news")
    assert texts(connector, cursor) == ["news"]
    assert len(meta.log) == 3


def test_an_edit_comes_as_a_newer_version_and_a_like_does_not(meta, open_page):
    post = meta.post(1, "post")
    meta.page_size = 2
    names = [meta.comment(post, 10 + number, f"c {number}") for number in range(5)]
    connector = open_page()
    cursor = last_cursor(connector)
    meta.objects[names[0]].update(message="you idiots", like_count=7)
    meta.objects[names[1]].update(like_count=9, is_hidden=True)
    assert not items(connector, cursor)
    meta.clock.now += timedelta(minutes=11)
    (edited,) = items(connector, cursor)
    assert (edited.message.key.native_id, edited.message.own_text) == (names[0], "you idiots")
    assert not items(connector, last_cursor(connector, cursor))


def test_a_post_that_vanishes_while_it_is_read_does_not_stop_the_rest(meta, open_page):
    for number in (1, 2):
        meta.comment(meta.post(number, f"post {number}"), 10 + number, f"c {number}")
    fetching = open_page().fetch(None)
    next(fetching)
    del meta.objects[f"{PAGE}_2"]
    assert [item.message.own_text for batch in fetching for item in batch.items] == ["c 1"]


def test_a_post_that_may_not_be_read_is_told_after_the_rest_is_read(meta, open_page):
    for number in (1, 2):
        meta.comment(meta.post(number, f"post {number}"), 10 + number, f"c {number}")
    meta.refuse(f"{PAGE}_2/comments", 10)
    connector, got = open_page(), []
    with pytest.raises(Refused, match="a permission is lacking"):
        got.extend(connector.fetch(None))
    assert [item.message.own_text for batch in got for item in batch.items] == ["post 1", "post 2", "c 1"]
    assert texts(connector, got[-1].cursor) == ["c 2"]


def test_a_lapsed_page_token_begins_the_list_again(meta, open_page):
    meta.page_size = 2
    post = meta.post(1, "post")
    names = [meta.comment(post, 10 + number, f"c {number}") for number in range(6)]
    fetching = open_page().fetch(None)
    got = [next(fetching), next(fetching)]
    del meta.objects[names[4]]  # the item that the token stands at
    rest = texts(open_page(), got[-1].cursor)
    assert sorted(rest) == ["c 0", "c 1", "c 2", "c 3"]


def test_pages_sent_twice_do_no_harm(meta, open_page):
    meta.page_size = 2
    post = meta.post(1, "post")
    for number in range(6):
        meta.comment(post, 10 + number, f"c {number}")
    connector = open_page()
    fetching = connector.fetch(None)
    next(fetching)
    meta.duplicate_pages = True
    got = sorted(item.message.own_text for batch in fetching for item in batch.items)
    assert got == [f"c {number}" for number in range(6)]


def test_more_comments_than_are_remembered_one_by_one_are_read_once(meta, open_page):
    post = meta.post(1, "post")
    for number in range(450):
        meta.comment(post, 10 + number, f"c {number}")
    connector = open_page()
    batches = list(connector.fetch(None))
    assert sum(len(batch.items) for batch in batches) == 451
    assert len(batches[-1].cursor) < 20_000
    meta.comment(post, 900, "news")
    assert texts(connector, batches[-1].cursor) == ["news"]
    meta.clock.now += timedelta(minutes=11)
    assert texts(connector, batches[-1].cursor) == ["news"]


def test_shared_links_pictures_and_unnamed_people(meta, open_page):
    post = meta.post(1, "post")
    share = {"type": "share", "title": "A page", "url": "https://evil.example/x", "target": {"id": "8"}}
    picture = {"type": "photo", "target": {"id": "9"}, "media": {"image": {"src": "https://cdn.example/1"}}}
    meta.comment(post, 10, "look", attachment=share)
    meta.comment(post, 11, "", author=None, attachment=picture)
    _, shared, pictured = (item.message for item in items(open_page()))
    assert shared.own_text == "look\n[A page]"
    assert [(link.target, link.shown) for link in shared.links] == [("https://evil.example/x", "A page")]
    assert pictured.nature is Nature.OPAQUE
    assert (pictured.author.address, pictured.author.verified) == ("unnamed-1_11", False)
    assert pictured.attachments[0].content_type == "image/*"


def test_history_and_unknown_forms(meta, open_page):
    post = meta.post(1, "post")
    meta.comment(post, 10, "old")
    meta.comment(post, 50, "new", created_time="soon")
    found = {item.message.key.native_id: item for item in items(open_page(since=FIRST + timedelta(minutes=40)))}
    assert found["1_10"].message.nature is Nature.HISTORY
    assert found["1_50"].message.nature is Nature.OPAQUE
    assert json.loads(found["1_50"].raw)["message"] == "new"


def test_posts_older_than_the_days_set_are_left(meta, open_page):
    meta.comment(meta.post(1, "old"), 5, "under an old post")
    meta.post(2000, "young")
    meta.clock.now = FIRST + timedelta(days=1, minutes=600)
    assert texts(open_page(days=1)) == ["young"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, RateLimited), (500, Unavailable), (503, Unavailable), (401, AuthFailed), (None, Unavailable)],
)
def test_faults_say_what_to_do_next_and_the_next_fetch_goes_on(meta, open_page, status, error):
    meta.page_size = 2
    post = meta.post(1, "post")
    for number in range(5):
        meta.comment(post, 10 + number, f"c {number}")
    meta.fail("comments", status, skip=1)
    connector, got = open_page(), []
    with pytest.raises(error):
        got.extend(connector.fetch(None))
    found = [item.message.own_text for batch in got for item in batch.items]
    assert len(found) == 3
    assert len(found + texts(connector, got[-1].cursor)) == 6


@pytest.mark.parametrize(
    ("code", "sub", "error"),
    [
        *((code, None, RateLimited) for code in (4, 17, 32, 341, 368, 613, 80001, 80002)),
        *((code, 463, AuthFailed) for code in (102, 190)),
        (1, None, Unavailable),
        (2, None, Unavailable),
        (10, None, Refused),
        (200, None, Refused),
        (100, None, Refused),
        (999, None, Refused),
    ],
)
def test_metas_codes_say_what_to_do_next(meta, open_page, code, sub, error):
    name = meta.comment(meta.post(1, "post"), 10, "c")
    meta.refuse(f"GET /v25.0/{name}", code, sub)
    with pytest.raises(error) as caught:
        open_page().act(wanted(Action.HIDE, name, "message"))
    assert type(caught.value) is error
    assert "in Meta's words" not in str(caught.value)


def test_a_rate_limit_waits_as_long_as_meta_says(meta, open_page):
    meta.post(1, "post")
    meta.refuse("feed", 32, x_business_use_case_usage=usage(7))
    meta.refuse("feed", 32)
    for wait in (420, WINDOW_S):
        with pytest.raises(RateLimited) as caught:
            items(open_page())
        assert caught.value.retry_after_s == wait


def test_a_deleted_comment_is_gone_but_a_blind_token_is_told_apart(meta, open_page):
    hide = wanted(Action.HIDE, "1_99", "message")
    with pytest.raises(MessageGone):
        open_page().act(hide)
    del meta.objects[PAGE]
    with pytest.raises(AuthFailed, match="no longer sees the Page"):
        open_page().read_back(hide)


def test_every_exception_of_the_client_has_a_meaning():
    classes = {
        found
        for _, found in inspect.getmembers(httpx, inspect.isclass)
        if issubclass(found, Exception) and not issubclass(found, Warning)
    } | {orjson.JSONDecodeError}
    assert len(classes) > 20
    for found in classes:
        assert any(base in MEANING for base in found.__mro__), found
        made = found.__new__(found)
        assert isinstance(failed(made, "testing"), tuple(set(MEANING.values())))


def test_the_app_secret_proves_the_token_and_an_old_token_is_told(meta, open_page):
    meta.app_secret = "app-secret"
    meta.post(1, "post")
    assert texts(open_page(app_secret="env:P")) == ["post"]
    with pytest.raises(Refused):
        items(open_page())
    meta.token = "another"
    with pytest.raises(AuthFailed, match="make a new one"):
        open_page(app_secret="env:P").probe()


def test_no_log_no_cursor_and_no_error_holds_the_token_or_a_message(meta, open_page, caplog):
    meta.page_size = 1
    meta.comment(meta.post(1, "post"), 10, "a secret matter")
    with caplog.at_level(logging.DEBUG):
        batches = list(open_page(app_secret="env:P").fetch(None))
    told = caplog.text + "".join(batch.cursor for batch in batches)
    assert not [secret for secret in ("Bearer", "access_token", "appsecret", "secret matter") if secret in told]
