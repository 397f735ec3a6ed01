"""The encoder: an extra that may be absent, looks only at its band, and reads long mails by their sentences."""

import importlib.util

import numpy as np
import pytest
from structlog.testing import capture_logs

from classifiers import encoder, linear
from classifiers.batch import MessageBatch
from classifiers.encoder import TOKENS_AT_MOST, Band, Blend, Encoder, clipped, condensed, padded
from classifiers.linear import ANY
from models.domain import Channel
from tests.classifiers.texts import message

BAND = Band(post=0.0, mail=0.1)


def made():
    return Encoder(None, None, (ANY, "label.abuse.threat"), Blend(1.0, 1.0, ("abuse.threat",)))


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


def test_a_post_is_looked_at_that_is_meant_for_a_public_body_unless_nothing_is_wrong_with_it():
    post = np.zeros(4, bool)
    wrong = np.array([0.02, 0.2, 0.5, 0.99], np.float32)
    assert BAND.doubtful(wrong, np.full(4, 0.95, np.float32), post).tolist() == [1, 2, 3]
    assert BAND.doubtful(wrong, np.full(4, 0.6, np.float32), post).tolist() == [2, 3]
    assert BAND.doubtful(wrong, np.full(4, 0.4, np.float32), post).tolist() == []


def test_a_mail_is_looked_at_that_may_be_grave_whoever_it_is_meant_for():
    wrong, mail = np.array([0.05, 0.1, 0.9], np.float32), np.ones(3, bool)
    assert BAND.doubtful(wrong, np.zeros(3, np.float32), mail).tolist() == [1, 2]


def insults(monkeypatch, text, logit):
    """Return how likely an insult is in a mail, before and after an encoder that gives `logit` was asked about all of them."""

    class Certain(Encoder):
        def logits(self, texts):
            return np.full((len(texts), len(self.names)), logit, np.float32)

    def judged(blend):
        second = Certain(None, None, (ANY, "label.abuse.insult"), blend)
        monkeypatch.setattr(encoder, "load", lambda: second)
        monkeypatch.setattr(encoder, "band", lambda: Band(post=-99.0, mail=0.0))
        return MessageBatch([message(text, Channel.EMAIL)]).probability(0, "abuse.insult")

    labels = (ANY, "abuse.insult")
    return judged(Blend(1.0, 0.0, labels)), judged(Blend(1.0, 1.0, labels))


def test_of_a_few_words_it_may_raise_what_is_said_and_never_lower_it(monkeypatch):
    whole = "You have lost my papers again, you are useless, and I am tired of writing to you about it."
    few = "You are useless, the lot of you."
    assert len(few) < encoder.FEW < len(whole)
    for text in (whole, few):
        before, after = insults(monkeypatch, text, 9.0)
        assert after > before
    before, after = insults(monkeypatch, whole, -9.0)
    assert after < before
    before, after = insults(monkeypatch, few, -9.0)
    assert after == pytest.approx(before)


def test_it_is_not_asked_about_welsh(monkeypatch):
    before, after = insults(monkeypatch, "Rydw i wedi ysgrifennu dair gwaith am y to a does neb wedi ateb eto.", 9.0)
    assert after == before


def test_without_it_people_judge_what_it_would_have_looked_at(monkeypatch):
    text = "You are a worthless lying bitch and I hope that your house burns down with you in it."
    monkeypatch.setattr(encoder, "load", lambda: None)
    monkeypatch.setattr(encoder, "band", lambda: Band(post=-99.0, mail=0.0))
    abuse = [at for at, label in enumerate(linear.load().labels) if label.startswith("abuse.")]
    inside = MessageBatch([message(text, Channel.EMAIL)]).probabilities[0, abuse]
    monkeypatch.setattr(encoder, "band", lambda: Band(post=99.0, mail=1.0))
    outside = MessageBatch([message(text, Channel.EMAIL)]).probabilities[0, abuse]
    assert inside.max() <= np.float32(linear.PEOPLE_TO) < outside.max()


def test_it_tells_its_band_where_it_cannot_be_used(tmp_path):
    encoder.band.cache_clear()
    assert encoder.band(tmp_path) is None
    (tmp_path / "encoder.json").write_text('{"band": {"post": 0.5, "mail": 0.1}}', "utf-8")
    encoder.band.cache_clear()
    assert encoder.band(tmp_path) == Band(post=0.5, mail=0.1)
    encoder.band.cache_clear()


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


def test_a_text_is_neither_filled_up_nor_cut_by_its_tokenizer():
    pytest.importorskip("tokenizers", reason="this installation has no wheel of tokenizers")
    tokenizer = encoder.open_tokenizer(encoder.ARTEFACTS / "tokenizer.json")
    short, long = (tokenizer.encode(text) for text in ("no heating", "no heating " * 200))
    assert len(short.ids) == len("[CLS] no heating [SEP]".split())
    assert len(long.ids) > TOKENS_AT_MOST


def test_it_reads_a_batch_as_it_reads_each_alone():
    second = encoder.load()
    if second is None:
        pytest.skip("this installation has no wheel of onnxruntime or no encoder: the band goes to people")
    texts = ["i will find you after work", "diolch yn fawr", "x" * 50]
    together = second.logits(texts)
    alone = np.concatenate([second.logits([text]) for text in texts])
    assert np.allclose(together, alone, atol=0.15)
