"""Fits the encoder: finds its heads on a body as it is, then trains both, on a card where there is one."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import nn

from classifiers import encoder
from classifiers.linear import ANY, HARM
from classifiers.train import heads
from classifiers.train.bert import Encoder
from classifiers.train.lessons import UNKNOWN, Lessons

BATCH = 32
C_PROBE = 0.01
RARE_AT_MOST = 6.0
"""A positive row counts the root of how much rarer it is than a negative one, up to this."""
OVERALL = 2.0
"""What the heads of abuse and harm as a whole count, the others counting 1."""
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@dataclass(frozen=True, slots=True)
class Way:
    """How one encoder is trained: passes, rate, how many layers stay as pretrained, whether words move and Welsh is read."""

    passes: int
    rate: float
    kept: int = 0
    words: bool = False
    welsh: bool = True


def probe(model: Encoder, lessons: Lessons) -> None:
    """Find the heads of `model` by logistic regression on the states of its body; heads without rows begin rare.

    A body that is torn about by heads that know nothing yet forgets what it knew of the rare labels.
    """
    states = outputs(model, lessons.ids, model.pooled)
    scale = math.sqrt(states.shape[1]) / float(np.linalg.norm(states, axis=1).mean())
    with torch.no_grad():
        model.out.weight.zero_()
        model.out.bias.fill_(-3.0)
        for head, wanted in enumerate(lessons.wanted.T):
            known = wanted != UNKNOWN
            if len(np.unique(wanted[known] > 0.5)) < 2:
                continue
            found = LogisticRegression(C=C_PROBE, max_iter=400).fit(states[known] * scale, wanted[known] > 0.5)
            model.out.weight[head] = torch.from_numpy((found.coef_[0] * scale).astype(np.float32)).to(DEVICE)
            model.out.bias[head] = float(found.intercept_[0])


def rarity(wanted: NDArray[np.float32]) -> torch.Tensor:
    """Return what a positive row of each head counts, shape (heads,)."""
    positive, negative = (wanted == 1).sum(0), (wanted == 0).sum(0)
    return torch.from_numpy(np.clip(np.sqrt(negative / np.maximum(positive, 1)), 1, RARE_AT_MOST).astype(np.float32))


def train(
    model: Encoder, passes: Sequence[Lessons], way: Way, names: Sequence[str], rare: torch.Tensor, label: str
) -> None:
    """Fit `model` on the lessons of each pass; the rate rises for a tenth of the steps and falls to nought."""
    model.keep_below(way.kept, words=not way.words)
    steps = sum(-(-len(lessons) // BATCH) for lessons in passes)
    moving = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(moving, lr=way.rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=way.rate, total_steps=steps + 2, pct_start=0.1)
    weight = torch.tensor([OVERALL if name in {ANY, HARM} else 1.0 for name in names], device=DEVICE)
    rare = rare.to(DEVICE)
    loss_of = nn.BCEWithLogitsLoss(reduction="none", pos_weight=rare)
    model.out.bias.data += rare.log()
    model.train()
    progress, running, done = heads.Progress(), 0.0, 0
    for number, lessons in enumerate(passes):
        for ids, mask, wanted in batches(lessons, heads.SEED + number):
            known = (wanted != UNKNOWN).float()
            with torch.autocast(DEVICE, dtype=torch.bfloat16):
                found = model(ids, mask)
            losses = loss_of(found.float(), wanted.clamp(min=0)) * known * weight
            loss = losses.sum() / known.sum(1).clamp(min=1).sqrt().sum()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            running, done = 0.98 * running + 0.02 * loss.item(), done + 1
            if done % 50 == 0:
                progress(f"{label}: step {done} of {steps}, loss {running:.3f}")
    model.eval()
    model.out.bias.data -= rare.log()


def batches(lessons: Lessons, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield (ids, mask, wanted) in batches of like length, in a shuffled order."""
    order = list(range(len(lessons)))
    chance = random.Random(seed)
    chance.shuffle(order)
    pools = [
        sorted(order[at : at + 50 * BATCH], key=lambda row: len(lessons.ids[row]))
        for at in range(0, len(order), 50 * BATCH)
    ]
    found = [pool[at : at + BATCH] for pool in pools for at in range(0, len(pool), BATCH)]
    chance.shuffle(found)
    for rows in found:
        ids, mask = padded([lessons.ids[row] for row in rows])
        yield ids, mask, torch.from_numpy(lessons.wanted[rows]).to(DEVICE)


def padded(ids: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask as (batch, longest) tensors."""
    found, mask = encoder.padded(ids)
    return torch.from_numpy(found).to(DEVICE), torch.from_numpy(mask).to(DEVICE)


@torch.inference_mode()
def outputs(
    model: Encoder, ids: list[list[int]], of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None
) -> NDArray[np.float32]:
    """Return what the model, or `of`, gives for token ids, shape (texts, its width)."""
    model.eval()
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    out: NDArray[np.float32] | None = None
    for at in range(0, len(order), 64):
        rows = order[at : at + 64]
        found = (of or model)(*padded([ids[row] for row in rows])).float().cpu().numpy()
        out = np.zeros((len(ids), found.shape[1]), np.float32) if out is None else out
        out[rows] = found
    return np.zeros((0, 0), np.float32) if out is None else out
