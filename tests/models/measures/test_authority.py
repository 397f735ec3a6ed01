"""Each pack's matrix of decisions, who stands in for whom, and who must step aside from an appeal."""

from dataclasses import replace

import pytest

from models.measures import authority, permits
from models.measures.authority import TooLow
from models.measures.refusals import Refusal
from models.measures.steps import Appeal, AppealOutcome, Basis, Referral, Review, ReviewOutcome, Taken
from models.measures.terms import Terms
from models.policy.loader import builtin_pack
from tests.fakes.formal import NOW, at, dossier, incident, officer, restricted, taken, warned

PACKS = {name: builtin_pack(name) for name in ("psow", "adra", "wrexham", "phso")}

MATRIX = [
    ("psow", "terminate_call", "staff"),
    ("psow", "moderate_contact", "staff"),
    ("psow", "warn", "tm"),
    ("psow", "restrict_one_day", "tm"),
    ("psow", "refer_ehrag", "tm"),
    ("psow", "formally_manage", "hopsc"),
    ("psow", "review_decision", "hopsc"),
    ("psow", "record", "hopsc"),
    ("psow", "appeal", "edcl"),
    ("adra", "terminate_call", "staff"),
    ("adra", "restrict_one_week", "staff"),
    ("adra", "moderate_contact", "staff"),
    ("adra", "warn", "manager"),
    ("adra", "formally_manage", "manager"),
    ("adra", "review_decision", "manager"),
    ("adra", "appeal", "slt"),
    ("wrexham", "terminate_call", "staff"),
    ("wrexham", "warn", "staff"),
    ("wrexham", "restrict_telephone", "line_manager"),
    ("wrexham", "formally_manage", "manager"),
    ("wrexham", "review_decision", "manager"),
    ("wrexham", "appeal", "complaints_team"),
    ("phso", "ask", "colleague"),
    ("phso", "warn", "colleague"),
    ("phso", "formally_manage", "colleague"),
    ("phso", "review_decision", "colleague"),
    ("phso", "manage_organisation", "executive"),
    ("phso", "stop_all_contact", "executive"),
]


@pytest.mark.parametrize(("pack_id", "decision", "lowest"), MATRIX)
def test_a_decision_is_for_its_grade_and_above_and_a_proposal_from_below(pack_id, decision, lowest):
    pack = PACKS[pack_id]
    rank = authority.role_of(pack, lowest).rank
    for role in pack.roles:
        found = authority.may(pack, officer(role.id), decision)
        if role.rank >= rank:
            assert found is None, role.id
        elif role.stands_in_for == lowest:
            assert isinstance(found, Refusal)
        else:
            assert isinstance(found, TooLow)
            assert found.role.id == lowest


def test_head_of_service_improvement_decides_as_the_head_of_complaints_does():
    assert authority.may(PACKS["psow"], officer("hsi"), "formally_manage") is None


def test_an_unknown_role_may_nothing():
    for pack in PACKS.values():
        assert isinstance(authority.may(pack, officer("caretaker"), "terminate_call"), TooLow)


@pytest.mark.parametrize("reason", ["unavailable", "conflict"])
def test_a_named_stand_in_decides_only_with_a_reason(reason):
    phso = PACKS["phso"]
    assert authority.may(phso, officer("assistant_deputy", standing_in=reason), "manage_organisation") is None
    silent = authority.may(phso, officer("assistant_deputy"), "manage_organisation")
    assert isinstance(silent, Refusal)
    assert silent.clause == "phso/manage.organisations"
    assert isinstance(authority.may(phso, officer("manager", standing_in=reason), "manage_organisation"), TooLow)


def test_organisations_are_for_the_ombudsman_or_the_executive_team():
    phso = PACKS["phso"]
    file = dossier("phso", incidents=(incident(1, at(2026, 3, 5), "phso"),), warnings=(warned(at(2026, 3, 1), "phso"),))
    draft = replace(restricted("phso", NOW), measures=(Terms("single_contact", officer="Nia"),))
    assert permits.restriction(file, phso, officer("colleague"), draft, NOW).permitted
    ruling = permits.restriction(replace(file, organisation=True), phso, officer("colleague"), draft, NOW)
    assert ruling.proposal
    assert ruling.goes_to.role.id == "executive"
    assert permits.restriction(replace(file, organisation=True), phso, officer("executive"), draft, NOW).permitted


def appealed(pack_id, **more):
    decision = restricted(pack_id, NOW, **more)
    lodged = Appeal(1, 1, at(2026, 3, 12), "too hard")
    return dossier(
        pack_id, incidents=(incident(1, at(2026, 3, 5), pack_id),), restrictions=(decision,), appeals=(lodged,)
    )


def heard(file, pack, by, **more):
    draft = replace(file.appeals[0], outcome=AppealOutcome.UPHELD, why="it was too hard", **more)
    return permits.hearing(file, pack, by, draft, at(2026, 3, 20))


@pytest.mark.parametrize(("pack_id", "role"), [("psow", "edcl"), ("adra", "slt"), ("wrexham", "complaints_team")])
def test_an_appeal_is_heard_by_the_role_of_the_pack_and_never_by_who_took_part(pack_id, role):
    pack, file = PACKS[pack_id], appealed(pack_id)
    assert heard(file, pack, officer(role, "Fresh")).permitted
    assert heard(file, pack, officer(pack.roles[0].id, "Low")).proposal
    hands = {
        "decided": replace(file, restrictions=(replace(file.restrictions[0], taken=taken(role, NOW, "Fresh")),)),
        "proposed": replace(
            file, restrictions=(replace(file.restrictions[0], taken=Taken(officer(role), NOW, proposed_by="Fresh")),)
        ),
        "warned": replace(file, warnings=(replace(warned(NOW), taken=taken(role, NOW, "Fresh")),)),
        "upheld": replace(file, incidents=(incident(1, at(2026, 3, 5), decided=taken(role, NOW, "Fresh")),)),
        "reported": replace(file, incidents=(incident(1, at(2026, 3, 5), reported_by="Fresh"),)),
        "suffered": replace(file, incidents=(incident(1, at(2026, 3, 5), staff=("Fresh",)),)),
        "reviewed": replace(file, reviews=(Review(1, 1, ReviewOutcome.CONTINUE, taken(role, NOW, "Fresh"), "why"),)),
        "advised": replace(
            file,
            restrictions=(replace(file.restrictions[0], referral_id=7),),
            referrals=(Referral(7, taken("tm"), "1", "o", "r", "a", "n", advised_by="Fresh", advised_at=NOW),),
        ),
        "varied": replace(
            file,
            appeals=(
                *file.appeals,
                Appeal(2, 1, NOW, "g", outcome=AppealOutcome.VARIED, heard=taken(role, NOW, "Fresh")),
            ),
        ),
    }
    for how, involved in hands.items():
        codes = [r.code for r in heard(involved, pack, officer(role, "Fresh")).refusals]
        assert codes == ["recused"], how
        assert heard(involved, pack, officer(role, "Other")).permitted, how


def test_an_appeal_in_wrexham_goes_outside_when_the_complaints_lead_took_part():
    wrexham, file = PACKS["wrexham"], appealed("wrexham")
    assert not authority.goes_outside(wrexham, file, file.restrictions[0])
    lead = replace(file, warnings=(replace(warned(NOW), taken=taken("complaints_lead", NOW, "Lead")),))
    assert authority.goes_outside(wrexham, lead, lead.restrictions[0])
    outside = replace(lead, appeals=(replace(lead.appeals[0], outside=True),))
    assert heard(outside, wrexham, officer("manager", "Clerk")).permitted, "what the outside body decided is recorded"
    member = replace(file, warnings=(replace(warned(NOW), taken=taken("complaints_team", NOW, "Member")),))
    assert not authority.goes_outside(wrexham, member, member.restrictions[0]), "another member of the team hears it"


def test_under_the_parliamentary_ombudsman_decisions_are_final():
    file = dossier("phso", restrictions=(restricted("phso", NOW),))
    ruling = permits.appealing(file, PACKS["phso"], Appeal(0, 1, NOW, "unfair"))
    assert [(r.code, r.clause) for r in ruling.refusals] == [("no_appeal", "phso/manage.final")]


def test_one_appeal_a_decision_until_a_review_decides_anew():
    file = appealed("psow")
    again = Appeal(0, 1, at(2026, 3, 13), "again")
    assert [r.code for r in permits.appealing(file, PACKS["psow"], again).refusals] == ["appeal_open"]
    done = replace(file.appeals[0], outcome=AppealOutcome.DISMISSED, heard=taken("edcl", at(2026, 3, 20)))
    file = replace(file, appeals=(done,))
    assert [r.code for r in permits.appealing(file, PACKS["psow"], again).refusals] == ["appeal_decided"]
    review = Review(1, 1, ReviewOutcome.CONTINUE, taken("hopsc", at(2026, 9, 1)), "why")
    assert permits.appealing(replace(file, reviews=(review,)), PACKS["psow"], again).permitted


def test_a_late_appeal_is_heard_only_with_a_reason_but_may_be_dismissed_as_late():
    file = appealed("psow")
    late = replace(file, appeals=(replace(file.appeals[0], late=True),))
    assert [r.code for r in heard(late, PACKS["psow"], officer("edcl")).refusals] == ["late_reason"]
    assert heard(late, PACKS["psow"], officer("edcl"), late_why="in hospital").permitted


def test_a_restriction_after_a_call_is_for_the_grade_of_each_pack():
    for pack_id, decision in (
        ("psow", "restrict_one_day"),
        ("adra", "restrict_one_week"),
        ("wrexham", "restrict_telephone"),
    ):
        draft = restricted(pack_id, NOW, basis=Basis.CALL)
        assert authority.decisions_of(PACKS[pack_id], dossier(pack_id), draft, False) == (decision,)
