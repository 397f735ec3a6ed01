"""Banter: rough names between friends reach a person at most; the same names without fondness may be acted on."""

import pytest

from classifiers.banter import as_banter
from classifiers.learned import RULE_CARRIES_TO
from models.domain import Signal

NAMES = [Signal("abuse.insult", 0.96, "abuse", "1"), Signal("abuse.threat", 0.9, "abuse", "1")]


@pytest.mark.parametrize(
    "text",
    [
        "@Llinos ti'r hen fuwch wirion 😂 tyrd am banad",
        "you soft old sod, that pint is on me",
        "face like a dropped kebab, proud of you butt",
    ],
)
def test_names_among_friends_are_never_acted_on(text):
    insult, threat = as_banter(text, NAMES)
    assert insult.probability == RULE_CARRIES_TO
    assert threat.probability == 0.9


@pytest.mark.parametrize(
    "text",
    ["you useless cow", "Took them nine meetings. Proud of you all, with just the one brain cell", "see you Thursday"],
)
def test_mockery_and_farewells_are_no_fondness(text):
    assert as_banter(text, NAMES) == NAMES
