"""What is done to the probabilities of the heads before anybody reads them: held down, held back, raised."""

import numpy as np
import pytest

from classifiers.learned import witnessed
from classifiers.linear import ANY, FEW_WORDS_TO, PEOPLE_TO, THREAT, bounded, for_people, named, worded
from models.policy.certificate import LEAST_ACTED_ON

LABELS = (ANY, "abuse.insult", THREAT, "welfare.self_harm")
STRANGE, OURS = np.zeros(1, np.float32), np.ones(1, np.float32)


def found(*values):
    return np.array([values], np.float32)


def test_no_kind_of_abuse_is_likelier_than_any_where_a_post_is_not_ours_to_judge():
    given = found(0.1, 0.9, 0.2, 0.5)
    assert bounded(given, STRANGE, LABELS, [()])[0, 1] == pytest.approx(given[0, 0])
    assert bounded(given, OURS, LABELS, [()])[0, 1] == given[0, 1]
    assert bounded(given, STRANGE, LABELS, [{"abuse.insult"}])[0, 1] == given[0, 1]


def test_a_threat_by_itself_comes_before_a_person_and_is_never_acted_on():
    alone = bounded(found(0.02, 0.02, 0.95, 0.0), STRANGE, LABELS, [()])[0, 2]
    assert alone == pytest.approx(PEOPLE_TO)
    assert alone < LEAST_ACTED_ON
    doubtful = bounded(found(0.02, 0.02, 0.3, 0.0), STRANGE, LABELS, [()])[0, 2]
    assert doubtful == pytest.approx(0.02)
    worded_threat = bounded(found(0.02, 0.02, 0.95, 0.0), STRANGE, LABELS, [{THREAT}])[0, 2]
    assert worded_threat == np.float32(0.95)
    borne_out = bounded(found(0.9, 0.02, 0.95, 0.0), STRANGE, LABELS, [()])[0, 2]
    assert borne_out == pytest.approx(0.9)


def test_what_people_shall_judge_is_never_acted_on():
    assert for_people(found(0.99, 0.99, 0.3, 0.99), LABELS).tolist() == found(PEOPLE_TO, PEOPLE_TO, 0.3, 0.99).tolist()
    assert PEOPLE_TO < LEAST_ACTED_ON


def test_a_word_or_two_show_no_danger_unless_the_lexicon_has_them():
    given = found(0.1, 0.1, 0.6, 0.43)
    bare = worded(given, LABELS, ["No."], [()])
    assert bare[0, 2:].tolist() == [np.float32(FEW_WORDS_TO)] * 2
    assert bare[0, 1] == given[0, 1]
    assert worded(given, LABELS, ["no more now"], [()]).tolist() == given.tolist()
    assert worded(given, LABELS, ["No."], [{THREAT}])[0, 2] == given[0, 2]


def test_what_is_sure_of_the_whole_raises_the_likeliest_kind():
    assert named(found(0.8, 0.3, 0.1, 0.0), LABELS)[0, 1] > 0.7
    assert named(found(0.8, 0.1, 0.3, 0.0), LABELS)[0, 2] == np.float32(0.3)


def test_a_phrase_of_danger_weighs_more_the_likelier_the_heads_find_it():
    unlikely, even, likely = (witnessed(before, 0.8) for before in (0.0, 0.1, 0.6))
    assert unlikely < 0.3 < even < likely
    assert witnessed(0.1, 0.95) > witnessed(0.1, 0.5)
    assert 0 < witnessed(0.0, 0.0) < witnessed(1.0, 1.0) < 1
