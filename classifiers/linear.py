"""The linear heads: one calibrated probability a label, scored for a whole batch at once."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.base import ArtefactMissing
from classifiers.features import scores
from models.labels import LABELS, URGENT_WELFARE, Stance

ARTEFACT = Path(__file__).resolve().parent / "artefacts" / "linear.npz"
CHARACTERS_AT_MOST = 12_000
GATE = "gate.domain"
ANY = "any.abuse"
HARM = "any.harm"
"""Two columns beside the labels: that there is abuse of some kind, and that it is so clear that it would be held."""
GATE_SLOPE, GATE_SHIFT = 2.0, 1.2
"""Nine in ten messages to a public body lie so that the first expert decides, nine in ten of other posts so that the second does."""
THREAT = "abuse.threat"
THREAT_STANDS = 0.4
"""A threat from here on is seen even where no abuse is."""
PEOPLE_TO = 0.74
"""What may bring a message before a person, and no further, counts up to this."""
NAMED_SHARE = 0.9
WORDS_AT_LEAST, FEW_WORDS_TO = 3, 0.05
"""A text of fewer words shows danger to somebody at most so likely by itself."""
_HARMFUL = tuple(
    label for label, stance in LABELS.items() if stance is Stance.HARM and label.startswith(("abuse.", "spam"))
)


@dataclass(frozen=True, slots=True)
class Heads:
    """The trained weights. `base` heads are scored from text; the stack makes the probabilities of `labels` from them.

    The stack has two experts: one for messages to a public body, one for everything else people post. The base
    head `gate.domain` says how much each is believed. Shapes: idf (BUCKETS,), weights (BUCKETS, base), scales
    and bias (base,), experts (2, labels, base + lexical + 1).
    """

    version: str
    base: tuple[str, ...]
    labels: tuple[str, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.int8]
    scales: NDArray[np.float32]
    bias: NDArray[np.float32]
    experts: NDArray[np.float32]

    def base_scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the raw scores of normalised `texts`, shape (texts, base)."""
        return scores(texts, self.idf, self.weights, self.scales, self.bias)

    def trust(self, base: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return how much the first expert is believed, 0 to 1, shape (texts,)."""
        return trust_of(base, self.base)

    def through(self) -> NDArray[np.float64]:
        """Return how much each base head adds to each label through the stack's first expert, (labels, base)."""
        return np.asarray(self.experts[0][:, : len(self.base)] * self.scales, np.float64)


def trust_of(base: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
    """Return how much the first expert is believed of texts scored by the base heads `names`."""
    return sigmoid(GATE_SLOPE * (base[:, list(names).index(GATE)] + GATE_SHIFT))


def sigmoid(scores_: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 / (1 + e^-x)."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores_, -30, 30))), dtype=np.float32)


def stacked(
    base: NDArray[np.float32], lexical: NDArray[np.float32], trust: NDArray[np.float32], experts: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the calibrated probabilities, shape (texts, labels): the two experts' log-odds mixed by `trust`."""
    seen = np.concatenate([base, lexical, np.ones((len(base), 1), np.float32)], axis=1)
    first, second = seen @ experts[0].T, seen @ experts[1].T
    return sigmoid(second + trust[:, None] * (first - second))


def bounded(
    probabilities: NDArray[np.float32],
    trust: NDArray[np.float32],
    labels: tuple[str, ...],
    spoken: Sequence[Collection[str]],
) -> NDArray[np.float32]:
    """Return the probabilities with no kind of abuse likelier than abuse of any kind, the less the first expert is believed.

    Most kinds were only ever seen in messages to a public body: of what else people post they know little.
    A threat from THREAT_STANDS on, which in five words sounds like nobody's in particular, is held down to
    PEOPLE_TO only, for a person must see it. Not held down is a kind that the lexicon has words of: `spoken`, for each text.
    """
    if ANY not in labels or not len(probabilities):
        return probabilities
    out = probabilities.copy()
    columns = [index for index, label in enumerate(labels) if label.startswith("abuse.")]
    apart = out[:, columns] - np.minimum(out[:, columns], out[:, [labels.index(ANY)]])
    free = np.array([[labels[column] in said for column in columns] for said in spoken], bool)
    out[:, columns] -= np.where(free, 0, (1 - trust)[:, None] * apart)
    if THREAT in labels:
        threat = labels.index(THREAT)
        before = probabilities[:, threat]
        least = np.where(before >= THREAT_STANDS, np.minimum(before, PEOPLE_TO), 0)
        out[:, threat] = np.maximum(out[:, threat], least)
    return out


def for_people(probabilities: NDArray[np.float32], labels: tuple[str, ...]) -> NDArray[np.float32]:
    """Return the probabilities with nothing that harms likelier than what a person must see."""
    out = probabilities.copy()
    harmful = [index for index, label in enumerate(labels) if label in {ANY, HARM} or LABELS.get(label) is Stance.HARM]
    out[:, harmful] = np.minimum(out[:, harmful], PEOPLE_TO)
    return out


def worded(
    probabilities: NDArray[np.float32], labels: tuple[str, ...], texts: Sequence[str], spoken: Sequence[Collection[str]]
) -> NDArray[np.float32]:
    """Return the probabilities with no danger to somebody in `texts` of fewer than WORDS_AT_LEAST words, unless the lexicon has it.

    The heads know such a text by nothing but who happened to write it: a bare "No." is not despair.
    """
    out = probabilities.copy()
    few = np.array([len(text.split(maxsplit=WORDS_AT_LEAST)) < WORDS_AT_LEAST for text in texts], bool)
    for label in (*URGENT_WELFARE, THREAT):
        if label in labels:
            free = np.array([label in said for said in spoken], bool)
            column = labels.index(label)
            out[few & ~free, column] = np.minimum(out[few & ~free, column], FEW_WORDS_TO)
    return out


def named(probabilities: NDArray[np.float32], labels: tuple[str, ...]) -> NDArray[np.float32]:
    """Return the probabilities with the likeliest label raised to what is sure of the whole.

    Where it is clear that a text abuses, or that it would be held, but not how, the parts would each stay
    small: the likeliest abuse is raised towards abuse of any kind, the likeliest harm to harm of any kind.
    A threat is put first, which costs somebody else their turn: it is raised only where it stands by itself.
    """
    out = probabilities.copy()
    seen = probabilities.copy()
    if THREAT in labels:
        doubtful = seen[:, labels.index(THREAT)]
        doubtful[doubtful < THREAT_STANDS] = 0.0
    abuse = [index for index, label in enumerate(labels) if label.startswith("abuse.")]
    harmful = [index for index, label in enumerate(labels) if label in _HARMFUL]
    for columns, sure, share in ((abuse, ANY, NAMED_SHARE), (harmful, HARM, 1.0)):
        if sure in labels and columns and len(out):
            rows = np.arange(len(out))
            best = np.array(columns)[seen[:, columns].argmax(axis=1)]
            out[rows, best] = np.maximum(out[rows, best], share * out[:, labels.index(sure)])
    return out


@lru_cache(maxsize=1)
def load(path: Path = ARTEFACT) -> Heads:
    """Return the trained heads.

    Raises:
        ArtefactMissing: The file is not there or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            card = json.loads(bytes(data["card"]).decode())
            return Heads(
                version=card["version"],
                base=tuple(card["base"]),
                labels=tuple(card["labels"]),
                idf=data["idf"].astype(np.float32),
                weights=data["weights"],
                scales=data["scales"],
                bias=data["bias"],
                experts=data["experts"],
            )
    except (OSError, KeyError, ValueError) as error:
        raise ArtefactMissing(f"{path}: the trained heads cannot be read ({error}); run `make train`") from error
