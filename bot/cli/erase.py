"""`porthor erase`: a person with all their messages goes for good, where nobody still waits for one and no formal file rests on them."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

_WHY = {
    "open": "a case with one of their messages is still open; decide it first",
    "held": "something done about one of their messages still stands; undo it first",
    "none": "there is no such contact; the number stands in the address of their page",
    "formal": "a formal file rests on them; its own time of keeping counts",
}


def command(
    contact: Annotated[int, typer.Argument(help="The contact's number, as it stands in the address of their page.")],
    why: Annotated[
        str, typer.Option(help="The reason, kept in the audit trail: an erasure request, the time of keeping.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Erase CONTACT: messages, bytes as they came, accounts, scores, notes and the search index. It cannot be undone.

    Example: `porthor erase 17 --why "erasure request of 3 March"`
    """
    from bot.cli.errors import CommandError
    from bot.secrets import ensure_keys
    from bot.service import now_utc
    from bot.settings import load
    from models.session import open_store, writing
    from models.store import audit, erasure

    if not yes:
        typer.confirm(f"Erase contact {contact} and every message of theirs for good?", abort=True)
    settings = load(os.environ, data_dir)
    key = (ensure_keys(settings.secrets_dir) / "audit.key").read_bytes()
    engine = open_store(settings.database_url)
    by = f"command line: {getpass.getuser()}"
    try:
        with writing(engine) as database:
            gone = erasure.erase_contact(database, contact)
            detail = {"messages": gone, "why": why}
            audit.append(database, key, now_utc(), by, "contact.erased", f"contact:{contact}", detail)
        with writing(engine) as database:
            erasure.scrub(database)
    except erasure.NotErasable as error:
        raise CommandError(f"contact {contact} was not erased: {_WHY[error.why]}") from error
    finally:
        engine.dispose()
    typer.echo(f"contact {contact} erased with {gone} messages")
