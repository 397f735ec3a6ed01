"""Novelty: what a repeat adds is found, pointed at, and nothing is new without a past."""

from datetime import timedelta

from models.domain import Attachment
from models.policy.history import HistoryView
from tests.classifiers.texts import NOW, past, patterns

LETTER = "The damp in my back bedroom was reported on 5 February and nobody has been."
PAST = HistoryView(messages=(past(LETTER, NOW - timedelta(days=2)),))


def test_a_plain_repeat_holds_nothing_new():
    assert "novelty" not in patterns(LETTER, PAST)


def test_new_facts_are_found_and_pointed_at():
    added = "The ceiling came down last night and I have a letter from Dr Bevan dated 20 February."
    text = f"{LETTER} {added}"
    signal = patterns(text, PAST)["novelty"]
    assert signal.probability >= 0.5
    assert any(text[span.start : span.end].strip() == added for span in signal.spans)


def test_a_new_attachment_is_new():
    signal = patterns(LETTER, PAST, attachments=(Attachment("survey.pdf", "application/pdf", 9),))["novelty"]
    assert signal.probability >= 0.3


def test_a_first_message_is_new_against_nothing():
    assert "novelty" not in patterns(LETTER, HistoryView.empty())


def test_a_short_new_fact_is_noted():
    history = HistoryView(messages=(past("The pavement by the chapel has sunk.", NOW - timedelta(hours=2)),))
    assert patterns("A customer twisted an ankle.", history)["novelty"].probability >= 0.2
