"""What the connector `x` reads, and how it goes on after a kill at any page."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from models.domain import Action, Nature
from tests.connectors.steps import items, texts, wanted
from tests.emulators.x import NOW, OWN, ident

pytestmark = pytest.mark.usefixtures("never_sleeps")

AT = "2026-11-21T10:00:00.000Z"


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
    assert connector.month().counts.get("post_read", 0) == 0


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


def test_a_search_resumed_after_long_asks_no_further_back_than_x_keeps(x, open_x):
    x.post(ident(10), "42", "potholes", AT)
    connector = open_x(query="potholes", replies=False)
    cursor = list(connector.fetch(None))[-1].cursor
    list(connector.fetch(cursor))
    x.clock.now += timedelta(days=9)
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
