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
        counts, _ = run(
            Path(folder), kills, seed, told=lambda n: print(f"\r{n} kills", end="", file=sys.stderr, flush=True)
        )
    print(f"\rseed {seed}, {time.monotonic() - began:.0f} s", file=sys.stderr)
    found = asdict(counts)
    for name, number in {**found.pop("total"), **found}.items():
        print(f"{number:>7}  {name.replace('_', ' ')}")
    return 1 if counts.wrong() else 0


if __name__ == "__main__":
    raise SystemExit(main(*(int(word) for word in (sys.argv[1:] + [str(KILLS), str(SEED)][len(sys.argv) - 1 :]))))
