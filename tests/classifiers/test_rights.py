"""Rights: requests and appeals are seen in both languages."""

import pytest

from models.domain import Channel
from tests.classifiers.texts import probability


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("This is a request under the Freedom of Information Act for the tender documents", "rights.request"),
        ("I make a subject access request for all the data you hold about me", "rights.request"),
        ("Cais rhyddid gwybodaeth yw hwn am gost y ffordd", "rights.request"),
        ("I appeal against the decision to restrict my contact", "rights.appeal"),
        ("Hoffwn apelio yn erbyn y penderfyniad", "rights.appeal"),
    ],
)
def test_a_right_is_seen(text, label):
    assert probability(text, label, Channel.EMAIL) >= 0.5


def test_ordinary_questions_are_none():
    assert probability("What time does the office open?", "rights.request", Channel.EMAIL) < 0.5
