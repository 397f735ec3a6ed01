"""Fits the stack: two experts a label over the scores of base heads that never saw the rows they score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifiers.lexical import NAMES
from classifiers.linear import ANY, GATE, sigmoid
from classifiers.train import heads
from classifiers.train.sources import PublicRow

C_STACK = 0.5
ROWS_A_SOURCE = 1_500
PART_LEFT_OUT = 0.35
"""The heads that leave a source out are fitted on this part of the rest: they only serve the stack."""
OPEN_WEIGHT = 0.3
"""What a public row counts against one of the domain."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows as the stack sees them: `seen` (rows, base + lexical), `trust` (rows,), `weight` (rows,)."""

    seen: NDArray[np.float32]
    trust: NDArray[np.float32]
    weight: NDArray[np.float32]


def columns_of(label: str, base: Sequence[str]) -> list[int]:
    """Return the columns that the probability of `label` is made from."""
    if label.startswith(("welfare.", "rights.")):
        names = {f"label.{label}"}
    elif label.startswith("target."):
        names = {label}
    elif label.startswith("spam"):
        names = {f"label.{label}", "label.spam", "public.spam"}
    elif label.startswith(("demand.", "persistence.", "doxing.", "links.")):
        names = {f"label.{label}", ANY}
    else:
        names = {f"label.{label}", *heads.SHARED_BASES}
    found = [index for index, name in enumerate(base) if name in names]
    return found + [len(base) + index for index in range(len(NAMES))] if _lexical(label) else found


def _lexical(label: str) -> bool:
    return label == ANY or label.startswith("abuse.")


def wanted_of(
    rows: Sequence[PublicRow], head: Sequence[str], label: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for public rows (each with the base head it speaks for) which are positive for `label`, and which say so."""
    toxic = np.array([name == "public.toxic" for name in head])
    hate = np.array([name == "public.hate" for name in head])
    positive = np.array([row.positive for row in rows])
    if label == ANY:
        return positive & (toxic | hate), toxic | (hate & positive)
    if label == "abuse.insult":
        return positive & toxic, toxic
    if label == "abuse.identity_hate":
        return positive & hate, hate | (toxic & ~positive)
    if label == "abuse.threat":
        return np.array([row.threat is True for row in rows]), np.array([row.threat is not None for row in rows])
    if label == "spam":
        spam = np.array([name == "public.spam" for name in head])
        return positive & spam, spam
    return np.zeros(len(rows), bool), np.zeros(len(rows), bool)


def fit(
    label: str, base: Sequence[str], domain: Scored, positives: NDArray[np.bool_], opened: Scored,
    open_positives: NDArray[np.bool_], speaks: NDArray[np.bool_],
) -> NDArray[np.float32]:  # fmt: skip
    """Return the two experts' rows of `label`, shape (2, base + lexical + 1); they are one where no public set speaks."""
    columns = columns_of(label, base)
    width = len(base) + len(NAMES)
    if not speaks.any():
        model = LogisticRegression(C=C_STACK, max_iter=2_000).fit(domain.seen[:, columns], positives, domain.weight)
        return np.stack([_row(columns, model.coef_[0], model.intercept_[0], width)] * 2)
    seen = np.concatenate([domain.seen[:, columns], opened.seen[speaks][:, columns]])
    trust = np.concatenate([domain.trust, opened.trust[speaks]])[:, None]
    weight = np.concatenate([domain.weight, opened.weight[speaks]])
    target = np.concatenate([positives, open_positives[speaks]])
    design = np.concatenate([trust * seen, (1 - trust) * seen, trust, 1 - trust], axis=1)
    model = LogisticRegression(C=C_STACK, fit_intercept=False, max_iter=2_000).fit(design, target, weight)
    found, n = model.coef_[0], len(columns)
    return np.stack(
        [_row(columns, found[:n], found[2 * n], width), _row(columns, found[n : 2 * n], found[2 * n + 1], width)]
    )


def _row(columns: list[int], values: NDArray[np.float64], intercept: float, width: int) -> NDArray[np.float32]:
    row = np.zeros(width + 1, np.float32)
    row[columns] = values
    row[-1] = intercept
    return row


def leave_sources_out(
    rows: Mapping[str, Sequence[PublicRow]], matrices: Mapping[str, heads.Matrix], told: Callable[[str], None]
) -> tuple[list[PublicRow], list[str], heads.Matrix, dict[str, NDArray[np.float32]]]:
    """Return a sample of every public source: rows, the head each speaks for, features, and public heads' scores.

    The scores of a source come from heads that never saw it.
    """
    import scipy.sparse as sp

    chance = np.random.default_rng(heads.SEED)
    names = {name: np.array([row.source for row in found]) for name, found in rows.items()}
    drawn: list[tuple[str, str, NDArray[np.int64]]] = []
    for head, sources in names.items():
        for source in dict.fromkeys(sources.tolist()):
            mine = np.flatnonzero(sources == source)
            drawn.append((head, source, np.sort(chance.permutation(mine)[:ROWS_A_SOURCE])))
    scores: dict[str, list[NDArray[np.float32]]] = {head: [] for head in rows}
    fitted: dict[tuple[str, str], heads.Head] = {}
    for head, source, at in drawn:
        for other in rows:
            key = (other, source if source in set(names[other].tolist()) else "")
            if key not in fitted:
                rest = np.flatnonzero(names[other] != key[1])
                rest = np.sort(chance.permutation(rest)[: int(PART_LEFT_OUT * len(rest))])
                wanted = np.array([rows[other][int(row)].positive for row in rest])
                fitted[key] = heads.fit(matrices[other][rest], wanted, heads.C_PUBLIC)
                told(f"{other} without {source}")
            found = fitted[key]
            scores[other].append(matrices[head][at] @ found.weights + found.bias)
    sample = [rows[head][int(row)] for head, _, at in drawn for row in at]
    speaking = [head for head, _, at in drawn for _ in at]
    features = sp.vstack([matrices[head][at] for head, _, at in drawn]).tocsr()
    return sample, speaking, features, {head: np.concatenate(parts) for head, parts in scores.items()}


def trust_of(
    scores: NDArray[np.float32], base: Sequence[str], mail: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Return how much the first expert is believed of rows scored by the base heads."""
    gate = sigmoid(scores[:, list(base).index(GATE)])
    return gate if mail is None else np.where(mail, np.float32(1.0), gate).astype(np.float32)
