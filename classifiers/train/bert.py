"""The encoder as a torch module: BERT's layers by their names in the weights file, mean of the last states, one linear layer."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

WIDTH, LAYERS, HEADS, INNER, POSITIONS, WORDS, EPSILON = 384, 6, 12, 1536, 512, 30522, 1e-12


class Layer(nn.Module):
    """One transformer layer, normalised after each part."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.attended, self.attended_norm = nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH, EPSILON)
        self.inner, self.outer, self.outer_norm = (
            nn.Linear(WIDTH, INNER),
            nn.Linear(INNER, WIDTH),
            nn.LayerNorm(WIDTH, EPSILON),
        )

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the new states, shape (batch, length, WIDTH)."""
        batch, length, _ = x.shape
        query, key, value = (
            part(x).view(batch, length, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        found = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self.attended_norm(x + self._drop(self.attended(found.transpose(1, 2).reshape(batch, length, WIDTH))))
        return self.outer_norm(x + self._drop(self.outer(functional.gelu(self.inner(x)))))

    def _drop(self, x: torch.Tensor) -> torch.Tensor:
        return functional.dropout(x, 0.1, self.training)


class Body(nn.Module):
    """Embeddings and layers."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.positions, self.kinds = (
            nn.Embedding(WORDS, WIDTH),
            nn.Embedding(POSITIONS, WIDTH),
            nn.Embedding(2, WIDTH),
        )
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the last states, shape (batch, length, WIDTH)."""
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.words(ids) + self.positions(places) + self.kinds.weight[0])
        x = functional.dropout(x, 0.1, self.training)
        seen = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, seen)
        return x


class Encoder(nn.Module):
    """Token ids → one logit a head."""

    def __init__(self, outputs: int, weights: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.body = Body()
        self.body.load_state_dict(weights)
        self.out = nn.Linear(WIDTH, outputs)

    def pooled(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the mean of the last states, shape (batch, WIDTH)."""
        states: torch.Tensor = self.body(ids, mask)
        seen = mask[:, :, None].float()
        return (states * seen).sum(1) / seen.sum(1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the logits, shape (batch, outputs)."""
        out: torch.Tensor = self.out(self.pooled(ids, mask))
        return out

    def keep_below(self, layers: int, *, words: bool = True) -> None:
        """Let places and the first `layers` layers stay as they are, and the words too unless `words` is false."""
        body = self.body
        for part in (
            body.positions,
            body.kinds,
            *((body.words, body.norm) if words else ()),
            *list(body.layers)[:layers],
        ):
            part.requires_grad_(False)


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Return the pretrained weights under this module's names."""
    found = load_file(str(path))
    out = {
        "words.weight": found["embeddings.word_embeddings.weight"],
        "positions.weight": found["embeddings.position_embeddings.weight"],
        "kinds.weight": found["embeddings.token_type_embeddings.weight"],
        "norm.weight": found["embeddings.LayerNorm.weight"],
        "norm.bias": found["embeddings.LayerNorm.bias"],
    }
    parts = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "inner": "intermediate.dense",
        "outer": "output.dense",
        "outer_norm": "output.LayerNorm",
    }
    for layer in range(LAYERS):
        for mine, theirs in parts.items():
            for kind in ("weight", "bias"):
                out[f"layers.{layer}.{mine}.{kind}"] = found[f"encoder.layer.{layer}.{theirs}.{kind}"]
    return out
