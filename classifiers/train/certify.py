"""Chooses thresholds on a fixed grid, strictest first, and writes the reference certificate.

The tested event is the whole decision: any label that may act, on a legitimate message. Domain
messages are scored out of fold; the other pools were never trained on (rows past the training cap).
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from classifiers.train.sources import DomainRow, rows
from models.labels import LABELS, URGENT_WELFARE, Stance

GRID = (0.995, 0.99, 0.985, 0.98, 0.97, 0.96, 0.95, 0.93, 0.91, 0.89, 0.87, 0.85)
LIMIT = 0.002
TOUCHED_AT_MOST = 0.07
URGENT_FALSE_AT_MOST = 0.01
LOOKED_AT_FROM = 0.2
ARTEFACT = Path(__file__).resolve().parents[1] / "artefacts" / "certificate.json"
POOLS = {
    "social": (("civil_threat_safe", "safe", 6_000, 3_900), ("welsh_sentences", "cy_clean", 4_000, 6_000)),
    "mail": (
        ("politeness", "polite", 6_000, 4_000),
        ("enron_spam", "ham", 20_000, 4_000),
        ("welsh_sentences", "cy_clean", 10_000, 3_000),
    ),
}
"""Channel group → (set, label of legitimate rows, how many to pass over, how many to take)."""
HARM = tuple(
    label
    for label, stance in LABELS.items()
    if stance is Stance.HARM and not label.startswith("doxing.") and label != "abuse.harassment"
)


def upper_bound(errors: int, n: int) -> float:
    """Return the one-sided 95 % Clopper-Pearson bound of a rate."""
    return 1.0 if errors >= n else float(beta.ppf(0.95, errors + 1, n - errors))


def write(
    data: Path,
    domain: Sequence[DomainRow],
    out_of_fold: dict[str, NDArray[np.float32]],
    labels: tuple[str, ...],
    version: str,
    score: Callable[[list[str]], NDArray[np.float32]],
) -> None:
    """Choose and certify per channel group, and write the certificate."""
    probabilities = np.maximum(out_of_fold["group"], out_of_fold["writer"])
    columns = [labels.index(label) for label in HARM if label in labels]
    found = {}
    for group in ("mail", "social"):
        mine = np.array([(row.channel == "email") == (group == "mail") for row in domain])
        legitimate = mine & np.array([row.handling == "deliver" for row in domain])
        pools = {"domain": probabilities[legitimate][:, columns].max(axis=1)}
        for name, label, skip, take in POOLS[group]:
            texts = [row["text"][:6_000] for row in rows(data, name) if row["label"] == label][skip : skip + take]
            if texts:
                pools[name] = score(texts)[:, columns].max(axis=1)
        found[group] = (
            _chosen(pools)
            | {"review": _review(domain, probabilities, labels, mine)}
            | {"urgent": _urgent(domain, probabilities, labels, mine)}
        )
    ARTEFACT.write_text(json.dumps(_certificate(found, version), indent=1) + "\n", "utf-8")


def _chosen(pools: dict[str, NDArray[np.float32]]) -> dict[str, object]:
    """Walk the grid until the first failure; the last threshold that held is certified."""
    pooled = np.concatenate(list(pools.values()))
    act, bound = None, 1.0
    for threshold in GRID:
        upper = upper_bound(int((pooled >= threshold).sum()), len(pooled))
        domain_rate = float((pools["domain"] >= threshold).mean())
        if upper > LIMIT or domain_rate > 2.5 * LIMIT:
            break
        act, bound = threshold, upper
    rates = {name: float((scores >= (act or 1.1)).mean()) for name, scores in pools.items()}
    worst = max(rates, key=lambda name: rates[name])
    return {
        "act": act,
        "upper": bound,
        "n": len(pooled),
        "composition": {name: len(scores) for name, scores in pools.items()},
        "rates": rates,
        "worst_source": f"{worst}: {rates[worst]:.2%}",
    }


def _review(
    domain: Sequence[DomainRow], probabilities: NDArray[np.float32], labels: tuple[str, ...], mine: NDArray[np.bool_]
) -> dict[str, float]:
    """Return per label the threshold from which a person looks, so that few legitimate messages are touched."""
    deliver = mine & np.array([row.handling == "deliver" for row in domain])
    calm = probabilities[deliver]
    looked = [index for index, label in enumerate(labels) if _looked_at(label)]
    for share in (0.02, 0.015, 0.012, 0.01, 0.008, 0.006, 0.005, 0.004, 0.003):
        thresholds = {
            labels[i]: float(np.clip(np.quantile(calm[:, i], 1 - share), LOOKED_AT_FROM, 0.7)) for i in looked
        }
        touched = np.zeros(len(calm), bool)
        for i in looked:
            touched |= calm[:, i] >= thresholds[labels[i]]
        if touched.mean() <= TOUCHED_AT_MOST:
            break
    return {label: round(value, 3) for label, value in thresholds.items()}


def _looked_at(label: str) -> bool:
    return label in LABELS and LABELS[label] is not Stance.MITIGATING and not label.startswith("rights.")


def _urgent(
    domain: Sequence[DomainRow], probabilities: NDArray[np.float32], labels: tuple[str, ...], mine: NDArray[np.bool_]
) -> dict[str, float]:
    calm = mine & np.array([row.handling != "urgent" for row in domain])
    out = {}
    for label in (*URGENT_WELFARE, "abuse.threat"):
        scores = probabilities[calm][:, labels.index(label)]
        out[label] = round(float(np.clip(np.quantile(scores, 1 - URGENT_FALSE_AT_MOST), 0.15, 0.6)), 3)
    return out


def _certificate(found: dict[str, dict[str, object]], version: str) -> dict[str, object]:
    return {
        "id": f"reference-{version}",
        "basis": "reference",
        "model_version": version,
        "issued_at": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "limit": LIMIT,
        "groups": found,
    }
