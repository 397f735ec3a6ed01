"""Text on a page stays in its place: what turns writing round is closed, what piles up is cut, what is ordinary is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from review_queue.marks import leads_out
from review_queue.tame import PILED_AT_MOST, tame

TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("text", ["Mae'r tŷ ar dân", "a\nb\tc", "नमस्ते", "שלום", "👩‍👩‍👧‍👦", "ŵ w\u0302"])
def test_ordinary_words_are_left_as_they_are(text):
    assert tame(text) == text


def test_what_is_no_text_and_what_is_markup_is_left_as_it_is():
    own = Markup("<p>\u202e</p>")
    assert tame(own) is own
    assert tame(7) == 7
    assert tame(None) is None


def test_marks_that_pile_up_are_cut_and_signs_that_no_line_breaks_are_parted():
    assert tame("a" + "\u0317" * 99 + "b") == "a" + "\u0317" * PILED_AT_MOST + "b"
    assert max(map(len, tame("\U0001f469\u200d" * 60).split("\U0001f469\U0001f469"))) < 20
    assert "\u1160" * 4 not in tame("\u1160" * 40)
    assert tame("\x00\x1b[31m") == "\ufffd\ufffd[31m"


@given(st.text(alphabet=TURNS + "ab", max_size=30))
def test_what_turns_writing_round_never_reaches_beyond_its_text(text):
    assert _open(tame(text)) == []
    assert tame(text).startswith(text)


def _open(text):
    """Return what is still open at the end, by the rules of the bidirectional algorithm (UAX 9, X1 to X8)."""
    stack = []
    for sign in text:
        if sign in "\u202a\u202b\u202d\u202e":
            stack.append("embedding")
        elif sign in "\u2066\u2067\u2068":
            stack.append("isolate")
        elif sign == "\u202c" and stack and stack[-1] == "embedding":
            stack.pop()
        elif sign == "\u2069" and "isolate" in stack:
            while stack.pop() != "isolate":
                pass
    return stack


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("https://x.com/i/status/1", True), ("http://x.com/1", False), ("javascript:alert(1)", False), ("", False),
        (None, False), ("//x.com", False), ("https:", False), (" javascript:alert(1)", False), ("data:text/html,a", False),
    ],
)  # fmt: skip
def test_only_an_encrypted_address_may_be_followed(link, followed):
    assert leads_out(link) is followed
