"""Hazards read closely: what is switched off can wait, what still burns cannot, and a child's body in distress is a child at risk."""

import pytest

from classifiers.calibration import reference_certificate
from models.domain import Channel, ChannelGroup
from tests.classifiers.texts import found, probability, shown

EMERGENCY, RISK = "welfare.emergency", "welfare.safeguarding"


@pytest.mark.parametrize(
    "text",
    [
        "The bathroom fan makes a burning smell when I try it, so I've left it off at the switch.",
        "The cooker was sparking this morning and smelt of burning. I have unplugged it and shall wait for your man.",
        "Roedd y soced yn gwreichioni a ma' ogla llosgi, dwi 'di diffodd o wrth y bocs.",
    ],
)
def test_an_appliance_that_is_off_is_a_repair(text):
    assert probability(text, EMERGENCY, Channel.EMAIL) < reference_certificate().urgent[EMERGENCY, ChannelGroup.MAIL]


@pytest.mark.parametrize(
    "text",
    [
        "The bathroom fan makes a burning smell and there's smoke still, though I've left it off at the switch.",
        "The cooker is sparking and I smell gas. I have unplugged it.",
        "There is a burning smell from the fan and nobody knows how to turn it off",
    ],
)
def test_what_goes_on_is_an_emergency(text):
    assert probability(text, EMERGENCY, Channel.EMAIL) >= 0.5


def test_a_flood_named_by_what_it_does_is_put_first():
    text = "It's coming in the shop now. Freezers are on the floor. We've turned off the electric at the board."
    at_once = reference_certificate().urgent[EMERGENCY, ChannelGroup.MAIL]
    assert probability(text, EMERGENCY, Channel.EMAIL) >= 2 * at_once


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "The baby's 7 weeks. She's stopped feeding and she's floppy. The boiler's off. I've rung 111.",
            "stopped feeding",
        ),
        ("No heating since Sunday, my newborn is limp and her hands are blue, ambulance is on its way", "limp"),
        ("Dim gwres ers dydd Sul, babi naw diwrnod oed, mae hi wedi stopio bwydo a'i dwylo hi'n las", "stopio bwydo"),
    ],
)
def test_a_small_child_in_distress_is_a_child_at_risk(text, words):
    signals = found(text, Channel.EMAIL)
    assert signals[EMERGENCY].probability >= 0.5
    assert signals[RISK].probability >= 0.5
    assert signals[RISK].probability > 0.6 or words in shown(text, RISK, Channel.EMAIL)


def test_a_child_who_is_only_named_is_not_at_risk():
    text = (
        "No heating since Sunday, and it is 4 degrees in the flat. My baby is three months old. Please send somebody."
    )
    assert probability(text, RISK, Channel.EMAIL) < 0.6
