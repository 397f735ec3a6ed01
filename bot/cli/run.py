"""`porthor run`: the bot and its page."""

import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer


def command(
    example: Annotated[bool, typer.Option("--example", help="Load the built-in example first.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="A demonstration: invented messages only, in a store emptied at each start.")
    ] = False,
    serve: Annotated[
        bool, typer.Option(help="Serve the page and keep going; without it, work off what waits and end.")
    ] = True,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything lies; DATA_DIR or `var` if absent.")] = None,
) -> None:
    """Read the connections of the settings, decide, enforce, and serve the queue on 127.0.0.1.

    `PORT` (8080) and `DATA_DIR` (var) are honoured.

    For example:

    * `porthor run --example`

    * `porthor run --demo`

    * `PORT=9000 DATA_DIR=/srv/porthor porthor run`
    """
    from bot.cli.errors import CommandError
    from bot.cli.progress import take_in_and_decide
    from bot.demo import prepare
    from bot.example import connections as example_connections
    from bot.example import staff_file
    from bot.service import Service, now_utc
    from bot.settings import load
    from models.session import reading
    from models.store import cases
    from review_queue.auth import ensure_first_person

    settings = prepare(os.environ, data_dir) if demo else load(os.environ, data_dir)
    example = example or demo
    service = Service.open(settings, staff_file() if example else None)
    for wanted in example_connections() if example else ():
        service.connect(wanted)
    if example:
        _accept_for_example(service)
    if not service.become_only():
        raise CommandError(f"another bot acts on {settings.data_dir}: stop it first, or set DATA_DIR to another folder")
    take_in_and_decide(service, list(service.connections), patient=True)
    service.act()
    with reading(service.engine) as database:
        counts = cases.counts(database)
    typer.echo(f"{counts['open']} cases open, {counts['urgent']} of them urgent")
    first = None if demo else ensure_first_person(service.engine, now_utc())
    if demo:
        _demo_people(service)
    if serve:
        _serve(service, first)


def _demo_people(service: "object") -> None:
    """Make the accounts of a demonstration and say how to sign in."""
    from bot.demo import accounts
    from bot.secrets import ensure_keys
    from bot.service import Service, now_utc

    assert isinstance(service, Service)
    key = (ensure_keys(service.settings.secrets_dir) / "audit.key").read_bytes()
    typer.echo(f"a demonstration in {service.settings.data_dir}: invented messages only, removed at the next start")
    for name, password in accounts(service.engine, key, now_utc()):
        typer.echo(f"sign in: name {name}, password {password}")


def _accept_for_example(service: "object") -> None:
    """Accept the reference certificate for the invented connections, under a name that says so; say it aloud."""
    from bot.certificates import EXAMPLE, accept_reference, in_force
    from bot.cli.errors import CommandError
    from bot.example import connections as example_connections
    from bot.secrets import ensure_keys
    from bot.service import Service, now_utc
    from models.policy.loader import builtin_pack_ids

    assert isinstance(service, Service)
    key = (ensure_keys(service.settings.secrets_dir) / "audit.key").read_bytes()
    registry, packs = service.assurance.models.registry(), sorted(builtin_pack_ids())
    for wanted in example_connections():
        if not in_force(service.engine, wanted.name, packs, registry, now_utc()):
            try:
                accept_reference(service.engine, key, wanted.name, EXAMPLE, registry, now_utc(), packs)
            except CommandError as error:
                typer.echo(f"{wanted.name} behaves as in assist: {error}", err=True)
                continue
        typer.echo(f"{wanted.name}: reference certificate accepted by '{EXAMPLE}' (invented messages only)")


def _serve(service: "object", first: tuple[str, str] | None) -> None:
    from bot import web
    from bot.cli.errors import CommandError
    from bot.service import Service

    assert isinstance(service, Service)
    settings = service.settings
    if web.taken(settings):
        raise CommandError(f"port {settings.port} is taken: stop what listens there or set PORT to another")
    page = web.start(settings)
    if not web.answers(settings, page):
        raise CommandError(f"the page did not come up (status {page.poll()}): run `porthor doctor`")
    typer.echo(f"The queue: http://{settings.host}:{settings.port}/")
    if first is not None:
        typer.echo(f"First sign-in: name {first[0]}, password {first[1]} (to be changed at once; shown only now)")
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    scheduler = service.schedule()
    try:
        while not ended.wait(0.5):
            if page.poll() is not None:
                raise CommandError(
                    f"the page ended by itself (status {page.returncode}); is port {settings.port} taken? Set PORT to another"
                )
    finally:
        service.stop(scheduler)
        if page.poll() is None:
            web.stop(page)
