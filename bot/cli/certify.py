"""`porthor certify`: measure how often the machine would act wrongly, store the certificate, or accept one."""

import os
from pathlib import Path
from typing import Annotated

import typer


def command(
    data: Annotated[Path, typer.Option(help="The folder with the development sets.")] = Path("../shared/data"),
    store: Annotated[bool, typer.Option(help="Store it as the reference certificate.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
    connection: Annotated[
        str | None, typer.Option(help="Certify this connection from its own blindly judged sample.")
    ] = None,
    accept: Annotated[
        str | None, typer.Option(help="Accept the reference certificate for this connection; needs --by.")
    ] = None,
    by: Annotated[str, typer.Option(help="The name of the person who answers for it.")] = "",
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Measure a certificate and print it: the reference one, or that of a live connection.

    The reference is measured on messages no model was trained on: a fixed grid of thresholds is tested, strictest
    first, until the first failure; what is tested is the whole decision. `make train` leaves the scores it needs.
    With `--store` the chances that people are told of a score are fitted anew as well.

    A live connection acts by itself only under a certificate of its own: from its blind sample (`--connection`), or
    a named person's acceptance of the reference (`--accept`). It lapses after 90 days, and when model or pack change.

    Examples:
    * `porthor certify`

    * `porthor certify --connection mail --by "Nia Rees"`

    * `porthor certify --accept mail --by "Nia Rees"`
    """
    if accept is not None:
        _accept(accept, by, data_dir)
    elif connection is not None:
        _own(connection, by, json, data_dir)
    else:
        _reference(data, store, json)


def _reference(data: Path, store: bool, json: bool) -> None:
    import orjson

    from bot.certify import certify, to_table
    from bot.cli.errors import CommandError
    from classifiers import chances
    from classifiers.calibration import ARTEFACT
    from classifiers.staff import StaffDirectory

    if not data.is_dir():
        raise CommandError(f"{data}: the development sets are not there; give their folder with --data")
    listed = data / "domain" / "staff.csv"
    staff = StaffDirectory.from_csv(listed) if listed.is_file() else StaffDirectory.empty()
    fields, told = certify(data, staff, lambda step: typer.echo(f"… {step}", err=True))
    written = orjson.dumps(fields, option=orjson.OPT_INDENT_2)
    if store:
        ARTEFACT.write_bytes(written + b"\n")
        chances.ARTEFACT.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    typer.echo(written.decode() if json else to_table(fields))


def _accept(name: str, by: str, data_dir: Path | None) -> None:
    from bot.certificates import accept_reference
    from bot.desk import open_desk
    from bot.service import now_utc

    desk = open_desk(os.environ, data_dir)
    for row in accept_reference(desk.engine, desk.audit_key, name, by, desk.registry, now_utc()):
        typer.echo(
            f"{row.by} accepted the reference certificate for {name} under {row.pack_id} {row.pack_version}, "
            f"model {row.model_version}, until {row.valid_until:%Y-%m-%d}"
        )


def _own(name: str, by: str, json: bool, data_dir: Path | None) -> None:
    import orjson

    from bot import own_certificate
    from bot.desk import open_desk
    from bot.service import now_utc

    desk, now = open_desk(os.environ, data_dir), now_utc()
    found = own_certificate.find(desk.engine, name, desk.registry, now)
    typer.echo(orjson.dumps(found.body, option=orjson.OPT_INDENT_2).decode() if json else found.to_text())
    if not found.certified:
        typer.echo(f"{name} is not certified: nothing was recorded", err=True)
    elif not by.strip():
        typer.echo("nothing was recorded: run it again with --by NAME to put this certificate in force", err=True)
    else:
        rows = own_certificate.record(desk.engine, desk.audit_key, found, desk.registry, by.strip(), now)
        typer.echo(f"recorded by {by.strip()}, in force until {rows[0].valid_until:%Y-%m-%d}", err=True)
