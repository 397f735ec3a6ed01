"""The connector `bluesky` against Bluesky's own servers: what is read, what is brought about, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from connectors.base import MessageGone, Refused
from connectors.bsky import reading
from connectors.bsky.effects import HIDDEN_AT_MOST, THREADGATE, Records, record_key
from models.domain import Action, Enforcement, EnforcementState, Nature, Target
from tests.connectors.contract import ConnectorContract
from tests.network.bluesky.people import Person, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def council(bluesky):
    return Person.join(bluesky, "council")


@pytest.fixture(scope="module")
def rude(bluesky):
    return Person.join(bluesky, "rude")


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory):
    """One folder for all: logging in once is enough."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def connector(council, bluesky, state_dir):
    return council.connector(bluesky, state_dir, threads_minutes=0)


@pytest.fixture
def started(connector):
    """A cursor from which only what a test itself writes is new."""
    return cursor_after(connector, None)


@pytest.fixture
def answer(council, rude):
    """An answer in a thread of the council's own."""
    post = council.shown("The bins are out on Monday.")
    made = rude.reply(post, "You useless lot.")
    eventually(lambda: made["uri"] in council.told_of())
    return made


def cursor_after(connector, cursor):
    return list(connector.fetch(cursor))[-1].cursor


def fetched(connector, cursor):
    return {item.message.key.native_id: item for batch in connector.fetch(cursor) for item in batch.items}


def effect(action, native_id, *, wanted=True):
    return Enforcement(1, "bsky", Target("account" if action.on_account else "message", native_id), action, wanted, 1)


class TestBluesky(ConnectorContract):
    @pytest.fixture
    def connector(self, council, bluesky, state_dir):
        return council.connector(bluesky, state_dir)

    @pytest.fixture
    def by_list(self, council, bluesky, state_dir):
        listed = council.write("app.bsky.graph.list", {"purpose": "app.bsky.graph.defs#modlist", "name": "Blocked"})
        return council.connector(bluesky, state_dir, block_list=listed["uri"])

    @pytest.fixture(params=["hide", "mute", "block"])
    def enforcement(self, request, connector, rude):
        action = Action(request.param)
        wanted = effect(action, request.getfixturevalue("answer")["uri"] if action is Action.HIDE else rude.did)
        yield wanted
        connector.act(replace(wanted, wanted=False))

    def test_a_block_by_list_is_brought_about_read_back_and_undone(self, by_list, council, rude):
        block = effect(Action.BLOCK, rude.did)
        assert [by_list.act(block).state for _ in range(2)] == ["done", "already_done"]
        eventually(lambda: profile_seen_by(council, rude)["viewer"].get("blockingByList"))
        undone = by_list.act(replace(block, wanted=False))
        assert (undone.state, undone.read_back) == (EnforcementState.DONE, False)


def profile_seen_by(council, other):
    return council.client.app.bsky.actor.get_profile({"actor": other.did}).model_dump(by_alias=True)


def test_reply_mention_and_quote_are_read_whole(connector, started, council, rude, answer):
    text = "Ŵel 😀 gweler hyn"
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/hyn"}
    start = len(f"@{council.handle} {text[:-3]}".encode())
    mention = rude.mention(
        council,
        text,
        langs=["cy"],
        facets=[{"index": {"byteStart": start, "byteEnd": start + 3}, "features": [link]}],
        embed={
            "$type": "app.bsky.embed.external",
            "external": {"uri": "https://example.org/card", "title": "A card", "description": "d"},
        },
    )
    own = council.shown("Read our leaflet.")
    quote = rude.post("Look at this", embed={"$type": "app.bsky.embed.record", "record": own})
    eventually(lambda: {mention["uri"], quote["uri"]} <= council.told_of())
    found = {uri: item.message for uri, item in fetched(connector, started).items()}
    read = found[mention["uri"]]
    assert read.own_text == f"@{council.handle} {text}"
    assert [(entry.target, entry.shown) for entry in read.links] == [
        ("https://example.org/hyn", "hyn"),
        ("https://example.org/card", "A card"),
    ]
    assert read.own_text[read.links[0].span.start : read.links[0].span.end] == "hyn"
    assert (read.lang_hint, read.to, read.author.address) == ("cy", (council.did,), rude.did)
    assert read.author.display_name == f"@{rude.handle}"
    assert read.nature is Nature.ORDINARY
    assert found[answer["uri"]].quoted_text == f"@{council.handle}: The bins are out on Monday."
    assert found[answer["uri"]].thread == found[answer["uri"]].reply_to_id
    assert found[quote["uri"]].quoted_text == f"@{council.handle}: Read our leaflet."
    assert found[own["uri"]].nature is Nature.OWN


def test_what_is_older_than_the_connection_is_history(connector, rude, answer):
    first = fetched(connector, None)
    assert first[answer["uri"]].message.nature is Nature.HISTORY
    raw = orjson.loads(first[answer["uri"]].raw)
    assert raw["author"]["handle"] == rude.handle
    assert raw["post"]["record"]["text"] == "You useless lot."
    assert raw["thread"][0]["record"]["text"] == "The bins are out on Monday."


def test_a_kill_at_any_page_loses_nothing_and_brings_nothing_twice(council, rude, bluesky, state_dir, monkeypatch):
    connector = council.connector(bluesky, state_dir, threads_minutes=1_440)
    cursor = cursor_after(connector, None)
    wanted = [rude.mention(council, f"number {number}")["uri"] for number in range(7)]
    eventually(lambda: set(wanted) <= council.told_of())
    monkeypatch.setattr(reading, "PAGE", 3)
    given = []
    for step in range(9):
        lost = next(iter(council.connector(bluesky, state_dir, threads_minutes=1_440).fetch(cursor)))
        batch = next(iter(council.connector(bluesky, state_dir, threads_minutes=1_440).fetch(cursor)))
        assert batch.items == lost.items
        given += [item.message.key.native_id for item in batch.items]
        cursor = batch.cursor
        if step == 1:
            wanted.append(rude.mention(council, "while you were paging")["uri"])
            eventually(lambda: wanted[-1] in council.told_of())
    assert sorted(given) == sorted(wanted)


def test_a_post_that_turns_up_late_below_others_is_read(connector, council, rude):
    rude_now = rude.mention(council, "the newest")
    eventually(lambda: rude_now["uri"] in council.told_of())
    cursor = cursor_after(connector, None)
    earlier = (datetime.now(UTC) - timedelta(minutes=4)).isoformat().replace("+00:00", "Z")
    late = rude.mention(council, "written before it, shown after it", createdAt=earlier)
    eventually(lambda: late["uri"] in council.told_of())
    assert set(fetched(connector, cursor)) == {late["uri"]}


def test_an_answer_dated_back_by_its_author_is_found_and_counts_as_of_today(connector, started, council, rude):
    post = council.shown("Opening hours")
    cursor = cursor_after(connector, started)
    sly = rude.reply(post, "You will not see this", createdAt="2024-01-01T00:00:00.000Z")
    found = eventually(lambda: fetched(connector, cursor).get(sly["uri"])).message
    assert datetime.now(UTC) - found.received_at < timedelta(minutes=5)
    assert found.sent_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert found.nature is Nature.ORDINARY
    assert "its date is older than its appearance" in found.defects


def test_a_muted_account_is_still_read(connector, started, council, rude):
    connector.act(effect(Action.MUTE, rude.did))
    try:
        post = council.shown("A consultation")
        plea = rude.reply(post, "The gas is leaking in my flat")
        assert eventually(lambda: fetched(connector, started).get(plea["uri"]))
    finally:
        connector.act(effect(Action.MUTE, rude.did, wanted=False))


def test_an_answer_of_a_blocked_account_can_be_hidden_and_shown(connector, rude, answer):
    hide, block = effect(Action.HIDE, answer["uri"]), effect(Action.BLOCK, rude.did)
    connector.act(block)
    try:
        assert connector.act(hide).read_back is True
        assert connector.act(replace(hide, wanted=False)).read_back is False
    finally:
        connector.act(replace(block, wanted=False))


def test_a_block_made_by_hand_counts_and_is_undone(connector, council, rude):
    council.write("app.bsky.graph.block", {"subject": rude.did})
    eventually(lambda: profile_seen_by(council, rude)["viewer"].get("blocking"))
    assert connector.act(effect(Action.BLOCK, rude.did)).state is EnforcementState.ALREADY_DONE
    assert connector.act(effect(Action.BLOCK, rude.did, wanted=False)).read_back is False
    assert connector.read_back(effect(Action.BLOCK, rude.did)) is False


def test_hiding_keeps_the_rules_of_the_thread_and_what_others_hide_meanwhile(connector, council, answer, monkeypatch):
    root = council.client.app.bsky.feed.get_posts({"uris": [answer["uri"]]}).posts[0].record.reply.root.uri
    rules, rkey = {"post": root, "allow": [{"$type": "app.bsky.feed.threadgate#followingRule"}]}, root.split("/")[-1]
    council.write(THREADGATE, rules, rkey)
    other, plain_get, reads = "at://did:plc:else/app.bsky.feed.post/3l", Records.get, []

    def read_then_somebody_else_writes(records, collection, key):
        found = plain_get(records, collection, key)
        if collection == THREADGATE and not reads:
            reads.append(key)
            records.put(THREADGATE, key, rules | {"hiddenReplies": [other]})
        return found

    with monkeypatch.context() as patched:
        patched.setattr(Records, "get", read_then_somebody_else_writes)
        assert connector.act(effect(Action.HIDE, answer["uri"])).state is EnforcementState.DONE
    asked = {"repo": council.did, "collection": THREADGATE, "rkey": rkey}
    gate = council.client.com.atproto.repo.get_record(asked).value
    assert gate.hidden_replies == [other, answer["uri"]]
    assert len(gate.allow) == 1


def test_a_full_thread_refuses_with_the_reason(connector, council, rude):
    post = council.shown("A busy thread")
    hidden = [f"at://did:plc:x/app.bsky.feed.post/{number}" for number in range(HIDDEN_AT_MOST)]
    council.write(THREADGATE, {"post": post["uri"], "hiddenReplies": hidden}, post["uri"].split("/")[-1])
    one_more = rude.reply(post, "one more")
    with pytest.raises(Refused, match="300"):
        connector.act(effect(Action.HIDE, one_more["uri"]))


def test_a_deleted_answer_is_gone_and_its_hiding_can_still_be_undone(connector, rude, answer):
    hide = effect(Action.HIDE, answer["uri"])
    connector.act(hide)
    rude.delete(answer)
    assert connector.read_back(hide) is True
    assert connector.act(replace(hide, wanted=False)).read_back is False
    with pytest.raises(MessageGone, match="deleted by its author"):
        connector.act(hide)


def test_what_bluesky_cannot_do_is_refused_with_the_reason(connector, council, rude):
    mention = rude.mention(council, "in a thread of mine")
    elsewhere = rude.reply(mention, "and on")
    for uri, why in ((mention["uri"], "no reply"), (elsewhere["uri"], "another account's")):
        with pytest.raises(Refused, match=why):
            connector.act(effect(Action.HIDE, uri))
    for action in (Action.QUARANTINE, Action.FILE, Action.LABEL):
        with pytest.raises(Refused, match="use hide, mute, block or report"):
            connector.act(effect(action, mention["uri"]))
    with pytest.raises(Refused, match="cannot be taken back"):
        connector.act(effect(Action.REPORT, rude.did, wanted=False))
    with pytest.raises(MessageGone):
        connector.act(effect(Action.BLOCK, "nobody-of-this-name.test"))


def test_a_report_reaches_the_moderation_service_and_cannot_be_read(connector, rude, answer):
    account = effect(Action.REPORT, rude.did)
    post = replace(account, target=Target("message", answer["uri"]))
    for report in (account, post):
        done = connector.act(report)
        assert done.state is EnforcementState.DONE
        assert done.detail.startswith("report ")
        assert connector.read_back(report) is None


def test_waiting_ends_with_the_answer_and_not_before(connector, council, rude):
    assert connector.wait(0.1)
    cursor = cursor_after(connector, None)
    assert not connector.wait(0.2)
    mention = rude.mention(council, "are you there?")
    assert eventually(lambda: connector.wait(5))
    assert mention["uri"] in fetched(connector, cursor)


def test_record_keys_are_one_an_account_and_of_the_form_asked_for():
    assert record_key("did:plc:a") == record_key("did:plc:a") != record_key("did:plc:b")
    assert len(record_key("did:plc:a")) == 13
    assert record_key("did:plc:a")[0] in "234567abcdefghij"
