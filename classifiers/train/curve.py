"""Draws the learning curve of the written messages, 500 to all: `python -m classifiers.train.curve`.

Trained on that many written messages, tested on whole messages by other writers; it shows what more would bring.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from classifiers import linear
from classifiers.linear import ANY
from classifiers.train import heads, sources
from classifiers.train.blend import OWN, UNSEEN_WRITERS

HERE = Path(__file__).resolve().parent
SIZES = (500, 1_000, 2_000, 3_000, 4_500, 6_000, 8_000, 10_000)
DRAWS = 3
LANGUAGES = ("en", "cy", "mixed")


def measure(data: Path) -> dict[str, dict[int, list[float]]]:
    """Return language → number of messages → AUC of abuse of any kind, one for each draw of contrast sets."""
    rows = sources.domain(data, OWN)
    matrix = heads.features([row.whole for row in rows], linear.load().idf)
    wanted = heads.domain_heads(rows)[ANY]
    test = np.array([row.writer in UNSEEN_WRITERS for row in rows])
    languages = np.array([row.lang for row in rows])
    groups = np.array([row.group for row in rows])
    told = heads.Progress()
    out: dict[str, dict[int, list[float]]] = {language: {} for language in LANGUAGES}
    for size in (*(size for size in SIZES if size < (~test).sum()), int((~test).sum())):
        for draw in range(DRAWS):
            inside = _drawn(groups, ~test, size, draw)
            head = heads.fit(matrix[inside], wanted[inside], heads.C_DOMAIN)
            scores = matrix @ head.weights + head.bias
            for language in LANGUAGES:
                mine = test & (languages == language)
                out[language].setdefault(size, []).append(float(roc_auc_score(wanted[mine], scores[mine])))
        told(
            f"{size} messages: " + ", ".join(f"{language} {np.mean(out[language][size]):.3f}" for language in LANGUAGES)
        )
    return out


def _drawn(groups: NDArray[np.str_], allowed: NDArray[np.bool_], size: int, draw: int) -> NDArray[np.int64]:
    """Return so many rows, whole contrast sets at a time."""
    names = np.unique(groups[allowed])
    order = np.random.default_rng(heads.SEED + draw).permutation(names)
    rank = {name: place for place, name in enumerate(order)}
    at = np.flatnonzero(allowed)
    return np.array(sorted(at, key=lambda row: rank[groups[row]])[:size], np.int64)


def draw_curve(found: dict[str, dict[int, list[float]]], path: Path) -> None:
    """Draw the curve."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7, 4), layout="constrained")
    for language, sizes in found.items():
        means = [np.mean(values) for values in sizes.values()]
        spread = [np.std(values) for values in sizes.values()]
        axis.errorbar(list(sizes), means, yerr=spread, marker="o", capsize=3, label=language)
    axis.set(xlabel="written messages trained on", ylabel="AUC, abuse of any kind, writers never seen")
    axis.legend()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def main() -> None:
    """Measure, draw and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="example: python -m classifiers.train.curve")
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    parser.add_argument("--into", type=Path, default=HERE.parents[1] / "docs" / "reference" / "quality")
    given = parser.parse_args()
    found = measure(given.data)
    given.into.mkdir(parents=True, exist_ok=True)
    draw_curve(found, given.into / "learning_curve.png")
    (given.into / "learning_curve.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
