"""Makes the table of common words: `python -m classifiers.train.words`.

A word counts that stands in many texts of the licensed public sets, English and Welsh; what is kept is its
hash. Names and misspellings that are common enough are in it too, which only makes a look-alike less of a copy.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from classifiers import known
from classifiers.fold import fold
from classifiers.train import sources

HERE = Path(__file__).resolve().parent
ENGLISH = {
    "civil_threat_safe": 20_000,
    "politeness": 10_000,
    "jigsaw_wiki": 40_000,
    "enron_spam": 4_000,
    "cad_reddit": 10_000,
}
LICENSED = "UD_Welsh-CCG"
ENGLISH_TEXTS, WELSH_TEXTS = 8, 2
"""A word stands in so many texts at least: the Welsh sets are small and well spelt."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def main() -> None:
    """Write the table and its card, and say how many words it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    data: Path = parser.parse_args().data
    english, welsh = _common(_english(data), ENGLISH_TEXTS), _common(_welsh(data), WELSH_TEXTS)
    words = sorted({known.digest(word) for word in english | welsh})
    np.savez_compressed(known.ARTEFACT, words=np.array(words, np.uint32))
    card = {
        "what": "hashes (CRC-32) of folded words common in English or Welsh",
        "sets": [*ENGLISH, "welsh_sentences", f"welsh_english_parallel ({LICENSED})"],
        "texts a word stands in at least": {"English": ENGLISH_TEXTS, "Welsh": WELSH_TEXTS},
        "words": {"English": len(english), "Welsh": len(welsh), "together": len(words)},
        "made by": "python -m classifiers.train.words",
    }
    known.ARTEFACT.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    print(card["words"])  # noqa: T201 - the result of a command


def _common(texts: Iterator[str], least: int) -> set[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word.replace("'", "") for word in _WORD.findall(fold(text))})
    return {word for word, count in counts.items() if count >= least and len(word) > 1}


def _english(data: Path) -> Iterator[str]:
    for name, most in ENGLISH.items():
        for number, row in enumerate(sources.rows(data, name)):
            if number >= most:
                break
            yield row["text"]


def _welsh(data: Path) -> Iterator[str]:
    for row in sources.rows(data, "welsh_sentences"):
        yield row["text"]
    for row in sources.rows(data, "welsh_english_parallel"):
        if row["source"] == LICENSED:
            yield row["text"]


if __name__ == "__main__":
    main()
