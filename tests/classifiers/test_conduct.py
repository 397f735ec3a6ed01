"""Conduct over time: what grows over messages is seen, and what only looks like it is not."""

from datetime import timedelta

import pytest

from classifiers.pursuit import Approach, approaches
from models.domain import Channel
from models.policy.history import HistoryView
from tests.classifiers.texts import NOW, past, patterns


def ago(**amount):
    return NOW - timedelta(**amount)


def history(*messages):
    return HistoryView(messages=messages)


def test_a_few_words_on_the_day_of_a_threat_are_part_of_it():
    threat = past("I will find you", ago(hours=3), signals={"abuse.threat": 0.9})
    assert patterns("I'm on the 10.47.", history(threat))["abuse.threat"].probability >= 0.6
    long = "I should like to know when the drain in Lon Wen will be looked at, since the children cannot get to school dry."
    assert patterns(long, history(threat))["abuse.threat"].probability == 0.5
    old = past("I will find you", ago(days=30), signals={"abuse.threat": 0.9})
    assert "abuse.threat" not in patterns("I'm on the 10.47.", history(old))


def test_what_leans_towards_a_threat_is_taken_for_one_where_each_message_is_harsher():
    rising = (
        past("Your delay is poor.", ago(days=14), signals={"abuse.insult": 0.05}),
        past("You are all useless.", ago(days=7), signals={"abuse.insult": 0.3}),
    )
    text = "I've had enough, Jamie. I'll say it to your face. You won't have one after."
    after = patterns(text, history(*rising))
    assert after["persistence.rising_severity"].probability >= 0.5
    assert after["abuse.threat"].probability >= 0.7
    assert "persistence.rising_severity" not in patterns(text, history(rising[0]))


def test_small_remarks_to_one_officer_add_up():
    remarks = tuple(
        past("Well done, you found the date, clever boy.", ago(days=n), signals={"abuse.microaggression": 0.5})
        for n in (9, 5)
    )
    text = "Are you really as thick as you look, you numpty?"
    third = patterns(text, history(*remarks))
    assert third["abuse.rudeness"].note == "3 belittling remarks in a month"
    assert "abuse.rudeness" not in patterns(text, history(remarks[0]))
    assert "abuse.rudeness" not in patterns("Thank you for the date, it is right now.", history(*remarks))


def test_an_insult_weighs_more_from_somebody_who_insulted_before():
    before = past("You idle lot of numpties", ago(days=100), signals={"abuse.insult": 0.7})
    text = "It's the blind leading the stupid over there."
    assert patterns(text, history(before))["abuse.insult"].probability >= 0.7
    assert "abuse.insult" not in patterns(text, history(past("Good morning", ago(days=100))))


def test_a_no_to_every_step_is_counted_over_what_was_refused_before():
    refusing = past(
        "I won't summarise. I won't comment on your scope. I won't send the letter.", ago(days=7),
        signals={"demand.refuses_procedure": 0.9},
    )  # fmt: skip
    assert patterns("No.", history(refusing))["demand.refuses_procedure"].probability >= 0.5
    busy = past("I won't be in on Friday. I won't need the van. I won't wait.", ago(days=7))
    assert patterns("No.", history(busy))["demand.refuses_procedure"].probability < 0.5


@pytest.mark.parametrize(
    ("text", "approach"),
    [
        ("I've asked to be your friend on Facebook, Nia", Approach.ACCOUNT),
        ("lovely garden in your pictures", Approach.ACCOUNT),
        ("I walked past your house last night", Approach.HOME),
        ("Met your Siôn. Good bloke.", Approach.FAMILY),
        ("which school do your girls go to?", Approach.FAMILY),
        ("I saw you in Morrisons again", Approach.WATCHED),
        ("I left a box of chocolates on your wall", Approach.GIFT),
        ("weles i ti yn y dre neithiwr", Approach.WATCHED),
    ],
)
def test_an_approach_to_a_private_life_is_known(text, approach):
    assert approach in approaches(text)


@pytest.mark.parametrize(
    "text",
    [
        "I left the form in your letter box on Friday",
        "Please ring about my transfer",
        "My husband spoke to your office about the school place",
        "I met your colleague at the gate of the depot",
        "Your car park machine is out of order",
        "The lights are on all night outside our house",
    ],
)
def test_ordinary_contact_is_no_approach(text):
    assert not approaches(text)


def test_approaches_one_after_another_are_harassment_and_at_the_door_come_first():
    friend = past("I've asked to be your friend on Facebook, Nia, it's quicker than this.", ago(days=6))
    garden = past("Nia, lovely garden in your pictures, is that the Llanberis side?", ago(days=3))
    chocolates = "Met your Siôn. Good bloke. I left a box of chocolates on your wall."
    assert "abuse.harassment" not in patterns(friend.own_text, HistoryView())
    second = patterns(garden.own_text, history(friend))["abuse.harassment"]
    assert 0.6 <= second.probability < 0.9
    assert patterns(chocolates, history(friend, garden))["abuse.harassment"].probability >= 0.9
    told = past("Nia reports that he spoke to her husband at the rugby club.", ago(days=1), channel=Channel.TELEPHONE)
    assert patterns(chocolates, history(told))["abuse.harassment"].probability >= 0.9


FRIEND = past("I've asked to be your friend on Facebook, Rhodri, it's quicker than this.", ago(days=3))
GARDEN = "Rhodri from PSOW, lovely garden in your pictures, is that the Llanberis side?"


def test_a_private_life_shown_in_public_after_an_approach_is_hidden():
    shown = patterns(GARDEN, history(FRIEND), channel=Channel.FACEBOOK)
    assert shown["doxing.staff_details"].probability >= 0.85
    assert shown["abuse.harassment"].probability >= 0.6


@pytest.mark.parametrize(
    ("text", "channel", "before"),
    [
        (GARDEN, Channel.EMAIL, (FRIEND,)),
        (GARDEN, Channel.X, ()),
        ("Lovely garden in your pictures, is that the Llanberis side?", Channel.X, (FRIEND,)),
    ],
    ids=["only the office reads it", "nothing came before", "nobody is named"],
)
def test_without_one_of_the_three_a_person_looks(text, channel, before):
    signal = patterns(text, history(*before), channel=channel).get("doxing.staff_details")
    assert signal is None or signal.classifier != "conduct"
