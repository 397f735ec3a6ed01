"""What an operator may set: environment variables, and one TOML file in the data folder."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.domain import Mode

FILE_NAME = "porthor.toml"
DEMO_MARK = "DEMONSTRATION.txt"
"""The file that makes a data folder a demonstration's: nothing is read from its settings, and nothing connected to it."""
MAX_PORT = 65535
OptionsT = TypeVar("OptionsT", bound=BaseModel)


class SettingsError(Exception):
    """A setting is wrong; the message names it, where it stands and what to do."""


class ConnectionSettings(BaseModel):
    """One `[[connection]]` of the settings file: a mailbox or account of the organisation's own.

    What its kind needs beyond these stands beside them and is checked by the connector's own options.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    kind: str
    org: str
    mode: Mode = Mode.SHADOW
    own_addresses: tuple[str, ...] = ()
    poll_s: Annotated[int, Field(ge=1)] = 60
    monthly_cap: Annotated[float, Field(gt=0)] | None = None

    def options(self, wanted: type[OptionsT]) -> OptionsT:
        """Return what the kind needs, checked.

        Raises:
            SettingsError: A setting is missing, unknown or wrong.
        """
        try:
            return wanted.model_validate(self.model_extra or {})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise SettingsError(f"connection {self.name}: {where}: {first['msg']}. Correct {FILE_NAME}.") from error


class SecondOpinionSettings(BaseModel):
    """`[second_opinion]`: a language model that is asked of what is uncertain. Absent means off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    model: str
    key: str | None = None
    low: Annotated[float, Field(gt=0, lt=1)] = 0.2
    high: Annotated[float, Field(gt=0, lt=1)] = 0.8
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 8.0


class RspamdSettings(BaseModel):
    """`[rspamd]`: an rspamd that is asked of mail. Absent means off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 5.0


class MailSettings(BaseModel):
    """`[mail]`: how neutral notices to senders go out. Without it none does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    port: Annotated[int, Field(ge=1, le=MAX_PORT)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = None
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 30


class NotifySettings(BaseModel):
    """`[notify]`: where reviewers are told of urgent cases and the bot's own troubles; addresses by reference."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: tuple[str, ...] = ()
    page: str | None = None
    digest_hour: Annotated[int, Field(ge=0, le=23)] = 8


class LetterSettings(BaseModel):
    """`[letters]`: GOV.UK Notify prints and posts letters where its key is given, by reference. Mail goes by `[mail]`.

    `policies` is a folder with the policies that letters enclose by mail: `psow-cy.pdf`, `psow-en.pdf` and so on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    notify_key: str | None = None
    policies: Path | None = None
    notify_url: str = "https://api.notifications.service.gov.uk"
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 30


class OnCallSettings(BaseModel):
    """`[on_call]`: where each person on the rota is called, by reference; who is not named is mailed at their account's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: dict[str, str] = Field(default_factory=dict)


class WebhookSettings(BaseModel):
    """`[webhooks]`: which private networks other systems that are told of events may stand in. Nobody else's may."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    networks: tuple[IPv4Network | IPv6Network, ...] = ()


class FileSettings(BaseModel):
    """The whole settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    second_opinion: SecondOpinionSettings | None = None
    rspamd: RspamdSettings | None = None

    connection: tuple[ConnectionSettings, ...] = ()
    staff: Path | None = None
    hints_port: Annotated[int, Field(ge=1, le=MAX_PORT)] | None = None
    mail: MailSettings | None = None
    notify: NotifySettings = NotifySettings()
    letters: LetterSettings = LetterSettings()
    webhooks: WebhookSettings = WebhookSettings()
    on_call: OnCallSettings = OnCallSettings()


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything stands and listens."""

    data_dir: Path
    host: str
    port: int
    database_url: str
    file: FileSettings

    @property
    def letter_ways(self) -> tuple[str, ...]:
        """The ways in which letters can go besides being printed here."""
        mail = ("email",) if self.file.mail is not None else ()
        return (*mail, "post", *(("notify",) if self.file.letters.notify_key else ()))

    @property
    def demo(self) -> bool:
        """True for the folder of a demonstration."""
        return (self.data_dir / DEMO_MARK).is_file()

    @property
    def secrets_dir(self) -> Path:
        """The folder of generated keys, readable by the owner alone."""
        return self.data_dir / "secrets"

    @property
    def models_dir(self) -> Path:
        """The folder of the local layers that verdicts taught."""
        return self.data_dir / "models"

    def state_dir(self, connection_id: str) -> Path:
        """Return the folder that is a connection's own; the web process never reads it."""
        return self.data_dir / "connections" / connection_id


def load(environment: Mapping[str, str], data_dir: Path | None = None) -> Settings:
    """Read the settings.

    `DATA_DIR` (default `var`), `PORT` (8080) and `PORTHOR_DATABASE_URL` (SQLite in the data folder).

    Raises:
        SettingsError: A value cannot be used.
    """
    folder = (data_dir or Path(environment.get("DATA_DIR") or "var")).resolve()
    return Settings(
        data_dir=folder,
        host="127.0.0.1",
        port=_port(environment.get("PORT") or "8080"),
        database_url=environment.get("PORTHOR_DATABASE_URL") or f"sqlite:///{folder / 'porthor.sqlite3'}",
        file=FileSettings() if (folder / DEMO_MARK).is_file() else _file(folder / FILE_NAME),
    )


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= MAX_PORT:
        return int(text)
    raise SettingsError(f"PORT is {text!r}: give a number between 1 and {MAX_PORT}, for example PORT=8080")


def _file(path: Path) -> FileSettings:
    if not path.is_file():
        return FileSettings()
    try:
        settings = FileSettings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: this is not valid TOML: {error}. Correct the file and start again.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path}: {where}: {first['msg']}. Correct the file and start again.") from error
    names = [connection.name for connection in settings.connection]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SettingsError(f"{path}: two connections are called {', '.join(twice)}; give each a name of its own")
    return settings
