"""Abuse: found in both languages, pointed at, and not taken for what it is not."""

import pytest

from classifiers.learned import RULE_CARRIES_TO
from models.domain import Channel
from tests.classifiers.texts import found, probability, shown

CLEAR = 0.85


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("You useless fucking cunts, you are worthless scum", "abuse.insult"),
        ("I know where you live and I will burn your house down with you in it", "abuse.threat"),
        ("Send all the filthy pakis back where they came from, vermin", "abuse.identity_hate"),
        ("Y cont bach diwerth, dos i'r diawl", "abuse.insult"),
        ("Suck my cock you little tart", "abuse.sexual"),
    ],
)
def test_clear_abuse_reaches_a_person_with_its_words_marked(text, label):
    assert probability(text, label) >= 0.5
    marked = shown(text, label)
    assert marked
    assert all(words.strip() for words in marked)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for mending the fence so quickly",
        "Your delay is a disgrace. Eleven days without heating and nobody rings back.",
        "This heat is killing me, when will the pool open?",
        "Diolch yn fawr iawn am eich help gyda'r ffurflen",
        "The bloody rain has come through the roof again",
        "Faggots and peas at the community lunch on Friday, all welcome",
        "Mae'r gast wedi cael cŵn bach",
    ],
)
def test_ordinary_and_angry_words_are_never_clear_abuse(text):
    assert max((s.probability for label, s in found(text).items() if label.startswith("abuse.")), default=0.0) < CLEAR


def test_an_insult_without_a_word_of_abuse_stays_below_what_may_be_acted_on():
    assert probability("Your department is a complete disgrace and so are all of you", "abuse.insult") < CLEAR


@pytest.mark.parametrize(
    "disguise",
    [
        "you fucking cunts",
        "you f**king c**ts",
        "you FUCKING cunts",
        "you fu\u200bcking cunts",
        "you fuckiiiiing cunts",
        "уоu fuсking сunts",
    ],
)
def test_a_disguised_insult_is_an_insult(disguise):
    assert probability(disguise, "abuse.insult") >= 0.5


@pytest.mark.parametrize("text", ["Numpties. Still waiting.", "Numpties the lot of you. Is my review done?"])
def test_a_sentence_that_only_calls_names_reaches_a_person_and_is_never_acted_on(text):
    assert 0.6 <= probability(text, "abuse.insult", Channel.EMAIL) <= RULE_CARRIES_TO


@pytest.mark.parametrize(
    "text",
    [
        "My neighbour called me a numpty and I want it on record",
        "Moron, pys a thatws gwych o'r ardd gymunedol eleni",
        "Nobody here is a numpty, you explained it well",
    ],
)
def test_names_that_are_reported_denied_or_vegetables_are_not_called(text):
    assert probability(text, "abuse.insult") < 0.6


def test_abuse_that_somebody_tells_of_in_its_own_words_is_never_acted_on():
    said = "you useless fucking cunts, you are worthless scum"
    told = f'He shouted through the letter box on Monday: "{said}". I want it on record. My daughter heard all of it.'
    assert probability(said, "abuse.insult") > RULE_CARRIES_TO
    assert 0.2 < probability(told, "abuse.insult") <= RULE_CARRIES_TO
    assert probability(f'As the song goes, "la la la la". {said}!', "abuse.insult") > RULE_CARRIES_TO


@pytest.mark.parametrize(
    "text",
    [
        "Dear Rhodri, let me help you with the long words. The date is wrong.",
        "Is it the blind leading the stupid over there?",
        "Do try to keep up.",
        "Da iawn ti am ddod o hyd i'r dyddiad, hogyn clyfar iawn",
    ],
)
def test_a_small_remark_is_noted_and_not_looked_at_by_itself(text):
    remark = found(text, Channel.EMAIL)["abuse.rudeness"]
    assert 0.35 <= remark.probability <= RULE_CARRIES_TO
    assert remark.spans


@pytest.mark.parametrize(
    "text",
    [
        "He is a good boy and catches the bus by himself",
        "Could you help me with the long form please",
        "Is there an adult education class I can join?",
    ],
)
def test_what_only_sounds_like_a_remark_is_none(text):
    assert probability(text, "abuse.rudeness", Channel.EMAIL) < 0.35
