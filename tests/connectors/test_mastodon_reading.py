"""What the connector `mastodon` reads: mentions, direct posts, edits with every version between."""

import json
from datetime import timedelta

import pytest

from models.domain import Nature
from tests.connectors.steps import items, last_cursor, texts
from tests.emulators.mastodon import FIRST, OWN

pytestmark = pytest.mark.usefixtures("never_sleeps")

ANGRY = "angry@elsewhere.example"


def test_mentions_direct_posts_and_own_posts_are_read_oldest_first(instance, open_it):
    instance.post("10", OWN, "<p>Bins are late</p>")
    instance.mention("100", "20", "42", "useless", in_reply_to_id="10")
    instance.mention("101", "21", "42", "a stranger's word", filtered=True)
    instance.post("22", "42", "<p>a later direct word</p>", visibility="direct", conversation="c", in_reply_to_id="20")
    found = [item.message for item in items(open_it())]
    assert [message.own_text for message in found] == [
        "Bins are late",
        "@council useless",
        "@council a stranger's word",
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


def test_an_edit_comes_as_a_newer_version_with_every_version_between(instance, open_it):
    instance.mention("100", "20", "42", "please help")
    connector = open_it()
    cursor = last_cursor(connector)
    instance.edit("20", "<p>@council you idiots</p>", 5)
    instance.edit("20", "<p>@council thank you</p>", 9)
    assert not items(connector, cursor)
    instance.clock.now += timedelta(minutes=11)
    versions = items(connector, cursor)
    assert [item.message.own_text for item in versions] == ["@council you idiots", "@council thank you"]
    assert {item.message.key.native_id for item in versions} == {"20"}
    assert len({item.raw for item in versions}) == 2
    instance.clock.now += timedelta(minutes=11)
    assert not items(connector, last_cursor(connector, cursor))


def test_a_post_edited_before_it_was_read_is_read_with_its_past(instance, open_it):
    instance.mention("100", "20", "42", "you idiots")
    instance.edit("20", "<p>@council thank you</p>", 5)
    batches = [batch for batch in open_it().fetch(None) if batch.items]
    assert [batch.items[0].message.own_text for batch in batches] == ["@council you idiots", "@council thank you"]
    assert texts(open_it(), batches[0].cursor) == ["@council thank you"]


@pytest.mark.parametrize("has_list", [True, False])
def test_edits_are_found_on_older_instances_and_deleted_posts_let_go(instance, open_it, has_list):
    instance.knows_lists_of_statuses = has_list
    instance.mention("100", "20", "42", "one")
    instance.mention("101", "21", "42", "two")
    connector = open_it()
    cursor = last_cursor(connector)
    instance.edit("21", "<p>@council three</p>", 5)
    instance.delete("20")
    instance.clock.now += timedelta(minutes=11)
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
