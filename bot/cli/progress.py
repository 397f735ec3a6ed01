"""A progress bar for work on the store: taking in, then deciding."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.service import Service
from models.session import reading
from models.store import messages
from models.store.messages import TakenIn


def take_in_and_decide(service: Service, names: list[str]) -> TakenIn:
    """Read the named connections and decide all that waits, with a bar on standard error."""
    total = TakenIn()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        taking = bar.add_task("taking in", total=None)
        for name in names:
            taken = service.take_in(name, lambda t: bar.advance(taking, t.new + t.edited + t.known))
            total = TakenIn(total.new + taken.new, total.edited + taken.edited, total.known + taken.known)
        bar.update(taking, total=total.new + total.edited + total.known)
        with reading(service.engine) as database:
            waiting = messages.count_waiting(database)
        deciding = bar.add_task("deciding ", total=waiting)
        service.pipeline.run(lambda done: bar.advance(deciding, done))
    return total
