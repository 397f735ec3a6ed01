"""The registry: names once, failures named, artefacts missed with a sentence, languages told."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from classifiers import linear
from classifiers.base import ArtefactMissing, Classifier, PatternDetector
from classifiers.batch import MessageBatch
from classifiers.calibration import reference_certificate
from classifiers.language import language_of, sentences
from classifiers.learned import RULE_CARRIES_TO
from classifiers.registry import Registry, _told_once
from models.domain import ChannelGroup
from models.labels import LABELS
from tests.classifiers.texts import NOW, message, registry


def test_every_classifier_keeps_the_contract():
    items = [message("Diolch"), message("You fucking idiot, I know where you live"), message("")]
    for part in registry()._classifiers:
        assert isinstance(part, Classifier)
        assert set(part.labels) <= set(LABELS)
        answers = part.classify(items)
        assert len(answers) == len(items)
        for item, signals in zip(items, answers, strict=True):
            assert {signal.label for signal in signals} <= set(part.labels)
            assert all(span.end <= len(item.own_text) for signal in signals for span in signal.spans)
    assert all(isinstance(part, PatternDetector) for part in registry()._detectors)


def test_a_name_is_registered_once():
    part = registry()._classifiers[0]
    with pytest.raises(ValueError, match="registered twice: abuse"):
        Registry([part, part], [])


def test_one_failing_message_is_missing_and_loses_no_other():
    class Fussy:
        name, version, labels = "fussy", "1", ("spam",)

        def classify(self, messages):
            if any("bad" in item.own_text for item in messages):
                raise RuntimeError
            return [[] for _ in messages]

    good, bad = Registry([Fussy()], []).classify([message("good"), message("bad")])
    assert (good.missing, bad.missing) == (frozenset(), frozenset({"fussy"}))


def test_heads_that_are_not_there_are_told_once_a_classifier(monkeypatch):
    def gone():
        message = "linear.npz: the trained heads cannot be read; run `make train`"
        raise ArtefactMissing(message)

    monkeypatch.setattr(linear, "load", gone)
    _told_once.cache_clear()
    with capture_logs() as told:
        first, second = registry().classify([message("You useless cunts"), message("Diolch")])
        registry().classify([message("Diolch")])
    assert "abuse" in first.missing
    assert first.missing == second.missing
    assert sorted(one["classifier"] for one in told) == sorted(first.missing)
    assert all("make train" in one["error"] for one in told)


def test_a_batch_gives_what_each_message_gives_alone():
    items = [message(text) for text in ("You useless cunts", "Diolch yn fawr", "gas leak at number 4")]
    together = [one.signals for one in registry().classify(items)]
    alone = [registry().classify([item])[0].signals for item in items]
    assert [[(s.label, round(s.probability, 4), s.spans) for s in found] for found in together] == [
        [(s.label, round(s.probability, 4), s.spans) for s in found] for found in alone
    ]
    batch = MessageBatch(items)
    assert MessageBatch.of(batch) is batch


def test_a_missing_artefact_is_told(tmp_path):
    with pytest.raises(ArtefactMissing, match="run `make train`"):
        linear.load(tmp_path / "none.npz")
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(b"not a zip")
    with pytest.raises(ArtefactMissing, match="cannot be read"):
        linear.load(Path(damaged))


def test_the_certificate_belongs_to_the_model_and_keeps_the_limit():
    certificate = reference_certificate()
    assert certificate.model_version == linear.load().version
    for group in (ChannelGroup.MAIL, ChannelGroup.SOCIAL):
        assert certificate.permits(group, 0.002, NOW)
        assert certificate.legitimate_n[group] >= 1500
        assert certificate.act_at("abuse.rudeness", group) is None
        assert certificate.act_at("abuse.harassment", group) is None
        assert all(at > RULE_CARRIES_TO for (_, other), at in certificate.act.items() if other is group)
    assert certificate.act_at("doxing.third_party", ChannelGroup.MAIL) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council has not replied to my letter", "en"),
        ("Mae'r cyngor heb ateb fy llythyr o gwbl", "cy"),
        ("Dwi wedi aros am the repairs man ers mis and nobody has been", "mixed"),
        ("???", "en"),
    ],
)
def test_languages_are_told_apart(text, language):
    assert language_of(text) == language


def test_each_sentence_has_its_language_and_place():
    text = "Diolch am eich ateb. Please ring me tomorrow."
    found = sentences(text)
    assert [language for _, _, language in found] == ["cy", "en"]
    assert text[found[1][0] : found[1][1]].strip() == "Please ring me tomorrow."
