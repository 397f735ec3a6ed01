"""Fits the weights of whose details they are, and measures them on writers left out: `python -m classifiers.train.whose`."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score

from classifiers import linear, whose
from classifiers.fold import fold
from classifiers.mentions import mentions
from classifiers.staff import StaffDirectory
from classifiers.train import blend, sources
from models.domain import Author, Channel, Message, MessageKey, Span

LABEL_OF = {"staff": "doxing.staff_details", "third": "doxing.third_party", "own": "doxing.own_details"}
"""The gravest first: a message that shows several counts as that."""
SEED = 7
STRENGTH = 0.05
RARE_COUNTS = 7.0
"""A detail shown counts so much beside a message that shows none: there are thirty of those to each."""
FOLDS = {
    "sdw": 0,
    "pairs_dox": 1,
    "clw": 2,
    "pairs_cyl": 2,
    "thw": 3,
    "pairs_thr": 3,
    "messages_en": 4,
    "messages_cy": 4,
}
OTHERS = 5
SILENT = frozenset({"tdw", "abw", "mxw", "hix", "lgx"})
"""Writers who named places, cars and homes without labelling whose they are."""


def owner_of(row: sources.DomainRow) -> str:
    """Return whose details a labelled row shows."""
    return next((owner for owner, label in LABEL_OF.items() if label in row.labels), "none")


def held(
    rows: Sequence[sources.DomainRow], messages: Sequence[Message], staff: StaffDirectory
) -> list[dict[str, float]]:
    """Return the features of each message, empty where it holds no detail."""
    names = linear.load().labels
    heads = blend.linear_probabilities(list(rows), blend.left_out_scores(list(rows), "writer"))
    out = []
    for message, learned in zip(messages, heads, strict=True):
        folded, pattern = fold(message.own_text), staff.pattern(message.org)
        named = tuple(Span(*match.span()) for match in pattern.finditer(folded)) if pattern else ()
        author = f"{message.author.address} {message.author.display_name}"
        spoken = mentions(message.own_text, folded, author, named)
        found = whose.details(message, folded, spoken)
        known = dict(zip(names, learned.tolist(), strict=True))
        mine = whose.features(message, folded, spoken, found) | whose.learned_features(message, known)
        out.append(mine if found and whose.hinted(message, known, named) else {})
    return out


def message_of(row: sources.DomainRow) -> Message:
    """Return the message of a row, whole: signatures and quotes teach whose details they hold too."""
    return Message(
        MessageKey("training", row.id), Channel(row.channel), row.org, Author(row.author), row.text, sources.READ_AT,
        subject=row.subject,
    )  # fmt: skip


def fitted(
    table: csr_matrix, owners: NDArray[np.str_], rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights, shape (classes, features), and the bias of each class."""
    counts = np.where(owners[rows] == "none", 1.0, RARE_COUNTS)
    model = LogisticRegression(C=STRENGTH, max_iter=400, tol=1e-3, random_state=SEED)
    model.fit(table[rows], owners[rows], sample_weight=counts)
    order = [list(model.classes_).index(owner) for owner in whose.CLASSES]
    return model.coef_[order], model.intercept_[order]


def left_out(
    table: csr_matrix, owners: NDArray[np.str_], shown: NDArray[np.int64], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the probability of each owner by weights fitted without the row's writers; nothing where no detail shows."""
    found = np.zeros((len(owners), len(whose.OWNERS)))
    for fold_number in sorted(set(folds.tolist())):
        coefficients, bias = fitted(table, owners, shown[folds[shown] != fold_number])
        mine = shown[folds[shown] == fold_number]
        found[mine] = softmax(table[mine] @ coefficients.T + bias, axis=1)[:, : len(whose.OWNERS)]
    return found


def figures(probabilities: NDArray[np.float64], owners: NDArray[np.str_]) -> dict[str, object]:
    """Return macro-F1, F1 and average precision of each owner, and precision where the machine may act."""
    order = [*whose.OWNERS, "none"]
    best = probabilities.argmax(1)
    found = np.where(probabilities.max(1) >= 0.5, np.array(whose.OWNERS)[best], "none")
    each = f1_score(owners, found, average=None, labels=order)
    out: dict[str, object] = {
        "macro_f1": round(float(each.mean()), 3),
        "f1": {name: round(float(value), 3) for name, value in zip(order, each, strict=True)},
        "average_precision": {
            name: round(float(average_precision_score(owners == name, probabilities[:, column])), 3)
            for column, name in enumerate(whose.OWNERS)
        },
        "n": {name: int((owners == name).sum()) for name in order},
    }
    sure = (probabilities.max(1) >= 0.9) & (found != "own")
    out["precision_at_p_0.9"] = [int((found == owners)[sure].sum()), int(sure.sum())]
    return out


def main() -> None:
    """Fit, measure, and write the artefact with its card."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python -m classifiers.train.whose --data ../shared/data"
    )
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[3] / "shared" / "data")
    data: Path = parser.parse_args().data
    rows = [row for row in sources.domain(data, blend.OWN) if row.writer not in SILENT]
    features = held(rows, [message_of(row) for row in rows], StaffDirectory.from_csv(data / "domain" / "staff.csv"))
    owners = np.array([owner_of(row) for row in rows])
    folds = np.array([FOLDS.get(row.writer, OTHERS) for row in rows])
    shown = np.array([number for number, mine in enumerate(features) if mine])
    vectors = DictVectorizer(dtype=np.float64)
    table = csr_matrix(vectors.fit_transform(features))
    probabilities = left_out(table, owners, shown, folds)
    messages = folds == FOLDS["messages_en"]
    measured = {
        "messages": figures(probabilities[messages], owners[messages]),
        "contrast sets": figures(probabilities[~messages], owners[~messages]),
    }
    coefficients, bias = fitted(table, owners, shown[~messages[shown]])  # the messages judge it, they never teach it
    weights = {
        name: {owner: round(float(value), 3) for owner, value in zip(whose.CLASSES, column, strict=True)}
        for name, column in [("bias", bias), *zip(vectors.get_feature_names_out(), coefficients.T, strict=True)]
    }
    card = {"heads": linear.load().version, "seed": SEED, "left_out": "by writer", "figures": measured}
    whose.ARTEFACT.write_text(json.dumps({"card": card, "weights": weights}, indent=1, sort_keys=True) + "\n", "utf-8")
    print(json.dumps(measured, indent=1))  # noqa: T201 - the output


if __name__ == "__main__":
    main()
