"""`porthor evidence`: a signed pack of a case for the police, and the proof that nobody changed one."""

import os
from pathlib import Path
from typing import Annotated

import typer

command = typer.Typer(help="Evidence for the police: pack a case, verify a pack, show the key.", no_args_is_help=True)
_DATA = typer.Option(help="Where everything lies; DATA_DIR or `var` if absent.")


@command.command("pack")
def pack(
    case: Annotated[int, typer.Argument(help="The number of the case.")],
    out: Annotated[Path | None, typer.Option(help="Where to write it; `evidence-case-N.zip` here if absent.")] = None,
    data_dir: Annotated[Path | None, _DATA] = None,
) -> None:
    """Write the originals, renderings, times, hashes and chain of custody of a case as one signed ZIP.

    Example: `porthor evidence pack 17 --out case-17.zip`
    """
    import getpass

    from bot.cli.errors import CommandError
    from bot.policies import policy_of
    from bot.secrets import ensure_keys
    from bot.service import now_utc
    from bot.settings import load
    from models.domain import Mode
    from models.records.evidence import packing
    from models.records.evidence.gather import NoSuchCase, gather
    from models.session import open_store, writing

    settings = load(os.environ, data_dir)
    folder = ensure_keys(settings.secrets_dir)
    keys = packing.Keys((folder / "audit.key").read_bytes(), (folder / "evidence.key").read_bytes())
    target = out or Path(f"evidence-case-{case}.zip")
    if target.exists():
        raise CommandError(f"{target}: there is a file already; name another with --out")
    engine = open_store(settings.database_url)
    try:
        with writing(engine) as database:
            policy = policy_of(gather(database, case).org, Mode.ENFORCE).pack
            made = packing.make(database, keys, policy, case, f"command line: {getpass.getuser()}", now_utc())
            target.write_bytes(made)
    except NoSuchCase as error:
        raise CommandError(str(error)) from error
    finally:
        engine.dispose()
    typer.echo(f"{target}: {len(made)} bytes, signed; check it with `porthor evidence verify {target}`")


@command.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="An evidence pack.")],
    key: Annotated[Path | None, typer.Option(help="The public key it must be signed with, as PEM.")] = None,
) -> None:
    """Check the signature and every hash of FILE; the exit status is 1 when anything was changed, removed or added.

    Without --key the pack's own key is used: compare the fingerprint with the one the organisation gave you.

    Example: `porthor evidence verify case-17.zip --key porthor-evidence.pem`
    """
    from bot.cli.errors import CommandError
    from models.records.evidence.verifying import verify as check

    if not file.is_file():
        raise CommandError(f"{file}: there is no such file; give the path of an evidence pack")
    if key is not None and not key.is_file():
        raise CommandError(f"{key}: there is no such file; give the path of a public key, or leave --key out")
    found = check(file, None if key is None else key.read_bytes())
    for problem in found.problems:
        typer.echo(f"{file}: {problem}")
    if found.problems:
        typer.echo(f"{file}: do not rely on it; ask for the pack again")
        raise SystemExit(1)
    typer.echo(f"{file}: {found.files} files, each as it was signed\nkey {found.fingerprint}")
    if key is None:
        typer.echo("compare this with the fingerprint that the organisation gave you by another way")


@command.command("key")
def key(data_dir: Annotated[Path | None, _DATA] = None) -> None:
    """Print the public key and its fingerprint, to give to the police by another way than the pack.

    Example: `porthor evidence key > porthor-evidence.pem`
    """
    from bot.secrets import ensure_keys
    from bot.settings import load
    from models.records.evidence import signing

    settings = load(os.environ, data_dir)
    pem = signing.public_pem((ensure_keys(settings.secrets_dir) / "evidence.key").read_bytes())
    typer.echo(pem.decode().rstrip())
    typer.echo(f"fingerprint {signing.fingerprint(pem)}", err=True)
