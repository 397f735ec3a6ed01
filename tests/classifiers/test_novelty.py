"""Novelty: what a repeat adds is found, pointed at, and nothing is new without a past."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.facts import facts_in
from classifiers.novelty import NoveltyDetector
from models.domain import Attachment, Channel
from models.policy.history import HistoryView
from models.policy.limits import Limits
from tests.classifiers.texts import NOW, message, past

LETTER = "The damp in my back bedroom was reported on 5 February and nobody has been."
PAST = HistoryView(messages=(past(LETTER, NOW - timedelta(days=2)),))


def patterns(text, history, **more):
    found = NoveltyDetector().detect(message(text, Channel.EMAIL, **more), (), history, Limits())
    return {signal.label: signal for signal in found}


def pointed_at(text, history):
    return [text[span.start : span.end] for span in patterns(text, history)["novelty"].spans]


def said(*texts):
    return HistoryView(messages=tuple(past(text, NOW - timedelta(days=2, hours=n)) for n, text in enumerate(texts)))


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


@pytest.mark.parametrize(
    ("before", "again"),
    [
        ("The bin was missed on 5 February and on 12 February.", "The bin was missed on 5/2 and on 12th Feb."),
        (
            "I waited 3 weeks for the plumber and paid £1,200.00.",
            "I waited three weeks for the plumber and paid 1200 pounds.",
        ),
        ("Mae'r gegin yn wlyb a'r tamprwydd yn lledu.", "Mae'r cegin yn wlyb a'r damprwydd yn lledu."),
        ("The tenancy officer ignored the boiler complaint.", "The tenacny officer ignored the boilr complaint."),
        ("Mr Rhodri Ames closed my case REP-20417.", "Rhodri Ames closed my case REP20417."),
    ],
)
def test_what_is_said_otherwise_is_not_new(before, again):
    signal = patterns(again, said(before)).get("novelty")
    assert signal is None or signal.probability < 0.2


@pytest.mark.parametrize(
    ("again", "new"),
    [
        ("The damp was reported on 5 February and again on 9 March.", "9 March"),
        ("The damp was reported on 5 February, reference WX40921.", "WX40921"),
        ("The damp was reported on 5 February and cost me £340.", "£340"),
        ("The damp was reported on 5 February to Dr Bevan.", "Dr Bevan"),
    ],
)
def test_a_new_fact_in_an_old_sentence_is_pointed_at_exactly(again, new):
    found = pointed_at(
        again,
        said("The damp was reported on 5 February, again and again, and it cost me. I gave the reference to you."),
    )
    assert any(new in part for part in found)


def test_only_the_new_fact_is_marked_where_all_else_was_said():
    found = pointed_at("The bin was missed on 12 March.", said("The bin was missed on 5 March."))
    assert found == ["12 March"]


@settings(deadline=None)
@given(st.text(max_size=80))
def test_facts_stand_where_they_say(text):
    for fact in facts_in(text):
        assert 0 <= fact.span.start < fact.span.end <= len(text)


def test_what_somebody_new_adds_to_what_neighbours_wrote_today():
    neighbours = ("Drain outside Londis backing up again lads", "Good morning, the library is closed again.")
    text = "kids wading to school by londis, can someone unblock that grid"
    signal = patterns(text, HistoryView(alongside=neighbours))["novelty"]
    assert "messages of others today: 1" in signal.note
    assert "novelty" not in patterns(text, HistoryView(alongside=neighbours[1:]))


def test_the_name_of_the_body_makes_no_neighbours():
    neighbours = ("When will PSOW answer my letter about the hospital?",)
    assert "novelty" not in patterns("PSOW have lost my form about the school", HistoryView(alongside=neighbours))
