"""Reads the training sets: each row says only what its set truly labels."""

import csv
import gzip
import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

csv.field_size_limit(sys.maxsize)

SEED = 7
READ_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
CHARACTERS_AT_MOST = 6_000
DOMAIN_FILES = (
    "messages_en", "messages_cy", "pairs_thr", "pairs_hat", "pairs_ins", "pairs_dox", "pairs_cya", "pairs_cyl",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One message to a public body with everything it is labelled with. `group` keeps a contrast set together."""

    id: str
    text: str
    subject: str | None
    labels: frozenset[str]
    targets: frozenset[str]
    handling: str
    lang: str
    channel: str
    org: str
    writer: str
    group: str
    author: str = ""
    spans: tuple[tuple[str, str], ...] = ()
    """(label, exact words) that show it."""

    @property
    def whole(self) -> str:
        """Subject and text, as the heads read them."""
        return f"{self.subject}\n{self.text}" if self.subject else self.text


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One text of a public set, positive or negative for one base head."""

    text: str
    positive: bool
    source: str


def domain(data: Path, own: Path | None = None) -> list[DomainRow]:
    """Return the domain messages, the contrast sets and the project's own, in a fixed order."""
    files = [(name, data / "domain" / f"{name}.jsonl") for name in DOMAIN_FILES]
    shared = _rows_of(files)
    return shared if own is None else shared + written(own)


def written(own: Path) -> list[DomainRow]:
    """Return the project's own messages, which need no data beside the project, in a fixed order."""
    return _rows_of([(path.stem, path) for path in sorted(own.glob("*.jsonl"))])


def _rows_of(files: Sequence[tuple[str, Path]]) -> list[DomainRow]:
    return [_domain_row(json.loads(line), name) for name, path in files for line in path.read_bytes().splitlines()]


def _domain_row(fields: dict[str, object], writer: str) -> DomainRow:
    return DomainRow(
        id=str(fields["id"]),
        text=str(fields["text"]),
        subject=None if fields.get("subject") is None else str(fields["subject"]),
        labels=frozenset(fields["labels"]),  # type: ignore[call-overload]
        targets=frozenset(fields.get("targets") or ()),  # type: ignore[call-overload]
        handling=str(fields["handling"]),
        lang=str(fields["lang"]),
        channel=str(fields["channel"]),
        org=str(fields["org"]),
        writer=writer,
        group=str(fields.get("pair") or fields["id"]),
        author=str(fields.get("author") or ""),
        spans=tuple((span["label"], span["text"]) for span in fields.get("spans") or ()),  # type: ignore[attr-defined]
    )


def rows(data: Path, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a public set."""
    with gzip.open(data / name / "data.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _share(field: str, least: float) -> Callable[[dict[str, str]], bool]:
    return lambda row: float(row[field] or 0) >= least


def _any(*fields: str) -> Callable[[dict[str, str]], bool]:
    return lambda row: any(row[field] == "1" for field in fields)


def _label(*labels: str) -> Callable[[dict[str, str]], bool]:
    return lambda row: row["label"] in labels


_PERSON = ("PersonDirectedAbuse",)
_NOT_AMBIGUOUS: Callable[[dict[str, str]], bool] = lambda row: row["label"] != "ambiguous"  # noqa: E731
_ALL: Callable[[dict[str, str]], bool] = lambda _: True  # noqa: E731

PUBLIC: dict[str, tuple[tuple[str, Callable[[dict[str, str]], bool], Callable[[dict[str, str]], bool], int], ...]] = {
    "public.toxic": (
        ("cad_reddit", lambda r: "PersonDirectedAbuse" in r["label"], _ALL, 14_000),
        ("convabuse", _label("abusive"), _NOT_AMBIGUOUS, 5_000),
        ("toxic_spans", _share("f_insult", 0.5), _share("f_insult", 0.5), 7_000),
        ("jigsaw_wiki", _any("toxic", "insult", "threat", "identity_hate"), _ALL, 15_000),
        ("civil_threat_safe", lambda _: False, _label("safe"), 10_000),
        ("politeness", lambda _: False, _ALL, 6_000),
        ("welsh_sentences", lambda _: False, _ALL, 4_000),
        ("davidson_tweets", _label("hate", "offensive"), _ALL, 3_000),
        ("enron_spam", lambda _: False, _label("ham"), 3_000),
    ),
    "public.hate": (
        ("hatexplain", _label("hatespeech"), _label("hatespeech", "normal"), 10_000),
        ("gab_hate_corpus", _any("hd"), _ALL, 10_000),
        ("implicit_hate", lambda r: r["label"] != "not_hate", _ALL, 10_000),
        ("edos_sexism", _label("sexist"), _ALL, 12_000),
        ("toxigen_human", _label("hate"), _ALL, 6_000),
        ("hatemoji_build", _label("hateful"), _ALL, 6_000),
        ("stormfront", _label("hate"), _ALL, 6_000),
        ("online_misogyny", _label("Misogynistic"), _ALL, 6_000),
        ("civil_threat_safe", lambda _: False, _label("safe"), 6_000),
        ("welsh_sentences", lambda _: False, _ALL, 4_000),
    ),
    "public.spam": (
        ("sms_spam", _label("spam"), _ALL, 6_000),
        ("enron_spam", _label("spam"), _ALL, 16_000),
        ("politeness", lambda _: False, _ALL, 4_000),
        ("welsh_sentences", lambda _: False, _ALL, 4_000),
        ("civil_threat_safe", lambda _: False, _label("safe"), 4_000),
    ),
}
"""Base head → (set, is it positive, does the row speak for the head, how many rows at most)."""

EVALUATE_ONLY: dict[str, tuple[str, Callable[[dict[str, str]], bool]]] = {
    "olid": ("abuse", _label("OFF")),
    "abuse_analyzer_gab": ("abuse", _label("hateful")),
    "social_honeypot_tweets": ("spam", _label("spam")),
    "ling_spam": ("spam", _label("spam")),
}
"""Set → (what it labels, is the row positive): their licence is unclear, so they measure and are never trained on."""

JUDGING: dict[str, Callable[[dict[str, str]], bool]] = {
    "civil_threat_safe": _label("safe"),
    "davidson_tweets": _label("neither"),
    "jigsaw_wiki": lambda row: not _any("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")(row),
    "sms_spam": _label("ham"),
    "politeness": _ALL,
    "enron_spam": _label("ham"),
    "welsh_sentences": _ALL,
}
"""Set → which of its rows are legitimate: a fifth of them judges, JUDGED_AT_MOST of it, and is never trained on."""
JUDGED_AT_MOST = 6_000
NOT_LEGITIMATE = frozenset(
    "2dba5074b3bb0a55 289d3e9af4199182 7ac6d6159e754080 95efde4076834c23 a1ea9dfc12b352e2 d920c87b610826af f809fb777f37a321".split()
)
"""Digests of texts there that are abuse or sexual to the reader: all with a grave word in `sms_spam` and `politeness` were read, whose
labels tell spam and manners and say nothing of abuse."""


@cache
def judging(data: Path, source: str) -> tuple[str, ...]:
    """Return the legitimate texts of a set that are kept for judging, in a fixed order."""
    return tuple(text for text in _kept(data, source) if _digest(text) not in NOT_LEGITIMATE)


def kept_out(data: Path, source: str) -> tuple[str, ...]:
    """Return every text of a set that no training may see, none where the set judges nothing."""
    return _kept(data, source) if source in JUDGING else ()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _kept(data: Path, source: str) -> tuple[str, ...]:
    legitimate = JUDGING[source]
    texts = [row["text"] for row in rows(data, source) if row["text"].strip() and legitimate(row)]
    random.Random(SEED).shuffle(texts)
    return tuple(text[:CHARACTERS_AT_MOST] for text in texts[len(texts) * 4 // 5 :][:JUDGED_AT_MOST])


def evaluated(data: Path, source: str, most: int) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Return texts of a set that is only ever measured, at most `most`, and which of them are positive."""
    _, positive = EVALUATE_ONLY[source]
    found = [(row["text"][:CHARACTERS_AT_MOST], positive(row)) for row in rows(data, source) if row["text"].strip()]
    random.Random(SEED).shuffle(found)
    return tuple(text for text, _ in found[:most]), np.array([is_positive for _, is_positive in found[:most]])


def public(data: Path, head: str, part: float = 1.0) -> list[PublicRow]:
    """Return the public rows that speak for a base head, `part` of what each set may give at most."""
    found = []
    for source, positive, speaks, most in PUBLIC[head]:
        kept = frozenset(kept_out(data, source))
        mine = [
            PublicRow(row["text"][:CHARACTERS_AT_MOST], positive(row), source)
            for row in rows(data, source)
            if speaks(row) and row["text"].strip()
        ]
        random.Random(SEED).shuffle(mine)
        found += [row for row in mine if row.text not in kept][: int(most * part)]
    return found
