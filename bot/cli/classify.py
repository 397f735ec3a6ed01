"""`porthor classify`: decide every line of a file by itself, without a database."""

import gc
import sys
from pathlib import Path
from typing import IO, Annotated

import typer

MOST_TOLD = 100
"""The exit status tells the number of unreadable lines up to this; more are told on standard error only."""
OBJECTS_BEFORE_A_LOOK = 50_000
"""A message leaves nothing behind that only a search for cycles would free: so many objects may be made between two."""


def command(
    file: Annotated[Path, typer.Argument(help="JSON Lines, one message a line; `-` reads standard input.")],
    pack: Annotated[str | None, typer.Option(help="The pack for lines that name no `org`.")] = None,
    staff: Annotated[Path | None, typer.Option(help="CSV of staff: org,name,role,public_face.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write; standard output if absent.")
    ] = None,
) -> None:
    """Classify and decide each line of FILE as if it were the first message of its author.

    A line holds `id`, `channel`, `org`, `author`, `subject`, `text` (or `raw_b64`, a whole mail). The answer
    holds `handling`, `actions`, `signals`, `clauses`, `why` and `lang`, in the order of the input. A line that
    cannot be read gives an object with `error`; the exit status is the number of such lines (100 at most).

    Examples:
    * `porthor classify posts.jsonl --pack psow -o decided.jsonl`

    * `porthor classify mails.jsonl --staff staff.csv | jq .handling`
    """
    from bot.policies import ReferencePolicies
    from bot.stateless import classify_lines
    from classifiers.registry import Registry
    from classifiers.staff import StaffDirectory

    policies = ReferencePolicies()
    if pack is not None:
        policies.of(pack)
    directory = StaffDirectory.empty() if staff is None else StaffDirectory.from_csv(staff)
    registry = Registry.default(directory)
    gc.set_threshold(OBJECTS_BEFORE_A_LOOK)
    unread = 0
    with _reading(file) as lines, _writing(output) as out:
        for answer, read in classify_lines(lines, registry, policies, pack):
            out.write(answer + b"\n")
            unread += not read
    if unread:
        typer.echo(f"porthor: {unread} lines could not be read; each has an answer with 'error'", err=True)
        raise SystemExit(min(unread, MOST_TOLD))


def _reading(file: Path) -> IO[bytes]:
    return sys.stdin.buffer if str(file) == "-" else file.open("rb")


def _writing(output: Path | None) -> IO[bytes]:
    return sys.stdout.buffer if output is None else output.open("wb")
