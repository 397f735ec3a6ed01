"""The local layer: it changes what it knows, leaves the rest, names itself, and comes back from its file."""

import numpy as np
import pytest

from classifiers import linear
from classifiers.base import ArtefactMissing
from classifiers.batch import MessageBatch
from classifiers.features import csr
from classifiers.layer import LocalLayer, load_layer, log_odds
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from tests.fakes.policy import make_message

TEXT = "your office is a pack of nincompoops"


def layer(slope=1.0, intercept=0.0, bucket=(), weight=0.0, label="abuse.insult"):
    return LocalLayer(
        "local-test",
        linear.load().version,
        (label,),
        np.array([slope], np.float32),
        np.array([intercept], np.float32),
        np.array(sorted(bucket), np.int64),
        np.full((len(bucket), 1), weight, np.float32),
    )


def probability(of, text=TEXT, label="abuse.insult"):
    batch = MessageBatch([make_message(text)], layer=of)
    return float(batch.probabilities[0, linear.load().labels.index(label)])


def test_a_layer_of_one_and_nothing_changes_nothing_and_is_named():
    assert probability(layer()) == pytest.approx(probability(None), abs=1e-5)
    batch = MessageBatch([make_message(TEXT)], layer=layer())
    assert batch.version == f"{linear.load().version}+local-test"
    assert MessageBatch([make_message(TEXT)]).version == linear.load().version


def test_slope_and_intercept_move_the_log_odds_of_their_label_only():
    before, after = probability(None), probability(layer(0.5, 2.0))
    expected = 0.5 * log_odds(np.array([before], np.float32))[0] + 2.0
    assert log_odds(np.array([after], np.float32))[0] == pytest.approx(expected, abs=1e-3)
    assert probability(layer(0.5, 2.0), label="spam") == pytest.approx(probability(None, label="spam"), abs=1e-6)


def test_the_correction_sees_the_words_and_nothing_else():
    _, indices, _ = csr([TEXT], linear.load().idf)
    corrected = layer(bucket=set(indices.tolist()), weight=3.0)
    assert probability(corrected) > probability(None) + 0.05
    other = "diolch"
    assert probability(corrected, other) == pytest.approx(probability(None, other), abs=1e-3)


def insult(one):
    return max((signal.probability for signal in one.signals if signal.label == "abuse.insult"), default=0.0)


def test_the_registry_hands_it_to_every_classifier_and_none_is_global():
    plain = Registry.default(StaffDirectory.empty())
    layered = plain.with_layer(layer(intercept=-20.0))
    message = make_message("Your staff are idiots who cannot read")
    assert insult(plain.classify([message])[0]) > 0.2
    assert insult(layered.classify([message])[0]) < 0.01
    assert {signal.version for signal in layered.classify([message])[0].signals if signal.classifier == "abuse"} <= {
        f"{linear.load().version}+local-test"
    }
    assert plain.layer is None


def test_it_comes_back_from_its_file_and_a_damaged_one_is_told(tmp_path):
    made = layer(0.7, -0.2, {5, 9}, 0.4)
    made.save(tmp_path)
    back = load_layer(tmp_path)
    assert (back.version, back.base, back.labels) == (made.version, made.base, made.labels)
    assert back.slopes == made.slopes
    assert (back.weights == made.weights).all()
    (tmp_path / "layer.npz").write_bytes(b"nothing")
    with pytest.raises(ArtefactMissing, match="porthor learn"):
        load_layer(tmp_path)
