"""`porthor audit`: prove that the trail is whole and that every formal record still holds what it held when it was sealed."""

import os
from pathlib import Path
from typing import Annotated

import typer

command = typer.Typer(help="The audit trail: verify it.", no_args_is_help=True)


@command.callback()
def _group() -> None:
    """The audit trail."""


@command.command("verify")
def verify(
    data_dir: Annotated[Path | None, typer.Option(help="Where everything lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Follow the chain of the audit trail from its first event and compare every sealed record; status 1 when one does not fit.

    Example: `porthor audit verify`
    """
    from bot.secrets import ensure_keys
    from bot.settings import load
    from models.session import open_store, reading
    from models.store import audit
    from models.store.formal import sealed

    settings = load(os.environ, data_dir)
    key = (ensure_keys(settings.secrets_dir) / "audit.key").read_bytes()
    engine = open_store(settings.database_url)
    try:
        with reading(engine) as database:
            count, broken = audit.verify(database, key)
            altered = sealed.altered(database, key)
    finally:
        engine.dispose()
    if broken is not None:
        typer.echo(f"event {broken} of {count} does not fit: it or one before it was changed; compare with a backup")
    for record in altered:
        typer.echo(f"{record} does not hold what the trail sealed: it was changed, added or removed behind it")
    if broken is not None or altered:
        raise SystemExit(1)
    typer.echo(f"{count} events, each fits the one before; every sealed record holds what it held")
