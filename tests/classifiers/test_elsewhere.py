"""Somebody under a restriction, perhaps from another address: a doubt for a person, and only where two things fit."""

import pytest

from models.domain import Author
from models.policy.history import HistoryView, RestrictedPerson
from tests.classifiers.texts import patterns

GERWYN = RestrictedPerson(
    frozenset({"gerwyn", "lock"}), frozenset({"gerwyn.p.lock@example.com"}), "Contact about the skips in Pant"
)
OTHERS = HistoryView(restricted=(GERWYN,))


def doubted(text, address, name=""):
    signal = patterns(text, OTHERS, author=Author(address, name)).get("persistence.after_decision")
    return signal is not None and signal.probability >= 0.5


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("Dear Council, this is Gerwyn using our Beryl's email. Skips. You know the rest.", "b.hill@example.net", ""),
        ("Gerwyn here. You blocked me so I've borrowed a phone.", "@quiet_sunday", ""),
        ("The skips are still there.\n\nGerwyn Lock", "post@example.org", ""),
        ("Gerwyn sydd yma. Y sgips.", "b.lock@example.net", ""),
    ],
)
def test_a_restricted_person_who_says_so_is_noticed(text, address, name):
    assert doubted(text, address, name)


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("Dear Council, this is Beryl herself. I'm sorry about my brother Gerwyn.", "b.lock.hill@example.net", ""),
        ("My name is Gerwyn and my bin was not emptied.", "gerwyn.bevan@example.org", "Gerwyn Bevan"),
        ("The lock on our gate is broken.", "t.price@example.org", ""),
        ("Gerwyn here, from my own address.", "gerwyn.p.lock@example.com", ""),
    ],
)
def test_a_namesake_a_sister_and_the_person_himself_are_left_alone(text, address, name):
    assert not doubted(text, address, name)


def test_a_name_with_accents_is_known_however_it_is_written():
    sian = RestrictedPerson(frozenset({"siân", "môn"}), frozenset({"sian.mon@example.com"}), "Y sgips")
    for text in ("Siân sydd yma, o ffôn arall.", "Sian sydd yma, o ffon arall."):
        found = patterns(text, HistoryView(restricted=(sian,)), author=Author("@hwyr"))
        assert found["persistence.after_decision"].probability >= 0.5
