"""Criticism of the body is no insult; the same words at a person, or with more behind them, are."""

import pytest

from classifiers.criticism import JUST_CRITICISM, as_criticism
from models.domain import Channel, Signal
from tests.classifiers.texts import probability

INSULT = "abuse.insult"


@pytest.mark.parametrize(
    "text",
    [
        "Another week. You people are a disgrace and somebody should say it to your faces.",
        "You should all be ashamed of yourselves. My nan has had no heating since Tuesday and nobody has rung.",
        "Cywilydd arnoch chi! Mae'r to wedi gollwng ers mis Medi a neb yn ateb y ffôn.",
    ],
)
def test_the_body_may_be_criticised(text):
    assert probability(text, INSULT, Channel.EMAIL) <= JUST_CRITICISM


def told(text):
    (signal,) = as_criticism(text, [Signal(INSULT, 0.74, "abuse", "1")])
    return signal.probability


def test_only_the_body_as_a_whole_and_only_criticism():
    assert told("You are a disgrace. Eleven weeks for one tap.") == JUST_CRITICISM
    assert told("You should be ashamed, Clementine.") == 0.74
    assert told("You are useless. I hope you die slowly, you and your ugly children, you worthless rats.") == 0.74
    assert told("Eleven weeks for one tap.") == 0.74


def test_a_word_of_abuse_is_never_criticism():
    assert probability("You're all useless cunts", INSULT) > JUST_CRITICISM
