"""Set-up: secrets kept apart, a connector's own guide, and TOML that reads back as it was meant."""

import tomllib
from dataclasses import dataclass, field

import pytest

from bot import connecting
from bot.connecting import Asked
from bot.secrets import read_secret
from bot.settings import SettingsError, load
from connectors.base import Options, Place
from tests.fakes.world import Clock, Platform


class Wanted(Options):
    host: str
    app_password: str
    folders: tuple[str, ...] = ()
    port: int = 993
    tls: bool = True


class Mail(Platform):
    options = Wanted

    @classmethod
    def open(cls, connection, options, place):
        return cls()


class Guided(Mail):
    @classmethod
    def set_up(cls, talk, place, known):
        talk.say("Open https://login.example/device and type ABCD")
        return {"app_password": talk.keep("refresh", "rotating-token"), "host": known["host"]}

    def probe(self):
        return "this is @ombudsman, who may read and moderate"


@dataclass
class Talk:
    settings: object
    answers: dict = field(default_factory=dict)
    said: list = field(default_factory=list)

    def say(self, text):
        self.said.append(text)

    def ask(self, question, default=None):
        return self.answers.get(question.split(" (")[0], default)

    def keep(self, name, secret):
        return connecting.keep_secret(self.settings, "c1", name, secret)


@pytest.fixture
def settings(tmp_path):
    return load({}, tmp_path)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path, str, Clock())


def test_a_secret_typed_in_is_kept_in_a_file_of_the_bots_alone(settings, place):
    talk = Talk(
        settings, {"host": "mail.example.org", "app password": "s3cret", "folders": "INBOX, Junk", "port": "143"}
    )
    options = connecting.options_of(Mail, talk, place, {"tls": "no"})
    reference = options["app_password"]
    assert read_secret(reference, {}) == "s3cret"
    path = settings.state_dir("c1") / "app_password.secret"
    assert path.stat().st_mode & 0o077 == 0
    text = connecting.block(Asked("c1", "mail", "psow", ("a@b.cymru",)), options)
    assert "s3cret" not in text
    read = tomllib.loads(text)["connection"][0]
    assert read == {
        "name": "c1", "kind": "mail", "org": "psow", "mode": "shadow", "own_addresses": ["a@b.cymru"],
        "host": "mail.example.org", "app_password": reference, "folders": ["INBOX", "Junk"], "port": 143, "tls": False,
    }  # fmt: skip


def test_a_reference_stays_a_reference(settings, place):
    talk = Talk(settings, {"host": "h", "app password": "env:MAIL_PASSWORD"})
    assert connecting.options_of(Mail, talk, place, {})["app_password"] == "env:MAIL_PASSWORD"


def test_a_connectors_own_guide_comes_first(settings, place):
    talk = Talk(settings)
    options = connecting.options_of(Guided, talk, place, {"host": "h"})
    assert "ABCD" in talk.said[0]
    assert read_secret(options["app_password"], {}) == "rotating-token"
    assert connecting.test_of(Guided()) == "this is @ombudsman, who may read and moderate"


def test_options_that_do_not_fit_are_told(settings, place):
    with pytest.raises(SettingsError, match="port"):
        connecting.options_of(Mail, Talk(settings, {"host": "h", "app password": "env:X", "port": "many"}), place, {})


@pytest.mark.parametrize("value", ['quote " and \\ back', "tab\tline\n", "tŷ", "\x7f"])
def test_any_text_reads_back_from_toml(value):
    text = connecting.block(Asked("c1", "mail", "psow", ()), {"host": value})
    assert tomllib.loads(text)["connection"][0]["host"] == value


def test_writing_keeps_what_stood_there(settings):
    path = settings.data_dir / "porthor.toml"
    path.write_text('# ours\nstaff = "staff.csv"\n', "utf-8")
    connecting.write(settings, connecting.block(Asked("c1", "files", "psow", ()), {"path": "/x"}))
    assert path.read_text("utf-8").startswith("# ours\n")
    assert [entry.name for entry in load({}, settings.data_dir).file.connection] == ["c1"]
