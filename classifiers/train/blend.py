"""Fits how the encoder's word counts beside the linear heads', and the band it looks at: `python -m classifiers.train.blend`."""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifiers import encoder, linear
from classifiers.language import languages_of
from classifiers.lexical import lexical_rows
from classifiers.linear import ANY, HARM
from classifiers.normalise import normalise
from classifiers.train import sources
from classifiers.train.heads import domain_heads

HERE = Path(__file__).resolve().parent
OWN = HERE / "own"
SCORES = Path("var/train/out_of_fold.npz")
"""The scores of the domain's rows by linear heads that never saw them, as training leaves them."""
UNSEEN_WRITERS = ("messages_en", "messages_cy")
"""Their messages are never shown to the encoder: they judge it."""
KEPT_ONE_IN = 8
ORDINARY_POSTS, ORDINARY_MAILS = ("civil_threat_safe", "politeness"), "enron_spam"
ORDINARY_SHARE = 0.02
"""So many of ordinary posts, and of ordinary mails, may lie in the band at most."""
POSITIVES_AT_LEAST = 8
"""A label that the kept sets show so often is blended; one pair of weights serves them all."""


def kept_for_blend(row: sources.DomainRow) -> bool:
    """True for the contrast sets that the encoder is not trained on, so that its word can be weighed."""
    return int(hashlib.sha256(row.group.encode()).hexdigest(), 16) % KEPT_ONE_IN == 0


def taught_to_encoder(row: sources.DomainRow) -> bool:
    """True for what the encoder learns from: contrast sets in any language, less those kept for the blend."""
    return row.writer not in UNSEEN_WRITERS and not kept_for_blend(row)


def shown_to_encoder(row: sources.DomainRow) -> bool:
    """True for what the encoder has learnt from and is asked about: its word on these is no judgement."""
    return row.lang == encoder.LANGUAGE and taught_to_encoder(row)


def linear_probabilities(rows: list[sources.DomainRow], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the linear heads' probabilities of rows from their base scores, shape (rows, labels)."""
    heads = linear.load()
    words = lexical_rows([normalise(row.whole).text for row in rows], languages_of([row.text for row in rows]))
    return linear.stacked(scores, words, heads.trust(scores), heads.experts)


def left_out_scores(rows: list[sources.DomainRow], scheme: str = "group") -> NDArray[np.float32]:
    """Return the base scores of rows by heads that never saw them.

    Raises:
        SystemExit: Training has not left them, or left them for another version.
    """
    if not SCORES.is_file():
        raise SystemExit(f"{SCORES} is not there: run `python -m classifiers.train` first")
    with np.load(SCORES) as kept:
        if str(kept["version"]) != linear.load().version:
            raise SystemExit(f"{SCORES} is of another training than the heads: run `python -m classifiers.train` again")
        place = {str(name): number for number, name in enumerate(kept["ids"])}
        scores = np.asarray(kept[scheme], np.float32)
    unknown = [row for row in rows if row.id not in place]
    fresh = dict(zip((row.id for row in unknown), _scored_now(unknown), strict=True))
    found = [scores[place[row.id]] if row.id in place else fresh[row.id] for row in rows]
    return np.stack(found) if found else np.zeros((0, scores.shape[1]), np.float32)


def _scored_now(rows: list[sources.DomainRow]) -> NDArray[np.float32]:
    """Return the base scores of rows written after the training: the heads in use never saw them."""
    heads = linear.load()
    return heads.base_scores([normalise(row.whole).text for row in rows]) if rows else np.zeros((0, 0), np.float32)


def band_from(data: Path) -> dict[str, float]:
    """Return the band in which ORDINARY_SHARE of ordinary posts, and of ordinary mails, lie."""
    wrong, trust = _likely([text for name in ORDINARY_POSTS for text in sources.judging(data, name)])
    mails, _ = _likely(sources.judging(data, ORDINARY_MAILS))
    ends = {"post": encoder.claim(wrong, trust), "mail": mails}
    return {name: round(float(np.quantile(found, 1 - ORDINARY_SHARE)), 4) for name, found in ends.items()}


def _likely(texts: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how likely something is wrong with English texts, and that they are messages to a public body."""
    found, trust = judged_by_linear(texts, [encoder.LANGUAGE] * len(texts))
    return encoder.wrong_of(found, linear.load().labels), trust


def judged_by_linear(texts: Sequence[str], languages: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the probabilities of texts by the linear heads in use, (texts, labels), and that they are messages to a public body."""
    heads = linear.load()
    plain = [normalise(text).text for text in texts]
    base = heads.base_scores(plain)
    trust = heads.trust(base)
    return linear.stacked(base, lexical_rows(plain, languages), trust, heads.experts), trust


def encoder_logits(second: encoder.Encoder, rows: list[sources.DomainRow]) -> NDArray[np.float32]:
    """Return the encoder's logits of rows, long ones by the sentences that stand out."""
    heads = linear.load()
    column = heads.base.index(ANY)

    def suspicion(sentences: list[str]) -> NDArray[np.float32]:
        return heads.base_scores(sentences)[:, column]

    return second.logits([encoder.condensed(normalise(row.whole).text, suspicion) for row in rows])


def fit(data: Path) -> dict[str, float | list[str]]:
    """Return the blend of the labels that have enough examples.

    One serves them all, and it has no constant: contrast sets are half abuse, and what they
    would say of how common a label is holds nowhere else.
    """
    second = encoder.load()
    assert second is not None
    mine = (row for row in sources.domain(data, OWN) if row.lang == encoder.LANGUAGE)
    rows = [row for row in mine if row.writer not in UNSEEN_WRITERS and kept_for_blend(row)]
    before = np.clip(linear_probabilities(rows, left_out_scores(rows)), 1e-4, 1 - 1e-4)
    labels = linear.load().labels
    logits = encoder_logits(second, rows)
    targets = domain_heads(rows)
    seen, wanted, spoken = [], [], []
    for label in (ANY, HARM, *(name for name in labels if name.startswith(("abuse.", "welfare.")))):
        head = label if label in {ANY, HARM} else f"label.{label}"
        positives = targets.get(head)
        if head not in second.names or positives is None or positives.sum() < POSITIVES_AT_LEAST:
            continue
        column = before[:, labels.index(label)]
        seen.append(np.stack([np.log(column / (1 - column)), logits[:, second.names.index(head)]], axis=1))
        wanted.append(positives)
        spoken.append(label)
    model = LogisticRegression(C=1.0).fit(np.concatenate(seen), np.concatenate(wanted))
    first, own = (round(float(value), 4) for value in model.coef_[0])
    return {"linear": first, "encoder": own, "labels": spoken}


def main() -> None:
    """Write the card of the encoder: its outputs, its band and its blend."""
    parser = argparse.ArgumentParser(description=__doc__, epilog="example: python -m classifiers.train.blend")
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    data: Path = parser.parse_args().data
    names = json.loads((encoder.ARTEFACTS / "encoder_heads.json").read_text("utf-8"))
    unblended = {"linear": 1.0, "encoder": 0.0, "labels": []}
    card = {"names": names, "band": band_from(data), "blend": unblended}
    path = encoder.ARTEFACTS / "encoder.json"
    path.write_text(json.dumps(card) + "\n", "utf-8")
    encoder.load.cache_clear()
    encoder.band.cache_clear()
    path.write_text(json.dumps(card | {"blend": fit(data)}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
