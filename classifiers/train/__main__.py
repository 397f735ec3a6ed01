"""`python -m classifiers.train`: rebuild the trained heads and the reference certificate."""

import argparse
import hashlib
import json
import random
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.features import BUCKETS
from classifiers.linear import stacked
from classifiers.train import certify, heads, sources

HERE = Path(__file__).resolve().parent
ARTEFACTS = HERE.parent / "artefacts"
IDF_SAMPLE = 40_000


def main() -> None:
    """Train from the folder of data; every step says how long it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python -m classifiers.train --data ../shared/data"
    )
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    data: Path = parser.parse_args().data
    if not data.is_dir():
        parser.error(f"{data}: the training sets are not there; give their folder with --data")
    train(data)


def train(data: Path) -> None:
    """Train base heads and stack, certify, and write the artefacts with their card."""
    told = heads.Progress()
    rows = sources.domain(data, HERE / "own")
    texts = [row.whole for row in rows]
    public = {name: sources.public(data, name) for name in sources.PUBLIC}
    everything = [*texts, *(row.text for found in public.values() for row in found)]
    idf = heads.inverse_document_frequency(
        random.Random(heads.SEED).sample(everything, min(IDF_SAMPLE, len(everything)))
    )
    told(f"{len(rows)} domain messages and {len(everything) - len(texts)} public texts read")
    matrix = heads.features(texts, idf)
    wanted = heads.domain_heads(rows)
    trained = {name: heads.fit(matrix, positives, heads.C_DOMAIN) for name, positives in wanted.items()}
    told(f"{len(trained)} domain heads trained")
    pools: dict[str, NDArray[np.float32]] = {}
    for name, found in public.items():
        head = heads.fit(
            heads.features([row.text for row in found], idf), np.array([row.positive for row in found]), heads.C_PUBLIC
        )
        trained[name] = head
        pools[name] = matrix @ head.weights + head.bias
        told(f"{name} trained on {len(found)} texts")
    base = tuple(sorted(trained))
    oof = heads.out_of_fold(matrix, rows, wanted, heads.C_DOMAIN, told)
    scored = {
        scheme: np.stack([oof[scheme][name] if name in oof[scheme] else pools[name] for name in base], axis=1)
        for scheme in oof
    }
    labels = tuple(name.removeprefix("label.") for name in base if name.startswith(("label.", "target.")))
    stack = _stack(labels, base, scored, wanted)
    told("stack fitted")
    version = _version(rows, base)
    certify.write(
        data,
        rows,
        {scheme: stacked(scores, stack) for scheme, scores in scored.items()},
        labels,
        version,
        lambda pool: stacked(_base(heads.features(pool, idf), trained, base), stack),
    )
    _write(version, base, labels, idf, trained, stack, len(rows), {name: len(found) for name, found in public.items()})
    told("written")


def _base(matrix: heads.Matrix, trained: dict[str, heads.Head], base: tuple[str, ...]) -> NDArray[np.float32]:
    return np.stack([matrix @ trained[name].weights + trained[name].bias for name in base], axis=1)


def _stack(
    labels: tuple[str, ...],
    base: tuple[str, ...],
    scored: dict[str, NDArray[np.float32]],
    wanted: dict[str, NDArray[np.bool_]],
) -> NDArray[np.float32]:
    """Fit each label on both ways of leaving out: by contrast set and by writer."""
    both = np.concatenate([scored["group"], scored["writer"]])
    out = []
    for label in labels:
        name = label if label.startswith("target.") else f"label.{label}"
        columns = [base.index(name)] if label.startswith("target.") else heads.stack_columns(label, base)
        positives = np.concatenate([wanted[name], wanted[name]])
        out.append(heads.fit_stack(both, positives, columns, np.ones(len(both), np.float32)))
    return np.stack(out)


def _version(rows: list[sources.DomainRow], base: tuple[str, ...]) -> str:
    digest = hashlib.sha256(json.dumps([len(rows), base, BUCKETS, heads.C_DOMAIN, heads.C_PUBLIC]).encode()).hexdigest()
    return f"1.{digest[:8]}"


def _write(
    version: str,
    base: tuple[str, ...],
    labels: tuple[str, ...],
    idf: NDArray[np.float32],
    trained: dict[str, heads.Head],
    stack: NDArray[np.float32],
    domain_rows: int,
    public_rows: dict[str, int],
) -> None:
    weights = np.stack([trained[name].weights for name in base], axis=1)
    scales = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    card = {
        "version": version,
        "made": datetime.now(UTC).date().isoformat(),
        "base": base,
        "labels": labels,
        "seed": heads.SEED,
        "domain_rows": domain_rows,
        "public_rows": public_rows,
        "sets": {name: [entry[0] for entry in entries] for name, entries in sources.PUBLIC.items()},
        "split": "out of fold by contrast set and by writer",
    }
    np.savez_compressed(
        ARTEFACTS / "linear.npz",
        card=np.frombuffer(json.dumps(card).encode(), np.uint8),
        idf=idf.astype(np.float16),
        weights=np.round(weights / scales).astype(np.int8),
        scales=scales,
        bias=np.array([trained[name].bias for name in base], np.float32),
        stack=stack,
    )
    (ARTEFACTS / "linear.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
