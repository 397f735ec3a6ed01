"""Expressions that are spared most texts find what they would find without."""

import re

import pytest

from classifiers.gated import Caseless, begun, each, gated


@pytest.mark.parametrize(
    "text", ["Send it to OUR Office", "our officE", "Swyddfa: OUR OFFICE, tŷ", "ſend: our office é", "", "our of fice"]
)
def test_case_is_ignored_in_ascii_and_beyond_it(text: str) -> None:
    expression = r"\bour\b\W+(?:office|\S+ desk)"
    expected = re.compile(expression, re.IGNORECASE).search(text)
    found = Caseless(expression).search(text)
    assert (found and found.span()) == (expected and expected.span())


def test_words_come_in_lower_case() -> None:
    assert Caseless(r"\b(?:royal mail|hmrc)\b").words("HMRC and Royal Mail") == {"hmrc", "royal mail"}
    assert Caseless(r"\b(?:royal mail|hmrc)\b").words("HMRC â Royal Mail") == {"hmrc", "royal mail"}


def test_an_expression_with_a_capital_would_never_be_met() -> None:
    with pytest.raises(ValueError, match="lower case"):
        Caseless("Royal Mail")
    Caseless(r"\bmail\W\S\D")


def test_a_literal_lets_its_expression_through() -> None:
    found = gated("mail/post", r"(?:e-?mail|post)ed").search("I EMAILED you")
    assert found is not None
    assert found.span() == (2, 9)
    assert gated("mail/post", r"(?:e-?mail|post)ed").search("I wrote to you") is None


@pytest.mark.parametrize(
    "text", ["free quote", "carefree quote", "a free quote", "_free quote", "ffree quote", "(free"]
)
def test_what_begins_a_word_is_found_at_the_edge_of_one(text: str) -> None:
    expected = re.search(r"\b(?:free(?: quote)?|offer)\b", text)
    found = re.search(begun(r"free(?: quote)?\b", r"offer\b"), text)
    assert (found and found.span()) == (expected and expected.span())


def test_each_word_is_followed_by_the_rest() -> None:
    assert each("ring|call", " me") == "ring me|call me"
