"""A restriction in order is permitted; each thing it lacks is told by its own refusal, and the last line stays open."""

from dataclasses import replace

import pytest

from models.domain import Channel
from models.measures import deadlines, permits
from models.measures.deadlines import ENGLAND_AND_WALES
from models.measures.refusals import SENTENCES
from models.measures.steps import (
    Basis,
    Referral,
)
from models.measures.terms import SPECS, Terms, closes, missing, type_of
from models.policy.loader import builtin_pack
from tests.fakes.formal import (
    MANAGES,
    NOW,
    TOP,
    at,
    day,
    dossier,
    incident,
    need,
    officer,
    restricted,
    taken,
    warned,
)

PACKS = {name: builtin_pack(name) for name in ("psow", "adra", "wrexham", "phso")}
EMAIL, TELEPHONE, LETTER, VISIT = Channel.EMAIL, Channel.TELEPHONE, Channel.LETTER, Channel.VISIT
WHOLE = {
    "one_channel": {"channels": (EMAIL,)},
    "days_and_times": {"weekdays": (1,), "from_time": "10:00", "to_time": "10:30"},
    "single_contact": {"officer": "Nia"},
    "behaviour_contract": {"text": "we both speak calmly", "signature": "offered"},
    "block_contact": {"channels": (TELEPHONE,)},
    "volume_limit": {"max_items": 1, "per_days": 7},
    "appointment": {"text": "two days ahead"},
    "refuse_repeats": {"matter": "the fence"},
    "third_party": {"third_party": "an advocate"},
    "longer_reply": {"working_days": 20},
    "time_out": {"on": day(2026, 4, 1)},
    "restricted_issues": {"matter": "the fence only"},
    "meeting": {"text": "on conduct"},
}


def file_of(pack_id, **more):
    incidents = (incident(1, at(2026, 2, 1), pack_id), incident(2, at(2026, 3, 5), pack_id))
    return replace(dossier(pack_id, incidents=incidents, warnings=(warned(at(2026, 2, 10), pack_id),)), **more)


def ruled(pack_id, file, draft, by=None, now=NOW):
    pack = PACKS[pack_id]
    dated = deadlines.with_dates(draft, file.incidents, pack, ENGLAND_AND_WALES)
    return permits.restriction(file, pack, by or officer(MANAGES[pack_id]), dated, now)


def codes(ruling):
    return [found.code for found in ruling.refusals]


def in_order(pack_id, **more):
    review = {} if pack_id != "wrexham" else {"review_on": day(2026, 6, 10)}
    return restricted(pack_id, NOW, 2, **(review | more))


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_what_is_in_order_is_permitted_and_from_below_a_proposal(pack_id):
    assert ruled(pack_id, file_of(pack_id), in_order(pack_id)).permitted
    lowest = officer(PACKS[pack_id].roles[0].id)
    ruling = ruled(pack_id, file_of(pack_id), in_order(pack_id), by=lowest)
    assert ruling.permitted if pack_id == "phso" else ruling.proposal


@pytest.mark.parametrize(
    ("pack_id", "changes", "code"),
    [
        ("psow", {"why": " "}, "reason_missing"),
        ("psow", {"incident_ids": ()}, "no_incident"),
        ("psow", {"incident_ids": (9,)}, "no_incident"),
        ("psow", {"measures": ()}, "no_measure"),
        ("psow", {"measures": (Terms("witness"),)}, "unknown_measure"),
        ("psow", {"measures": (Terms("single_contact"),)}, "measure_incomplete"),
        ("psow", {"grounds": ()}, "ground_missing"),
        ("psow", {"grounds": ("psow/8.4",)}, "ground_unknown"),
        ("psow", {"answers": ()}, "consider"),
        ("psow", {"review_on": day(2026, 9, 11)}, "review_too_late"),
        ("psow", {"review_on": day(2026, 3, 10)}, "review_past"),
        ("psow", {"until": at(2026, 3, 9)}, "until_past"),
        ("adra", {"review_on": day(2027, 3, 11)}, "review_too_late"),
        ("wrexham", {"review_on": None}, "review_missing"),
        ("phso", {"until": at(2026, 6, 1)}, "clock_sets_end"),
        ("adra", {"offers": ()}, "offer"),
    ],
)
def test_what_is_missing_is_told(pack_id, changes, code):
    assert code in codes(ruled(pack_id, file_of(pack_id), replace(in_order(pack_id), **changes)))


@pytest.mark.parametrize("left_out", range(9))
def test_adra_considers_nine_things_before_formal_action(left_out):
    draft = in_order("adra")
    assert len(draft.answers) == 9
    fewer = tuple(answer for n, answer in enumerate(draft.answers) if n != left_out)
    blank = tuple(replace(answer, note=" ") if n == left_out else answer for n, answer in enumerate(draft.answers))
    for answers in (fewer, blank):
        ruling = ruled("adra", file_of("adra"), replace(draft, answers=answers))
        assert [r.clause for r in ruling.refusals] == [f"adra/6.before.{'abcdefghi'[left_out]}"]


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_a_circumstance_is_weighed_in_words(pack_id):
    file = file_of(pack_id, circumstances=(need(),))
    assert codes(ruled(pack_id, file, in_order(pack_id))) == ["circumstances"]
    assert ruled(pack_id, file, in_order(pack_id, circumstances="more time, and a letter in large print")).permitted
    past = file_of(pack_id, circumstances=(need(ended_at=NOW),))
    assert ruled(pack_id, past, in_order(pack_id)).permitted


@pytest.mark.parametrize("pack_id", ["psow", "wrexham"])
def test_one_occasion_needs_a_reason(pack_id):
    file = file_of(pack_id, incidents=(incident(2, at(2026, 3, 5), pack_id),))
    assert codes(ruled(pack_id, file, in_order(pack_id))) == ["one_occasion"]
    assert ruled(pack_id, file, in_order(pack_id, single_occasion_why="eighty calls in a night")).permitted


def test_an_open_referral_waits_for_its_advice():
    referral = Referral(1, taken("tm"), "PSOW-1", "Elin", "shouting", "a warning", "none known")
    file = file_of("psow", referrals=(referral,))
    assert codes(ruled("psow", file, in_order("psow"))) == ["referral_open"]
    advised = replace(referral, advice="offer an advocate", advised_by="Group", advised_at=NOW)
    assert ruled("psow", replace(file, referrals=(advised,)), in_order("psow")).permitted


CLOSED = {
    "psow": (Terms("block_contact", channels=(TELEPHONE, EMAIL, LETTER)),),
    "wrexham": (Terms("block_contact", channels=(TELEPHONE, EMAIL, LETTER, VISIT)),),
    "adra": (Terms("block_contact", channels=(TELEPHONE, EMAIL, LETTER, VISIT)),),
    "phso": (Terms("stop_all"),),
}


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_the_last_line_stays_open_unless_the_pack_names_who_may_close_it(pack_id):
    draft, file = in_order(pack_id, measures=CLOSED[pack_id]), file_of(pack_id)
    highest = officer(TOP[pack_id])
    if pack_id == "adra":
        for by in (officer("manager"), highest):
            with_reason = replace(draft, override_why="unbearable")
            assert codes(ruled(pack_id, file, with_reason, by)) == ["last_line_absolute"]
        return
    assert codes(ruled(pack_id, file, draft, highest)) == ["last_line_reason"]
    draft = replace(draft, override_why="threats on every line")
    assert ruled(pack_id, file, draft, highest).permitted
    low = ruled(pack_id, file, draft, officer(MANAGES[pack_id]))
    assert low.permitted if pack_id != "phso" else low.goes_to.role.id == "executive"


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_two_restrictions_together_may_not_close_what_each_leaves_open(pack_id):
    first = replace(in_order(pack_id), review_on=day(2026, 6, 1))
    file = file_of(pack_id, restrictions=(first,))
    second = in_order(pack_id, number=2, measures=(Terms("block_contact", channels=(EMAIL,)),))
    assert codes(ruled(pack_id, file, second))[0].startswith("last_line")
    resting = replace(file, restrictions=(replace(first, suspended_at=NOW),))
    assert codes(ruled(pack_id, resting, second))[0].startswith("last_line"), "what rests may hold again"


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_the_line_left_open_is_one_the_person_can_use(pack_id):
    file = file_of(pack_id, circumstances=(need("deaf", EMAIL, Channel.TELEPHONE),))
    found = codes(ruled(pack_id, file, in_order(pack_id, circumstances="weighed")))
    assert found[0].startswith("last_line")


def test_narrowing_a_line_does_not_close_it():
    measures = tuple(
        Terms(m.id, **WHOLE.get(m.type, {}))
        for m in PACKS["phso"].measures
        if m.type in {"read_and_file", "volume_limit", "single_contact", "time_out", "third_party"}
    )
    assert ruled("phso", file_of("phso"), in_order("phso", measures=measures)).permitted


def calls(pack_id, **more):
    ended = incident(
        1, at(2026, 3, 9), pack_id, channel=TELEPHONE, terminated_call=True, **({"warned_first": True} | more)
    )
    return dossier(pack_id, incidents=(ended, incident(2, at(2026, 3, 10, 9), pack_id, channel=TELEPHONE)))


AFTER_CALL = {"psow": "tm", "adra": "staff", "wrexham": "line_manager"}


@pytest.mark.parametrize("pack_id", list(AFTER_CALL))
def test_after_a_terminated_call_and_further_contact_telephone_may_be_restricted(pack_id):
    by = officer(AFTER_CALL[pack_id])
    draft = restricted(pack_id, NOW, 2, basis=Basis.CALL, measures=(Terms("block_contact", channels=(TELEPHONE,)),))
    if pack_id == "wrexham":
        assert codes(ruled(pack_id, calls(pack_id), draft, by)) == ["until_missing"]
        draft = replace(draft, until=at(2026, 3, 17))
    assert ruled(pack_id, calls(pack_id), draft, by).permitted
    rested_on_the_call = replace(draft, incident_ids=(1,))
    assert codes(ruled(pack_id, calls(pack_id), rested_on_the_call, by)) == ["nothing_after"]
    assert codes(ruled(pack_id, calls(pack_id, warned_first=False), draft, by)) == ["call_not_warned"]
    none = replace(calls(pack_id), incidents=calls(pack_id).incidents[1:])
    assert codes(ruled(pack_id, none, draft, by)) == ["call_first"]
    again = replace(calls(pack_id), restrictions=(replace(draft, ended=None, until=at(2026, 3, 11)),))
    assert "nothing_after" in codes(ruled(pack_id, again, replace(draft, restriction_id=2), by))


def test_after_a_call_the_ombudsman_for_wales_restricts_for_one_day_and_by_telephone_only():
    draft = restricted("psow", NOW, 2, basis=Basis.CALL, measures=(Terms("block_contact", channels=(TELEPHONE,)),))
    assert codes(ruled("psow", calls("psow"), replace(draft, until=at(2026, 3, 12)), officer("tm"))) == [
        "until_too_late"
    ]
    by_mail = replace(draft, measures=(Terms("block_contact", channels=(EMAIL,)),))
    assert codes(ruled("psow", calls("psow"), by_mail, officer("tm"))) == ["telephone_only"]
    assert ruled("psow", calls("psow"), draft, officer("staff")).proposal


def test_the_parliamentary_ombudsman_knows_no_short_restriction():
    for basis in (Basis.CALL, Basis.INFORMAL):
        draft = restricted("phso", NOW, 2, basis=basis, until=at(2026, 3, 12))
        assert "no_such_basis" in codes(ruled("phso", calls("phso"), draft, officer("executive")))


def test_an_officer_moderates_contact_mildly_and_for_a_time():
    draft = restricted("psow", NOW, 2, basis=Basis.INFORMAL)
    assert codes(ruled("psow", file_of("psow"), draft, officer("staff"))) == ["until_missing"]
    assert ruled("psow", file_of("psow"), replace(draft, until=at(2026, 4, 10)), officer("staff")).permitted
    hard = replace(draft, until=at(2026, 4, 10), measures=(Terms("block_contact", channels=(TELEPHONE,)),))
    assert codes(ruled("psow", file_of("psow"), hard, officer("staff"))) == ["informal_only"]
    assert codes(ruled("psow", file_of("psow"), replace(draft, until=at(2027, 4, 10)), officer("staff"))) == [
        "until_too_late"
    ]


def test_adra_restricts_informally_for_a_week_after_one_warning():
    draft = restricted("adra", NOW, 2, basis=Basis.INFORMAL)
    assert ruled("adra", file_of("adra"), draft, officer("staff")).permitted
    unwarned = file_of("adra", warnings=())
    assert codes(ruled("adra", unwarned, draft, officer("staff"))) == ["warn_first"]
    assert codes(ruled("adra", file_of("adra"), replace(draft, until=at(2026, 3, 18)), officer("staff"))) == [
        "until_too_late"
    ]


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_every_measure_of_the_pack_has_its_fields(pack_id):
    pack = PACKS[pack_id]
    for measure in pack.measures:
        whole = Terms(measure.id, **WHOLE.get(measure.type, {}))
        assert missing(pack, whole) == (), measure.id
        spec = SPECS[measure.type]
        assert measure.enforced_by_bot == (spec.bot is not None and measure.type != "stop_all"), measure.id
        for name in spec.needs:
            lacking = replace(
                whole, **{name: type(getattr(whole, name))() if name not in {"on", "working_days"} else None}
            )
            assert name in missing(pack, lacking)
        if spec.one_of:
            assert missing(pack, Terms(measure.id)) != ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_time": "25:00", "to_time": "26:00"},
        {"from_time": "10:30", "to_time": "10:00"},
        {"from_time": "10:00"},
        {"weekdays": (7,)},
        {"weekdays": (1,), "from_time": "ten", "to_time": "eleven"},
    ],
)
def test_hours_and_days_are_real(wrong):
    assert missing(PACKS["psow"], Terms("days_and_times", **wrong))


def test_a_limit_needs_a_number_and_its_time_and_a_contract_its_signature():
    assert missing(PACKS["adra"], Terms("volume_limit", max_items=2)) == ("per_days",)
    assert missing(PACKS["adra"], Terms("volume_limit", max_minutes=10)) == ()
    assert missing(PACKS["psow"], Terms("behaviour_contract", text="x", signature="perhaps")) == ("signature",)
    assert type_of(PACKS["psow"], Terms("nothing")) is None


def test_what_a_measure_closes():
    psow = PACKS["psow"]
    assert closes(psow, Terms("one_channel", channels=(EMAIL,))) == {TELEPHONE, LETTER}
    assert Channel.X in closes(psow, Terms("block_social"))
    assert closes(psow, Terms("read_and_file")) == frozenset()
    assert closes(PACKS["phso"], Terms("return_post")) == {LETTER}
    assert {TELEPHONE, EMAIL, LETTER, Channel.X} <= closes(PACKS["phso"], Terms("stop_all"))


def test_every_refusal_stands_in_both_languages():
    for code, words in SENTENCES.items():
        assert words.en, code
        assert words.cy, code
        assert words.en != words.cy, code
        assert {part.split("}")[0] for part in words.en.split("{")[1:]} == {
            part.split("}")[0] for part in words.cy.split("{")[1:]
        }
