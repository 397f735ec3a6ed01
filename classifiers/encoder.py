"""The encoder: a small transformer that takes a second look at posts, and sentences of mails, that the linear heads doubt.

It is an optional extra: where onnxruntime is not there, or the artefact cannot be read, `load` returns None, and of what it
would have looked at nothing reaches what is acted on: people judge it, by the linear heads' own probability.
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
from models.labels import URGENT_WELFARE

_log = structlog.get_logger()
ARTEFACTS = Path(__file__).resolve().parent / "artefacts"
LANGUAGE = "en"
"""It knows English only: in Welsh and mixed text the linear heads are better alone."""
TOKENS_AT_MOST = 256
CHARACTERS_AT_MOST = 4_000
FEW = 50
"""Of fewer characters its word may raise what the linear heads say, never lower it: it learnt from messages, and what a few words
lack it takes for innocence."""
SHORT = 600
"""A text of so many characters is looked at whole; of a longer one only the sentences that stand out."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")


@dataclass(frozen=True, slots=True)
class Blend:
    """How the log-odds of `labels` are made: linear log-odds and the encoder's logit, each with its weight."""

    linear: float
    encoder: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """What the encoder looks at: nearly every post that looks like a message to a public body, and mails that may be grave.

    `post` is the least log-odds that a post is a message to a public body, plus those that something is wrong with it
    where they are under even: the less there is to suspect, the surer it must be that the post is ours to judge.
    `mail` is the least probability that something is wrong with a mail.
    """

    post: float
    mail: float

    def doubtful(
        self, wrong: NDArray[np.float32], trust: NDArray[np.float32], mail: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """Return the rows to look at, of their probability that something is wrong and that they are messages to a public body."""
        return np.flatnonzero(np.where(mail, wrong >= self.mail, claim(wrong, trust) >= self.post))


def wrong_of(probabilities: NDArray[np.float32], labels: Sequence[str]) -> NDArray[np.float32]:
    """Return how likely something is wrong with texts, abuse of any kind or danger to somebody, of their probabilities."""
    columns = [labels.index(label) for label in (ANY, *URGENT_WELFARE)]
    return np.asarray(probabilities[:, columns].max(axis=1), np.float32)


def claim(wrong: NDArray[np.float32], trust: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much posts ask for a second look, as `Band.post` measures it."""
    return _log_odds(trust) + np.minimum(_log_odds(wrong), 0)


def _log_odds(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    clipped_to = np.clip(probability, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(clipped_to / (1 - clipped_to)), np.float32)


@dataclass(frozen=True, slots=True)
class Encoder:
    """The session with its tokenizer, the names of its outputs and how its word counts."""

    session: Any
    tokenizer: Any
    names: tuple[str, ...]
    blend: Blend

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
            own = logits[:, self.names.index(label if label in {ANY, HARM} else f"label.{label}")]
            score = self.blend.linear * _log_odds(probabilities[:, column]) + self.blend.encoder * own
            out[:, column] = sigmoid(score.astype(np.float32))
        return out


def clipped(ids: list[int], most: int = TOKENS_AT_MOST) -> list[int]:
    """Return token ids with head and tail kept where there are more than `most`."""
    half = most // 2
    return ids if len(ids) <= most else [*ids[:half], *ids[half - most :]]


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


@lru_cache(maxsize=1)
def band(folder: Path = ARTEFACTS) -> Band | None:
    """Return what the encoder would look at, whether or not it can be used; None where none was ever trained."""
    try:
        return Band(**json.loads((folder / "encoder.json").read_text("utf-8"))["band"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def open_tokenizer(path: Path) -> Any:
    """Return the tokenizer at `path`, whose file asks for filling up to 128 tokens and cutting there: it shall do neither.

    Training and use open it here. For a while only use did: the encoder learnt on texts filled up with nothing, each
    filling counted as a word, and was then asked about texts that were not.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _read(folder: Path, card: dict[str, Any]) -> Encoder:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"])
    tokenizer = open_tokenizer(folder / "tokenizer.json")
    blend = Blend(card["blend"]["linear"], card["blend"]["encoder"], tuple(card["blend"]["labels"]))
    return Encoder(session, tokenizer, tuple(card["names"]), blend)
