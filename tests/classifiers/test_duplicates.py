"""Near-duplicates of one contact, campaigns of many, and what only sounds alike."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.copies import alike
from classifiers.duplicates import DuplicatesDetector
from classifiers.signatures import containment, signature, similarity
from models.domain import Channel
from models.policy.history import HistoryView
from models.policy.limits import Limits
from tests.classifiers.texts import NOW, message, past

LETTER = "The damp in my back bedroom was reported on 5 February under reference REP-20417 and nobody has been to look at it."


def patterns(text, history, channel=Channel.EMAIL):
    return {
        signal.label: signal for signal in DuplicatesDetector().detect(message(text, channel), (), history, Limits())
    }


@pytest.mark.parametrize(
    "copy",
    [
        LETTER,
        LETTER + "\n\nMrs N. Pugh\n07700 900100",
        LETTER.replace("reported", "reprted").replace("nobody", "noone"),
        LETTER.upper(),
        "Hello again. " + LETTER,
    ],
)
def test_copies_are_copies(copy):
    assert alike(copy, LETTER, 0.7)


@pytest.mark.parametrize(
    "other",
    [
        "The damp in my kitchen is worse and the children are coughing at night.",
        "My back door was reported broken in March and has been mended.",
        "",
    ],
)
def test_merely_similar_complaints_are_not(other):
    assert not alike(other, LETTER, 0.7)


def test_the_third_copy_is_for_a_person_and_the_second_only_noted():
    one = HistoryView(messages=(past(LETTER, NOW - timedelta(hours=5)),))
    two = one.adding(past(LETTER, NOW - timedelta(hours=3)))
    assert patterns(LETTER, one)["duplicate.same_contact"].probability < 0.5
    assert patterns(LETTER, two)["duplicate.same_contact"].probability >= 0.5
    old = HistoryView(messages=(past(LETTER, NOW - timedelta(days=200)),))
    assert "duplicate.same_contact" not in patterns(LETTER, old)


def test_sending_again_because_it_bounced_is_no_pressure():
    two = HistoryView(messages=tuple(past(LETTER, NOW - timedelta(hours=h)) for h in (3, 2)))
    again = patterns(f"Third try, it bounced as your server says the attachment is too big. {LETTER}", two)
    assert again["duplicate.same_contact"].probability < 0.5


def test_one_text_by_many_authors_is_a_campaign_and_not_spam():
    others = tuple(past(LETTER, NOW - timedelta(hours=n), author=f"a{n}", channel=Channel.X) for n in range(2, 6))
    signals = patterns(LETTER, HistoryView(others=others), Channel.X)
    assert signals["duplicate.campaign"].probability >= 0.5
    assert "spam" not in signals


def test_the_same_comment_again_within_minutes_is_a_flood():
    burst = tuple(
        past("ANSWER ME about the lights", NOW - timedelta(minutes=n), channel=Channel.FACEBOOK) for n in range(1, 5)
    )
    assert (
        patterns("ANSWER ME about the lights", HistoryView(messages=burst), Channel.FACEBOOK)["spam"].probability >= 0.9
    )


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_symmetric_and_bounded(a, b):
    assert 0.0 <= similarity(a, b) == similarity(b, a) <= 1.0
    assert 0.0 <= containment(a, b) <= 1.0
    assert signature(a) == signature(a)


def test_a_copy_typed_over_with_slips_is_a_copy_and_another_letter_of_its_length_is_not():
    slips = "The dampp in my bakc bedroom was reprted on 5 Febuary undr reference REP-20417 and nobdy has ben to look at it."
    assert alike(slips, LETTER, 0.7)
    other = "The lift in our east stairwell was stopped on 9 January after complaint LFT-33180 and someone has to come and mend it."
    assert not alike(other, LETTER, 0.7)
