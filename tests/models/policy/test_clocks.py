"""The clocks against dates worked out by hand: month ends, leap years, Easter, bank holidays, daylight saving."""

from datetime import UTC, date, datetime

import pytest

from models.policy.clocks import (
    Calendar,
    add_months,
    add_working_days,
    bank_holidays,
    end_of_next_working_day,
    is_working_day,
)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 3, 10), 6, date(2026, 9, 10)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_end_where_the_calendar_does(start, months, end):
    assert add_months(start, months) == end


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 4, 1), 20, date(2026, 5, 1)),  # Good Friday 3 April and Easter Monday 6 April do not count
        (date(2026, 12, 23), 2, date(2026, 12, 29)),  # Christmas Day on a Friday, Boxing Day's substitute on Monday 28
        (date(2026, 5, 1), 1, date(2026, 5, 5)),  # the early May bank holiday
        (date(2026, 3, 13), 1, date(2026, 3, 16)),
    ],
)
def test_working_days_pass_over_bank_holidays(start, days, end):
    assert add_working_days(start, days) == end


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 3, 10, 10, tzinfo=UTC), datetime(2026, 3, 11, 17, tzinfo=UTC)),
        (
            datetime(2026, 3, 27, 10, tzinfo=UTC),
            datetime(2026, 3, 30, 16, tzinfo=UTC),
        ),  # the clocks go forward on 29 March
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), datetime(2026, 7, 3, 16, tzinfo=UTC)),  # already 2 July in London
        (datetime(2026, 4, 2, 10, tzinfo=UTC), datetime(2026, 4, 7, 16, tzinfo=UTC)),  # over Easter
        (datetime(2026, 10, 23, 10, tzinfo=UTC), datetime(2026, 10, 26, 17, tzinfo=UTC)),  # they go back on 25 October
        (datetime(2026, 12, 24, 18, tzinfo=UTC), datetime(2026, 12, 29, 17, tzinfo=UTC)),  # over Christmas
        (datetime(2027, 12, 31, 10, tzinfo=UTC), datetime(2028, 1, 4, 17, tzinfo=UTC)),  # New Year's Day is a Saturday
    ],
)
def test_a_provisional_hold_ends_at_five_in_london_on_the_next_working_day(now, end):
    assert end_of_next_working_day(now) == end


def test_a_closure_of_ones_own_is_no_working_day():
    closed = Calendar(frozenset({date(2026, 3, 11)}))
    assert is_working_day(date(2026, 3, 11))
    assert not is_working_day(date(2026, 3, 11), closed)
    assert end_of_next_working_day(datetime(2026, 3, 10, 10, tzinfo=UTC), closed).day == 12


def test_times_without_zone_and_empty_periods_are_refused():
    with pytest.raises(ValueError, match="no time zone"):
        end_of_next_working_day(datetime(2026, 3, 10, 10))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="at least 1"):
        add_working_days(date(2026, 3, 10), 0)


def test_england_and_wales_share_their_bank_holidays():
    import holidays

    years = range(2020, 2036)
    wales = holidays.country_holidays("GB", subdiv="WLS", years=years)
    assert {day for year in years for day in bank_holidays(year)} == set(wales)
