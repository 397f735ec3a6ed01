"""The reading of posts without a network: spans, pictures, strange records, recorded payloads, and every fault."""

import gzip
import importlib
import json
import pkgutil
import re
import tomllib
from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import FileSettings
from connectors.base import AuthFailed, ConnectorError, MessageGone, RateLimited, Refused, Unavailable
from connectors.bluesky import BlueskyOptions
from connectors.bsky.cursor import SEEN_AT_MOST, OwnThread, Position
from connectors.bsky.errors import KINDS, connector_error, kind_of, never_sent
from connectors.bsky.fields import lasting
from connectors.bsky.posts import Found, Reader, Words, code_points
from models.domain import Connection, Mode, Nature, Span
from tests.docs import generate

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
SDK = ("client", "codegen", "core", "crypto", "firehose", "identity", "jetstream", "lexicon", "server", "subscription")
DEVELOPERS_ONLY = {"atproto_codegen.exceptions"}
"""The generator of the SDK's own models: no program that uses the SDK calls it."""


def sdk_errors():
    """Return every exception class that the SDK's packages define."""
    found = set()
    for name in SDK:
        package = importlib.import_module(f"atproto_{name}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name == "exceptions":
                holder = importlib.import_module(f"atproto_{name}.exceptions")
                found |= {entry for entry in vars(holder).values() if isinstance(entry, type)}
    return {entry for entry in found if issubclass(entry, Exception)}


def test_every_exception_of_the_sdk_says_what_to_do_next():
    root = importlib.import_module("atproto_core.exceptions").AtProtocolError
    classes = {entry for entry in sdk_errors() if entry.__module__ not in DEVELOPERS_ONLY} - {root}
    assert len(classes) > 30
    assert not [entry.__name__ for entry in classes if kind_of(entry) is None]
    assert {entry for entry in vars(httpx).values() if isinstance(entry, type) and issubclass(entry, httpx.HTTPError)}
    assert set(KINDS.values()) == set(ConnectorError.__subclasses__())


def test_an_exception_that_nobody_mapped_is_noticed():
    class NewInTheSdk(importlib.import_module("atproto_core.exceptions").AtProtocolError):
        pass

    assert kind_of(NewInTheSdk) is None
    assert isinstance(connector_error(NewInTheSdk("x"), NOW, "reading"), Unavailable)


def answer(status, error, message="", headers=None):
    exceptions = importlib.import_module("atproto_client.exceptions")
    request = importlib.import_module("atproto_client.request")
    with pytest.raises(exceptions.RequestErrorBase) as told:
        request._handle_response(
            httpx.Response(status, json={"error": error, "message": message}, headers=headers or {})
        )
    return connector_error(told.value, NOW, "reading")


@pytest.mark.parametrize(
    ("status", "error", "message", "wanted"),
    [
        (400, "RecordNotFound", "", MessageGone),
        (400, "InvalidRequest", "Profile not found", MessageGone),
        (400, "InvalidRequest", "Unable to resolve handle", MessageGone),
        (400, "InvalidRequest", "Error: text must not be longer", Refused),
        (400, "RepoTakendown", "", MessageGone),
        (400, "ExpiredToken", "", AuthFailed),
        (401, "AuthenticationRequired", "", AuthFailed),
        (403, "Forbidden", "", AuthFailed),
        (404, "NotFound", "", MessageGone),
        (404, "XRPCNotSupported", "", Refused),
        (409, "Conflict", "", Unavailable),
        (413, "PayloadTooLarge", "", Refused),
        (429, "RateLimitExceeded", "", RateLimited),
        (500, "InternalServerError", "", Unavailable),
        (501, "MethodNotImplemented", "", Refused),
        (504, "UpstreamTimeout", "", Unavailable),
    ],
)
def test_answers_of_the_server_say_what_to_do_next(status, error, message, wanted):
    found = answer(status, error, message)
    assert type(found) is wanted
    assert not message or message not in str(found)


def test_a_connection_that_never_was_is_told_from_one_that_broke():
    assert never_sent(httpx.ConnectError("refused"))
    assert not never_sent(httpx.ReadError("broken"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=3, max_size=3))
def test_byte_offsets_become_code_points_in_any_script(parts):
    before, inside, after = parts
    text = before + inside + after
    start, size = len(before.encode()), len(inside.encode())
    span = code_points(text.encode(), {"byteStart": start, "byteEnd": start + size})
    assert span == (Span(len(before), len(before) + len(inside)) if inside else None)


@pytest.mark.parametrize("index", [{}, {"byteStart": 0}, {"byteStart": 1, "byteEnd": 2}, {"byteStart": 0, "byteEnd": 9},
                                   {"byteStart": -1, "byteEnd": 2}, {"byteStart": 2, "byteEnd": 2},
                                   {"byteStart": "0", "byteEnd": "1"}])  # fmt: skip
def test_offsets_that_fit_no_letter_give_no_span(index):
    assert code_points("😀".encode(), index) is None


def reader(**more):
    wanted = {"since": NOW - timedelta(days=1), "now": NOW} | more
    return Reader(
        Connection("b", "bluesky", "adra", own_addresses=("did:plc:branch", "museum.example")), "did:plc:own", **wanted
    )


def found(record, **more):
    author = {"did": "did:plc:them", "handle": "them.test", "displayName": "Them"}
    return Found("at://did:plc:them/app.bsky.feed.post/1", "reply", record, author, **more)


def image(alt=""):
    return {"alt": alt, "image": {"$type": "blob", "mimeType": "image/png", "size": 77}}


def test_what_a_picture_says_counts_as_the_authors_words():
    embed = {"$type": "app.bsky.embed.images", "images": [image("you are scum"), image()]}
    message = reader().fetched(found({"text": "nice day", "embed": embed, "tags": ["shame"]})).message
    assert message.own_text == "nice day\n\nyou are scum\n\n#shame"
    assert [(entry.name, entry.content_type, entry.size_bytes) for entry in message.attachments] == [
        ("picture-1", "image/png", 77),
        ("picture-2", "image/png", 77),
    ]
    assert message.nature is Nature.ORDINARY
    assert message.author.display_name == "Them (@them.test)"


def test_a_picture_without_words_is_never_clean():
    embed = {"$type": "app.bsky.embed.recordWithMedia", "media": {"images": [image()]}, "record": {}}
    assert reader().fetched(found({"text": " ", "embed": embed})).message.nature is Nature.OPAQUE


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"text": None},
        {"text": ["a"]},
        {"text": {"$type": "x"}, "facets": "no", "langs": 3, "embed": [], "reply": 7},
    ],
)
def test_a_record_that_keeps_to_no_schema_goes_to_a_person(record):
    fetched = reader().fetched(found(record))
    assert fetched.message.nature is Nature.OPAQUE
    assert fetched.message.defects
    assert orjson.loads(fetched.raw)["post"]["record"] == record


def test_a_link_written_out_and_marked_is_one_link():
    text = "Ŵ https://example.org/a, www.example.org/b"
    index = {"byteStart": len("Ŵ ".encode()), "byteEnd": len("Ŵ https://example.org/a".encode())}
    feature = {"$type": "app.bsky.richtext.facet#link", "uri": "https://elsewhere.example/"}
    words = Words.of({"text": text, "facets": [{"index": index, "features": [feature]}]})
    assert [(link.target, link.shown) for link in words.links] == [
        ("https://elsewhere.example/", "https://example.org/a"),
        ("www.example.org/b", "www.example.org/b"),
    ]


def test_own_and_sister_accounts_are_context_only():
    for did in ("did:plc:own", "did:plc:branch"):
        ours = Found(f"at://{did}/app.bsky.feed.post/1", "reply", {"text": "we"}, {"did": did})
        assert reader().fetched(ours).message.nature is Nature.OWN
    sister = Found("at://did:plc:m/app.bsky.feed.post/1", "reply", {"text": "we"}, {"handle": "Museum.example"})
    assert reader().fetched(sister).message.nature is Nature.OWN


def test_times_of_receipt_never_lie_in_the_future_nor_are_dated_back():
    def at(text, **more):
        return reader(**more).fetched(found({"text": "x"}, post={"indexedAt": text})).message

    assert at("2031-01-01T00:00:00Z").received_at == NOW
    assert at("2026-03-09T09:00:00Z").nature is Nature.HISTORY
    late = at("2026-03-09T09:00:00Z", listed_from=NOW - timedelta(hours=2))
    assert (late.received_at, late.nature) == (NOW, Nature.ORDINARY)
    assert at("no time").received_at == NOW


def test_what_is_kept_stays_the_same_while_counters_run():
    post = {"uri": "u", "likeCount": 1, "viewer": {"muted": True}, "record": {"text": "a", "wordCount": "two"}}
    assert lasting(post) == {"uri": "u", "record": {"text": "a", "wordCount": "two"}}


def test_a_cursor_is_the_same_after_writing_and_reading():
    position = Position(
        since=NOW, floor=NOW - timedelta(days=1), swept_at=NOW, pending=NOW, page="p", threads={"a": OwnThread(3, ("b",))},
        threads_at=NOW, chat="r",
    ).with_seen([(NOW, "at://x")])  # fmt: skip
    assert Position.of(position.text(), NOW + timedelta(days=9), timedelta(1)) == position


def test_what_was_seen_is_bounded_and_nothing_below_the_floor_is_given_again():
    start = Position.of(None, NOW, timedelta(days=1))
    many = [(NOW - timedelta(seconds=number), f"at://{number}") for number in range(SEEN_AT_MOST + 50)]
    ended = start.with_seen(many).ended(NOW, timedelta(hours=12), NOW)
    assert len(ended.seen) == SEEN_AT_MOST
    assert ended.floor == NOW - timedelta(seconds=SEEN_AT_MOST - 1)
    assert ended.knows("at://0")


def test_the_settings_in_the_guide_are_accepted_and_none_is_left_out():
    page = (generate.ROOT / "docs" / "how-to" / "connect-bluesky.md").read_text("utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    connections = [FileSettings.model_validate(tomllib.loads(block)).connection[0] for block in blocks]
    short, whole = (connection.options(BlueskyOptions) for connection in connections)
    assert {connection.kind for connection in connections} == {"bluesky"}
    assert short.password == "env:BLUESKY_APP_PASSWORD"
    assert connections[0].mode is Mode.SHADOW
    assert whole.model_fields_set == set(BlueskyOptions.model_fields)


@pytest.mark.parametrize(
    "wrong",
    [{"service": "http://bsky.social"}, {"block_list": "my list"}, {"labeler": "mod.example"}, {"handle": "@council"},
     {"report_reason": "because"}, {"chat_service": "https://chat"}, {"surprise": 1}],
)  # fmt: skip
def test_a_wrong_setting_is_refused_before_anything_is_called(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        BlueskyOptions(**({"handle": "council.example", "password": "env:X"} | wrong))


@pytest.mark.shared
def test_recorded_posts_are_read_without_loss(shared_dir):
    read = 0
    with gzip.open(shared_dir / "data" / "api_payloads" / "data.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["label"] == "bluesky"]
    for row in rows:
        for post in posts_in(json.loads(row["body"])):
            record = post["record"]
            entry = Found(post.get("uri", "at://did:x/c/1"), "reply", record, post.get("author", {}), post=post)
            fetched = reader().fetched(entry)
            kept = orjson.loads(fetched.raw)
            assert kept["post"] == lasting(post)
            assert record["text"] in fetched.message.own_text
            assert all(text in fetched.message.own_text for text in alternative_texts(record.get("embed")))
            assert {link.target for link in fetched.message.links} >= set(link_targets(record.get("facets")))
            read += 1
    assert len(rows) == 28
    assert read >= 20


def posts_in(value):
    """Yield every post of a payload, as a view or made one."""
    if isinstance(value, dict):
        for name in ("record", "value", "postRecord"):
            record = value.get(name)
            if isinstance(record, dict) and record.get("$type") == "app.bsky.feed.post" and "text" in record:
                yield {**value, "record": record}
        for inner in value.values():
            yield from posts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from posts_in(inner)


def alternative_texts(embed):
    if isinstance(embed, dict):
        yield from ([embed["alt"]] if isinstance(embed.get("alt"), str) else [])
        for inner in embed.values():
            yield from alternative_texts(inner)
    elif isinstance(embed, list):
        for inner in embed:
            yield from alternative_texts(inner)


def link_targets(facets):
    for facet in facets or []:
        yield from (feature["uri"] for feature in facet["features"] if "uri" in feature)
