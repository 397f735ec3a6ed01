"""Offsets: each label gives way as far as its own legitimate texts let it, and none is loosened for nothing."""

import numpy as np

from bot.offsets import AT, LOOSEST, STRICTEST, WRONG_AT_MOST, choose, log_odds

LABELS = ("abuse.insult", "abuse.identity_hate", "spam")


def texts(*rows):
    return np.array(rows, np.float32)


def at(offsets, label):
    return 1 / (1 + np.exp(-(log_odds(AT) + offsets[label])))


def test_a_label_that_no_legitimate_text_comes_near_is_acted_on_more_easily():
    calm = np.repeat(texts((0.97, 0.3, 0.0)), 500, axis=0)
    clear = texts((0.5, 0.79, 0.0), (0.5, 0.85, 0.0), (0.98, 0.1, 0.0))
    found = choose(LABELS, calm, clear)
    assert 0.75 <= at(found, "abuse.identity_hate") <= 0.79
    assert 0.97 < at(found, "abuse.insult") <= 0.98


def test_what_brings_nothing_keeps_the_common_threshold_unless_legitimate_texts_reach_it():
    calm = np.repeat(texts((0.1, 0.1, 0.95)), 500, axis=0)
    found = choose(LABELS, calm, texts((0.99, 0.0, 0.2)))
    assert found["abuse.identity_hate"] == 0.0
    assert at(found, "spam") > 0.95


def test_thresholds_stay_within_their_bounds():
    found = choose(LABELS, texts((0.0, 0.0, 0.0)), texts((0.2, 0.9, 0.61), (0.82, 0.1, 0.1)))
    assert all(LOOSEST <= at(found, label) <= STRICTEST + 1e-3 for label in LABELS)
    assert at(found, "abuse.insult") <= 0.82


def test_a_few_legitimate_texts_may_be_spent_where_they_bring_most():
    calm = np.zeros((5_000, 3), np.float32)
    calm[0, 0] = 0.91
    calm[1 : 1 + int(WRONG_AT_MOST * len(calm)), 2] = 0.91
    clear = texts(*[(0.8, 0.0, 0.0)] * 30, *[(0.0, 0.0, 0.85)] * 3)
    found = choose(LABELS, calm, clear)
    assert at(found, "abuse.insult") <= 0.8
    assert at(found, "spam") > 0.91
