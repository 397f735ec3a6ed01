"""`porthor letters`: samples of every letter, to be looked at."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    samples: Annotated[Path, typer.Option(help="The folder to write into; it is made if need be.")],
    pack: Annotated[str | None, typer.Option(help="Only the letters of this pack.")] = None,
) -> None:
    """Write one letter of every kind, language and style as PDF, PNG and Word: of a made-up person's file."""
    from bot.cli.errors import CommandError
    from bot.letters import samples as made
    from models.policy.loader import builtin_pack, builtin_pack_ids

    if pack is not None and pack not in builtin_pack_ids():
        raise CommandError(f"there is no pack {pack!r}: use one of {', '.join(sorted(builtin_pack_ids()))}")
    count = sum(made.write(builtin_pack(name), samples) for name in ([pack] if pack else sorted(builtin_pack_ids())))
    typer.echo(f"{count} letters in {samples}")
