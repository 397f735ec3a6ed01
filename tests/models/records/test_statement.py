"""The public statement: what it says follows from the pack and from what the machine may do here, in both languages alike."""

import re
from html import unescape

import pytest

from models.domain import ChannelGroup
from models.labels import LABELS, Stance
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.wording import LABEL_WORDS
from models.records.public import rendering
from models.records.public.statement import Use, harms, statement

DAY = ("25 November 2026", "25 Tachwedd 2026")
BOTH = Use(("email", "x"), frozenset({ChannelGroup.MAIL, ChannelGroup.SOCIAL}))
NONE = Use(("email",), frozenset())


def said(org, use=BOTH):
    return rendering.text(statement(builtin_pack(org), use, DAY))


@pytest.mark.parametrize("org", sorted(builtin_pack_ids()))
def test_every_policy_gives_one_with_each_sentence_in_both_languages(org):
    found = statement(builtin_pack(org), BOTH, DAY)
    sentences = [one for s in found.sections for one in (s.heading, *s.says, *s.listed, *s.after)]
    assert all(one.en.strip() and one.cy.strip() for one in sentences)
    assert not [one for one in sentences if one.en == one.cy and " " in one.en.strip()]
    welsh, english = rendering.text(found).split("-" * 60)
    assert "25 Tachwedd 2026" in welsh
    assert "25 November 2026" in english
    assert builtin_pack(org).organisation.name.cy in welsh
    for label in harms(builtin_pack(org)):
        assert (LABEL_WORDS[label].cy in welsh, LABEL_WORDS[label].en in english) == (True, True)


def test_only_what_harms_is_said_to_be_hidden():
    for org in builtin_pack_ids():
        found = harms(builtin_pack(org))
        assert "abuse.insult" in found
        assert all(LABELS[label] is Stance.HARM for label in found)
        assert "a request under a right" not in said(org).split("never")[0]


def test_it_never_says_that_the_machine_acts_where_it_does_not():
    text = said("psow", NONE)
    assert "It does nothing by itself: a person decides each time." in text
    assert "Nid yw'n gwneud dim ar ei phen ei hun" in text
    assert "may hide" not in text
    assert "may block" not in text
    mail = said("psow", Use(("email",), frozenset({ChannelGroup.MAIL})))
    assert "may hold mail back at once" in mail
    assert "may hide" not in mail
    assert "wrong about at most 2 in every 1,000" in mail


def test_it_follows_the_pack():
    assert "Working days in which you can appeal: 20." in said("psow")
    assert "Head of Public Service Complaints" in said("psow")
    assert "Pennaeth Cwynion am Wasanaethau Cyhoeddus" in said("psow")
    assert "We never close somebody's last way of contacting us." in said("adra")
    assert "complaints@wrexham.gov.uk" in said("wrexham")
    assert "Who hears an appeal" not in said("phso")
    assert "Months after which a restriction on somebody's contact ends: 6." in said("phso")
    assert "If you write in Welsh we answer in Welsh" not in said("phso")
    assert "only for: spam, a threat, hate against a group," in said("psow")
    assert "only for: spam." in said("adra")


def test_the_page_says_the_same_as_the_text_and_each_part_its_language():
    found = statement(builtin_pack("psow"), BOTH, DAY)
    page = rendering.html(found)
    assert re.findall(r'<section lang="(\w+)">', page) == ["cy", "en"]
    assert not re.search(r"<script|style=|\son\w+=|<img|href", page)
    plain = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))
    for line in rendering.text(found).splitlines():
        words = line.strip().removeprefix("- ")
        if words and not words.isupper() and set(words) != {"-"}:
            assert words in plain, words


def test_hostile_words_of_a_pack_stay_text():
    pack = builtin_pack("psow")
    evil = pack.model_copy(update={"version": "<script>alert(1)</script>"})
    assert "<script" not in rendering.html(statement(evil, BOTH, DAY))
