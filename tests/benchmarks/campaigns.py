"""`python -m tests.benchmarks.campaigns [MESSAGES]`: the campaign index at a million messages, against rensa's own LSH in the same run."""

import gc
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rensa import RMinHash, RMinHashLSH

from bot.quality.edited import EDITS
from classifiers.campaigns import CampaignIndex
from classifiers.signatures import BANDS, PERMUTATIONS, SEED, SKETCH_WORDS, VERSION, shingles, signature
from classifiers.train import sources

AT = datetime(2026, 3, 1, tzinfo=UTC)
OWN = Path(__file__).resolve().parents[2] / "classifiers" / "train" / "own"
KNOWN, ASKED, WHOLES = 3_000, 300, 4
SLICE = 50_000


def resident_mib() -> float:
    """Return the memory of this process, MiB."""
    gc.collect()
    fields = Path("/proc/self/statm").read_text("ascii").split()
    return int(fields[1]) * 4096 / 2**20


def texts() -> list[str]:
    """Return messages of our own."""
    rows = [row.text for row in sources.domain(OWN.parents[3] / "shared" / "data", OWN)] if _shared() else _own()
    return list(dict.fromkeys(text for text in rows if len(text) > 40))[:KNOWN]


def _shared() -> bool:
    return (OWN.parents[3] / "shared" / "data" / "domain").is_dir()


def _own() -> list[str]:
    return [json.loads(line)["text"] for path in sorted(OWN.glob("*.jsonl")) for line in path.read_bytes().splitlines()]


def made_up(count: int) -> list[bytes]:
    """Return signatures of texts that share nothing, as random ones do."""
    draw = np.random.default_rng(SEED)
    head = bytes([VERSION, WHOLES, 0, 0, 0, 0, 0, 0])
    body = draw.integers(0, 256, (count, 4 * BANDS + 8 * SKETCH_WORDS + 8 * WHOLES), np.uint8)
    return [head + row.tobytes() for row in body]


def timed(work: Callable[[], object]) -> float:
    """Return the processor time of `work`, in seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the figures."""
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    known = texts()
    index = CampaignIndex()
    index.add(-1, AT, signature(known[0]))
    index.absorb(CampaignIndex())
    index.neighbours(signature(known[0]))
    before = resident_mib()
    spent = 0.0
    for at in range(0, total - len(known), SLICE):
        blobs = made_up(min(SLICE, total - len(known) - at))
        spent += timed(lambda at=at, blobs=blobs: index.add_many((at + n, AT, blob) for n, blob in enumerate(blobs)))
    blobs = [signature(text) for text in known]
    spent += timed(lambda blobs=blobs: index.add_many((total + n, AT, blob) for n, blob in enumerate(blobs)))
    taken = resident_mib() - before
    print(f"index of {len(index)}: {taken:.0f} MiB more in memory, arrays {index.size_bytes / 2**20:.0f} MiB")  # noqa: T201
    print(f"built in {spent:.1f} s of one core, {len(index) / spent:.0f} messages/s")  # noqa: T201
    lsh = RMinHashLSH(threshold=0.5, num_perm=PERMUTATIONS, num_bands=BANDS)
    minhashes = [_minhash(text) for text in known]
    spent = timed(lambda: [lsh.insert(n, made) for n, made in enumerate(minhashes)])
    print(f"rensa's own LSH over {len(known)}: insert {len(known) / spent:.0f}/s")  # noqa: T201
    _recall(index, lsh, known, total)


def _minhash(text: str) -> RMinHash:
    made = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    made.update(list(shingles(text)))
    return made


def _recall(index: CampaignIndex, lsh: RMinHashLSH, known: list[str], total: int) -> None:
    """Print how many edited copies each finds, and how fast once the signature is made."""
    draw = random.Random(SEED)
    print(f"{'edit':24} {'index':>8} {'rensa':>8} {'index/s':>9} {'rensa/s':>9} {'signatures/s':>13}")  # noqa: T201
    for name, edit in EDITS.items():
        asked = draw.sample(range(len(known)), ASKED)
        copies = [edit(known[n], draw) for n in asked]
        blobs: list[bytes] = []
        making = timed(lambda blobs=blobs, copies=copies: blobs.extend(map(signature, copies)))
        minhashes = [_minhash(copy) for copy in copies]
        ours: list[list[int]] = []
        theirs: list[list[int]] = []
        fast = timed(lambda ours=ours, blobs=blobs: ours.extend(map(index.neighbours, blobs)))
        slow = timed(lambda theirs=theirs, minhashes=minhashes: theirs.extend(map(lsh.query, minhashes)))
        mine = sum(total + n in found for n, found in zip(asked, ours, strict=True)) / ASKED
        other = sum(n in found for n, found in zip(asked, theirs, strict=True)) / ASKED
        print(  # noqa: T201
            f"{name:24} {mine:8.3f} {other:8.3f} {ASKED / fast:9.0f} {ASKED / max(slow, 1e-6):9.0f} {ASKED / making:13.0f}"
        )


if __name__ == "__main__":
    main()
