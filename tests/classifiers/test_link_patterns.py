"""Links by the pack: too many, one again and again; evidence is neither."""

from datetime import timedelta

from classifiers.link_patterns import LinkPatternsDetector
from classifiers.links import facts_of, hiding
from models.domain import Channel
from models.policy.history import HistoryView
from models.policy.limits import Limits
from tests.classifiers.texts import NOW, message, past

MANY = " ".join(f"https://site{n}.example.com/a" for n in range(6))
EVIDENCE = "I enclose the two pages that show the dates I described in my letter of 3 March: https://a.example.org/1 and https://a.example.org/2"


def detected(text, channel=Channel.X, history=None, limits=None, **more):
    item = message(text, channel, **more)
    found = LinkPatternsDetector().detect(item, (), history or HistoryView(), limits or Limits())
    return {signal.label: signal for signal in found}


def test_many_links_in_a_post_are_excessive_and_marked():
    signal = detected(MANY)["links.excessive"]
    assert signal.probability >= 0.5
    assert (signal.spans[0].start, signal.spans[0].end) == (0, len(MANY))


def test_the_pack_says_how_many_are_too_many():
    loose, strict = Limits(links_per_post=10), Limits(links_per_post=2)
    two = "These are the plans https://a.example.org/1 that were put before the committee in May and here the second set https://b.example.org/2"
    assert facts_of(message(two)).crowding(loose, mail=False) == 0
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
