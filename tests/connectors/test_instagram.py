"""The connector `instagram` against an emulated Graph API: the contract, reading, hiding, the token's renewal."""

import json
import stat
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import AuthFailed, MessageGone, RateLimited, Refused, Unavailable
from models.domain import Action, EnforcementState, Nature
from tests.connectors.conftest import SECRETS
from tests.connectors.contract import ConnectorContract
from tests.connectors.steps import items, last_cursor, texts, wanted
from tests.emulators.meta import ACCOUNT, FIRST

pytestmark = pytest.mark.usefixtures("never_sleeps")


class TestInstagram(ConnectorContract):
    @pytest.fixture
    def connector(self, meta, open_instagram):
        meta.page_size, meta.reply_page = 2, 1
        for number in (1, 2, 3):
            medium = meta.medium(number, f"Bins {number}")
            for more in range(5):
                meta.remark(medium, 100 * number + more, f"you {number} {more}")
        for number in range(3):
            meta.remark("17001", 200 + 10 * number + 7, f"reply {number}", parent="18800")
        return open_instagram()

    @pytest.fixture
    def enforcement(self):
        return wanted(Action.HIDE, "18798", "message")

    def test_all_is_read(self, connector):
        assert len(items(connector)) == 3 + 15 + 3


def test_captions_comments_and_replies_are_read_with_their_threads(meta, open_instagram):
    medium = meta.medium(1, "Bins are late")
    first = meta.remark(medium, 10, "@examplecouncil useless")
    meta.remark(medium, 11, "sorry", author="ExampleCouncil", parent=first)
    meta.remark(medium, 12, "@friend", author="third")
    caption, comment, reply, mention = (item.message for item in items(open_instagram()))
    assert caption.nature is reply.nature is Nature.OWN
    assert (comment.nature, mention.nature) == (Nature.ORDINARY, Nature.OPAQUE)
    assert comment.author.address == "angry_one"
    assert caption.thread == comment.thread == reply.thread == medium
    assert (comment.reply_to_id, reply.reply_to_id) == (medium, first)
    assert comment.received_at == FIRST + timedelta(minutes=10)


def test_a_kill_at_any_page_loses_nothing_not_even_what_comes_meanwhile(meta, open_instagram):
    meta.page_size, meta.reply_page = 2, 1
    for number in (1, 2):
        medium = meta.medium(number, f"post {number}")
        for more in range(4):
            meta.remark(medium, 10 * number + more, f"c {number} {more}")
    for more in range(3):
        meta.remark("17001", 50 + more, f"reply {more}", parent="18890")
    whole = texts(open_instagram("whole"))
    assert len(whole) == len(set(whole)) == 13
    for kill_after in range(1, len(list(open_instagram("whole").fetch(None)))):
        name = f"killed-{kill_after}"
        batches = [batch for _, batch in zip(range(kill_after), open_instagram(name).fetch(None), strict=False)]
        late = [meta.remark("17001", 90, "meanwhile"), meta.remark("17002", 91, "a reply", parent="18877")]
        got = [item.message.own_text for batch in batches for item in batch.items]
        got += texts(open_instagram(name), batches[-1].cursor)
        assert sorted(got) == sorted([*whole, "meanwhile", "a reply"])
        for one in late:
            del meta.objects[one]


def test_an_unchanged_account_costs_one_call_and_a_reply_to_an_old_comment_is_found(meta, open_instagram):
    medium = meta.medium(1, "post")
    names = [meta.remark(medium, 10 + number, f"c {number}") for number in range(60)]
    connector = open_instagram()
    cursor = last_cursor(connector)
    meta.log.clear()
    assert not items(connector, cursor)
    assert len(meta.log) == 1
    meta.remark(medium, 100, "an answer", parent=names[0])
    assert texts(connector, cursor) == ["an answer"]


def test_a_comment_that_comes_as_another_goes_is_found_within_the_hour(meta, open_instagram):
    medium = meta.medium(1, "post")
    name = meta.remark(medium, 10, "c")
    connector = open_instagram()
    cursor = last_cursor(connector)
    del meta.objects[name]
    meta.remark(medium, 11, "news")
    meta.clock.now += timedelta(hours=1)
    assert texts(connector, cursor) == ["news"]


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (500, Unavailable), (401, AuthFailed), (None, Unavailable)]
)
def test_faults_say_what_to_do_next_and_the_next_fetch_goes_on(meta, open_instagram, status, error):
    meta.page_size = 2
    medium = meta.medium(1, "post")
    for number in range(5):
        meta.remark(medium, 10 + number, f"c {number}")
    meta.fail("comments", status, skip=1)
    got = []
    with pytest.raises(error):
        got.extend(open_instagram().fetch(None))
    found = [item.message.own_text for batch in got for item in batch.items]
    assert len(found) == 3
    assert len(found + texts(open_instagram(), got[-1].cursor)) == 6


def test_pages_sent_twice_do_no_harm(meta, open_instagram):
    meta.page_size = 2
    medium = meta.medium(1, "post")
    for number in range(5):
        meta.remark(medium, 10 + number, f"c {number}")
    fetching = open_instagram().fetch(None)
    next(fetching)
    meta.duplicate_pages = True
    assert sorted(item.message.own_text for batch in fetching for item in batch.items) == [f"c {n}" for n in range(5)]


def test_only_hiding_is_the_bots_and_the_rest_a_persons_task_with_a_link(meta, open_instagram):
    name = meta.remark(meta.medium(1, "post"), 10, "abuse")
    connector = open_instagram()
    items(connector)
    assert connector.can() == {Action.HIDE}
    for effect in (Action.MUTE, Action.BLOCK, Action.REPORT):
        with pytest.raises(Refused, match=r"www\.instagram\.com/angry_one/"):
            connector.act(wanted(effect, "angry_one"))
        assert connector.read_back(wanted(effect, "angry_one")) is None
    assert connector.deep_link(wanted(Action.HIDE, name, "message")) == "https://www.instagram.com/p/m1/"
    assert connector.deep_link(wanted(Action.HIDE, "1", "message")) == "https://www.instagram.com/"
    assert connector.probe() == "this is the Instagram account ExampleCouncil"


def test_an_effect_whose_answer_was_lost_is_seen_on_the_retry(meta, open_instagram):
    name = meta.remark(meta.medium(1, "post"), 10, "abuse")
    meta.fail(f"POST /v25.0/{name}", after=True)
    connector, hide = open_instagram(), wanted(Action.HIDE, name, "message")
    with pytest.raises(Unavailable):
        connector.act(hide)
    assert connector.act(hide).state is EnforcementState.ALREADY_DONE
    connector.act(replace(hide, wanted=False))
    assert meta.objects[name]["hidden"] is False


def test_a_deleted_comment_is_gone_but_a_blind_token_is_told_apart(meta, open_instagram):
    hide = wanted(Action.HIDE, "18000", "message")
    with pytest.raises(MessageGone):
        open_instagram().act(hide)
    del meta.objects[ACCOUNT]
    with pytest.raises(AuthFailed, match="no longer sees the account"):
        open_instagram().act(hide)


def test_an_instagram_logins_token_is_renewed_in_time_and_kept(meta, open_instagram, tmp_path):
    meta.medium(1, "post")
    connector = open_instagram(login="instagram")
    items(connector)
    kept = tmp_path / "state" / "token.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_bytes())["access"] == meta.token == "token+"
    meta.clock.now += timedelta(days=29)
    items(open_instagram(login="instagram"))
    assert meta.token == "token+"
    meta.clock.now += timedelta(days=2)
    items(connector)
    assert meta.token == "token++"


def test_a_token_that_cannot_be_renewed_yet_is_used_and_tried_again_a_day_later(meta, open_instagram):
    meta.medium(1, "post")
    meta.fail("refresh", 500)
    connector = open_instagram(login="instagram")
    assert texts(connector) == ["post"]
    assert (meta.token, len(meta.asked("refresh"))) == ("token", 1)
    meta.clock.now += timedelta(days=1)
    items(connector)
    assert meta.token == "token+"


def test_a_new_token_in_the_settings_replaces_a_dead_one(meta, open_instagram, monkeypatch):
    meta.medium(1, "post")
    connector = open_instagram(login="instagram")
    items(connector)
    meta.token = "fresh"
    with pytest.raises(AuthFailed):
        items(connector)
    monkeypatch.setitem(SECRETS, "env:T", "fresh")
    assert texts(connector) == ["post"]
    assert meta.token == "fresh+"
