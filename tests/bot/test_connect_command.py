"""`porthor connect` as a person types it: the sign-ins of X, YouTube and Microsoft 365, against emulators, to the settings."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.social.x_sign_in import SCOPES
from tests.connectors.conftest import x, youtube  # noqa: F401 - fixtures, used by their names
from tests.emulators.graph import CLIENT, TENANT, Graph

COMMAND = [sys.executable, "-c", "from bot.cli import main; main()", "connect"]


class Typed:
    """One run of the command: what it says is read, what a person types is answered."""

    def __init__(self, folder, *words):
        self.environment = {**os.environ, "DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [*COMMAND, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=self.environment,
        )  # fmt: skip
        self.said = ""

    def until(self, pattern):
        while not (found := re.search(pattern, self.said)):
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        return found.group()

    def type(self, *lines):
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def end(self):
        rest, _ = self.process.communicate(timeout=300)
        self.said += rest
        return self.process.returncode


def allowed(page, code="granted"):
    """Return where the browser is sent to when the person allows the app."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    return f"{query['redirect_uri']}?state={query['state']}&code={code}"


def connection(folder):
    (found,) = tomllib.loads((folder / "porthor.toml").read_text("utf-8"))["connection"]
    return found


def test_x_is_signed_in_by_pkce_tried_and_starts_in_shadow(x, tmp_path):  # noqa: F811
    x.granted = " ".join(SCOPES)
    run = Typed(tmp_path, "x", "--name", "our-x", "--org", "psow", "--own", "council", "--set", f"api_url={x.url}")
    run.type("app", "")
    page = run.until(r"https://\S+code_challenge_method=S256\S*")
    run.type(allowed(page), *[""] * 10)
    assert run.end() == 0, run.said
    assert "tested: this is @council on X" in run.said
    assert re.search(r"hide +the bot can do it", run.said)
    assert re.search(r"block +becomes a task for a person", run.said)
    made = connection(tmp_path)
    assert made["mode"] == "shadow"
    token = Path(made["refresh_token"].removeprefix("file:"))
    assert token.stat().st_mode & 0o777 == 0o600
    assert run.said.count("client secret") == 1, "nothing is asked twice"
    assert "refresh-" not in (tmp_path / "porthor.toml").read_text()
    assert "refresh-" not in run.said


def test_a_dead_sign_in_to_x_is_made_anew(x, tmp_path):  # noqa: F811
    test_x_is_signed_in_by_pkce_tried_and_starts_in_shadow(x, tmp_path)
    x.refresh_token = "refresh-70"
    x.expire()
    before = (tmp_path / "porthor.toml").read_text()
    run = Typed(tmp_path, "x", "--name", "our-x", "--again")
    run.type("")
    run.type(allowed(run.until(r"https://\S+code_challenge_method=S256\S*")))
    assert run.end() == 0, run.said
    assert x.refresh_token == "refresh-71"
    assert "porthor resume our-x" in run.said
    assert (tmp_path / "porthor.toml").read_text() == before


def test_x_that_refuses_leaves_the_settings_alone(x, tmp_path):  # noqa: F811
    run = Typed(tmp_path, "x", "--name", "our-x", "--org", "psow", "--own", "council", "--set", f"api_url={x.url}")
    run.type("app", "")
    run.type(allowed(run.until(r"https://\S+code_challenge_method=S256\S*"), code="refused"))
    assert run.end() == 2
    assert "begin the sign-in again" in run.said
    assert not (tmp_path / "porthor.toml").exists()


def test_youtube_is_signed_in_by_pkce(youtube, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("YT_SECRET", "secret")
    given = [f"api_url={youtube.url}", f"token_url={youtube.url}/token", "client_secret=env:YT_SECRET", "client_id=app"]
    run = Typed(
        tmp_path, "youtube", "--name", "tube", "--org", "adra", "--own", "", *[w for g in given for w in ("--set", g)]
    )
    run.type(allowed(run.until(r"https://accounts\.google\.com\S+")), *[""] * 5)
    assert run.end() == 0, run.said
    assert "tested: this is the YouTube channel Example Council" in run.said
    assert connection(tmp_path)["mode"] == "shadow"
    assert connection(tmp_path)["client_secret"] == "env:YT_SECRET"


@pytest.fixture
def graph(tmp_path):
    made = Graph(tmp_path, "a-secret-of-the-test")
    yield made
    made.server.close()


def words(graph, folder):
    given = [
        f"api_url={graph.url}", f"login_url={graph.login_url}", f"ca_file={graph.ca_file}", f"tenant={TENANT}",
        f"client_id={CLIENT}", "mailbox=ask@example.org",
    ]  # fmt: skip
    names = ("graph", "--name", "mail", "--org", "wrexham", "--own", "ask@example.org")
    return (*names, *[word for entry in given for word in ("--set", entry)])


def test_a_person_signs_in_to_microsoft_by_a_code(graph, tmp_path):
    data = tmp_path / "data"
    run = Typed(data, *words(graph, data))
    run.type("device_code")
    run.until("enter ABCD-EFGH")
    run.type(*[""] * 12)
    assert run.end() == 0, run.said
    assert "tested: this is the mailbox ask@example.org in Microsoft 365" in run.said
    assert re.search(r"quarantine +the bot can do it", run.said)
    made = connection(data)
    assert (made["mode"], made["auth"]) == ("shadow", "device_code")
    assert (data / "connections" / "mail" / "token-cache.json").is_file(), "the running bot finds the sign-in there"


def test_an_application_signs_in_to_microsoft_by_its_secret(graph, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPH_SECRET", "a-secret-of-the-test")
    run = Typed(tmp_path / "data", *words(graph, tmp_path), "--set", "client_secret=env:GRAPH_SECRET")
    run.type("", *[""] * 12)
    assert run.end() == 0, run.said
    assert connection(tmp_path / "data")["client_secret"] == "env:GRAPH_SECRET"
