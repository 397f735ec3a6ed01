"""`python -m tests.benchmarks.bluesky`: seconds from an abusive answer, and from its notification, to hidden and read back."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from models.domain import Action, Enforcement, EnforcementState, Target
from tests.network.bluesky.network import Network, bluesky_network
from tests.network.bluesky.people import Person

ROUNDS = 30


def main() -> None:
    """Print the figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with bluesky_network() as network, tempfile.TemporaryDirectory() as folder:
        posted, noticed, fetched, hidden = zip(*measured(network, Path(folder), rounds), strict=True)
    stages = {
        "answer → hint": [b - a for a, b in zip(posted, noticed, strict=True)],
        "hint → fetched": [b - a for a, b in zip(noticed, fetched, strict=True)],
        "fetched → hidden, read back": [b - a for a, b in zip(fetched, hidden, strict=True)],
        "hint → hidden, read back": [b - a for a, b in zip(noticed, hidden, strict=True)],
        "answer → hidden, read back": [b - a for a, b in zip(posted, hidden, strict=True)],
    }
    for name, values in stages.items():
        print(f"{name:28} median {statistics.median(values):5.2f} s, worst {max(values):5.2f} s of {rounds}")  # noqa: T201


def measured(network: Network, folder: Path, rounds: int) -> list[tuple[float, float, float, float]]:
    """Return when each answer was written, noticed, fetched and hidden."""
    council, rude = Person.join(network, "council"), Person.join(network, "rude")
    connector = council.connector(network, folder)
    post = council.shown("The bins are out on Monday.")
    cursor = ""
    for batch in connector.fetch(None):
        cursor = batch.cursor
    times = []
    connector.wait(0)
    for number in range(rounds):
        connector.wait(0)
        for batch in connector.fetch(cursor):
            cursor = batch.cursor
        begun = time.perf_counter()
        answer = rude.reply(post, f"You useless lot, {number}.")
        while not connector.wait(10):
            pass
        noticed = time.perf_counter()
        found = []
        for batch in connector.fetch(cursor):
            cursor = batch.cursor
            found += [item.message.key.native_id for item in batch.items]
            if found:
                break
        assert found == [answer["uri"]]
        fetched = time.perf_counter()
        hide = Enforcement(number, "bsky", Target("message", answer["uri"]), Action.HIDE, wanted=True, generation=1)
        outcome = connector.act(hide)
        assert outcome.state is EnforcementState.DONE
        assert outcome.read_back
        times.append((begun, noticed, fetched, time.perf_counter()))
    return times


if __name__ == "__main__":
    main()
