"""Welfare: recall first, in both languages; denial and idiom held apart."""

import pytest

from models.domain import Channel
from tests.classifiers.texts import probability


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I can't go on. I want to kill myself and nobody would notice.", "welfare.self_harm"),
        ("I can smell gas in the kitchen and the baby is coughing", "welfare.emergency"),
        ("Mae arogl nwy yn y gegin ac mae'r babi'n pesychu", "welfare.emergency"),
        ("He hits the children when he drinks and said he will take them tonight", "welfare.safeguarding"),
        ("I am autistic and need things in writing please", "welfare.adjustment"),
        ("Dwi isio marw, alla i ddim cario mlaen", "welfare.self_harm"),
    ],
)
def test_a_risk_is_seen(text, label):
    assert probability(text, label, Channel.EMAIL) >= 0.4


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Where can I find the suicide prevention leaflet for the library?", "welfare.self_harm"),
        ("I would never kill myself over a parking fine, just tell me the rules", "welfare.self_harm"),
        ("The bins were not collected on Tuesday", "welfare.emergency"),
    ],
)
def test_what_is_no_risk_is_left_alone(text, label):
    assert probability(text, label, Channel.EMAIL) < 0.4
