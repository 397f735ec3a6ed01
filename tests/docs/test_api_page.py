"""The page about the API: its calls and its program do what it says, against a real server."""

import re
import shlex
from datetime import timedelta

import httpx
import pytest

from bot.webhooks import signature
from models.session import writing
from models.store import people, tokens, webhooks
from review_queue import i18n
from review_queue.api.scopes import Scope
from review_queue.app import Keys, create_app
from tests.docs import generate
from tests.fakes.world import World
from tests.review_queue.conftest import fill
from tests.serving import served

PAGE = (generate.ROOT / "docs" / "how-to" / "use-the-api.md").read_text("utf-8")


@pytest.fixture
def site(tmp_path):
    world = World(f"sqlite:///{tmp_path / 'page.sqlite3'}")
    fill(world)
    now = i18n.utc_now()
    with writing(world.engine) as database:
        people.add(database, "desk", "!", "operator", "en", must_change=False, now=now)
        scopes = [scope.value for scope in Scope]
        key = tokens.make(database, b"a" * 32, "docs", "desk", scopes, now + timedelta(days=1), "desk", now)
    with served(create_app(world.engine, Keys(b"s" * 32, b"a" * 32))) as address:
        yield address, key
    world.engine.dispose()


def sent(line, address, key):
    """Send what a line of curl would."""
    words = shlex.split(line.replace("$PORTHOR", address).replace("$KEY", key))
    method, body, headers, url, rest = "", None, {}, "", iter(words[1:])
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word in {"-d", "-X"}:
            method, body = (method, next(rest)) if word == "-d" else (next(rest), body)
        elif word != "-s":
            url = word
    return httpx.request(method or ("GET" if body is None else "POST"), url, headers=headers, content=body)


def test_the_calls_of_the_page_do_what_it_says(site):
    lines = re.findall(r"^curl .*$", PAGE, re.MULTILINE)
    assert len(lines) == 9
    answers = [sent(line, *site) for line in lines]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 200, 201, 200, 200]
    assert answers[2].json()["version"] == 1
    assert [answers[4].json()["state"], answers[5].json()["state"]] == ["closed", "open"]


def test_the_program_of_the_page_runs(site, capsys):
    program, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    found = {"address": site[0], "key": site[1]}
    exec(program, found)
    assert found["answer"].json()["state"] == "closed"
    found["api"].close()
    assert capsys.readouterr().out == ""


def test_the_check_of_a_signature_tells_ours_from_others():
    _, program = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    found = {}
    exec(program, found)
    mine, before = webhooks.new_secret(), webhooks.new_secret()
    signed = " ".join(signature(secret, "msg_1", "1", b"{}") for secret in (mine, before))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": signed}
    assert found["is_ours"](mine, headers, b"{}")
    assert found["is_ours"](before, headers, b"{}")
    assert not found["is_ours"](webhooks.new_secret(), headers, b"{}")
    assert not found["is_ours"](mine, headers, b"{} ")


def test_the_page_names_every_scope():
    assert set(re.findall(r"^\| `([a-z]+:[a-z]+)` \|", PAGE, re.MULTILINE)) == {scope.value for scope in Scope}
