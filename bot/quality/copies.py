"""Measures near-duplicates: edited copies found, and merely similar texts merged."""

import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.quality.edited import EDITS
from bot.quality.figures import Figure, share
from classifiers.copies import alike
from classifiers.train import sources

AT_LEAST = 0.7
SHORT_CHARACTERS = 90
COPIED, SHORT_COPIED, DRAWN = 1_000, 300, 20_000
SEED = 7
OWN = Path(sources.__file__).parent / "own"


def copies(data: Path) -> Iterator[Figure]:
    """Yield how many edited copies are found, short and long apart, and how many look-alikes are merged."""
    rows = sources.domain(data, OWN)
    draw = random.Random(SEED)
    texts = [row.text for row in rows if row.text.strip()]
    short = [text for text in texts if len(text) <= SHORT_CHARACTERS]
    for size, chosen in (
        ("messages", draw.sample(texts, COPIED)),
        (f"messages to {SHORT_CHARACTERS} characters", draw.sample(short, min(SHORT_COPIED, len(short)))),
    ):
        for name, edit in EDITS.items():
            hits = np.array([alike(text, edit(text, draw), AT_LEAST) for text in chosen])
            yield share(f"copies found: {name}", size, "made", hits)
    yield from _merged(data, rows, texts, draw)


def _merged(data: Path, rows: list[sources.DomainRow], texts: list[str], draw: random.Random) -> Iterator[Figure]:
    pairs = [row for row in sources.rows(data, "sts_pairs") if row["label"] == "different"]
    yield _wrong("sts_pairs", [(row["text"], row["text_b"]) for row in pairs])
    sets: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        sets[row.group].append(row.text)
    yield _wrong("contrast sets", [pair for group in sets.values() for pair in combinations(group, 2)])
    yield _wrong("messages at random", [(draw.choice(texts), draw.choice(texts)) for _ in range(DRAWN)])


def _wrong(name: str, pairs: list[tuple[str, str]]) -> Figure:
    hits: NDArray[np.bool_] = np.array([alike(one, two, AT_LEAST) for one, two in pairs if one != two])
    return share("merely similar merged", name, "never trained on", hits, lower_is_better=True)
