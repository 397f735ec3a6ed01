"""Each pack's clocks against dates worked out by hand: month ends, leap years, Easter, bank holidays, daylight saving."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.domain import Channel
from models.measures import deadlines
from models.measures.deadlines import ENGLAND_AND_WALES
from models.measures.steps import Basis, End
from models.measures.terms import Terms
from models.policy.loader import builtin_pack
from tests.fakes.formal import at, day, dossier, incident, restricted, warned

PSOW, ADRA, WREXHAM, PHSO = (builtin_pack(name) for name in ("psow", "adra", "wrexham", "phso"))
CALL = (Terms("block_contact", channels=(Channel.TELEPHONE,)),)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (day(2026, 4, 1), day(2026, 5, 1)),  # over Good Friday 3 April and Easter Monday 6 April
        (day(2026, 4, 22), day(2026, 5, 21)),  # over the early May bank holiday
        (day(2026, 12, 24), day(2027, 1, 26)),  # Christmas, Boxing Day's substitute, New Year's Day
        (day(2024, 2, 1), day(2024, 2, 29)),  # the leap day is a working day
        (day(2026, 8, 3), day(2026, 9, 1)),  # the summer bank holiday on 31 August
    ],
)
def test_an_appeal_to_the_ombudsman_for_wales_has_twenty_working_days(received, last):
    decision = restricted("psow", at(2026, 1, 5), received_on=received)
    assert deadlines.appeal_until(decision, PSOW) == last
    evening = at(last.year, last.month, last.day, 20)
    assert not deadlines.is_late(decision, evening, PSOW)
    assert deadlines.is_late(decision, evening + timedelta(days=1), PSOW)


@pytest.mark.parametrize("pack", [ADRA, WREXHAM, PHSO])
def test_no_other_pack_limits_the_time_of_an_appeal(pack):
    decision = restricted(pack.id, at(2026, 1, 5), received_on=day(2026, 1, 6))
    assert deadlines.appeal_until(decision, pack) is None
    assert not deadlines.is_late(decision, at(2030, 1, 1), pack)


def test_the_clock_of_an_appeal_waits_for_the_letter():
    assert deadlines.appeal_until(restricted("psow", at(2026, 1, 5)), PSOW) is None
    assert deadlines.taken_as_received(at(2026, 4, 2), by_post=True, pack=PSOW) == day(2026, 4, 8)  # over Easter
    assert deadlines.taken_as_received(at(2026, 4, 2), by_post=False, pack=PSOW) == day(2026, 4, 2)
    assert deadlines.appeal_until(restricted("psow", at(2026, 4, 2), received_on=day(2026, 4, 8)), PSOW) == day(
        2026, 5, 7
    )


@pytest.mark.parametrize(
    ("pack", "decided", "latest"),
    [
        (PSOW, at(2026, 3, 10), day(2026, 9, 10)),
        (PSOW, at(2026, 8, 31), day(2027, 2, 28)),  # February is shorter
        (PSOW, at(2027, 8, 29), day(2028, 2, 29)),  # a leap year
        (PSOW, at(2027, 8, 31), day(2028, 2, 29)),
        (PSOW, at(2026, 6, 30, 23, 30), day(2027, 1, 1)),  # already July in London
        (ADRA, at(2026, 3, 10), day(2027, 3, 10)),
        (ADRA, at(2028, 2, 29), day(2029, 2, 28)),
        (WREXHAM, at(2026, 3, 10), None),  # case by case
        (PHSO, at(2026, 3, 10), None),  # it ends by its own clock
    ],
)
def test_a_review_is_due_within_the_months_of_the_pack(pack, decided, latest):
    assert deadlines.latest_review(decided, pack) == latest


@pytest.mark.parametrize(
    ("pack", "decided", "proposed"),
    [
        (PSOW, at(2026, 8, 31), day(2027, 2, 26)),  # 28 February 2027 is a Sunday
        (PSOW, at(2026, 10, 6), day(2027, 4, 6)),
        (PSOW, at(2026, 9, 26), day(2027, 3, 25)),  # Good Friday 26 March 2027
        (ADRA, at(2025, 12, 25), day(2026, 12, 24)),  # Christmas Day
    ],
)
def test_the_proposed_day_of_a_review_is_one_on_which_somebody_works(pack, decided, proposed):
    dated = deadlines.with_dates(restricted(pack.id, decided), (), pack, ENGLAND_AND_WALES)
    assert dated.review_on == proposed


@pytest.mark.parametrize(
    ("pack", "basis", "start", "end"),
    [
        (PSOW, Basis.CALL, at(2026, 3, 10, 9), at(2026, 3, 11, 9)),
        (PSOW, Basis.CALL, at(2026, 3, 28, 15), at(2026, 3, 29, 14)),  # the clocks go forward: 23 hours
        (PSOW, Basis.CALL, at(2026, 10, 24, 14), at(2026, 10, 25, 15)),  # they go back: 25 hours
        (ADRA, Basis.CALL, at(2026, 10, 23, 12), at(2026, 10, 30, 13)),
        (ADRA, Basis.INFORMAL, at(2026, 2, 23, 9), at(2026, 3, 2, 9)),
        (ADRA, Basis.INFORMAL, at(2028, 2, 25, 9), at(2028, 3, 3, 9)),  # a leap year
        (WREXHAM, Basis.CALL, at(2026, 3, 10, 9), None),  # the line manager sets it
        (PSOW, Basis.INFORMAL, at(2026, 3, 10, 9), None),  # the officer sets it
    ],
)
def test_a_short_restriction_ends_by_the_clock_of_the_pack(pack, basis, start, end):
    dated = deadlines.with_dates(restricted(pack.id, start, measures=CALL, basis=basis), (), pack, ENGLAND_AND_WALES)
    assert dated.until == end
    assert (dated.review_on is None) == (end is None)


@pytest.mark.parametrize(
    ("told", "repeats", "ends"),
    [
        (at(2026, 3, 10), (), at(2026, 9, 10, 23)),  # the end of 10 September, British Summer Time
        (at(2026, 8, 31), (), at(2027, 3, 1, 0)),  # the end of 28 February
        (at(2027, 8, 31), (), at(2028, 3, 1, 0)),  # the end of 29 February
        (at(2026, 1, 10), (at(2026, 7, 5),), at(2027, 1, 6, 0)),  # repeated in time: the months run again
        (at(2026, 1, 10), (at(2026, 7, 11),), at(2026, 7, 10, 23)),  # repeated too late
        (at(2026, 1, 10), (at(2026, 1, 9),), at(2026, 7, 10, 23)),  # what came before does not count
    ],
)
def test_a_warning_of_the_parliamentary_ombudsman_lapses_after_six_months(told, repeats, ends):
    incidents = tuple(incident(n, when, "phso") for n, when in enumerate(repeats, start=2))
    assert deadlines.warning_ends(warned(told, "phso"), incidents, PHSO) == ends
    proposed = tuple(replace(one, state="proposed") for one in incidents)
    assert deadlines.warning_ends(warned(told, "phso"), proposed, PHSO) == deadlines.warning_ends(
        warned(told, "phso"), (), PHSO
    )


@pytest.mark.parametrize("pack", [PSOW, ADRA, WREXHAM])
def test_no_other_warning_lapses(pack):
    warning = warned(at(2020, 1, 1), pack.id)
    assert deadlines.warning_ends(warning, (), pack) is None
    assert deadlines.warning_in_force(warning, (), pack, at(2026, 1, 1))


@pytest.mark.parametrize("pack", [PSOW, ADRA, WREXHAM, PHSO])
def test_a_warning_nobody_was_told_of_is_not_in_force(pack):
    unsent = replace(warned(at(2026, 3, 1), pack.id), told_at=None)
    assert not deadlines.warning_in_force(unsent, (), pack, at(2026, 3, 2))
    later = warned(at(2026, 3, 1), pack.id, told=at(2026, 3, 5))
    assert not deadlines.warning_in_force(later, (), pack, at(2026, 3, 4))
    assert deadlines.warning_in_force(later, (), pack, at(2026, 3, 5))


@pytest.mark.parametrize(
    ("incidents", "ends"),
    [
        (
            (at(2026, 9, 30),),
            at(2027, 3, 30, 23),
        ),  # from the incident, not the decision; the clocks changed on 28 March
        ((at(2026, 9, 30), at(2027, 3, 29)), at(2027, 9, 29, 23)),  # it rolls
        ((at(2026, 9, 30), at(2027, 3, 29), at(2027, 8, 31)), at(2028, 3, 1, 0)),  # and again, into a leap year
        ((at(2026, 9, 30), at(2027, 4, 2)), at(2027, 3, 30, 23)),  # after its end: a renewal, not a roll
    ],
)
def test_a_restriction_of_the_parliamentary_ombudsman_rolls_from_the_last_incident(incidents, ends):
    known = tuple(incident(n, when, "phso") for n, when in enumerate(incidents, start=1))
    decision = restricted("phso", at(2026, 10, 5))
    assert deadlines.ends_at(decision, known, PHSO) == ends
    assert deadlines.run_out(decision, known, PHSO, ends)
    dated = deadlines.with_dates(decision, known[:1], PHSO, ENGLAND_AND_WALES)
    assert dated.review_on == day(2027, 3, 30)


def test_a_restriction_may_be_renewed_for_six_months_after_its_end():
    assert deadlines.renewable_until(at(2026, 3, 11, 0), PHSO) == at(2026, 9, 10, 23)
    assert deadlines.renewable_until(at(2026, 8, 31, 23), PHSO) == at(2027, 3, 1, 0)
    assert deadlines.renewable_until(at(2026, 3, 11), PSOW) is None


def test_what_nobody_reviews_ends_with_the_day_of_the_review():
    decision = restricted("psow", at(2026, 3, 10), review_on=day(2026, 9, 10))
    assert deadlines.ends_at(decision, (), PSOW) == at(2026, 9, 10, 23)
    longer = replace(decision, until=at(2027, 1, 1))
    assert deadlines.ends_at(longer, (), PSOW) == at(2027, 1, 1)
    assert deadlines.enforced_until(longer, (), PSOW) == at(2026, 9, 10, 23), "the machine stops where the review fails"
    over = replace(decision, ended=End(at(2026, 4, 1), "decider", "settled"))
    assert not deadlines.in_force(over, (), PSOW, at(2026, 4, 2))


def test_a_resting_restriction_is_not_in_force():
    resting = restricted("psow", at(2026, 3, 10), review_on=day(2026, 9, 10), suspended_at=at(2026, 3, 12))
    assert not deadlines.in_force(resting, (), PSOW, at(2026, 3, 13))
    assert dossier("psow", restrictions=(resting,)).open_lines(PSOW, at(2026, 3, 13)) == PSOW.lines


def test_reminders_and_the_reviews_of_a_year():
    assert deadlines.reminders(day(2026, 9, 10), PSOW) == (day(2026, 8, 13), day(2026, 9, 3), day(2026, 9, 9))
    assert deadlines.annual_review_day(2027, PSOW) == day(2027, 3, 31)
    assert deadlines.annual_review_day(2027, PHSO) is None
    assert deadlines.policy_review_day(day(2024, 2, 29), PSOW) == day(2026, 2, 28)
    assert deadlines.policy_review_day(day(2023, 3, 31), ADRA) == day(2026, 3, 31)
