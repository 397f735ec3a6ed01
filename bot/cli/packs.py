"""`porthor packs`: check a policy pack and list those that come with the program."""

from pathlib import Path
from typing import Annotated

import typer

command = typer.Typer(help="Policy packs: check one, list those built in.", no_args_is_help=True)


@command.command("check")
def check(file: Annotated[Path, typer.Argument(help="A pack as YAML.")]) -> None:
    """Check FILE against the form of a pack; every problem is told with its line and field.

    Example: `porthor packs check our-policy.yaml`
    """
    from bot.cli.errors import CommandError
    from models.policy.loader import load_pack

    if not file.is_file():
        raise CommandError(f"{file}: there is no such file; give the path of a pack in YAML")
    pack = load_pack(file)
    typer.echo(f"{file}: the pack {pack.id} {pack.version} is in order: {len(pack.clauses)} clauses")


@command.command("list")
def list_packs() -> None:
    """List the packs that come with the program.

    Example: `porthor packs list`
    """
    from models.policy.loader import builtin_pack, builtin_pack_ids

    for pack_id in sorted(builtin_pack_ids()):
        pack = builtin_pack(pack_id)
        typer.echo(f"{pack.id:10} {pack.version:12} {len(pack.clauses):4} clauses  {pack.organisation.name.en}")
