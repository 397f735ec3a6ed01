"""`porthor pause`: stop a connection, or one automatic action on it."""

from pathlib import Path
from typing import Annotated

import typer

from models.domain import Action


def command(
    connection: Annotated[str, typer.Argument(help="The connection's name in the settings.")],
    action: Annotated[Action | None, typer.Option(help="Only this automatic action; else reading and acting.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Stop CONNECTION, or one automatic action on it, until `porthor resume`. Nothing that waits is lost.

    Examples:
    * `porthor pause complaints`

    * `porthor pause our-x --action hide`
    """
    from bot.cli.telling import write
    from models.store.commands import CommandKind

    running = write(CommandKind.PAUSE, connection, action, data_dir)
    what = connection if action is None else f"automatic {action} on {connection}"
    typer.echo(f"{what}: {'the running bot pauses it now' if running else 'paused'}")
