"""What the encoder learns from: the written messages, parts of them, and texts of the public sets without their labels.

A text that no person labelled for a head is silent there (`UNKNOWN`); texts without any label are taught by teachers.
"""

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from classifiers import encoder, linear
from classifiers.language import languages_of
from classifiers.linear import ANY
from classifiers.normalise import normalise
from classifiers.train import heads, sources
from classifiers.train.blend import OWN, judged_by_linear, taught_to_encoder
from models.labels import URGENT_WELFARE

UNKNOWN = -1.0
"""In the matrix of wanted outputs: the text says nothing about this head."""
FOLDS = 8
NO_FOLD = -1
PUBLIC = ("public.toxic", "public.hate")
"""Spam is left to the linear heads and the envelope: words alone do not carry it."""
PUBLIC_SHARE = 0.3
TOKENS_OF_PARTS, TOKENS_OF_OTHERS = 160, 128
PARTS_AT_MOST = 300
"""A part of an innocent message is at most so many characters long: it teaches that a short text alone is no offence."""
ABUSE_AT_MOST, DANGER_AT_MOST = 0.4, 0.3
"""A part that the linear heads find likelier to be abuse, or danger, may be a quotation torn from what made it innocent."""
COMPOSITES_A_FOLD = 1_100
SENTENCES_TAKEN = 0.6
BUSINESS, PARALLEL, WELSH = 3_000, 500, 4_000
POOL = {
    "civil_threat_safe": 25_000, "cad_reddit": 9_000, "jigsaw_wiki": 12_000, "toxic_spans": 7_000, "convabuse": 4_000,
    "davidson_tweets": 5_000, "enron_spam": 6_000, "politeness": 9_000, "implicit_hate": 7_000, "hatexplain": 5_000,
    "gab_hate_corpus": 4_000, "edos_sexism": 5_000, "sms_spam": 4_000, "stormfront": 3_000, "toxigen_human": 4_000,
    "hatemoji_build": 2_000, "online_misogyny": 2_000,
}  # fmt: skip
"""Set → how many of its texts, without their labels, the teachers judge for the student."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


@dataclass(frozen=True, slots=True)
class Lessons:
    """Token ids, wanted outputs (texts, heads) and the fold of each text, NO_FOLD where it belongs to none."""

    ids: list[list[int]]
    wanted: NDArray[np.float32]
    fold: NDArray[np.int64]

    def take(self, rows: Iterable[int]) -> "Lessons":
        """Return the texts named."""
        at = np.asarray(list(rows), int)
        return Lessons([self.ids[row] for row in at], self.wanted[at], self.fold[at])

    def without(self, folds: Sequence[int]) -> "Lessons":
        """Return the texts of other folds."""
        return self.take(np.flatnonzero(~np.isin(self.fold, folds)))

    def taught(self, wanted: NDArray[np.float32]) -> "Lessons":
        """Return the same texts with other wanted outputs."""
        return Lessons(self.ids, wanted.astype(np.float32), self.fold)

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.ids)

    def __add__(self, other: "Lessons") -> "Lessons":
        """Return these texts followed by `other`."""
        return Lessons(
            self.ids + other.ids,
            np.concatenate([self.wanted, other.wanted]),
            np.concatenate([self.fold, other.fold]),
        )


class Reader:
    """Reads the sets into lessons for the heads `names`."""

    def __init__(self, data: Path, tokenizer: Tokenizer) -> None:
        """Read the written messages; those that judge, and those kept for the blend, are left out."""
        self._data, self._tokenizer = data, tokenizer
        self.rows = [row for row in sources.domain(data, OWN) if taught_to_encoder(row)]
        english = [row for row in self.rows if row.lang == encoder.LANGUAGE]
        self.names = [*PUBLIC, *(name for name in heads.domain_heads(english) if _learnt(name))]
        self._fold = np.array([_fold(row) for row in self.rows])

    def messages(self) -> Lessons:
        """Return the written messages with their labels."""
        found = heads.domain_heads(self.rows)
        wanted = self._silent(len(self.rows))
        for name, positives in found.items():
            if name in self.names:
                wanted[:, self.names.index(name)] = positives
        return Lessons(self._tokens([row.whole for row in self.rows], encoder.TOKENS_AT_MOST), wanted, self._fold)

    def public(self) -> Lessons:
        """Return rows of the public sets, each with a word on its own head only."""
        out = self._lessons([], UNKNOWN)
        for head in PUBLIC:
            rows = sources.public(self._data, head, PUBLIC_SHARE)
            block = self._silent(len(rows))
            block[:, self.names.index(head)] = [row.positive for row in rows]
            ids = self._tokens([row.text[:1_500] for row in rows], TOKENS_OF_OTHERS)
            out += Lessons(ids, block, np.full(len(rows), NO_FOLD))
        return out

    def innocent_parts(self) -> Lessons:
        """Return subjects and single sentences of messages without any label: nothing is wrong with them."""
        chance = random.Random(heads.SEED)
        texts, folds = [], []
        for row, fold in zip(self.rows, self._fold.tolist(), strict=True):
            if row.labels:
                continue
            drawn = {row.subject} if row.subject else set()
            sentences = _sentences(row.text)
            drawn |= {_run(sentences, chance.choice([1, 1, 2]), chance) for _ in range(2) if sentences}
            texts += (kept := [part for part in sorted(drawn) if part != row.whole and len(part) < PARTS_AT_MOST])
            folds += [fold] * len(kept)
        calm = np.flatnonzero(_calm(texts))
        return self._lessons([texts[at] for at in calm], 0.0, TOKENS_OF_PARTS, [folds[at] for at in calm])

    def marked_words(self) -> Lessons:
        """Return the words that writers marked as showing a label: short texts that are grave by themselves."""
        texts, folds, wanted = [], [], []
        for row, fold in zip(self.rows, self._fold.tolist(), strict=True):
            for label, words in row.spans if row.lang == encoder.LANGUAGE else ():
                if f"label.{label}" in self.names and len(words) > 3:
                    texts.append(words)
                    folds.append(fold)
                    wanted.append(self._marked(row, label, words))
        return self._lessons(texts, UNKNOWN, TOKENS_OF_OTHERS, folds).taught(np.stack(wanted))

    def _marked(self, row: sources.DomainRow, label: str, words: str) -> NDArray[np.float32]:
        out: NDArray[np.float32] = self._silent(1)[0]
        for name in self.names:
            if name.startswith("label.abuse.") and name.removeprefix("label.") not in row.labels:
                out[self.names.index(name)] = 0.05
        if label.startswith("abuse."):
            out[self.names.index(ANY)] = 0.9
        elif not any(other.startswith("abuse.") for other in row.labels):
            out[self.names.index(ANY)] = 0.05
        out[self.names.index(f"label.{label}")] = 0.9 if len(words) >= 20 else 0.75
        return out

    def sentences(self) -> Lessons:
        """Return sentences of English messages that have labels; which of them carries it, teachers say."""
        chance = random.Random(heads.SEED)
        texts, folds = [], []
        for row, fold in zip(self.rows, self._fold.tolist(), strict=True):
            found = _sentences(row.text) if row.lang == encoder.LANGUAGE and row.labels else []
            kept = [part for part in found if chance.random() < SENTENCES_TAKEN] if len(found) > 1 else []
            texts += kept
            folds += [fold] * len(kept)
        return self._lessons(texts, UNKNOWN, TOKENS_OF_PARTS, folds)

    def composites(self) -> Lessons:
        """Return innocent English messages with a few sentences of a labelled one in their midst, of the same fold."""
        chance = random.Random(heads.SEED)
        texts, folds = [], []
        for fold in range(FOLDS):
            mine = [row for row, at in zip(self.rows, self._fold, strict=True) if at == fold and row.lang == "en"]
            parts = [(_sentences(row.text), bool(row.labels)) for row in mine]
            grave, calm = ([found for found, labelled in parts if found and labelled is kind] for kind in (True, False))
            for _ in range(COMPOSITES_A_FOLD if grave and calm else 0):
                around, within = chance.choice(calm), chance.choice(grave)
                at = chance.randrange(len(around) + 1)
                inner = _run(within, chance.choice([1, 1, 2, len(within)]), chance)
                texts.append(" ".join([*around[:at], inner, *around[at:]]))
                folds.append(fold)
        return self._lessons(texts, UNKNOWN, encoder.TOKENS_AT_MOST, folds)

    def business(self) -> Lessons:
        """Return sentences of ordinary business mails: nothing is wrong with them."""
        chance = random.Random(heads.SEED)
        texts = [
            found
            for text in self._unjudged("enron_spam", lambda row: row["label"] == "ham")
            if (found := _sentences(text))
        ]
        chance.shuffle(texts)
        return self._lessons([chance.choice(found)[:PARTS_AT_MOST] for found in texts[:BUSINESS]], 0.0)

    def pool(self) -> Lessons:
        """Return texts of the public sets without their labels."""
        texts = []
        for name, most in POOL.items():
            found = self._unjudged(name, lambda _: True)
            random.Random(heads.SEED).shuffle(found)
            texts += [text[:600] for text in found[:most]]
        return self._lessons(texts, UNKNOWN)

    def welsh(self) -> tuple[Lessons, Lessons, Lessons]:
        """Return Welsh sentences, the English of each for a teacher to judge, and Welsh ones that are innocent."""
        pairs = [
            row
            for row in sources.rows(self._data, "welsh_english_parallel")
            if row["text"].strip() and row["text_en"].strip()
        ]
        plain = [row for row in pairs if not row["id"].startswith("leg")]
        pairs = plain + [row for row in pairs if row["id"].startswith("leg")][:PARALLEL]
        innocent = self._unjudged("welsh_sentences", lambda _: True)
        random.Random(heads.SEED).shuffle(innocent)
        return (
            self._lessons([row["text"] for row in pairs], UNKNOWN),
            self._lessons([row["text_en"] for row in pairs], UNKNOWN),
            self._lessons(innocent[:WELSH], 0.02),
        )

    def short(self) -> Lessons:
        """Return short public texts: threats, insults and talk with a machine, for the heads that their labels speak of."""
        threats = self._unjudged("jigsaw_wiki", lambda row: row["threat"] == "1" and len(row["text"]) < 250)
        insults = self._unjudged("jigsaw_wiki", lambda row: row["insult"] == "1" and len(row["text"]) < 120)
        toxic = self._unjudged("civil_threat_safe", lambda row: row["label"] == "weak_toxic" and len(row["text"]) < 120)
        rude = self._unjudged("convabuse", lambda row: row["label"] == "abusive")
        kind = self._unjudged("convabuse", lambda row: row["label"] not in {"abusive", "ambiguous"})
        threat, insult = "label.abuse.threat", "label.abuse.insult"
        out = self._spoken(threats, {ANY: 0.95, threat: 0.9})
        for texts, most, wanted in (
            (insults, 700, {ANY: 0.92, insult: 0.85}),
            (toxic, 400, {ANY: 0.75}),
            (rude, 700, {ANY: 0.85}),
            (kind, 700, {ANY: 0.05, threat: 0.02}),
        ):
            random.Random(heads.SEED).shuffle(texts)
            out += self._spoken(texts[:most], wanted)
        return out

    def _spoken(self, texts: Sequence[str], wanted: dict[str, float]) -> Lessons:
        found = self._lessons(texts, UNKNOWN)
        for name, value in wanted.items():
            found.wanted[:, self.names.index(name)] = value
        return found

    def _unjudged(self, name: str, take: Callable[[dict[str, str]], bool]) -> list[str]:
        kept = frozenset(sources.kept_out(self._data, name))
        rows: Iterator[dict[str, str]] = sources.rows(self._data, name)
        return [
            row["text"] for row in rows
            if row["text"].strip() and row["text"][: sources.CHARACTERS_AT_MOST] not in kept and take(row)
        ]  # fmt: skip

    def _silent(self, rows: int) -> NDArray[np.float32]:
        return np.full((rows, len(self.names)), UNKNOWN, np.float32)

    def _lessons(
        self, texts: Sequence[str], wanted: float, most: int = TOKENS_OF_OTHERS, fold: Sequence[int] | None = None
    ) -> Lessons:
        block = self._silent(len(texts))
        block[:, len(PUBLIC) :] = wanted
        at = np.full(len(texts), NO_FOLD) if fold is None else np.array(fold, int)
        return Lessons(self._tokens(texts, most), block, at)

    def _tokens(self, texts: Sequence[str], most: int) -> list[list[int]]:
        plain = [normalise(text).text[: encoder.CHARACTERS_AT_MOST] for text in texts]
        return [encoder.clipped(found.ids, most) for found in self._tokenizer.encode_batch(plain)]


def _learnt(name: str) -> bool:
    return name.startswith(("any.", "label.abuse.", "label.welfare.", "target."))


def _fold(row: sources.DomainRow) -> int:
    return int(hashlib.sha256(f"f{row.group}".encode()).hexdigest(), 16) % FOLDS


def _sentences(text: str) -> list[str]:
    return [part for found in _SENTENCE.finditer(text) if len(part := found.group().strip()) > 3]


def _run(sentences: Sequence[str], length: int, chance: random.Random) -> str:
    at = chance.randrange(max(1, len(sentences) - length + 1))
    return " ".join(sentences[at : at + length])


def _calm(texts: Sequence[str]) -> NDArray[np.bool_]:
    """True for the texts that the linear heads find nothing wrong with."""
    labels = linear.load().labels
    likely, _ = judged_by_linear(texts, languages_of(texts))
    danger = likely[:, [labels.index(label) for label in URGENT_WELFARE]].max(axis=1)
    calm: NDArray[np.bool_] = (likely[:, labels.index(ANY)] < ABUSE_AT_MOST) & (danger < DANGER_AT_MOST)
    return calm
