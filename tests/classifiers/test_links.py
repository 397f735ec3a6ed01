"""Links: too many, shortened or lying; evidence is none of these."""

import pytest

from classifiers.links import is_doubtful, registered
from models.domain import Channel, Link
from tests.classifiers.texts import found, probability


def test_many_links_in_a_post_are_excessive_and_marked():
    text = " ".join(f"https://site{n}.example.com/a" for n in range(6))
    signal = found(text)["links.excessive"]
    assert signal.probability >= 0.5
    assert signal.spans[0].start == 0


def test_evidence_in_a_complaint_is_not():
    text = "I enclose the two pages that show the dates I described in my letter of 3 March: https://a.example.org/1 and https://a.example.org/2"
    assert probability(text, "links.excessive", Channel.EMAIL) < 0.3


@pytest.mark.parametrize(
    ("target", "doubtful"),
    [
        ("https://bit.ly/x", True),
        ("https://gov-uk.example.com/refund", True),
        ("https://www.gov.uk/benefits", False),
        ("https://beta.llyw.cymru/x", False),
        ("https://example.org", False),
    ],
)
def test_shorteners_and_look_alikes_are_doubtful(target, doubtful):
    assert is_doubtful(Link(target, target)) is doubtful


def test_registered_domains_come_from_the_bundled_list():
    assert registered("a.b.wrexham.gov.uk") == "wrexham.gov.uk"
