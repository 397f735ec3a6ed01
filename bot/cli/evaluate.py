"""`porthor evaluate`: every quality figure on the development sets in one table."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    data: Annotated[Path, typer.Option(help="The folder with the development sets.")] = Path("../shared/data"),
    json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """Measure quality on the development sets, each figure with its 95 % interval and its split.

    Example: `porthor evaluate --json > figures.json`
    """
    from bot.cli.errors import CommandError
    from classifiers.evaluate import evaluate, to_json, to_table

    if not data.is_dir():
        raise CommandError(f"{data}: the development sets are not there; give their folder with --data")
    figures = evaluate(data, lambda step: typer.echo(f"… {step}", err=True))
    typer.echo(to_json(figures) if json else to_table(figures))
