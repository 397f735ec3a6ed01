"""Settings: defaults, the TOML file, and a sentence for each thing that can be wrong."""

import pytest

from bot.secrets import read_secret
from bot.settings import SettingsError, load
from connectors.base import Refused
from connectors.files import FilesOptions
from models.domain import Mode

GOOD = """
[[connection]]
name = "complaints"
kind = "files"
org = "psow"
path = "mail/complaints.mbox"
mode = "assist"
own_addresses = ["ask@psow.example.org"]
"""


def test_settings_have_defaults(tmp_path):
    settings = load({}, tmp_path)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database_url == f"sqlite:///{tmp_path / 'porthor.sqlite3'}"
    assert settings.file.connection == ()


def test_settings_honour_the_environment(tmp_path):
    settings = load({"DATA_DIR": str(tmp_path / "here"), "PORT": "9001", "PORTHOR_DATABASE_URL": "sqlite://"})
    assert (settings.data_dir, settings.port, settings.database_url) == (tmp_path / "here", 9001, "sqlite://")


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", "80.5"])
def test_settings_refuse_a_port_that_is_none(tmp_path, port):
    with pytest.raises(SettingsError, match=r"PORT is .* give a number between 1 and 65535"):
        load({"PORT": port}, tmp_path)


def test_settings_read_connections(tmp_path):
    (tmp_path / "porthor.toml").write_text(GOOD, "utf-8")
    (connection,) = load({}, tmp_path).file.connection
    assert (connection.name, connection.org, connection.mode) == ("complaints", "psow", Mode.ASSIST)


def test_settings_new_connection_starts_in_shadow(tmp_path):
    (tmp_path / "porthor.toml").write_text(GOOD.replace('mode = "assist"\n', ""), "utf-8")
    assert load({}, tmp_path).file.connection[0].mode is Mode.SHADOW


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[connection]", "not valid TOML"),
        (GOOD.replace('"assist"', '"always"'), "connection.0.mode"),
        (GOOD.replace('kind = "files"\n', ""), "connection.0.kind"),
        (GOOD + GOOD, "two connections are called complaints"),
    ],
)
def test_settings_name_what_is_wrong_in_the_file(tmp_path, text, told):
    (tmp_path / "porthor.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=told) as raised:
        load({}, tmp_path)
    assert "porthor.toml" in str(raised.value)


def test_settings_of_a_kind_are_checked_by_it(tmp_path):
    (tmp_path / "porthor.toml").write_text(GOOD + 'pasword = "x"\n', "utf-8")
    (connection,) = load({}, tmp_path).file.connection
    with pytest.raises(SettingsError, match=r"complaints: pasword: .*porthor\.toml"):
        connection.options(FilesOptions)


def test_a_secret_is_referred_to_and_never_written(tmp_path):
    (tmp_path / "key").write_text("s3cret\n", "utf-8")
    assert read_secret(f"file:{tmp_path / 'key'}", {}) == "s3cret"
    assert read_secret("env:KEY", {"KEY": "s3cret"}) == "s3cret"
    for wrong in ("env:KEY", "file:/nowhere", "s3cret"):
        with pytest.raises(Refused) as raised:
            read_secret(wrong, {})
        assert "s3cret" not in str(raised.value)


def test_settings_file_in_another_encoding_is_told(tmp_path):
    (tmp_path / "porthor.toml").write_bytes(b"\xff\xfe[\x00")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load({}, tmp_path)


def test_settings_a_connection_checks_what_its_kind_does_not_know(tmp_path):
    (tmp_path / "porthor.toml").write_text(GOOD + 'pasword = "x"\n', "utf-8")
    (connection,) = load({}, tmp_path).file.connection
    with pytest.raises(SettingsError, match="connection complaints: pasword"):
        connection.options(FilesOptions)
