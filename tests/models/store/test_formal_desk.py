"""The steps in the store: permitted ones stand with letter and seal, others are refused or proposed, and clocks act by themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.domain import Channel
from models.formal_tables import measure, notice
from models.measures import deadlines
from models.measures.steps import (
    Appeal,
    AppealOutcome,
    Ask,
    Basis,
    FormalWarning,
    Record,
    RecordKind,
    Referral,
    Review,
    ReviewOutcome,
)
from models.measures.terms import Terms
from models.store import audit
from models.store.formal import letters, notices, pausing, people, proposals, referrals, sealed
from models.tables import audit_event
from tests.fakes.desks import KEY, refused
from tests.fakes.formal import at, need, taken

PACKS = ("psow", "adra", "wrexham", "phso")
EMAIL, TELEPHONE = Channel.EMAIL, Channel.TELEPHONE


every_pack = pytest.mark.parametrize("office", PACKS, indirect=True)


@every_pack
def test_the_whole_ladder_to_a_restriction_leaves_letters_seals_and_a_clean_trail(office):
    number = office.up_to_restriction()
    file = office.file()
    found = file.restriction(number)
    assert found.review_on is not None
    assert file.in_force(office.pack, office.now) == (found,)
    assert [row["kind"] for row in letters.of_measure(office.database, number)] == ["restriction"]
    assert notices.find(office.database, "register_changed", f"measure:{number}") is not None
    assert audit.verify(office.database, KEY)[1] is None
    assert sealed.altered(office.database, KEY) == []
    assert (notices.find(office.database, "advice_group_not_asked", f"measure:{number}") is not None) == (
        office.pack_id == "psow"
    )


def test_what_is_changed_behind_the_trail_is_found(office):
    number = office.up_to_restriction()
    row = office.database.execute(select(measure).where(measure.c.id == number)).mappings().one()
    altered = row["detail"] | {"why": "something else"}
    office.database.execute(update(measure).where(measure.c.id == number).values(detail=altered))
    assert sealed.altered(office.database, KEY) == [f"measure:{number}"]
    office.database.execute(update(measure).where(measure.c.id == number).values(detail=row["detail"]))
    assert sealed.altered(office.database, KEY) == []
    values = {key: value for key, value in row.items() if key != "id"}
    office.database.execute(measure.insert().values(**values))
    assert sealed.altered(office.database, KEY) == [f"measure:{number + 1}"], "a row that no event speaks of"


def test_the_trail_holds_no_words(office):
    office.up_to_restriction()
    people.note(office.desk(), office.contact, need("a diagnosis nobody should read in a log"))
    said = str([row.detail for row in office.database.execute(select(audit_event))])
    for words in ("shouting", "please stop", "diagnosis", "Jones"):
        assert words not in said


@every_pack
def test_a_warning_is_in_force_once_its_letter_is_received(office):
    first = office.incident()
    if office.pack_id == "phso":
        office.desk().ask(office.contact, Ask(0, (first,), taken("x"), "please do not"))
        office.forward(days=1)
        first = office.incident()
    done = office.desk().warn(office.contact, FormalWarning(0, (first,), taken("x"), "stop", told_at=at(2020, 1, 1)))
    assert office.file().warnings[0].told_at is None, "nobody backdates a written warning"
    office.forward(days=1)
    second = office.incident()
    assert refused(office.desk().restrict, office.contact, office.draft(second))
    (letter,) = letters.of_measure(office.database, done.number)
    letters.fulfil(office.database, KEY, letter["id"], office.pack, office.now, by_post=True, by="post room")
    assert office.file().warnings[0].told_at == deadlines.end_of_day(
        deadlines.taken_as_received(office.now, True, office.pack)
    )
    with pytest.raises(letters.AlreadySent):
        letters.fulfil(office.database, KEY, letter["id"], office.pack, office.now, by_post=True, by="post room")


def test_a_request_from_below_the_grade_becomes_a_proposal_and_is_ruled_on_again(office):
    first = office.incident()
    office.warn(first)
    office.forward(days=1)
    second = office.incident()
    done = office.desk("tm").restrict(office.contact, office.draft(second))
    assert done.proposed
    assert office.file().restrictions == ()
    assert [row["role"] for row in proposals.open_ones(office.database, "psow")] == ["hopsc"]
    assert refused(proposals.take, office.desk("tm"), done.number) == ["state"], "nobody takes their own"
    assert refused(proposals.decline, office.desk("staff"), done.number, "no") == ["too_low"]
    office.forward(days=2)
    made = proposals.take(office.desk("hopsc"), done.number)
    found = office.file().restriction(made.number)
    assert (found.taken.by.name, found.taken.proposed_by) == ("hopsc", "tm")
    assert proposals.open_ones(office.database, "psow") == []
    assert refused(proposals.take, office.desk("hopsc"), done.number) == ["state"]


def test_a_proposal_is_declined_with_a_reason(office):
    first = office.incident()
    done = office.desk("staff").warn(office.contact, FormalWarning(0, (first,), taken("x"), "stop"))
    assert refused(proposals.decline, office.desk("tm"), done.number, " ") == ["reason_missing"]
    proposals.decline(office.desk("tm"), done.number, "a word on the phone is enough")
    assert office.file().warnings == ()
    assert sealed.altered(office.database, KEY) == []


@pytest.mark.parametrize("office", ["phso"], indirect=True)
def test_a_restriction_rolls_with_each_incident_and_ends_by_itself(office):
    number = office.up_to_restriction()
    first_end = office.database.execute(select(measure.c.ends_at).where(measure.c.id == number)).scalar_one()
    office.forward(days=30)
    office.incident()
    moved = office.database.execute(select(measure.c.ends_at).where(measure.c.id == number)).scalar_one()
    assert (moved - first_end).days in range(28, 32)
    office.now = moved - timedelta(seconds=1)
    assert office.tick().ended == 0
    office.now = moved
    assert office.tick().ended == 1
    found = office.file().restriction(number)
    assert (found.ended.at, found.ended.by) == (moved, "machine")
    assert office.letters()[-1] == "end"
    assert office.tick().ended == 0
    again = office.incident()
    assert not office.desk().restrict(office.contact, office.draft(again)).proposed, "renewed without a warning"
    assert sealed.altered(office.database, KEY) == []


@pytest.mark.parametrize("office", ["phso"], indirect=True)
def test_a_warning_lapses_by_itself_and_stays_on_record(office):
    first = office.incident(grave=True)
    office.warn(first)
    office.forward(days=200)
    assert office.tick().lapsed == 1
    assert office.tick().lapsed == 0
    assert office.file().warnings_in_force(office.pack, office.now) == ()
    assert len(office.file().warnings) == 1


def test_reviews_are_reminded_of_then_overdue_and_what_nobody_reviews_ends(office):
    number = office.up_to_restriction()
    review = office.file().restriction(number).review_on
    office.now = at(review.year, review.month, review.day) - timedelta(days=28)
    assert office.tick().told == 1
    assert office.tick().told == 0
    office.now = at(review.year, review.month, review.day) - timedelta(days=3)
    assert office.tick().told == 1
    office.now = at(review.year, review.month, review.day) + timedelta(days=1)
    ticked = office.tick()
    assert (ticked.ended, ticked.told) == (1, 1)
    kinds = [row.kind for row in office.database.execute(select(notice.c.kind))]
    assert kinds.count("review_soon") == 2
    assert kinds.count("review_overdue") == 1
    assert office.file().restriction(number).ended.why == "not reviewed in time"


def test_a_review_in_time_carries_a_restriction_on(office):
    number = office.up_to_restriction()
    office.forward(days=170)
    on = deadlines.london_day(office.now) + timedelta(days=90)
    draft = Review(0, number, ReviewOutcome.CONTINUE, taken("x"), "it still happens", next_review_on=on)
    assert office.desk("tm").review(office.contact, draft).proposed
    office.desk().review(office.contact, draft)
    assert office.file().restriction(number).review_on == on
    assert "review" not in office.letters(), "not in active contact: not told (psow/10.1)"
    office.forward(days=30)
    assert office.tick().ended == 0
    office.desk().review(office.contact, Review(0, number, ReviewOutcome.END, taken("x"), "all is well"))
    assert office.file().in_force(office.pack, office.now) == ()
    assert office.letters()[-1] == "end", "Easy Read: we tell when rules end"


@pytest.mark.parametrize("office", ["adra"], indirect=True)
def test_adra_always_tells_of_a_review(office):
    number = office.up_to_restriction()
    draft = Review(
        0,
        number,
        ReviewOutcome.CONTINUE,
        taken("x"),
        "why",
        next_review_on=deadlines.london_day(office.now) + timedelta(days=300),
    )
    office.desk().review(office.contact, draft)
    assert office.letters()[-1] == "review"


@pytest.mark.parametrize("office", ["psow", "adra", "wrexham"], indirect=True)
def test_an_appeal_is_heard_by_somebody_else_and_may_end_the_measure(office):
    number = office.up_to_restriction()
    office.send(number)
    office.forward(days=3)
    lodged = office.desk(office.pack.roles[0].id).lodge(office.contact, Appeal(0, number, office.now, "too hard"))
    assert refused(office.desk().lodge, office.contact, Appeal(0, number, office.now, "again")) == ["appeal_open"]
    draft = Appeal(lodged.number, number, office.now, "too hard", outcome=AppealOutcome.UPHELD, why="it was")
    assert refused(office.desk().hear, office.contact, draft) == ["recused"]
    hearer = {"psow": "edcl", "adra": "slt", "wrexham": "complaints_team"}[office.pack_id]
    office.desk(hearer).hear(office.contact, draft)
    assert office.file().in_force(office.pack, office.now) == ()
    assert office.letters()[-2:] == ["appeal_received", "appeal_outcome"]
    assert sealed.altered(office.database, KEY) == []


def test_a_measure_may_rest_until_its_appeal_is_decided(office):
    number = office.up_to_restriction()
    lodged = office.desk("staff").lodge(office.contact, Appeal(0, number, office.now, "too hard"))
    assert refused(pausing.rest_for_appeal, office.desk(), office.contact, lodged.number, "hardship") == ["recused"]
    pausing.rest_for_appeal(office.desk("edcl"), office.contact, lodged.number, "hardship")
    assert office.file().open_lines(office.pack, office.now) == office.pack.lines
    draft = Appeal(
        lodged.number, number, office.now, "x", outcome=AppealOutcome.DISMISSED, why="the decision was right"
    )
    office.desk("edcl").hear(office.contact, draft)
    assert [r.restriction_id for r in office.file().in_force(office.pack, office.now)] == [number]


def test_the_advice_group_is_asked_answers_and_is_not_alerted_then(office):
    first = office.incident()
    office.warn(first)
    office.forward(days=1)
    second = office.incident()
    form = Referral(0, taken("x"), "PSOW-7", "Elin", "shouting at staff", "one warning", "perhaps hearing loss")
    assert office.desk("staff").refer(office.contact, form).proposed
    asked = office.desk("tm").refer(office.contact, form)
    assert refused(office.desk().restrict, office.contact, office.draft(second)) == ["referral_open"]
    assert refused(referrals.advise, office.desk("hsi"), office.contact, asked.number, " ", "x") == ["reason_missing"]
    referrals.advise(
        office.desk("hsi"), office.contact, asked.number, "offer an advocate", "one line, with an advocate"
    )
    assert notices.find(office.database, "advice_returned", f"measure:{asked.number}") is not None
    made = office.desk().restrict(office.contact, office.draft(second))
    assert office.file().restriction(made.number).referral_id == asked.number
    assert notices.find(office.database, "advice_group_not_asked", f"measure:{made.number}") is None
    again = office.desk("tm").refer(office.contact, form)
    referrals.withdraw(office.desk("tm"), office.contact, again.number, "overtaken")
    assert office.file().open_referral() is None


@every_pack
def test_decisions_not_to_act_are_recorded_each_with_its_reason(office):
    for kind in RecordKind:
        office.desk().record(
            office.contact,
            Record(0, kind, taken("x"), f"because of {kind}", checked_for_new=True, told="999", told_at=office.now),
        )
    assert [record.kind for record in office.file().records] == list(RecordKind)
    assert sealed.altered(office.database, KEY) == []


@pytest.mark.parametrize("office", ["psow", "adra"], indirect=True)
def test_after_a_terminated_call_a_short_restriction_ends_by_itself(office):
    office.incident(terminated_call=True, warned_first=True, manager="tm")
    office.forward(hours=2)
    further = office.incident()
    draft = office.draft(further, basis=Basis.CALL, measures=(Terms("block_contact", channels=(TELEPHONE,)),))
    by = {"psow": "tm", "adra": "staff"}[office.pack_id]
    number = office.desk(by).restrict(office.contact, draft).number
    assert TELEPHONE not in office.file().open_lines(office.pack, office.now)
    office.forward(days={"psow": 1, "adra": 7}[office.pack_id])
    assert office.tick().ended == 1
    assert TELEPHONE in office.file().open_lines(office.pack, office.now)
    assert office.file().restriction(number).ended.by == "machine"
