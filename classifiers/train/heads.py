"""Trains base heads on hashed features, and stacks them per label on out-of-fold scores."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from classifiers.features import BUCKETS, csr
from classifiers.linear import ANY, GATE
from classifiers.normalise import normalise
from classifiers.train.sources import DomainRow
from models.labels import LABELS

SEED = 7
POSITIVES_AT_LEAST = 12
FOLDS = 4
TARGETS = (
    "staff", "organisation", "third_party", "group:race", "group:religion", "group:sex", "group:gender_identity",
    "group:disability", "group:age", "group:sexual_orientation", "group:nationality", "group:welsh_language", "group:class",
)  # fmt: skip
SHARED_BASES = ("any.abuse", "any.harm", "public.toxic", "public.hate", "public.spam")
C_DOMAIN, C_PUBLIC = 8.0, 1.0
ORDINARY_ROWS, ORDINARY_WEIGHT = 6_000, 0.5
STRANGERS = 20_000
"""So many public rows teach the gate what a message to a public body does not look like."""
Matrix = Any
"""A scipy CSR matrix of shape (texts, BUCKETS)."""


class Progress:
    """Says what was done and how long it took."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, text: str) -> None:
        """Say that `text` was done."""
        print(f"{time.monotonic() - self._start:7.1f} s  {text}", flush=True)  # noqa: T201 - progress of a command


@dataclass(frozen=True, slots=True)
class Head:
    """One trained linear head."""

    weights: NDArray[np.float32]
    bias: float


def features(texts: Sequence[str], idf: NDArray[np.float32]) -> Matrix:
    """Return the feature matrix of `texts`."""
    indptr, indices, values = csr([normalise(text).text for text in texts], idf)
    return sp.csr_matrix((values, indices, indptr), shape=(len(texts), BUCKETS))


def inverse_document_frequency(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the idf of each bucket over `texts`; a bucket never seen weighs as one seen once."""
    ones = np.ones(BUCKETS, np.float32)
    counts = np.bincount(csr([normalise(text).text for text in texts], ones)[1], minlength=BUCKETS)
    return (np.log((1 + len(texts)) / (1 + np.maximum(counts, 1))) + 1).astype(np.float32)


def fit(matrix: Matrix, wanted: NDArray[np.bool_], c: float, weight: NDArray[np.float32] | None = None) -> Head:
    """Fit one head by logistic regression."""
    model = LogisticRegression(C=c, solver="liblinear", random_state=SEED).fit(matrix, wanted, sample_weight=weight)
    return Head(model.coef_[0].astype(np.float32), float(model.intercept_[0]))


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Ordinary mail and posts of public sets: what the spam heads must not take newsletters and business for."""

    matrix: Matrix

    def fit(self, matrix: Matrix, wanted: NDArray[np.bool_]) -> Head:
        """Fit a spam head on the domain with these as negatives beside it."""
        n = self.matrix.shape[0]
        weight = np.r_[np.ones(len(wanted)), np.full(n, ORDINARY_WEIGHT)].astype(np.float32)
        return fit(sp.vstack([matrix, self.matrix]).tocsr(), np.r_[wanted, np.zeros(n, bool)], C_DOMAIN, weight)


def domain_heads(rows: Sequence[DomainRow]) -> dict[str, NDArray[np.bool_]]:
    """Return what each base head of the domain shall learn: name → positives."""
    wanted: dict[str, NDArray[np.bool_]] = {
        ANY: np.array([any(label.startswith("abuse.") for label in row.labels) for row in rows]),
        "any.harm": np.array([row.handling in {"enforce", "urgent"} and not _welfare_only(row) for row in rows]),
    }
    for label in LABELS:
        positives = np.array(
            [
                label in row.labels or (label == "spam" and any(name.startswith("spam") for name in row.labels))
                for row in rows
            ]
        )
        if positives.sum() >= POSITIVES_AT_LEAST:
            wanted[f"label.{label}"] = positives
    for target in TARGETS:
        positives = np.array([target in row.targets for row in rows])
        if positives.sum() >= POSITIVES_AT_LEAST:
            wanted[f"target.{target}"] = positives
    return wanted


def _welfare_only(row: DomainRow) -> bool:
    return not any(label.startswith(("abuse.", "spam", "doxing.")) for label in row.labels)


def folds(rows: Sequence[DomainRow]) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (scheme, train, test): folds that keep contrast sets together, then each writer left out in turn."""
    groups = np.array([row.group for row in rows])
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in splitter.split(groups, groups=groups):
        yield "group", train, test
    writers = np.array([row.writer for row in rows])
    for writer in sorted(set(writers)):
        yield "writer", np.flatnonzero(writers != writer), np.flatnonzero(writers == writer)


def fit_domain(name: str, matrix: Matrix, wanted: NDArray[np.bool_], ordinary: Ordinary) -> Head:
    """Fit one head of the domain; those of spam see ordinary mail too."""
    return ordinary.fit(matrix, wanted) if name.startswith("label.spam") else fit(matrix, wanted, C_DOMAIN)


def fit_gate(domain: Matrix, strangers: Matrix) -> Head:
    """Fit the head that tells messages to a public body from everything else people post."""
    ours = np.r_[np.ones(domain.shape[0], bool), np.zeros(strangers.shape[0], bool)]
    return fit(sp.vstack([domain, strangers]).tocsr(), ours, C_PUBLIC)


def out_of_fold(
    matrix: Matrix,
    rows: Sequence[DomainRow],
    wanted: dict[str, NDArray[np.bool_]],
    strangers: Matrix,
    ordinary: Ordinary,
    told: Callable[[str], None],
) -> dict[str, dict[str, NDArray[np.float32]]]:
    """Return scheme → head → score of each row by a model that never saw its group, or its writer."""
    names = (*wanted, GATE)
    out = {scheme: {name: np.zeros(len(rows), np.float32) for name in names} for scheme in ("group", "writer")}
    for scheme, train, test in folds(rows):
        told(f"{scheme} fold of {len(test)}")
        inside, outside = matrix[train], matrix[test]
        gate = fit_gate(inside, strangers)
        out[scheme][GATE][test] = outside @ gate.weights + gate.bias
        for name, positives in wanted.items():
            if positives[train].sum() < 3:
                out[scheme][name][test] = -5.0
                continue
            head = fit_domain(name, inside, positives[train], ordinary)
            out[scheme][name][test] = outside @ head.weights + head.bias
    return out
