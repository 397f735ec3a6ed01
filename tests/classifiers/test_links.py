"""Links: too many by the pack, again and again, shortened or lying; evidence is none of these."""

from datetime import timedelta

import pytest

from classifiers.hosts import is_doubtful, lies, looks_alike, registered, skeleton
from classifiers.links import LinkPatternsDetector, crowding, hiding
from models.domain import Channel, Link
from models.policy.history import HistoryView
from models.policy.schema import Limits
from tests.classifiers.texts import NOW, message, past

MANY = " ".join(f"https://site{n}.example.com/a" for n in range(6))
EVIDENCE = "I enclose the two pages that show the dates I described in my letter of 3 March: https://a.example.org/1 and https://a.example.org/2"


def detected(text, channel=Channel.X, history=HistoryView(), limits=Limits(), **more):
    found = LinkPatternsDetector().detect(message(text, channel, **more), (), history, limits)
    return {signal.label: signal for signal in found}


def test_many_links_in_a_post_are_excessive_and_marked():
    signal = detected(MANY)["links.excessive"]
    assert signal.probability >= 0.5
    assert (signal.spans[0].start, signal.spans[0].end) == (0, len(MANY))


def test_the_pack_says_how_many_are_too_many():
    loose, strict = Limits(links_per_post=10), Limits(links_per_post=2)
    two = "These are the plans https://a.example.org/1 that were put before the committee in May and here the second set https://b.example.org/2"
    assert crowding(message(two), loose) == 0
    assert detected(two, limits=strict)["links.excessive"].probability >= 0.5
    assert detected(MANY, limits=loose).get("links.excessive").probability < 0.5


def test_evidence_in_a_complaint_is_not():
    assert detected(EVIDENCE, Channel.EMAIL) == {}
    assert hiding(message(EVIDENCE, Channel.EMAIL)) == []
    laws = " ".join(f"https://www.gov.uk/guidance/{n}" for n in range(8))
    assert detected(f"Read what the law says: {laws}") == {}


def test_one_link_again_and_again_is_excessive_in_posts_but_not_in_mail():
    text = "Have a look at what they did to our lane https://photos.example.org/lane before you believe a word of it"
    posts = tuple(past(f"{text} {n}", NOW - timedelta(days=n), channel=Channel.X) for n in range(1, 6))
    assert detected(text, history=HistoryView(messages=posts))["links.excessive"].note.startswith("one link 6 times")
    assert detected(text, history=HistoryView(messages=posts[:2])) == {}
    mails = tuple(past(text, NOW - timedelta(days=n)) for n in range(1, 6))
    assert detected(text, Channel.EMAIL, HistoryView(messages=mails)) == {}


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
