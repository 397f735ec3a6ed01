"""The lexicon as numbers: how grave a word is, at whom it is aimed, and whether it is only reported."""

from classifiers.lexical import NAMES, lexical, lexical_rows
from classifiers.normalise import normalise


def columns(text, language="en"):
    row = lexical(normalise(text).text, language).row
    return {name for name, value in zip(NAMES, row, strict=True) if value > 0}


def test_a_text_without_a_word_is_nought():
    assert columns("When will my bins be collected?") == set()
    assert lexical_rows([], []).shape == (0, len(NAMES))


def test_at_whom_a_word_is_aimed_is_told():
    assert "at_you" in columns("you stupid cunt")
    assert "at_you" not in columns("the weather is a right cunt today, honestly")
    assert "at_you" in columns("ti'n blydi twpsyn", "cy")


def test_reported_abuse_is_marked():
    assert "reported" in columns("He called me a stupid bitch in front of my children")
    assert "reported" not in columns("You stupid bitch")


def test_more_words_weigh_more_but_less_each():
    one = lexical(normalise("you idiot").text, "en").row.sum()
    three = lexical(normalise("you idiot you idiot you idiot").text, "en").row.sum()
    assert one < three < 3 * one
