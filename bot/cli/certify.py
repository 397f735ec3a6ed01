"""`porthor certify`: measure how often the machine would act wrongly, and store the certificate."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    data: Annotated[Path, typer.Option(help="The folder with the development sets.")] = Path("../shared/data"),
    store: Annotated[bool, typer.Option(help="Store it as the reference certificate.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """Measure the reference certificate on messages no model was trained on, and print it.

    A fixed grid of thresholds is tested, strictest first, until the first failure; what is tested is the whole
    decision on legitimate messages. `make train` leaves the scores that this needs.

    Examples:
    * `porthor certify`

    * `porthor certify --store`
    """
    import orjson

    from bot.certify import certify, to_table
    from bot.cli.errors import CommandError
    from classifiers.calibration import ARTEFACT
    from classifiers.staff import StaffDirectory

    if not data.is_dir():
        raise CommandError(f"{data}: the development sets are not there; give their folder with --data")
    listed = data / "domain" / "staff.csv"
    staff = StaffDirectory.from_csv(listed) if listed.is_file() else StaffDirectory.empty()
    fields = certify(data, staff, lambda step: typer.echo(f"… {step}", err=True))
    written = orjson.dumps(fields, option=orjson.OPT_INDENT_2)
    if store:
        ARTEFACT.write_bytes(written + b"\n")
    typer.echo(written.decode() if json else to_table(fields))
