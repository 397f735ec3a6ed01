"""Where links go: shortened, look-alike and lying ones are told from honest ones."""

import pytest

from classifiers.hosts import is_doubtful, lies, looks_alike, registered, skeleton
from classifiers.links import hiding
from models.domain import Channel, Link
from tests.classifiers.texts import message


@pytest.mark.parametrize(
    ("target", "doubtful"),
    [
        ("https://bit.ly/x", True),
        ("https://gov-uk.example.com/refund", True),
        ("https://www.gov.uk.example.com/refund", True),
        ("https://royalmai1.com/parcel", True),
        ("https://roya1mail.com/parcel", True),
        ("https://hmrc-refund.example.com", False),
        ("https://hmrc-refund.com", True),
        ("https://оmbudsman.wales/x", True),
        (f"https://xn--{'оmbudsman'.encode('punycode').decode()}.wales/x", True),
        ("https://www.gov.uk/benefits", False),
        ("https://beta.llyw.cymru/x", False),
        ("https://wrexham.gov.uk@evil.example.com/", False),
        ("https://example.org", False),
        ("", False),
    ],
)
def test_shorteners_and_look_alikes_are_doubtful(target, doubtful):
    assert is_doubtful(Link(target, target)) is doubtful


def test_the_organisations_own_name_may_not_be_imitated():
    assert looks_alike("clwyd-homes-rents.com", ("clwydhomes.example.org",)) is False
    assert looks_alike("clwydhomess.com", ("clwydhomes.co.uk",)) is True
    text = "Pay your rent at https://clwydhornes.co.uk/pay"
    assert len(hiding(message(text, Channel.EMAIL, to=("tai@clwydhomes.co.uk",)))) == 1
    assert hiding(message(text, Channel.EMAIL, to=("somebody@example.org",))) == []


def test_a_link_whose_words_name_another_place_lies():
    assert lies(Link("https://evil.example.com/x", "www.gov.uk/pay"))
    assert not lies(Link("https://pay.service.gov.uk/x", "https://pay.service.gov.uk"))
    assert not lies(Link("https://example.com/x", "click here"))


def test_registered_domains_come_from_the_bundled_list():
    assert registered("a.b.wrexham.gov.uk") == "wrexham.gov.uk"
    assert skeleton("wrexharn.example") == "wrexham.example"
