"""`porthor scenarios`: replay contact histories and check what was expected of them."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    file: Annotated[Path, typer.Argument(help="Contact histories as JSON Lines.")],
    staff: Annotated[Path | None, typer.Option(help="CSV of staff: org,name,role,public_face.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """Replay each history of FILE through a fresh store with a simulated clock, and check its expectations.

    Prints passed or failed for each with what was expected and what came, then `N passed, N failed`.
    The exit status is 1 when one failed, 2 when a line could not be read.

    Example: `porthor scenarios histories.jsonl --json`
    """
    from bot.scenarios import run_scenarios

    report = run_scenarios(file, staff=staff)
    typer.echo(report.to_json() if json else report.to_text())
    if report.unread:
        raise SystemExit(2)
    raise SystemExit(1 if report.failed else 0)
