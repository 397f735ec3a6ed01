"""`porthor learn`: make a local layer from verdicts, compare it, and put it in force by a person's word."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.desk import Desk


def command(
    diff: Annotated[
        str | None, typer.Option(help="Show what this version would change on the own history, in numbers and ids.")
    ] = None,
    use: Annotated[str | None, typer.Option(help="Put this version in force; needs --by.")] = None,
    back: Annotated[bool, typer.Option("--back", help="Return to what stood in force before; needs --by.")] = False,
    by: Annotated[str, typer.Option(help="The name of the person who decides it.")] = "",
    limit: Annotated[int, typer.Option(help="How many of the youngest messages --diff looks at.")] = 5000,
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Learn from the queue's verdicts: a candidate that runs beside the model in force and never acts by itself.

    Undone verdicts and whoever is in the blind sample do not count. A candidate is put in force by a person's
    command only; certificates given for another model then lapse, and nothing is automatic until certified again.

    Examples:
    * `porthor learn`

    * `porthor learn --diff local-20260310-1a2b3c`

    * `porthor learn --use local-20260310-1a2b3c --by "Nia Rees"`
    """
    from bot.desk import open_desk

    desk = open_desk(os.environ, data_dir)
    if diff is not None:
        _diff(desk, diff, limit)
    elif use is not None or back:
        _put(desk, use, by)
    else:
        _learn(desk)


def _learn(desk: "Desk") -> None:
    from bot.learning.learn import learn
    from bot.service import now_utc

    made = learn(desk.engine, desk.models.folder, now_utc(), lambda step: typer.echo(f"… {step}", err=True))
    typer.echo(made.report.to_text())
    typer.echo(
        f"{made.layer.version} lies in {made.folder}; it runs beside the model in force and acts on nothing. "
        f"Look at `porthor learn --diff {made.layer.version}`, then `--use` it with your name."
    )


def _diff(desk: "Desk", version: str, limit: int) -> None:
    from bot.learning.history_diff import history_diff
    from bot.shadowing import FILE

    desk.models.layer(version)
    found = history_diff(desk.engine, desk.registry, desk.models.registry_of(version), limit)
    typer.echo(found.to_text())
    kept = desk.models.folder / version / FILE
    lines = len(kept.read_bytes().splitlines()) if kept.is_file() else 0
    typer.echo(f"in shadow so far: {lines} messages decided differently ({kept})")


def _put(desk: "Desk", version: str | None, by: str) -> None:
    from bot.cli.errors import CommandError
    from bot.reading_version import reading_version
    from bot.service import now_utc
    from models.session import reading, writing
    from models.store import certificates, models_in_force

    if not by.strip():
        raise CommandError("who decides it? Add --by NAME: a model is put in force by a person only")
    with reading(desk.engine) as database:
        wanted = models_in_force.before(database) if version is None else version
        if wanted == models_in_force.current(database):
            raise CommandError(f"{wanted or 'the trained heads'} stands in force already: nothing was changed")
    registry = desk.models.registry_of(wanted)
    with writing(desk.engine) as database:
        models_in_force.put(database, desk.audit_key, wanted, by.strip(), now_utc())
        kept = certificates.latest_of_each(database)
    typer.echo(f"{wanted or 'the trained heads'} put in force by {by.strip()}")
    other = sorted({one.connection_id for one in kept if one.model_version != reading_version(registry)})
    if other:
        typer.echo(f"nothing is automatic until certified again on: {', '.join(other)}")
