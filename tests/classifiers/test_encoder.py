"""The encoder: an extra that may be absent, looks only at its band, and reads long mails by their sentences."""

import importlib.util

import numpy as np
import pytest

from classifiers import encoder
from classifiers.encoder import TOKENS_AT_MOST, Blend, Encoder, clipped, padded, passages
from classifiers.linear import ANY


def made(low=0.2, high=0.8):
    return Encoder(None, None, (ANY, "label.abuse.threat"), low, high, {"abuse.threat": Blend(1.0, 1.0, 0.0, 0.0)})


def test_it_is_absent_without_its_artefact(tmp_path):
    encoder.load.cache_clear()
    assert encoder.load(tmp_path) is None
    encoder.load.cache_clear()


def test_it_is_absent_without_its_library(monkeypatch):
    encoder.load.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert encoder.load() is None
    encoder.load.cache_clear()


def test_only_the_band_is_doubtful():
    assert made().doubtful(np.array([0.1, 0.2, 0.5, 0.8, 0.99], np.float32)).tolist() == [1, 2]


def test_its_word_counts_beside_the_first():
    before = np.array([[0.5, 0.5]], np.float32)
    raised = made().blended(before, np.array([[0.0, 3.0]], np.float32), ("abuse.insult", "abuse.threat"))
    lowered = made().blended(before, np.array([[0.0, -3.0]], np.float32), ("abuse.insult", "abuse.threat"))
    assert raised[0, 1] > 0.9
    assert lowered[0, 1] < 0.1
    assert raised[0, 0] == before[0, 0] == lowered[0, 0]


def test_a_long_mail_is_read_by_its_sentences():
    long = "My boiler is broken. " * 40 + "I will burn your office down. Regards."
    found = passages(long)
    assert len(found) > 30
    assert ("I will burn your office down.", "My boiler is broken. I will burn your office down.") in found
    assert passages("short") == [("short", "short")]
    assert passages("") == [("", "")]


def test_what_is_too_long_keeps_head_and_tail():
    ids = list(range(1_000))
    kept = clipped(ids)
    assert len(kept) == TOKENS_AT_MOST
    assert (kept[0], kept[-1]) == (0, 999)
    tokens, mask = padded([[5, 6, 7], [8]])
    assert tokens.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.sum(axis=1).tolist() == [3, 1]


def test_it_reads_a_batch_as_it_reads_each_alone():
    second = encoder.load()
    if second is None:
        pytest.skip("this installation has no wheel of onnxruntime or no encoder: the band goes to people")
    texts = ["i will find you after work", "diolch yn fawr", "x" * 50]
    together = second.logits(texts)
    alone = np.concatenate([second.logits([text]) for text in texts])
    assert np.allclose(together, alone, atol=0.15)
