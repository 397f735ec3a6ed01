"""A progress bar for work on the store: taking in, then deciding."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot import reading
from bot.service import Service
from models.session import reading as reading_from
from models.store import messages
from models.store.messages import TakenIn


def take_in_and_decide(service: Service, names: list[str], *, patient: bool = False) -> TakenIn:
    """Read the named connections and decide all that waits, with a bar on standard error.

    A `patient` caller goes on later with a connection that fails now; else its error ends it.
    """
    total = TakenIn()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        taking = bar.add_task("taking in", total=None)
        for name in names:
            taken = _taken(service, name, lambda t: bar.advance(taking, t.new + t.edited + t.known), patient)
            total = TakenIn(total.new + taken.new, total.edited + taken.edited, total.known + taken.known)
        bar.update(taking, total=total.new + total.edited + total.known)
        with reading_from(service.engine) as database:
            waiting = messages.count_waiting(database)
        deciding = bar.add_task("deciding ", total=waiting)
        service.pipeline.run(lambda done: bar.advance(deciding, done))
    return total


def _taken(service: Service, name: str, on_batch: Callable[[TakenIn], None], patient: bool) -> TakenIn:
    if not patient:
        return service.take_in(name, on_batch)
    connection, connector = service.connections[name], service.connectors[name]
    cap = service.wanted[name].monthly_cap
    return reading.read(service.engine, connection, connector, service.clock, cap, on_batch) or TakenIn()
