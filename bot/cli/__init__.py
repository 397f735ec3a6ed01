"""The command `porthor`: one file a subcommand, and one place where errors become sentences."""

import os
import sys
from collections.abc import Callable
from importlib import import_module

import typer

from bot.log import configure

app = typer.Typer(
    name="porthor",
    help="Porthor keeps the gate: abuse kept from staff, no complaint lost.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS = (
    "run", "connect", "status", "pause", "resume", "ingest", "decide", "classify", "scenarios", "evaluate", "certify",
    "learn", "packs", "roles", "audit", "letters", "evidence", "erase", "doctor",
)  # fmt: skip
"""Each is a module of this package with a function or a Typer called `command`."""

USAGE_ERROR = 2
ONE_THREAD = "OPENBLAS_NUM_THREADS"
"""Read by numpy's linear algebra when it loads: over matrices as small as ours its further threads only wait, and burn a core."""


def main() -> None:
    """Run the command line; a known error prints one sentence and ends with status 2."""
    os.environ.setdefault(ONE_THREAD, "1")
    wanted = sys.argv[1] if len(sys.argv) > 1 else None
    configure(os.environ.get("PORTHOR_LOG", "warning"))
    _register((wanted,) if wanted in COMMANDS else COMMANDS)
    try:
        app()
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        typer.echo(f"porthor: {sentence}", err=True)
        raise SystemExit(USAGE_ERROR) from error


def _register(names: tuple[str, ...]) -> None:
    """Import only what is asked for: the start counts when files are classified."""
    for name in names:
        command: Callable[..., None] | typer.Typer = import_module(f"bot.cli.{name}").command
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    app.callback()(_nothing)


def _nothing() -> None:
    """Porthor keeps the gate: abuse kept from staff, no complaint lost."""


def _sentence(error: Exception) -> str | None:
    """Return the sentence of an error that was foreseen, or None for a fault of the program."""
    known = (
        "ConnectorError",
        "StoreError",
        "PackError",
        "SettingsError",
        "ClassifierError",
        "CommandError",
        "UnknownPack",
        "OSError",
    )
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}; check the path, and that it may be read or written"
    names = {kind.__name__ for kind in type(error).__mro__}
    return str(error) if names & set(known) else None
