"""`python -m tests.chaos.bot DATA_DIR`: starts the whole bot as a process of its own whenever it is told to.

The models are loaded once and each bot is forked off, so that a kill costs a tenth of a second and not three.
What is forked is the same `Service` that `porthor run` runs; only its clock can be turned and its pauses are shorter.
"""

import os
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import jumps, service
from bot.log import configure
from bot.service import Service
from bot.settings import load
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from connectors.registry import connector_class, kinds
from models.domain import Channel
from tests.emulators.connector import make_known
from tests.fakes.guarantee import permit
from tests.fakes.world import ABUSE, INNOCENT, World

CLOCK = "clock-offset"


def main(folder: Path) -> None:
    """Serve the commands `start` (answers the bot's process id) and `reap PID` on standard input."""
    configure(os.environ.get("PORTHOR_LOG", "error"))
    make_known()
    service.ENFORCE_S, service.HOUSEKEEPING_S, jumps.DISTRUST_S = 0.1, 0.5, 2
    loaded = Registry.default(StaffDirectory.empty())
    Registry.default = staticmethod(lambda _staff: loaded)  # type: ignore[method-assign,assignment]
    _warm_up()
    for line in sys.stdin:
        verb, _, rest = line.strip().partition(" ")
        if verb == "start":
            child = os.fork()
            if not child:
                _run(folder)
            _answer(child)
        elif verb == "reap":
            _answer(os.waitpid(int(rest), 0)[1])


def _warm_up() -> None:
    """Let everything be imported, loaded and compiled before the first bot is forked."""
    world = World()
    world.put(world.message("1", ABUSE), world.message("2", INNOCENT, author="other", channel=Channel.EMAIL))
    world.act()
    world.engine.dispose()
    for kind in kinds():
        connector_class(kind)
    _hurry()


def _hurry() -> None:
    """Let the libraries wait for an answer no longer than a second."""
    from exchangelib.protocol import BaseProtocol

    from connectors.social import mastodon_client, meta_client, x_client, youtube_client

    BaseProtocol.TIMEOUT = 1
    for client in (mastodon_client, meta_client, x_client, youtube_client):
        client.TIMEOUT_S = 1.0


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _run(folder: Path) -> None:
    """Be the bot until terminated or killed."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float((folder / CLOCK).read_text() or 0))

    bot = Service.open(load({}, folder), clock=clock)
    bot.become_only()
    for name in bot.connections:
        permit(bot, name)
    scheduler = bot.schedule()
    for name in bot.connections:
        scheduler.modify_job(f"poll:{name}", next_run_time=datetime.now(UTC))
    ended.wait()
    bot.stop(scheduler)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
