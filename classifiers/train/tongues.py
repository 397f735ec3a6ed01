"""Trains the table that tells Welsh from English: `python -m classifiers.train.tongues`.

Welsh comes from the sentences and the parallel corpus, English from that corpus and the public sets;
the domain messages are only measured on.
"""

import argparse
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifiers import language
from classifiers.features import csr
from classifiers.fold import fold
from classifiers.train import sources

HERE = Path(__file__).resolve().parent
ENGLISH = ("civil_threat_safe", "politeness", "davidson_tweets", "sms_spam", "cad_reddit")
EACH = 4_000
C = 3.0


def main() -> None:
    """Train and write the table, and say how often it names the domain messages rightly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    data: Path = parser.parse_args().data
    train(data)
    print(agreement(data))  # noqa: T201 - the result of a command


def train(data: Path) -> None:
    """Fit word-wise: every text becomes its words, so that a word's weight stands by itself."""
    parallel = list(sources.rows(data, "welsh_english_parallel"))
    welsh = [row["text"] for row in sources.rows(data, "welsh_sentences")] + [row["text"] for row in parallel]
    english = [row["text_en"] for row in parallel]
    for name in ENGLISH:
        english += [row["text"][:400] for row in list(sources.rows(data, name))[:EACH]]
    texts = [_pieces(text) for text in (*welsh, *english)]
    ones = np.ones(1 << 18, np.float32)
    indptr, indices, values = csr(texts, ones)
    folded = sp.csr_matrix((values, indices & (language.BUCKETS - 1), indptr), shape=(len(texts), language.BUCKETS))
    folded.sum_duplicates()
    wanted = np.array([True] * len(welsh) + [False] * len(english))
    model = LogisticRegression(C=C, solver="liblinear", random_state=7, class_weight="balanced").fit(folded, wanted)
    weights: NDArray[np.float32] = model.coef_[0].astype(np.float32)
    scale = np.float32(np.abs(weights).max() / 127)
    np.savez_compressed(language.ARTEFACT, weights=np.round(weights / scale).astype(np.int8), scale=scale)
    language._table.cache_clear()  # noqa: SLF001 - what was just written is to be read


def _pieces(text: str) -> str:
    return fold(text[:400])


def agreement(data: Path) -> str:
    """Return how often messages whose language is written beside them are named so."""
    rows = sources.domain(data)
    found = language.languages_of([row.text for row in rows])
    lines = []
    for name in ("en", "cy", "mixed"):
        mine = [got for row, got in zip(rows, found, strict=True) if row.lang == name]
        lines.append(
            f"{name}: " + ", ".join(f"{got} {mine.count(got) / len(mine):.1%}" for got in ("en", "cy", "mixed"))
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
