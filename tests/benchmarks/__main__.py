"""`python -m tests.benchmarks`: messages a second of `porthor classify`, process start counted, and of its stages."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.example import connections
from classifiers.batch import MessageBatch
from classifiers.normalise import normalise
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from connectors.files import FilesConnector, FilesOptions
from models.domain import Connection, Message

LINES = 20_000


def messages() -> list[Message]:
    """Return the example's messages."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for wanted in connections():
            own = Connection(wanted.name, wanted.kind, wanted.org, wanted.mode)
            connector = FilesConnector(own, wanted.options(FilesOptions), Path(folder))
            found += [item.message for batch in connector.fetch(None) for item in batch.items]
    return found


def timed(work: Callable[[], object]) -> float:
    """Return the best of three runs, in seconds."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print the figures."""
    items = [item for item in messages() if item.own_text]
    registry = Registry.default(StaffDirectory.empty())
    stages: dict[str, Callable[[], object]] = {
        "normalise": lambda: [normalise(item.own_text) for item in items],
        "linear heads": lambda: MessageBatch(items).learned(0),
        "all classifiers": lambda: registry.classify(items),
    }
    registry.classify(items)
    rates = {name: len(items) / timed(work) for name, work in stages.items()}
    for name, rate in rates.items():
        print(f"{name:20} {rate:10.0f} messages/s  {rate / rates['all classifiers']:6.1f} x")  # noqa: T201 - the output
    print(f"{'porthor classify':20} {_command(items):10.0f} messages/s, process start counted, {LINES} lines")  # noqa: T201


def _command(items: list[Message]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.jsonl"
        now = datetime.now(UTC).isoformat()
        with path.open("w", encoding="utf-8") as file:
            for number in range(LINES):
                item = items[number % len(items)]
                line = {
                    "id": number,
                    "channel": item.channel.value,
                    "org": item.org,
                    "author": item.author.address,
                    "text": item.own_text,
                    "posted_at": now,
                }
                file.write(json.dumps(line) + "\n")
        command = [
            sys.executable,
            "-c",
            "from bot.cli import main; main()",
            "classify",
            str(path),
            "-o",
            str(Path(folder) / "out.jsonl"),
        ]
        return LINES / timed(lambda: subprocess.run(command, check=True))


if __name__ == "__main__":
    main()
