"""The encoder: an extra that may be absent, looks only at its band, and reads long mails by their sentences."""

import importlib.util

import numpy as np
import pytest
from structlog.testing import capture_logs

from classifiers import encoder
from classifiers.encoder import TOKENS_AT_MOST, Blend, Encoder, clipped, condensed, padded
from classifiers.linear import ANY


def made():
    return Encoder(None, None, (ANY, "label.abuse.threat"), 0.2, 0.7, 0.4, 0.8, Blend(1.0, 1.0, ("abuse.threat",)))


def test_it_is_absent_without_its_artefact(tmp_path):
    encoder.load.cache_clear()
    assert encoder.load(tmp_path) is None
    encoder.load.cache_clear()


def test_it_is_absent_without_its_library(monkeypatch):
    encoder.load.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert encoder.load() is None
    encoder.load.cache_clear()


def test_a_damaged_one_is_told_once_and_counts_as_absent(tmp_path):
    for name in ("encoder.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((encoder.ARTEFACTS / name).read_bytes())
    (tmp_path / "encoder.onnx").write_bytes(b"broken")
    encoder.load.cache_clear()
    with capture_logs() as told:
        assert encoder.load(tmp_path) is None
        assert encoder.load(tmp_path) is None
    assert [one["log_level"] for one in told] == ["error"]
    assert "go" in told[0]["event"]
    encoder.load.cache_clear()


def test_only_the_band_is_doubtful():
    likely = np.array([0.1, 0.2, 0.5, 0.8, 0.99], np.float32)
    post, sure = np.zeros(5, bool), np.ones(5, np.float32)
    assert made().doubtful(likely, sure, post).tolist() == [1, 2]
    assert made().doubtful(likely, sure, ~post).tolist() == [2]
    strange = np.full(2, 0.1, np.float32)
    assert made().doubtful(np.array([0.5, 0.75], np.float32), strange, np.zeros(2, bool)).tolist() == [1]


def test_its_word_counts_beside_the_first():
    before = np.array([[0.5, 0.5]], np.float32)
    raised = made().blended(before, np.array([[0.0, 3.0]], np.float32), ("abuse.insult", "abuse.threat"))
    lowered = made().blended(before, np.array([[0.0, -3.0]], np.float32), ("abuse.insult", "abuse.threat"))
    assert raised[0, 1] > 0.9
    assert lowered[0, 1] < 0.1
    assert raised[0, 0] == before[0, 0] == lowered[0, 0]


def test_a_long_mail_is_read_by_the_sentences_that_stand_out():
    long = "My boiler is broken. " * 40 + "I will burn your office down. Regards."
    found = condensed(long, lambda sentences: np.array([float("burn" in one) for one in sentences], np.float32))
    assert "I will burn your office down." in found
    assert len(found) <= encoder.SHORT
    assert condensed("short", lambda _: np.zeros(1, np.float32)) == "short"


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
