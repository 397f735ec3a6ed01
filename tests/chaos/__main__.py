"""`python -m tests.chaos [KILLS] [SEED]`: the long form; prints the counts, and its status is 1 when one is wrong."""

import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.chaos.run import run

KILLS, SEED = 200, 20261125


def main(kills: int, seed: int) -> int:
    """Run it and print what came of it."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts, _ = run(Path(folder), kills, seed, told=lambda n: sys.stderr.write(f"\r{n} kills"))
    sys.stderr.write(f"\rseed {seed}, {time.monotonic() - began:.0f} s\n")
    found = asdict(counts)
    for name, number in {**found.pop("total"), **found}.items():
        sys.stdout.write(f"{number:>7}  {name.replace('_', ' ')}\n")
    return 1 if counts.wrong() else 0


if __name__ == "__main__":
    raise SystemExit(main(*(int(word) for word in (sys.argv[1:] + [str(KILLS), str(SEED)][len(sys.argv) - 1 :]))))
