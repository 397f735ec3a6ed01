"""`porthor resume`: let a paused connection, or a stopped action, go on."""

from pathlib import Path
from typing import Annotated

import typer

from models.domain import Action


def command(
    connection: Annotated[str, typer.Argument(help="The connection's name in the settings.")],
    action: Annotated[Action | None, typer.Option(help="Only this automatic action; else everything.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Let CONNECTION go on after a pause, failed credentials, a surge or a used-up quota; a fresh quota begins.

    Examples:
    * `porthor resume complaints`

    * `porthor resume our-x --action hide`
    """
    from bot.cli.telling import write
    from models.store.commands import CommandKind

    running = write(CommandKind.RESUME, connection, action, data_dir)
    what = connection if action is None else f"automatic {action} on {connection}"
    typer.echo(f"{what}: {'the running bot resumes it now' if running else 'resumed'}")
