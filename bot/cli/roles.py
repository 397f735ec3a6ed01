"""`porthor roles`: who holds which role of a policy; without one nobody can take a formal step."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

command = typer.Typer(help="Roles of a policy: give one to a person, list who holds which.", no_args_is_help=True)
_DATA = typer.Option(help="Where everything lies; DATA_DIR or `var` if absent.")


@command.command("give")
def give(
    name: Annotated[str, typer.Argument(help="The name a person signs in with.")],
    org: Annotated[str, typer.Argument(help="The organisation: the id of its pack.")],
    role: Annotated[str, typer.Argument(help="A role of the pack.")],
    data_dir: Annotated[Path | None, _DATA] = None,
) -> None:
    """Give a person a role, ending the one they held in that organisation.

    Example: `porthor roles give nia psow tm`
    """
    from bot.cli.errors import CommandError
    from bot.policies import policy_of
    from bot.secrets import ensure_keys
    from bot.service import now_utc
    from bot.settings import load
    from models.domain import Mode
    from models.session import open_store, writing
    from models.store import people
    from models.store.formal import offices

    settings = load(os.environ, data_dir)
    pack = policy_of(org, Mode.ENFORCE).pack
    key = (ensure_keys(settings.secrets_dir) / "audit.key").read_bytes()
    engine = open_store(settings.database_url)
    try:
        with writing(engine) as database:
            if people.find(database, name) is None:
                raise CommandError(f"nobody signs in as {name!r}; the name must be one that can")
            offices.appoint(database, key, name, pack, role, f"command line: {getpass.getuser()}", now_utc())
    except offices.NoOffice as error:
        raise CommandError(str(error)) from error
    finally:
        engine.dispose()
    typer.echo(f"{name} is {role} in {org}")


@command.command("list")
def list_roles(
    org: Annotated[str, typer.Argument(help="The organisation: the id of its pack.")],
    data_dir: Annotated[Path | None, _DATA] = None,
) -> None:
    """List the roles of ORG and who holds them.

    Example: `porthor roles list psow`
    """
    from bot.policies import policy_of
    from bot.service import now_utc
    from bot.settings import load
    from models.domain import Mode
    from models.session import open_store, reading
    from models.store.formal import offices

    pack = policy_of(org, Mode.ENFORCE).pack
    engine = open_store(load(os.environ, data_dir).database_url)
    try:
        with reading(engine) as database:
            held = offices.holders(database, org, now_utc())
    finally:
        engine.dispose()
    for role in pack.roles:
        names = ", ".join(row["name"] for row in held if row["role"] == role.id) or "nobody"
        typer.echo(f"{role.id:20} {names:30} {role.title.en}")
