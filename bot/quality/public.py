"""Measures texts of other worlds: posts and raw mail of sets that were never trained on, and copies that were made."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.judging import NOW, Judged, judge_messages, judge_texts
from bot.quality.copies import copies
from bot.quality.domain import ABUSE, policies
from bot.quality.figures import Figure, area, mean, share
from classifiers.train import sources
from connectors.mail.parse import parse_mail
from models.domain import Channel, MessageKey

AT_MOST = 3_000
SPLIT = "set never trained on"
WELSH = "welsh_toxigen"
EVALUATED_AT_MOST = 1_500
FALSE_ALARMS = 0.001
ORDINARY = (("civil_threat_safe", Channel.X), ("politeness", Channel.EMAIL), ("enron_spam", Channel.EMAIL))
"""Sets whose legitimate texts, kept out of training, stand for ordinary posts and mails."""


def measure(data: Path, told: Callable[[str], None]) -> Iterator[Figure]:
    """Yield every figure on sets kept out of training."""
    yield from evaluated(data, told)
    told(WELSH)
    rows = [row for row in sources.rows(data, WELSH) if row["text"].strip()]
    judged = judge_texts(WELSH, [row["text"] for row in rows], Channel.X)
    toxic: NDArray[np.bool_] = np.array([row["label"] == "toxic" for row in rows])
    yield area("abuse, any", WELSH, SPLIT, toxic, judged.best(ABUSE).max(axis=1))
    told("raw mail")
    yield from raw_mail(data)
    yield from ordinary(data, told)
    yield from copies(data)
    yield from explanations(data)


def evaluated(data: Path, told: Callable[[str], None]) -> Iterator[Figure]:
    """Yield how well abuse and spam are told in posts and mail at large, of sets that no model here was trained on."""
    for source, (kind, _) in sources.EVALUATE_ONLY.items():
        told(source)
        texts, wanted = sources.evaluated(data, source, EVALUATED_AT_MOST)
        channel = Channel.EMAIL if source == "ling_spam" else Channel.X
        labels = ABUSE if kind == "abuse" else ("spam",)
        yield area(f"{kind}, any", source, SPLIT, wanted, judge_texts(source, texts, channel).best(labels).max(axis=1))


def raw_mail(data: Path) -> Iterator[Figure]:
    """Yield how much spam of a raw mail corpus is caught at one false alarm in a thousand."""
    with gzip.open(data / "csdmc2010_raw" / "data.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    mails = [
        parse_mail(
            base64.b64decode(row["raw_b64"]),
            key=MessageKey("raw", row["id"]),
            org="psow",
            own_addresses=(),
            received_at=NOW,
        )
        for row in rows
    ]
    scores = judge_messages("csdmc2010_raw", mails).best(("spam",))[:, 0]
    wanted = np.array([row["label"] == "spam" for row in rows])
    yield area("spam", "csdmc2010_raw, whole mails", SPLIT, wanted, scores)
    threshold = _threshold(scores[~wanted])
    yield share("spam caught at .1 % false alarms", "csdmc2010_raw, whole mails", SPLIT, scores[wanted] > threshold)


def _threshold(calm: NDArray[np.float32]) -> float:
    """Return the score that FALSE_ALARMS of ordinary mails lie over."""
    allowed = int(FALSE_ALARMS * len(calm))
    return float(np.sort(calm)[::-1][allowed])


def ordinary(data: Path, told: Callable[[str], None]) -> Iterator[Figure]:
    """Yield how many ordinary texts are acted on, and how many reach the queue."""
    for name, channel in ORDINARY:
        told(f"{name}, ordinary")
        yield from _touched(judge_texts(name, sources.judging(data, name)[:AT_MOST], channel))


def _touched(judged: Judged) -> Iterator[Figure]:
    decided = judged.decisions(policies())
    acted = np.array([bool(decision.actions) for decision in decided])
    seen = np.array([decision.attention > 0 for decision in decided]) | acted
    yield share("legitimate acted on", judged.source, SPLIT, acted, lower_is_better=True)
    yield share("legitimate queued needlessly", judged.source, SPLIT, seen, lower_is_better=True)


def explanations(data: Path) -> Iterator[Figure]:
    """Yield how well our spans meet those that people marked: by characters, and whether the first touches one.

    The texts' labels were trained on, their spans never.
    """
    rows = [row for row in sources.rows(data, "toxic_spans") if float(row["f_insult"]) >= 0.5 and len(row["text"]) > 60]
    rows = rows[:: max(1, len(rows) // AT_MOST)][:AT_MOST]
    judged = judge_texts("toxic_spans", [row["text"] for row in rows], Channel.X)
    touched, overlap = [], []
    for row, signals in zip(rows, judged.signals, strict=True):
        marked = {at for start, end, *_ in json.loads(row["spans"]) for at in range(start, end)}
        abusive = [s for s in signals if s.label in ABUSE and s.spans]
        shown = max(abusive, key=lambda signal: signal.probability, default=None)
        ours = set() if shown is None else {at for span in shown.spans for at in range(span.start, span.end)}
        touched.append(shown is not None and bool(marked & set(range(shown.spans[0].start, shown.spans[0].end))))
        overlap.append(2 * len(ours & marked) / (len(ours) + len(marked)) if ours or marked else 1.0)
    yield share("first span touches a marked one", "toxic_spans", "spans never trained on", np.array(touched))
    yield mean("overlap of spans (F1 of characters)", "toxic_spans", "spans never trained on", np.array(overlap))
