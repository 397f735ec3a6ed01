"""Normalisation: disguises undone, and every span of the plain text points at the right original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.normalise import normalise

ALPHABET = st.sampled_from("abcfukšŵâ*1@ .\u200b\u202eАсﬁ😀🔪'’-")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("FUCK", "fuck"),
        ("f**k", "fuck"),
        ("sh!t", "shit"),
        ("f u c k", "fuck"),
        ("fu\u200bck", "fuck"),
        ("fuсk", "fuck"),
        ("fuuuuuck", "fuuck"),
        ("tŷ", "ty"),
        ("🖕you", " fuckyou you"),
        ("see u 🔪", "see u  knife "),
        ("Call 1234 now", "call 1234 now"),
        ("£500 for A4 paper", "£500 for a4 paper"),
        ("you\n$h1t, (5hite) and/5hit", "you\nshit, (shite) and/5hit"),
        ("so s.h.i.t", "so shit"),
        ("nnnoooo", "nnoo"),
        ("www.example.org", "ww.example.org"),
    ],
)
def test_disguises_are_undone_and_figures_left(text, plain):
    assert normalise(text).text == plain


@given(st.text(alphabet=ALPHABET, max_size=40) | st.text(max_size=40))
def test_every_span_points_at_the_original(text):
    found = normalise(text)
    for start in range(len(found.text)):
        span = found.to_original(start, start + 1)
        assert 0 <= span.start < span.end <= len(text)
    if found.text:
        whole = found.to_original(0, len(found.text))
        assert whole.start <= whole.end <= len(text)


@given(st.text(alphabet=ALPHABET, min_size=2, max_size=40))
def test_spans_keep_their_order(text):
    found = normalise(text)
    starts = [found.to_original(at, at + 1).start for at in range(len(found.text))]
    assert starts == sorted(starts)


@given(st.text(alphabet="abcdefgh ŵâ", max_size=40))
def test_plain_letters_point_at_themselves(text):
    found = normalise(text)
    for at, character in enumerate(found.text):
        span = found.to_original(at, at + 1)
        assert normalise(text[span.start : span.end]).text == character
