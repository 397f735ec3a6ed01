"""The encoder: a small transformer that takes a second look at posts, and sentences of mails, that the linear heads doubt.

It is an optional extra: without onnxruntime, or without the artefact, `load` returns None and what it
would have looked at goes to people with the linear heads' own probability.
"""

import importlib.util
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from classifiers.linear import ANY, HARM, sigmoid

_log = structlog.get_logger()
ARTEFACTS = Path(__file__).resolve().parent / "artefacts"
LANGUAGE = "en"
"""It knows English only: in Welsh and mixed text the linear heads are better alone."""
TOKENS_AT_MOST = 160
CHARACTERS_AT_MOST = 4_000
SHORT = 700
"""A text of so many characters is looked at whole; of a longer one only the sentences that stand out."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


@dataclass(frozen=True, slots=True)
class Blend:
    """How the log-odds of `labels` are made: linear log-odds and the encoder's logit, each with its weight."""

    linear: float
    encoder: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Encoder:
    """The session with its tokenizer, the names of its outputs, the band it looks at and how its word counts.

    The band begins at `low` in posts that look like messages to a public body, at `open_low` in other posts,
    at `mail_low` in mail, and ends at `high`.
    """

    session: Any
    tokenizer: Any
    names: tuple[str, ...]
    low: float
    open_low: float
    mail_low: float
    high: float
    blend: Blend

    def doubtful(
        self, any_abuse: NDArray[np.float32], trust: NDArray[np.float32], mail: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """Return the rows in the band."""
        post = (any_abuse * trust >= self.low) | (any_abuse >= self.open_low)
        reached = np.where(mail, any_abuse >= self.mail_low, post)
        return np.flatnonzero(reached & (any_abuse < self.high))

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the logits of normalised `texts`, shape (texts, names).

        One by one: int8 scales are taken over what runs together, and a text must not depend on its neighbours.
        """
        out = np.zeros((len(texts), len(self.names)), np.float32)
        for row, found in enumerate(self.tokenizer.encode_batch([text[:CHARACTERS_AT_MOST] for text in texts])):
            tokens, mask = padded([clipped(found.ids)])
            out[row] = self.session.run(None, {"ids": tokens, "mask": mask})[0][0]
        return out

    def blended(
        self, probabilities: NDArray[np.float32], logits: NDArray[np.float32], labels: Sequence[str]
    ) -> NDArray[np.float32]:
        """Return the probabilities of the rows looked at, shape (rows, labels)."""
        out = probabilities.copy()
        for label in self.blend.labels:
            column = labels.index(label)
            before = np.clip(probabilities[:, column], 1e-4, 1 - 1e-4)
            own = logits[:, self.names.index(label if label in {ANY, HARM} else f"label.{label}")]
            score = self.blend.linear * np.log(before / (1 - before)) + self.blend.encoder * own
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


def condensed(text: str, score: Callable[[list[str]], NDArray[np.float32]]) -> str:
    """Return a short text whole, of a long one the sentences with the highest `score`, in their order, up to SHORT characters."""
    if len(text) <= SHORT:
        return text
    sentences = [part for found in _SENTENCE.finditer(text) if len(part := found.group().strip()) > 2] or [text]
    kept: set[int] = set()
    room = SHORT
    for at in np.argsort(-score(sentences)).tolist():
        if len(sentences[at]) > room and kept:
            break
        kept.add(at)
        room -= len(sentences[at]) + 1
    return " ".join(sentences[at] for at in sorted(kept))


@lru_cache(maxsize=1)
def load(folder: Path = ARTEFACTS) -> Encoder | None:
    """Return the encoder, None where its library or its artefact is not there.

    What is there but cannot be read is told once in the log, and counts as not there.
    """
    card = folder / "encoder.json"
    if not card.is_file() or any(importlib.util.find_spec(name) is None for name in ("onnxruntime", "tokenizers")):
        return None
    try:
        return _read(folder, json.loads(card.read_text("utf-8")))
    except Exception as error:  # noqa: BLE001 - the two libraries raise what they like for a damaged file or a broken wheel
        _log.error(
            "the encoder cannot be read; what it would have looked at goes to people; run `make train-encoder`",
            folder=str(folder),
            error=f"{type(error).__name__}: {error}"[:300],
        )
        return None


def _read(folder: Path, card: dict[str, Any]) -> Encoder:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    blend = Blend(card["blend"]["linear"], card["blend"]["encoder"], tuple(card["blend"]["labels"]))
    lows = card["low"], card["open_low"], card["mail_low"]
    return Encoder(session, tokenizer, tuple(card["names"]), *lows, card["high"], blend)
