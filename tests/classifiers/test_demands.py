"""Demands: by the hour, by name, against the procedure."""

import pytest

from models.domain import Channel
from tests.classifiers.texts import probability


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I want an answer within the hour or else", "demand.deadline"),
        ("I will only speak to the Chief Executive, put me through to the director now", "demand.named_officer"),
        ("I refuse to fill in your form, I will not follow your process", "demand.refuses_procedure"),
        ("I do not accept your decision and never will", "persistence.refuses_decision"),
        ("Dw i ddim yn derbyn eich penderfyniad", "persistence.refuses_decision"),
    ],
)
def test_a_demand_is_noticed(text, label):
    assert probability(text, label, Channel.EMAIL) >= 0.4


def test_a_civil_question_demands_nothing():
    text = "Could you tell me when I might expect a reply? Thank you."
    assert all(
        probability(text, label, Channel.EMAIL) < 0.4
        for label in ("demand.deadline", "demand.named_officer", "demand.refuses_procedure")
    )
