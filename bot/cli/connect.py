"""`porthor connect`: set a connection up, test its rights, and write it into the settings."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot.connecting import Asked, keep_secret
from bot.settings import Settings
from connectors.base import Connector


def command(
    kind: Annotated[str, typer.Argument(help="The kind of connection, such as imap, graph, x or files.")],
    name: Annotated[str | None, typer.Option(help="What it shall be called here.")] = None,
    org: Annotated[str | None, typer.Option(help="The pack that decides on it.")] = None,
    own: Annotated[
        list[str] | None, typer.Option(help="An address or handle of the organisation's own; may be repeated.")
    ] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", help="An answer given beforehand, OPTION=VALUE; may be repeated.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Sign in anew to a connection that is set up already.")
    ] = False,
    test: Annotated[bool, typer.Option(help="Try the connection before it is written.")] = True,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Walk through the set-up of a connection; it starts in shadow, where it decides and does nothing.

    A secret is never written into the settings but referred to: `env:NAME`, `file:/path`, or typed in and kept in
    a file of the bot's alone.

    Examples:
    * `porthor connect imap`

    * `porthor connect files --name complaints --org psow --set path=/srv/mail/complaints`

    * `porthor connect x --name our-x --again`
    """
    from bot import connecting
    from bot.cli.errors import CommandError
    from bot.service import place
    from bot.settings import load
    from connectors.registry import connector_class

    settings = load(os.environ, data_dir)
    if settings.demo:
        raise CommandError(
            f"{settings.data_dir} is a demonstration: set DATA_DIR to another folder to connect anything"
        )
    wanted = connector_class(kind)
    pairs = _pairs(given or [])
    if again:
        _again(settings, kind, name, pairs)
        return
    asked = _asked(settings, kind, name, org, own)
    talk = _Terminal(settings, asked.name)
    lent = place(settings, asked.name)
    chosen = connecting.options_of(wanted, talk, lent, pairs)
    _tell(connecting.opened(wanted, asked, wanted.options.model_validate(chosen), lent), test=test)
    path = connecting.write(settings, connecting.block(asked, chosen))
    typer.echo(f"written to {path}: {asked.name} starts in shadow. Set its mode there once its decisions are right.")


def _again(settings: Settings, kind: str, name: str | None, pairs: dict[str, str]) -> None:
    """Let a person sign in anew, and tell what must change in the settings, if anything."""
    from bot import connecting
    from bot.cli.errors import CommandError
    from bot.service import place
    from connectors.registry import connector_class

    entry = next((entry for entry in settings.file.connection if entry.name == name and entry.kind == kind), None)
    if entry is None:
        raise CommandError(f"no {kind} connection is called {name!r} in the settings: name one with --name")
    wanted, lent = connector_class(kind), place(settings, entry.name)
    before = {key: value for key, value in entry.options(wanted.options).model_dump().items() if value is not None}
    chosen = connecting.signed_in_anew(wanted, _Terminal(settings, entry.name), lent, {**before, **pairs})
    asked = Asked(entry.name, entry.kind, entry.org, entry.own_addresses)
    _tell(connecting.opened(wanted, asked, wanted.options.model_validate(chosen), lent), test=True)
    for key, value in chosen.items():
        if value != before.get(key):
            typer.echo(f'write this into the settings of {entry.name}: {key} = "{value}"')
    typer.echo(f"signed in: `porthor resume {entry.name}` lets the running bot go on with it.")


def _tell(connector: Connector, *, test: bool) -> None:
    """Try a connection and show what will be possible."""
    from bot import connecting

    if test:
        typer.echo(f"tested: {connecting.test_of(connector)}")
    for action, can in connecting.abilities(connector):
        typer.echo(f"  {action:<11}{'the bot can do it' if can else 'becomes a task for a person'}")


@dataclass(frozen=True, slots=True)
class _Terminal:
    settings: Settings
    connection: str

    def say(self, text: str) -> None:
        typer.echo(text)

    def ask(self, question: str, default: str | None = None) -> str:
        hidden = "type it in" in question
        return str(typer.prompt(question, default=default, hide_input=hidden, show_default=bool(default)))

    def keep(self, name: str, secret: str) -> str:
        return keep_secret(self.settings, self.connection, name, secret)


def _asked(settings: Settings, kind: str, name: str | None, org: str | None, own: list[str] | None) -> Asked:
    from bot.cli.errors import CommandError
    from models.policy.loader import builtin_pack_ids

    packs = ", ".join(sorted(builtin_pack_ids()))
    chosen = name or str(typer.prompt("What shall it be called here", default=kind))
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", chosen):
        raise CommandError(f"{chosen!r} cannot be a name: use small letters, digits, - and _")
    if chosen in {entry.name for entry in settings.file.connection}:
        raise CommandError(f"a connection is called {chosen!r} already: choose another name")
    pack = org or str(typer.prompt(f"Which pack decides ({packs})"))
    if pack not in builtin_pack_ids():
        raise CommandError(f"no pack is called {pack!r}: use one of {packs}")
    addresses = own if own is not None else _listed(str(typer.prompt("Our own addresses, by commas", default="")))
    return Asked(chosen, kind, pack, tuple(address.lower() for address in addresses))


def _listed(answer: str) -> list[str]:
    return [part.strip() for part in answer.split(",") if part.strip()]


def _pairs(given: list[str]) -> dict[str, str]:
    from bot.cli.errors import CommandError

    for entry in given:
        if "=" not in entry:
            raise CommandError(f"--set {entry}: give it as OPTION=VALUE")
    return dict(entry.split("=", 1) for entry in given)
