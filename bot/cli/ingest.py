"""`porthor ingest`: read mail and posts from files into the store, and decide them."""

import os
from pathlib import Path
from typing import Annotated

import typer

from models.domain import Mode


def command(
    sources: Annotated[
        list[Path], typer.Argument(help="mbox, Maildir, folder of mails, one mail, JSON Lines posts, or an X archive.")
    ],
    org: Annotated[str, typer.Option(help="The pack that decides where a post names none.")] = "psow",
    mode: Annotated[Mode, typer.Option(help="What may be done by itself.")] = Mode.SHADOW,
    own: Annotated[
        list[str] | None, typer.Option(help="An address of the organisation's own; may be repeated.")
    ] = None,
    authserv_id: Annotated[
        str | None, typer.Option(help="The name our own boundary signs Authentication-Results with.")
    ] = None,
    staff: Annotated[Path | None, typer.Option(help="CSV of staff: org,name,role,public_face.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Take in every message of SOURCES exactly once and decide it; a second run adds only what is new.

    For example:

    * `porthor ingest complaints.mbox --org adra --own tai@adra.example.org`

    * `porthor ingest Maildir posts.jsonl.gz --org psow --mode assist`
    """
    from bot.cli.errors import CommandError
    from bot.cli.progress import take_in_and_decide
    from bot.service import Service, sources_to_connections
    from bot.settings import load
    from connectors.archive.open import form_of
    from models.session import reading
    from models.store import cases

    for source in sources:
        form_of(source)
    service = Service.open(load(os.environ, data_dir), staff)
    names = [
        service.connect(wanted).connection_id
        for wanted in sources_to_connections(sources, org, mode, tuple(own or ()), authserv_id)
    ]
    taken = take_in_and_decide(service, names)
    service.act()
    with reading(service.engine) as database:
        counts, lost = cases.counts(database), cases.unaccounted(database)
    typer.echo(
        f"{taken.new} new, {taken.edited} changed, {taken.known} already known; "
        f"{counts['open']} cases open, {counts['urgent']} of them urgent"
    )
    if lost:
        raise CommandError(
            f"{len(lost)} messages have no decision or case, the first is {lost[0]}: run the command again"
        )
