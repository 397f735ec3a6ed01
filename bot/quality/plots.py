"""Draws reliability diagrams and precision-recall curves, for people who would rather look than read."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.chances import by_other_writers
from bot.quality.domain import LANGUAGES, Domain
from models.labels import LABELS

POSITIVES_AT_LEAST = 40
BINS = np.linspace(0, 1, 11)


def draw(judged: Domain, folder: Path) -> list[Path]:
    """Write the pictures into `folder` and return their paths.

    Raises:
        ImportError: matplotlib, which only development needs, is not installed.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    labels = tuple(LABELS)
    best = np.concatenate([one.best(labels) for one in judged.values()])
    rows = [row for one in judged.values() for row in one.rows]
    wanted = {label: np.array([label in row.labels for row in rows]) for label in labels}
    shown = [label for label in labels if wanted[label].sum() >= POSITIVES_AT_LEAST]
    languages = np.array([row.lang for row in rows])
    return [
        _grid(shown, wanted, by_other_writers(rows, best), folder / "reliability.png", _reliability),
        _grid(shown, wanted, best, folder / "precision_recall.png", _precision_recall),
        _languages(languages, wanted, best, folder / "languages.png"),
    ]


def _grid(shown: list[str], wanted: dict[str, NDArray[np.bool_]], best: NDArray[np.float32], path: Path, one) -> Path:  # type: ignore[no-untyped-def] # noqa: ANN001
    import matplotlib.pyplot as plt

    across = 5
    down = -(-len(shown) // across)
    figure, axes = plt.subplots(down, across, figsize=(3 * across, 2.8 * down), squeeze=False, layout="constrained")
    for axis in axes.flat[len(shown) :]:
        axis.set_axis_off()
    for axis, label in zip(axes.flat, shown, strict=False):
        one(axis, wanted[label], best[:, list(LABELS).index(label)])
        axis.set_title(f"{label} ({int(wanted[label].sum())})", fontsize=9)
    figure.savefig(path, dpi=80)
    plt.close(figure)
    return path


def _reliability(axis, wanted: NDArray[np.bool_], scores: NDArray[np.float32]) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    which = np.clip(np.digitize(scores, BINS) - 1, 0, len(BINS) - 2)
    held = [number for number in range(len(BINS) - 1) if (which == number).sum() >= 5]
    axis.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axis.plot([scores[which == n].mean() for n in held], [wanted[which == n].mean() for n in held], marker="o")
    axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="chance, as told", ylabel="share that holds")


def _precision_recall(axis, wanted: NDArray[np.bool_], scores: NDArray[np.float32]) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(wanted, scores)
    axis.plot(recall, precision)
    axis.axhline(wanted.mean(), color="grey", linestyle=":")
    axis.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")


def _languages(
    languages: NDArray[np.str_], wanted: dict[str, NDArray[np.bool_]], best: NDArray[np.float32], path: Path
) -> Path:
    """Draw abuse of any kind, English beside Welsh beside mixed."""
    import matplotlib.pyplot as plt

    columns = [number for number, label in enumerate(LABELS) if label.startswith("abuse.")]
    abusive = np.any([wanted[label] for label in LABELS if label.startswith("abuse.")], axis=0)
    figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    for language in LANGUAGES:
        mine = languages == language
        scores = best[mine][:, columns].max(axis=1)
        _precision_recall(axes[0], abusive[mine], scores)
        _reliability(axes[1], abusive[mine], scores)
        axes[1].set_xlabel("score")
    axes[0].legend(axes[0].lines[::2], LANGUAGES)
    figure.suptitle("Abuse of any kind, by language")
    figure.savefig(path, dpi=80)
    plt.close(figure)
    return path
