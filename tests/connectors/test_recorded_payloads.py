"""Recorded answers of real servers (other projects' test suites) are read without loss."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from connectors.base import Place
from connectors.mastodon import MastodonConnector, MastodonOptions
from connectors.social.mastodon_posts import _VOLATILE, read_status
from connectors.social.x_posts import Included, read_post
from models.domain import Connection, Nature
from tests.emulators.faulty_web import Answer, Loopback

pytestmark = pytest.mark.shared
NOW = datetime(2026, 11, 22, tzinfo=UTC)
HERE = Connection("c", "any", "psow")


@pytest.fixture(scope="module")
def answers(shared_dir):
    path = shared_dir / "data" / "api_payloads" / "data.jsonl.gz"
    if not path.is_file():
        pytest.skip("the recorded answers are not there: data/api_payloads of the folder beside the project")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def found(body: object, *fields: str) -> Iterator[dict]:
    """Yield every object in `body`, at any depth, that has the fields."""
    if isinstance(body, dict):
        if all(field in body for field in fields):
            yield body
        for part in body.values():
            yield from found(part, *fields)
    elif isinstance(body, list):
        for part in body:
            yield from found(part, *fields)


def recorded(answers, platform: str, *fields: str) -> dict[str, dict]:
    """Return the objects of a platform that have the fields, each once."""
    bodies = [body for row in answers if row["label"] == platform for body in whole(row["body"])]
    return {json.dumps(item, sort_keys=True): item for body in bodies for item in found(body, *fields)}


def whole(text: str) -> list[object]:
    """Return the body, unless the collection has cut it at 60,000 characters."""
    try:
        return [json.loads(text)] if text[:1] in "[{" else []
    except json.JSONDecodeError:
        assert len(text) >= 60_000
        return []


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def words_of(html: str) -> str:
    parser = Words()
    parser.feed(html)
    return "".join("".join(parser.parts).split())


def still(part: object) -> object:
    if isinstance(part, dict):
        return {key: still(value) for key, value in part.items() if key not in _VOLATILE}
    return [still(item) for item in part] if isinstance(part, list) else part


def test_recorded_statuses_of_mastodon_are_read_without_loss(answers):
    statuses = recorded(answers, "mastodon", "content", "account", "visibility", "created_at")
    assert len(statuses) > 200
    for status in statuses.values():
        item = read_status(status, HERE, "localhost:3000", "0", NOW, "t")
        message = item.message
        quoted = re.compile(r'<p class="quote-inline">.*?</p>', re.DOTALL)
        content = quoted.sub("", status["content"]) if status.get("quote") else status["content"]
        seen = "".join(message.own_text.split())
        assert "".join(status["spoiler_text"].split()) in seen
        assert words_of(content) in seen
        assert all(
            media["description"] in message.own_text for media in status["media_attachments"] if media["description"]
        )
        assert len(message.attachments) == len(status["media_attachments"])
        assert len(message.to) == len(status["mentions"])
        assert message.author.address.partition("@")[0] == status["account"]["username"].lower()
        assert all(message.own_text[link.span.start : link.span.end] for link in message.links if link.span)
        plain = re.findall(r'<a href="(https?://[^"]+)"(?! class="(?:u-url )?mention)', content)
        assert {link.target for link in message.links} >= {link.replace("&amp;", "&") for link in plain}
        assert json.loads(item.raw)["status"] == still(status)
        assert message.nature is not Nature.OPAQUE or not words_of(re.sub(r"@[\w<>/]+", "", content))


class Replay(Loopback):
    """Answers with what was recorded: the notifications, one page, then no more."""

    def __init__(self, own: dict, notifications: list[dict]) -> None:
        super().__init__()
        self.own, self.notifications = own, notifications

    def answer(self, request):
        if request.path.endswith("verify_credentials"):
            return Answer(200, self.own)
        if request.path.endswith("/notifications") and request.one("min_id") == "0":
            return Answer(200, self.notifications)
        return Answer(200, [])


def test_recorded_notifications_come_through_the_library(answers, tmp_path):
    own = json.loads(next(row["body"] for row in answers if row["text"] == "GET /api/v1/accounts/verify_credentials"))
    notes = recorded(answers, "mastodon", "type", "status", "account", "created_at", "id").values()
    mentions = {note["id"]: note for note in notes if note["type"] == "mention"}
    assert len(mentions) >= 2
    with Replay(own, list(mentions.values())) as server:
        options = MastodonOptions(api_url=server.url, access_token="env:T", domain="localhost:3000")
        connector = MastodonConnector.open(HERE, options, Place(tmp_path, lambda _: "t", lambda: NOW))
        got = {item.message.key.native_id for batch in connector.fetch(None) for item in batch.items}
    assert got == {note["status"]["id"] for note in mentions.values()}


def as_second_version(status: dict) -> tuple[dict, Included]:
    """Return a post of version 1.1, the only one recorded, in the names of version 2."""
    urls = [{"url": url["url"], "expanded_url": url["expanded_url"]} for url in status["entities"].get("urls", [])]
    media = status.get("extended_entities", {}).get("media", status["entities"].get("media", []))
    pictures = [
        {"url": item["url"], "expanded_url": item["expanded_url"], "media_key": item["id_str"]} for item in media
    ]
    kinds = {item["id_str"]: {"media_key": item["id_str"], "type": item["type"]} for item in media}
    mentions = [{"username": mention["screen_name"]} for mention in status["entities"].get("user_mentions", [])]
    user = status["user"]
    post = {
        "id": status["id_str"],
        "text": status.get("full_text") or status["text"],
        "author_id": user["id_str"],
        "created_at": datetime.strptime(status["created_at"], "%a %b %d %H:%M:%S %z %Y").isoformat(),
        "conversation_id": status["id_str"],
        "entities": {"urls": urls + pictures, "mentions": mentions},
        "attachments": {"media_keys": list(kinds)},
        "lang": status.get("lang"),
    }
    profile = {"id": user["id_str"], "username": user.get("screen_name", ""), "name": user.get("name", "")}
    return post, Included({user["id_str"]: profile}, kinds, {})


def test_recorded_posts_of_x_are_read_without_loss(answers):
    statuses = recorded(answers, "twitter", "id_str", "user", "entities", "created_at")
    assert len(statuses) > 40
    for status in statuses.values():
        post, included = as_second_version(status)
        item = read_post(post, included, HERE, "0")
        message = item.message
        links = {url["url"]: url["expanded_url"] for url in post["entities"]["urls"] if "media_key" not in url}
        left = post["text"]
        for short, long in links.items():
            left = left.replace(short, long)
        for picture in (url["url"] for url in post["entities"]["urls"] if "media_key" in url):
            left = left.replace(picture, "")
        expected = left.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").rstrip()
        assert message.own_text == expected.strip()
        assert {link.target for link in message.links} >= {link for link in links.values() if link in expected}
        assert all(message.own_text[link.span.start : link.span.end] == link.target for link in message.links)
        assert len(message.attachments) == len(included.media)
        assert len(message.to) == len(post["entities"]["mentions"])
        assert message.received_at.isoformat() == post["created_at"]
        assert json.loads(item.raw)["post"] == post
