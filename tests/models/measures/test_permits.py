"""Reviews, incidents, records, adjustments, referrals and joinings: what is permitted, and what each lacks."""

from dataclasses import replace

import pytest

from models.measures import permits, restricting
from models.measures.steps import (
    IncidentState,
    Officer,
    Police,
    Record,
    RecordKind,
    Referral,
    Review,
    ReviewOutcome,
)
from models.measures.terms import Terms
from tests.fakes.formal import GRAVE, NOW, TOP, at, day, incident, need, officer, taken
from tests.models.measures.test_restricting import CLOSED, LETTER, PACKS, codes, file_of, in_order


def review(**more):
    fields = {"outcome": ReviewOutcome.CONTINUE, "taken": taken("hopsc", at(2026, 9, 1)), "why": "it goes on"} | more
    return Review(0, 1, **fields)


def test_a_review_weighs_a_need_that_came_to_light_since():
    psow = PACKS["psow"]
    before = replace(in_order("psow"), review_on=day(2026, 9, 10), circumstances="")
    file = file_of("psow", restrictions=(before,), circumstances=(need(),))
    when, by, on = at(2026, 9, 1), officer("hopsc"), day(2027, 3, 1)
    assert codes(permits.reviewing(file, psow, by, review(next_review_on=on), when)) == ["circumstances"]
    weighed = review(next_review_on=on, circumstances="a hearing aid: letters stay")
    assert permits.reviewing(file, psow, by, weighed, when).permitted
    assert restricting.reviewed(before, weighed, psow).circumstances == "a hearing aid: letters stay"


def test_a_review_sets_the_next_one_in_time_and_leaves_a_line_open():
    psow = PACKS["psow"]
    file = file_of("psow", restrictions=(replace(in_order("psow"), review_on=day(2026, 9, 10)),))
    when, by = at(2026, 9, 1), officer("hopsc")
    assert codes(permits.reviewing(file, psow, by, review(), when)) == ["review_missing"]
    assert permits.reviewing(file, psow, by, review(next_review_on=day(2027, 3, 1)), when).permitted
    assert codes(permits.reviewing(file, psow, by, review(next_review_on=day(2027, 3, 2)), when)) == ["review_too_late"]
    assert permits.reviewing(file, psow, by, review(outcome=ReviewOutcome.END), when).permitted
    assert permits.reviewing(file, psow, officer("tm"), review(outcome=ReviewOutcome.END), when).proposal
    harder = review(outcome=ReviewOutcome.VARY, next_review_on=day(2027, 3, 1), measures=CLOSED["psow"])
    assert codes(permits.reviewing(file, psow, by, harder, when)) == ["last_line_reason"]
    assert permits.reviewing(file, psow, by, replace(harder, override_why="threats"), when).permitted
    assert codes(permits.reviewing(file, psow, by, replace(review(), restriction_id=5), when)) == [
        "no_such_restriction"
    ]


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_an_incident_of_zero_tolerance_answers_for_the_police(pack_id):
    pack = PACKS[pack_id]
    grave = incident(1, NOW, pack_id, "proposed", clauses=(GRAVE[pack_id],), zero_tolerance=True)
    by = officer(pack.roles[0].id)
    assert codes(permits.upholding(pack, by, grave)) == ["police"]
    for police in (Police(True, "crime 12/34"), Police(False, "a figure of speech")):
        assert permits.upholding(pack, by, replace(grave, police=police)).permitted
    plain = incident(2, NOW, pack_id, "proposed")
    assert permits.upholding(pack, by, plain).permitted
    assert codes(permits.upholding(pack, by, replace(plain, clauses=()))) == ["clause_missing"]
    assert codes(permits.upholding(pack, by, replace(plain, clauses=("psow/0",)))) == ["clause_unknown"]
    assert codes(permits.upholding(pack, by, replace(plain, state=IncidentState.UPHELD))) == ["state"]
    assert codes(permits.upholding(pack, by, replace(plain, staff=("Elin",)))) == ["manager_missing"]


def test_records_need_their_reason_and_silence_a_look_for_new_information():
    adra, by = PACKS["adra"], officer("manager")
    draft = Record(0, RecordKind.NOT_REPLY, taken("manager"), "asked and answered")
    assert codes(permits.recording(adra, by, draft)) == ["look_first"]
    assert permits.recording(adra, by, replace(draft, checked_for_new=True)).permitted
    assert permits.recording(adra, Officer("Elin", "staff"), replace(draft, checked_for_new=True)).proposal
    assert codes(permits.recording(adra, by, Record(0, RecordKind.NOT_APPLY, taken("manager"), " "))) == [
        "reason_missing"
    ]


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_an_adjustment_asked_for_is_declined_only_after_advice(pack_id):
    pack, by = PACKS[pack_id], officer(TOP[pack_id])
    asked_for = need(adjustment="a longer time to answer", requested=True)
    assert codes(permits.declining(pack, by, asked_for, "not reasonable")) == ["advice_first"]
    assert permits.declining(pack, by, replace(asked_for, advice="counsel of 2 March"), "not reasonable").permitted


def test_only_a_pack_with_an_advice_group_refers():
    draft = Referral(0, taken("tm"), "PSOW-1", "Elin", "shouting", "a warning", "none known")
    assert permits.referring(file_of("psow"), PACKS["psow"], officer("tm"), draft).permitted
    assert permits.referring(file_of("psow"), PACKS["psow"], officer("staff"), draft).proposal
    assert codes(permits.referring(file_of("psow"), PACKS["psow"], officer("tm"), replace(draft, needs=""))) == [
        "form_incomplete"
    ]
    for pack_id in ("adra", "wrexham", "phso"):
        assert codes(permits.referring(file_of(pack_id), PACKS[pack_id], officer(TOP[pack_id]), draft)) == [
            "no_referral"
        ]


def test_joining_two_people_may_not_close_the_last_line():
    psow = PACKS["psow"]
    one = replace(in_order("psow"), review_on=day(2026, 6, 1))
    other = replace(one, restriction_id=2, measures=(Terms("one_channel", channels=(LETTER,)),))
    assert codes(permits.joined_lines(psow, file_of("psow", restrictions=(one, other)), NOW)) == ["join_closes"]
    assert permits.joined_lines(psow, file_of("psow", restrictions=(one, one)), NOW).permitted
