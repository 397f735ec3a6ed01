"""The encoder: a small transformer that takes a second look at posts, and sentences of mails, that the linear heads doubt.

It is an optional extra: without onnxruntime, or without the artefact, `load` returns None and what it
would have looked at goes to people with the linear heads' own probability.
"""

import importlib.util
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifiers.linear import ANY, sigmoid

ARTEFACTS = Path(__file__).resolve().parent / "artefacts"
LANGUAGE = "en"
"""It knows English only: in Welsh and mixed text the linear heads are better alone."""
TOKENS_AT_MOST = 160
CHARACTERS_AT_MOST = 4_000
SENTENCES_AT_MOST = 3
SHORT = 600
"""A text of so many characters is looked at whole; of a longer one only the sentences that stand out."""
BATCH = 16
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


@dataclass(frozen=True, slots=True)
class Blend:
    """How a label's log-odds are made: linear log-odds, the encoder's logit for it and for abuse of any kind, and a constant."""

    linear: float
    own: float
    any: float
    constant: float


@dataclass(frozen=True, slots=True)
class Encoder:
    """The session with its tokenizer, the names of its outputs, the band it looks at and how its word counts."""

    session: Any
    tokenizer: Any
    names: tuple[str, ...]
    low: float
    high: float
    blends: dict[str, Blend]

    def doubtful(self, any_abuse: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the rows whose probability of abuse lies in the band."""
        return np.flatnonzero((any_abuse >= self.low) & (any_abuse < self.high))

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the logits of normalised `texts`, shape (texts, names)."""
        ids = [
            clipped(found.ids) for found in self.tokenizer.encode_batch([text[:CHARACTERS_AT_MOST] for text in texts])
        ]
        order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
        out = np.zeros((len(ids), len(self.names)), np.float32)
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            tokens, mask = padded([ids[row] for row in rows])
            out[rows] = self.session.run(None, {"ids": tokens, "mask": mask})[0]
        return out

    def blended(
        self, probabilities: NDArray[np.float32], logits: NDArray[np.float32], labels: Sequence[str]
    ) -> NDArray[np.float32]:
        """Return the probabilities of the rows looked at, shape (rows, labels)."""
        out = probabilities.copy()
        any_logit = logits[:, self.names.index(ANY)]
        for label, blend in self.blends.items():
            column = labels.index(label)
            before = np.clip(probabilities[:, column], 1e-4, 1 - 1e-4)
            own = logits[:, self.names.index(label if label == ANY else f"label.{label}")]
            score = (
                blend.linear * np.log(before / (1 - before)) + blend.own * own + blend.any * any_logit + blend.constant
            )
            out[:, column] = sigmoid(score.astype(np.float32))
        return out


def clipped(ids: list[int]) -> list[int]:
    """Return token ids with head and tail kept where there are too many."""
    half = TOKENS_AT_MOST // 2
    return ids if len(ids) <= TOKENS_AT_MOST else [*ids[:half], *ids[half - TOKENS_AT_MOST :]]


def padded(ids: Sequence[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and mask as (rows, longest)."""
    out = np.zeros((len(ids), max(map(len, ids))), np.int64)
    mask = np.zeros_like(out)
    for number, row in enumerate(ids):
        out[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return out, mask


def passages(text: str) -> list[tuple[str, str]]:
    """Return (sentence, sentence with the one before it) of a long text, the whole of a short one."""
    if len(text) <= SHORT:
        return [(text, text)]
    sentences = [found.group().strip() for found in _SENTENCE.finditer(text)]
    kept = [sentence for sentence in sentences if len(sentence) > 2]
    return [(sentence, f"{kept[at - 1]} {sentence}" if at else sentence) for at, sentence in enumerate(kept)] or [
        (text, text)
    ]


@lru_cache(maxsize=1)
def load(folder: Path = ARTEFACTS) -> Encoder | None:
    """Return the encoder, None where its library or its artefact is not there."""
    card = folder / "encoder.json"
    if not card.is_file() or any(importlib.util.find_spec(name) is None for name in ("onnxruntime", "tokenizers")):
        return None
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    fields = json.loads(card.read_text("utf-8"))
    blends = {label: Blend(*values) for label, values in fields["blends"].items()}
    return Encoder(session, tokenizer, tuple(fields["names"]), fields["low"], fields["high"], blends)
