"""`python -m tests.benchmarks.classify`: lines that `porthor classify` answers in a second of processor time, start counted.

Reads the development sets beside the project: short posts, posts to public bodies, and raw mails of median size. Each file is classified in turns
with and without the encoder's library, several times; what else runs on the machine does not count, but its caches do.
Modules are read as an installed program has them, compiled: a first run that writes their bytecode is not counted.
"""

import argparse
import base64
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from classifiers.train import sources
from models.domain import Channel

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
COMMAND = "import sys; {}; sys.argv = ['porthor', 'classify', {!r}, '--pack', 'psow']; from bot.cli import main; main()"
WITHOUT = "sys.modules['onnxruntime'] = None"
AROUND_THE_MEDIAN = 0.25
"""So much of the mails, on each side of the median size, is taken for mails of median size."""


def posts(data: Path, lines: int) -> list[str]:
    """Return `lines` short posts, each a line of JSON."""
    texts, _ = sources.evaluated(data, "olid", lines)
    found = islice(cycle(texts), lines)
    return [
        json.dumps({"id": str(n), "channel": "x", "author": f"a{n}@x.example", "text": text})
        for n, text in enumerate(found)
    ]


def posts_to_a_body(data: Path) -> list[str]:
    """Return the English posts to public bodies, each a line of JSON: nearly all of them the encoder reads."""
    found = [row for row in sources.domain(data) if row.lang == "en" and row.channel != Channel.EMAIL]
    return [json.dumps({"id": row.id, "channel": row.channel, "author": row.id, "text": row.text}) for row in found]


def mails(data: Path, lines: int) -> list[str]:
    """Return `lines` raw mails of about the median size, each a line of JSON."""
    with gzip.open(data / "csdmc2010_raw" / "data.jsonl.gz", "rt", encoding="utf-8") as file:
        raw = sorted((json.loads(line)["raw_b64"] for line in file), key=len)
    middle, aside = len(raw) // 2, int(AROUND_THE_MEDIAN * len(raw))
    found = islice(cycle(raw[middle - aside : middle + aside]), lines)
    size = len(base64.b64decode(raw[middle]))
    print(f"mails: median size {size} bytes")  # noqa: T201 - the output
    return [json.dumps({"id": str(n), "raw_b64": one}) for n, one in enumerate(found)]


def processor_seconds(path: Path, *, encoder: bool) -> float:
    """Return what classifying a file takes, in seconds of the processor."""
    code = COMMAND.format("pass" if encoder else WITHOUT, str(path))
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(path.parent / "bytecode")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True, env=os.environ | compiled)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(name: str, lines: Sequence[str], runs: int) -> None:
    """Print the median of each way and its spread."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.jsonl"
        path.write_text("\n".join(lines), "utf-8")
        processor_seconds(path, encoder=True)
        rates: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(runs):
            for encoder, found in rates.items():
                found.append(len(lines) / processor_seconds(path, encoder=encoder))
    for encoder, found in rates.items():
        way = "with the encoder" if encoder else "without the encoder"
        spread = f"{min(found):.0f} to {max(found):.0f}"
        print(f"{name}, {way}: {median(found):.0f} a second ({spread}, {runs} runs of {len(lines)} lines)")  # noqa: T201


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python -m tests.benchmarks.classify --runs 3"
    )
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--mails", type=int, default=5_000)
    given = parser.parse_args()
    if not given.data.is_dir():
        parser.error(f"{given.data}: the development sets are not there; give their folder with --data")
    measured("posts", posts(given.data, given.posts), given.runs)
    measured("posts to a public body", posts_to_a_body(given.data), given.runs)
    measured("mails", mails(given.data, given.mails), given.runs)


if __name__ == "__main__":
    main()
