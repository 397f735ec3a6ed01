"""Chances are fitted to what messages bear out, and measured on writers that the dial never saw."""

import numpy as np
import pytest

from bot.chances import by_other_writers, fit
from bot.judging import Judged
from bot.quality.figures import calibration_error
from classifiers.chances import Dial
from classifiers.train.sources import DomainRow
from models.domain import ChannelGroup, Signal
from models.labels import LABELS

LABEL, SILENT = "abuse.insult", "duplicate.campaign"
COLUMN = list(LABELS).index(LABEL)


def row(number, writer, labels):
    held = frozenset(labels)
    return DomainRow(str(number), "", None, held, frozenset(), "deliver", "en", "email", "psow", writer, str(number))


@pytest.fixture
def boastful():
    """Scores whose log-odds are one and a half too high, by six writers."""
    random = np.random.default_rng(7)
    truth = random.uniform(0.02, 0.95, 3000)
    held = random.random(3000) < truth
    odds = np.log(truth / (1 - truth)) + 1.5
    scores = (1 / (1 + np.exp(-odds))).astype(np.float32)
    rows = [row(n, f"w{n % 6}", (LABEL,) if found else ()) for n, found in enumerate(held)]
    return rows, scores, held


def test_what_is_told_is_borne_out_where_the_score_is_not(boastful):
    rows, scores, held = boastful
    best = np.zeros((len(rows), len(LABELS)), np.float32)
    best[:, COLUMN] = scores
    best[:, list(LABELS).index(SILENT)] = scores
    told = by_other_writers(rows, best)
    assert calibration_error(held, scores) > 0.15
    assert calibration_error(held, told[:, COLUMN]) < 0.05
    assert (told[:, list(LABELS).index(SILENT)] == scores).all()


def test_a_dial_is_fitted_where_enough_carry_the_label(boastful):
    rows, scores, _ = boastful
    signals = tuple((Signal(LABEL, float(score), "abuse", "1"),) for score in scores)
    fields = fit({ChannelGroup.MAIL: Judged("domain", ChannelGroup.MAIL, (None,) * len(rows), signals, tuple(rows))})
    assert set(fields) == {LABEL}
    assert fields[LABEL]["n"] == len(rows)
    assert Dial(fields[LABEL]["slope"], fields[LABEL]["offset"]).chance(0.6) == pytest.approx(0.25, abs=0.05)


def test_a_writer_is_told_nothing_of_themselves(boastful):
    rows, scores, _ = boastful
    turned = [
        row(n, one.writer, () if one.labels else (LABEL,)) if one.writer == "w0" else one for n, one in enumerate(rows)
    ]
    best = np.zeros((len(rows), len(LABELS)), np.float32)
    best[:, COLUMN] = scores
    mine = np.array([one.writer == "w0" for one in rows])
    before, after = by_other_writers(rows, best), by_other_writers(turned, best)
    assert (before[mine] == after[mine]).all()
    assert (before[~mine] != after[~mine]).any()
