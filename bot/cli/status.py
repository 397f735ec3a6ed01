"""`porthor status`: how the bot stands, for people and for machines."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from models.store.status import ConnectionStatus, Status
from review_queue.troubles import alarm_words, trouble_words


def command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Show mode, lag, spend, queue, tasks, breakers and alarms; the exit status is 1 when an alarm stands.

    Examples:
    * `porthor status`

    * `porthor status --json | jq .connections`
    """
    import orjson

    from bot.service import now_utc
    from bot.settings import load
    from models.session import open_store, reading
    from models.store import status

    settings = load(os.environ, data_dir)
    engine = open_store(settings.database_url)
    with reading(engine) as database:
        found = status.read(database, now_utc())
    engine.dispose()
    if as_json:
        typer.echo(orjson.dumps(found.as_dict(), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in _lines(found):
            typer.echo(line)
    raise SystemExit(1 if found.alarms else 0)


def _lines(found: Status) -> Iterator[str]:
    for connection in found.connections:
        yield _connection(connection)
    yield f"cases     {found.cases['open']} open, {found.cases['urgent']} urgent, {found.cases['escalated']} escalated"
    waiting = "" if found.oldest_undecided_s is None else f", the oldest for {_span(found.oldest_undecided_s)}"
    yield f"decisions {found.undecided} messages wait{waiting}"
    pending = found.outbox.get("pending", 0) + found.outbox.get("leased", 0)
    yield f"outbox    {pending} to do, {found.outbox.get('dead', 0)} given up, {found.outbox.get('unknown', 0)} unknown"
    yield f"people    {found.tasks_open} tasks open, {found.commands_waiting} commands wait for the bot"
    for alarm in found.alarms:
        told = alarm_words(alarm["kind"], alarm["facts"], "en") + (f": {alarm['answer']}" if alarm["answer"] else "")
        yield typer.style(f"alarm     {alarm['connection'] or 'porthor'}: {told}", fg="red")


def _connection(found: ConnectionStatus) -> str:
    words = [f"{found.name} ({found.kind}, {found.org}): {found.mode}"]
    words.append("never read" if found.lag_s is None else f"read {_span(found.lag_s)} ago")
    if found.spend:
        words.append(f"spent {found.spend:.2f} this month")
    if found.paused_at is not None:
        words.append("PAUSED")
    if found.trouble:
        answer = f" ({found.trouble_answer})" if found.trouble_answer else ""
        words.append(trouble_words(found.trouble, found.paused_by, "en") + answer)
    words += [f"automatic {effect} stopped" for effect in found.breakers]
    return ", ".join(words)


def _span(seconds: int) -> str:
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"
