"""Runs every measurement and shows the figures as a table or as JSON."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers import linear
from classifiers.duplicates import alike
from classifiers.evaluate.figures import Figure, area, share
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from classifiers.train import heads, sources
from models.domain import Author, Channel, Message, MessageKey

OWN = Path(__file__).resolve().parents[1] / "train" / "own"
AT_MOST = 3_000
NOW = datetime(2026, 3, 10, tzinfo=UTC)
KEPT_BACK: dict[str, tuple[str, tuple[str, ...], str, Channel]] = {
    "olid": ("label", ("OFF",), "abuse.", Channel.X),
    "abuse_analyzer_gab": ("label", ("hateful",), "abuse.", Channel.X),
    "welsh_toxigen": ("label", ("toxic",), "abuse.", Channel.X),
    "ling_spam": ("label", ("spam",), "spam", Channel.EMAIL),
    "social_honeypot_tweets": ("label", ("spam",), "spam", Channel.X),
}
"""Sets never trained on: (column, positive values, family of labels, channel)."""


def evaluate(data: Path, told: Callable[[str], None] = lambda _: None) -> list[Figure]:
    """Return all figures; takes some minutes, for the folds are trained anew."""
    return [*_domain(data, told), *_kept_back(data, told), *_merges(data)]


def _domain(data: Path, told: Callable[[str], None]) -> Iterator[Figure]:
    """Measure heads that never saw a message's contrast set, or anything by its writer."""
    rows = sources.domain(data, OWN)
    texts = [f"{row.subject}\n{row.text}" if row.subject else row.text for row in rows]
    matrix = heads.features(texts, linear.load().idf)
    wanted = heads.domain_heads(rows)
    scores = heads.out_of_fold(matrix, rows, wanted, heads.C_DOMAIN, told)
    lang = np.array([row.lang for row in rows])
    messages = np.array([row.writer.startswith("messages") for row in rows])
    for scheme, found in scores.items():
        split = f"out of fold by {scheme}"
        for language in ("en", "cy", "mixed"):
            mine = messages & (lang == language)
            yield area("abuse, any", f"messages {language}", split, wanted["any.abuse"][mine], found["any.abuse"][mine])
        for name, positives in wanted.items():
            if name.startswith("label.") and positives[messages].sum() >= 20:
                yield area(name.removeprefix("label."), "messages", split, positives[messages], found[name][messages])


def _kept_back(data: Path, told: Callable[[str], None]) -> Iterator[Figure]:
    registry = Registry.default(StaffDirectory.empty())
    for name, (column, positive, family, channel) in KEPT_BACK.items():
        told(name)
        rows = [row for row in sources.rows(data, name) if row["text"].strip()][
            :: max(1, _size(data, name) // AT_MOST)
        ][:AT_MOST]
        found = registry.classify([_message(row["text"], channel) for row in rows])
        scores = np.array(
            [max((s.probability for s in one.signals if s.label.startswith(family)), default=0.0) for one in found],
            np.float32,
        )
        wanted: NDArray[np.bool_] = np.array([row[column] in positive for row in rows])
        yield area(f"{family.rstrip('.')}, any", name, "never trained on", wanted, scores)


def _size(data: Path, name: str) -> int:
    return sum(1 for _ in sources.rows(data, name))


def _message(text: str, channel: Channel) -> Message:
    return Message(MessageKey("evaluate", "1"), channel, "psow", Author("somebody"), text[:12_000], NOW)


def _merges(data: Path) -> Iterator[Figure]:
    """Measure how often merely similar sentences are taken for near-copies, and edits of one message are not."""
    pairs = [row for row in sources.rows(data, "sts_pairs") if row["label"] == "different"][:AT_MOST]
    merged = np.array([alike(row["text"], row["text_b"], 0.7) for row in pairs])
    yield share("false merges", "sts_pairs", "never trained on", merged)
    texts = [row.text for row in sources.domain(data) if len(row.text) > 120][:1_000]
    yield share(
        "copies found: signed",
        "messages",
        "made",
        np.array([alike(t, f"{t}\n\nRegards\nA. N. Other", 0.7) for t in texts]),
    )
    yield share(
        "copies found: typed over", "messages", "made", np.array([alike(t, _typed_over(t), 0.7) for t in texts])
    )


def _typed_over(text: str) -> str:
    """Return `text` with every fifth word missing a letter, as somebody in a hurry copies it."""
    words = text.split(" ")
    return " ".join(word[:-1] if number % 5 == 0 and len(word) > 3 else word for number, word in enumerate(words))


def to_table(figures: list[Figure]) -> str:
    """Return the figures as a table."""
    lines = [f"{'figure':32} {'on':24} {'split':24} {'value':>6}  95 % interval       n"]
    lines += [
        f"{f.name:32} {f.data:24} {f.split:24} {f.value:6.3f}  {f.low:.3f} to {f.high:.3f}  {f.n:6}" for f in figures
    ]
    return "\n".join(lines)


def to_json(figures: list[Figure]) -> str:
    """Return the figures for machines."""
    return json.dumps([asdict(figure) for figure in figures])
