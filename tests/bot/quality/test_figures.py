"""Figures: exact intervals, calibration that punishes overconfidence, and a record that a fall is held against."""

from dataclasses import replace

import numpy as np
import pytest

from bot.quality.figures import area, calibration, calibration_error, macro_f1, mean, share
from bot.quality.report import SLACK, fallen, recorded, to_json

RANDOM = np.random.default_rng(1)
TRUE = RANDOM.random(4_000).astype(np.float32)
HELD = RANDOM.random(4_000) < TRUE


def test_shares_have_exact_intervals():
    none = share("errors", "made", "none", np.zeros(1_000, bool))
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.003682, abs=1e-5)
    assert share("all", "made", "none", np.ones(10, bool)).high == 1.0


def test_an_area_lies_in_its_interval():
    found = area("a", "made", "none", HELD, TRUE)
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(5 / 6, abs=0.03)


def test_probabilities_that_are_true_are_calibrated_and_boasting_is_not():
    skill, error = calibration("c", "made", "none", HELD, TRUE)
    boast_skill, boast_error = calibration(
        "c", "made", "none", HELD, np.where(TRUE > 0.5, 0.99, 0.01).astype(np.float32)
    )
    assert skill.value > boast_skill.value
    assert error.value < 0.03 < boast_error.value
    assert error.lower_is_better
    assert calibration_error(HELD, np.zeros_like(TRUE)) == 0.0


def test_classes_count_alike_however_rare():
    wanted = np.array(["none"] * 98 + ["own"] * 2)
    assert macro_f1("m", "made", "none", wanted, np.array(["none"] * 100)).value < 0.5
    assert macro_f1("m", "made", "none", wanted, wanted).value == 1.0


def test_a_mean_has_an_interval():
    found = mean("m", "made", "none", TRUE.astype(np.float64))
    assert found.low < found.value < found.high


def test_a_fall_is_told_and_a_rise_is_not(tmp_path):
    good = share("clear abuse acted on", "made", "none", TRUE > 0.3)
    bad = share("legitimate acted on", "made", "none", TRUE > 0.99, lower_is_better=True)
    assert fallen([good, bad], [good, bad]) == []
    assert fallen([replace(good, value=good.value + 0.2), replace(bad, value=0.0)], [good, bad]) == []
    told = fallen([replace(good, value=good.value - 2 * SLACK), replace(bad, value=bad.value + 2 * SLACK)], [good, bad])
    assert [sentence.split(" |")[0] for sentence in told] == ["clear abuse acted on", "legitimate acted on"]
    assert "not measured now" in fallen([], [good])[0]
    path = tmp_path / "figures.json"
    path.write_text(to_json([good, bad]), "utf-8")
    assert recorded(path) == [good, bad]
    assert recorded(tmp_path / "none.json") == []
