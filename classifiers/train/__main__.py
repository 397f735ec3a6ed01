"""`python -m classifiers.train`: rebuild the trained heads and the reference certificate."""

import argparse
import hashlib
import json
import random
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from classifiers import linear
from classifiers.features import BUCKETS
from classifiers.language import languages_of
from classifiers.lexical import lexical_rows
from classifiers.linear import ANY, GATE, HARM
from classifiers.normalise import normalise
from classifiers.train import heads, sources, stack
from classifiers.train.blend import OWN, SCORES

HERE = Path(__file__).resolve().parent
ARTEFACTS = HERE.parent / "artefacts"
PUBLIC_SCORES = Path("var/train/public_left_out.npz")
IDF_SAMPLE = 40_000


def main() -> None:
    """Train from the folder of data; every step says how long it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python -m classifiers.train --data ../shared/data"
    )
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    parser.add_argument("--stack-only", action="store_true", help="fit only the stack, on the scores the last run left")
    given = parser.parse_args()
    data: Path = given.data
    if not data.is_dir():
        parser.error(f"{data}: the training sets are not there; give their folder with --data")
    restack(data) if given.stack_only else train(data)


def train(data: Path) -> None:
    """Train base heads and stack, and write the artefacts with their card, and the scores that judge them."""
    told = heads.Progress()
    rows = sources.domain(data, OWN)
    public = {name: sources.public(data, name) for name in sources.PUBLIC}
    texts = {name: [row.text for row in found] for name, found in public.items()}
    everything = [*(row.whole for row in rows), *(text for found in texts.values() for text in found)]
    sampled = random.Random(heads.SEED).sample(everything, min(IDF_SAMPLE, len(everything)))
    idf = heads.inverse_document_frequency(sampled)
    told(f"{len(rows)} domain messages and {len(everything) - len(rows)} public texts read")
    matrix = heads.features([row.whole for row in rows], idf)
    matrices = {name: heads.features(found, idf) for name, found in texts.items()}
    strangers = _strangers(matrices)
    wanted = heads.domain_heads(rows)
    ordinary = heads.Ordinary(_ordinary(public, matrices))
    trained = {name: heads.fit_domain(name, matrix, positives, ordinary) for name, positives in wanted.items()}
    trained[GATE] = heads.fit_gate(matrix, strangers)
    for name, found in public.items():
        trained[name] = heads.fit(matrices[name], np.array([row.positive for row in found]), heads.C_PUBLIC)
        told(f"{name} trained on {len(found)} texts")
    base = tuple(sorted(trained))
    pools = {name: matrix @ trained[name].weights + trained[name].bias for name in public}
    oof = heads.out_of_fold(matrix, rows, wanted, strangers, ordinary, told)
    scored = {
        scheme: np.stack([found[name] if name in found else pools[name] for name in base], axis=1)
        for scheme, found in oof.items()
    }
    labels = (ANY, HARM, *(name.removeprefix("label.") for name in base if name.startswith(("label.", "target."))))
    left_out = _public_left_out(base, public, matrices, trained, told)
    experts = _stacked(labels, base, rows, scored, left_out)
    told("stack fitted")
    version = _version(rows, base)
    _keep_scores(rows, base, scored, version)
    left_out.write(PUBLIC_SCORES)
    _write(
        version, base, labels, idf, trained, experts, len(rows), {name: len(found) for name, found in public.items()}
    )
    told("written")


def _strangers(matrices: dict[str, heads.Matrix]) -> heads.Matrix:
    chance = np.random.default_rng(heads.SEED)
    each = heads.STRANGERS // len(matrices)
    drawn = [found[np.sort(chance.permutation(found.shape[0])[:each])] for found in matrices.values()]
    return sp.vstack(drawn).tocsr()


def _ordinary(public: dict[str, list[sources.PublicRow]], matrices: dict[str, heads.Matrix]) -> heads.Matrix:
    """Return the legitimate rows among those of the public spam head."""
    name = "public.spam"
    at = np.flatnonzero([not row.positive for row in public[name]])
    return matrices[name][np.sort(np.random.default_rng(heads.SEED).permutation(at)[: heads.ORDINARY_ROWS])]


def _public_left_out(
    base: tuple[str, ...],
    public: dict[str, list[sources.PublicRow]],
    matrices: dict[str, heads.Matrix],
    trained: dict[str, heads.Head],
    told: heads.Progress,
) -> stack.Public:
    """Return a sample of every public source as the stack sees it, scored by heads that never saw the source."""
    sample, speaking, features, left_out = stack.leave_sources_out(public, matrices, told)
    columns = [left_out[n] if n in left_out else features @ trained[n].weights + trained[n].bias for n in base]
    scores = np.stack(columns, axis=1).astype(np.float32)
    plain = [normalise(row.text).text for row in sample]
    words = lexical_rows(plain, languages_of([row.text for row in sample]))
    return stack.Public(
        np.concatenate([scores, words], axis=1),
        linear.trust_of(scores, base),
        np.array(speaking),
        np.array([row.positive for row in sample]),
        np.array([row.source for row in sample]),
    )


def _stacked(
    labels: tuple[str, ...],
    base: tuple[str, ...],
    rows: list[sources.DomainRow],
    scored: dict[str, NDArray[np.float32]],
    public: stack.Public,
) -> NDArray[np.float32]:
    """Fit each label on the domain left out both ways, by contrast set and by writer, and on public sources left out."""
    wanted = heads.domain_heads(rows)
    plain = [normalise(row.whole).text for row in rows]
    words = lexical_rows(plain, languages_of([row.text for row in rows]))
    seen = np.concatenate([np.concatenate([scored[scheme], words], axis=1) for scheme in ("group", "writer")])
    trust = np.concatenate([linear.trust_of(scored[scheme], base) for scheme in ("group", "writer")])
    domain = stack.Scored(seen, trust)
    targets = {
        label: np.tile(wanted[label if label in {ANY, HARM} or label.startswith("target.") else f"label.{label}"], 2)
        for label in labels
    }
    return np.stack([stack.fit(label, base, domain, targets[label], public) for label in labels], axis=1)


def restack(data: Path) -> None:
    """Fit the stack anew on the scores that the last training left; the heads stay as they are."""
    told = heads.Progress()
    found = linear.load()
    with np.load(SCORES) as kept:
        names = {str(name) for name in kept["ids"]}
        rows = [row for row in sources.domain(data, OWN) if row.id in names]
        scored = {scheme: np.asarray(kept[scheme], np.float32) for scheme in ("group", "writer")}
    experts = _stacked(found.labels, found.base, rows, scored, stack.Public.read(PUBLIC_SCORES, found.base))
    with np.load(ARTEFACTS / "linear.npz") as data_:
        arrays = {name: data_[name] for name in data_.files}
    np.savez_compressed(ARTEFACTS / "linear.npz", **(arrays | {"experts": experts}))
    told("stack fitted")


def _keep_scores(
    rows: list[sources.DomainRow], base: tuple[str, ...], scored: dict[str, NDArray[np.float32]], version: str
) -> None:
    """Keep the scores of the rows by models that never saw them: `porthor certify` and `evaluate` read them."""
    SCORES.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        SCORES,
        version=np.array(version),
        base=np.array(base),
        ids=np.array([row.id for row in rows]),
        group=scored["group"].astype(np.float16),
        writer=scored["writer"].astype(np.float16),
    )


def _version(rows: list[sources.DomainRow], base: tuple[str, ...]) -> str:
    digest = hashlib.sha256(json.dumps([len(rows), base, BUCKETS, heads.C_DOMAIN, heads.C_PUBLIC]).encode()).hexdigest()
    return f"1.{digest[:8]}"


def _write(
    version: str,
    base: tuple[str, ...],
    labels: tuple[str, ...],
    idf: NDArray[np.float32],
    trained: dict[str, heads.Head],
    experts: NDArray[np.float32],
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
        experts=experts,
    )
    (ARTEFACTS / "linear.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
