"""Setting a connection up: questions from the connector's own options, its rights tested, the settings written."""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from bot.settings import FILE_NAME, Settings, SettingsError
from connectors.asking import HOW, is_reference
from connectors.base import Connector, Guided, Options, Place, Probing, Talk
from models.domain import Action, Connection, Mode

_SECRET = re.compile(r"(?:^|_)(?:secret|password|token|key)(?:$|_)")
_NOT_ASKED = frozenset({"api_url", "token_url", "login_url", "timeout_s", "ca_file", "old_api", "mail_bytes_at_most"})
"""What hardly anybody changes: it is given by `--set`, or keeps its default."""
_GIVEN_BY_SIGN_IN = frozenset({"refresh_token", "access_token", "password"})
LADDER = (Action.FILE, Action.HIDE, Action.MUTE, Action.QUARANTINE, Action.BLOCK, Action.REPORT)


@dataclass(frozen=True, slots=True)
class Asked:
    """What every connection needs besides its kind's own options."""

    name: str
    kind: str
    org: str
    own_addresses: tuple[str, ...]


def options_of(kind: type[Connector], talk: Talk, place: Place, given: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the options to write, asked one by one or by the connector's own guide, and checked.

    Raises:
        SettingsError: They do not fit.
        ConnectorError: The platform did not agree.
    """
    known = {name: _read(kind.options.model_fields.get(name), value) for name, value in given.items()}
    if issubclass(kind, Guided):
        known = {**known, **kind.set_up(talk, place, known)}
    for name, field in kind.options.model_fields.items():
        if name not in known and not (name in _NOT_ASKED and not field.is_required()):
            answer = _ask(name, field, talk)
            if answer is not None:
                known[name] = answer
    try:
        kind.options.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return {name: value for name, value in known.items() if value is not None}


def signed_in_anew(kind: type[Connector], talk: Talk, place: Place, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options after a new sign-in to a connection that is set up: by the connector's own guide, or a new secret.

    Raises:
        ConnectorError: The platform did not agree.
    """
    fixed = {name: value for name, value in before.items() if name not in _GIVEN_BY_SIGN_IN}
    if issubclass(kind, Guided):
        return {**before, **kind.set_up(talk, place, fixed)}
    lost = [name for name in kind.options.model_fields if name in _GIVEN_BY_SIGN_IN and name in before]
    return {**before, **{name: _ask(name, kind.options.model_fields[name], talk) for name in lost}}


def _ask(name: str, field: FieldInfo, talk: Talk) -> Any:
    """Ask for one option; None leaves its default. A secret typed in is kept apart and referred to."""
    question = field.description or name.replace("_", " ")
    default = None if field.is_required() else str(field.default if field.default not in {None, ""} else "")
    if _SECRET.search(name):
        answer = talk.ask(f"{question} ({HOW})", default)
        if answer and not is_reference(answer):
            return talk.keep(name, answer)
        return answer or None
    answer = talk.ask(question, default)
    return None if default is not None and answer == default else _read(field, answer)


def _read(field: FieldInfo | None, answer: str) -> Any:
    """Return an answer as TOML would hold it: lists by commas, numbers and yes or no where the option is one."""
    kind = str(None if field is None else field.annotation)
    if "tuple" in kind or "list" in kind:
        return [part.strip() for part in answer.split(",") if part.strip()]
    if "bool" in kind and answer.lower() in {"true", "false", "yes", "no"}:
        return answer.lower() in {"true", "yes"}
    if "str" not in kind and "Path" not in kind:
        with suppress(ValueError):
            return int(answer) if answer.lstrip("-").isdecimal() else float(answer)
    return answer


def opened(kind: type[Connector], asked: Asked, options: Options, place: Place) -> Connector:
    """Return the connector as it will run.

    Raises:
        ConnectorError: The options do not fit together.
    """
    connection = Connection(asked.name, asked.kind, asked.org, Mode.SHADOW, asked.own_addresses)
    return kind.open(connection, options, place)


def test_of(connector: Connector) -> str:
    """Return one sentence on what the platform said when it was tried.

    Raises:
        ConnectorError: It does not work; the words say what to do.
    """
    if isinstance(connector, Probing):
        return connector.probe()
    first = next(iter(connector.fetch(None)), None)
    return (
        "it answers, and there is nothing to read yet"
        if first is None
        else f"it answers: {len(first.items)} items read"
    )


def abilities(connector: Connector) -> list[tuple[Action, bool]]:
    """Return each action with whether the bot can do it here; the others become tasks for people."""
    can = connector.can()
    return [(action, action in can) for action in LADDER]


def block(asked: Asked, options: Mapping[str, Any]) -> str:
    """Return the `[[connection]]` of the settings file; a new connection starts in shadow."""
    fields: dict[str, Any] = {"name": asked.name, "kind": asked.kind, "org": asked.org, "mode": Mode.SHADOW.value}
    if asked.own_addresses:
        fields["own_addresses"] = list(asked.own_addresses)
    return "\n".join(
        ["[[connection]]", *(f"{key} = {_toml(value)}" for key, value in {**fields, **options}.items()), ""]
    )


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(entry) for entry in value)}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_toml(entry)}' for key, entry in value.items())} }}"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def write(settings: Settings, text: str) -> Path:
    """Add a connection to the settings file, all of it or nothing, readable by its owner alone."""
    path = settings.data_dir / FILE_NAME
    before = path.read_text("utf-8") if path.is_file() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(f"{before.rstrip()}\n\n{text}" if before.strip() else text)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
    return path


def keep_secret(settings: Settings, connection: str, name: str, secret: str) -> str:
    """Keep a secret in a file of the bot's alone and return the reference to it."""
    folder = settings.state_dir(connection)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{re.sub(r'[^a-z0-9_-]', '_', name.lower())}.secret"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(secret)
        out.flush()
        os.fsync(out.fileno())
    return f"file:{path}"
