"""What people are told of a score: in order, within bounds, and the score itself where nothing was measured."""

import pytest
from structlog.testing import capture_logs

from classifiers import chances
from classifiers.chances import Dial, chance_of, dials
from models.domain import Signal
from models.labels import LABELS, Stance


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    path = tmp_path / "chances.json"
    monkeypatch.setattr(chances, "ARTEFACT", path)
    dials.cache_clear()
    yield path
    dials.cache_clear()


def signal(label, score):
    return Signal(label, score, "abuse", "1")


@pytest.mark.parametrize("label", dials())
def test_a_higher_score_is_never_told_as_less_likely(label):
    told = [chance_of(signal(label, step / 100)) for step in range(101)]
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] < 1


def test_findings_of_a_history_have_no_chance():
    assert {LABELS[label] for label in dials()} <= {stance for stance in Stance if stance is not Stance.PATTERN}
    assert chance_of(signal("duplicate.campaign", 0.9)) is None


def test_a_dial_moves_the_log_odds():
    assert Dial(1.0, 0.0).chance(0.3) == pytest.approx(0.3)
    assert Dial(1.0, -1.0).chance(0.5) == pytest.approx(0.2689, abs=1e-4)
    assert Dial(1.0, 0.0).chance(1.0) == pytest.approx(0.995)


@pytest.mark.parametrize("content", [None, "{", '{"spam": {"slope": 1}}', "[]"])
def test_without_the_file_the_score_is_told_and_it_is_said_once(elsewhere, content):
    if content is not None:
        elsewhere.write_text(content)
    with capture_logs() as logs:
        assert [chance_of(signal("spam", 0.5)) for _ in range(3)] == [None] * 3
    assert [entry["event"] for entry in logs] == ["chances_missing"]
