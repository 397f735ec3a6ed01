"""Every measure of every policy is told in both languages and styles, with what it was given and nothing broken."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.letters.samples import NOW, facts_of
from models.domain import Channel
from models.letters import blocks
from models.letters.blocks import Element
from models.letters.compose import compose
from models.letters.measures_said import said
from models.letters.reading_ease import GRADE_AT_MOST, grade, split, too_long
from models.letters.tongue import days, minutes, months, working_days
from models.measures import deadlines
from models.measures.steps import Basis
from models.measures.terms import Terms, missing, type_of
from models.policy.loader import builtin_pack

PACKS = [builtin_pack(name) for name in ("psow", "adra", "wrexham", "phso")]
MEASURES = [(pack, measure.id) for pack in PACKS for measure in pack.measures]
LEFT = (Channel.EMAIL,)


def whole(pack, name):
    """Terms of a measure with every field that its kind wants."""
    given = Terms(
        name, channels=(Channel.TELEPHONE,), weekdays=(0, 3), from_time="10:00", to_time="11:30", max_items=2, per_days=2,
        max_minutes=2, officer="Nia Wyn", third_party="Advocacy Cymru", text="be kind", matter="the roof",
        working_days=20, on=date(2026, 4, 1), signature="offered",
    )  # fmt: skip
    assert missing(pack, given) == ()
    return given


@pytest.mark.parametrize(("pack", "name"), MEASURES, ids=lambda v: getattr(v, "id", v))
def test_a_measure_is_told_whole(pack, name):
    terms = whole(pack, name)
    kind = type_of(pack, terms)
    carried = {
        "single_contact": ["Nia Wyn"], "third_party": ["Advocacy Cymru"], "volume_limit": ["2"], "behaviour_contract": ["be kind"],
        "days_and_times": ["10:00", "11:30"], "longer_reply": ["20"], "time_out": ["1 "], "restricted_issues": ["The roof"],
        "refuse_repeats": ["The roof"], "meeting": ["Be kind"], "appointment": ["Be kind"],
    }.get(kind, [])  # fmt: skip
    for style in ("standard", "easy-read"):
        english, welsh = (said(pack, terms, language, style, LEFT) for language in ("en", "cy"))
        assert len(english) == len(welsh)
        for lines in (english, welsh):
            text = " ".join(lines)
            assert text
            assert "{" not in text
            for words in carried:
                assert words in text, (style, words)
            if style == "easy-read":
                assert too_long(split(text)) == []
        assert english != welsh
        if style == "easy-read":
            assert grade([found for line in english for found in split(line)]) <= GRADE_AT_MOST + 2.5, english


def test_welsh_numbers_mutate_what_they_count():
    assert [days(n, "cy") for n in (1, 2, 3, 10)] == ["1 diwrnod", "2 ddiwrnod", "3 diwrnod", "10 diwrnod"]
    assert [months(n, "cy") for n in (1, 2, 6)] == ["1 mis", "2 fis", "6 mis"]
    assert [working_days(n, "cy") for n in (2, 20)] == ["2 ddiwrnod gwaith", "20 diwrnod gwaith"]
    assert [minutes(n, "cy") for n in (2, 10)] == ["2 funud", "10 munud"]
    assert [days(n, "en") for n in (1, 2)] == ["1 day", "2 days"]
    assert said(PACKS[1], Terms("volume_limit", max_items=3, per_days=1), "cy", "standard", ()) == (
        "Uchafswm eich cysylltiadau â ni: 3 bob diwrnod.",
    )


@pytest.mark.parametrize("style", ["standard", "easy-read"])
@pytest.mark.parametrize(
    ("pack_id", "basis", "last"), [("psow", Basis.CALL, 11), ("adra", Basis.INFORMAL, 17), ("wrexham", Basis.CALL, 20)]
)
def test_a_short_restriction_tells_its_last_day(pack_id, basis, last, style):
    pack = builtin_pack(pack_id)
    facts = facts_of(pack, "restriction", style)
    until = NOW + timedelta(days=10) if pack_id == "wrexham" else None
    short = replace(
        facts.restriction,
        basis=basis,
        measures=(Terms("block_contact", channels=(Channel.TELEPHONE,)),),
        until=until,
        review_on=None,
    )
    short = deadlines.with_dates(short, facts.file.incidents, pack, deadlines.ENGLAND_AND_WALES)
    facts = replace(facts, file=replace(facts.file, restrictions=(short,)))
    for language, month in (("en", "March"), ("cy", "Mawrth")):
        letter = compose(facts, language, style)
        assert blocks.missing(letter) == ()
        assert Element.REVIEW not in letter.required
        (lasts,) = [block for block in letter.blocks() if getattr(block, "key", "") == "lasts"]
        assert f"{last} {month} 2026" in lasts.text


def test_where_no_line_stays_open_the_letter_says_so_and_emergencies_still_pass():
    pack = builtin_pack("phso")
    facts = facts_of(pack, "restriction", "standard")
    facts = replace(
        facts, file=replace(facts.file, restrictions=(replace(facts.restriction, measures=(Terms("stop_all"),)),))
    )
    for style in ("standard", "easy-read"):
        letter = compose(facts, "en", style)
        text = "\n".join(blocks.plain(block) for block in letter.blocks())
        assert blocks.missing(letter) == ()
        assert "999" in text
        assert pack.organisation.email not in text
        assert pack.organisation.phone not in text
