"""The year's review: it counts what stood in the year, tells nobody apart who is one of few, and its documents hold the same numbers."""

import io
import re
import zipfile
from datetime import date

import pytest

from models.formal_tables import letter_wanted
from models.measures.steps import Appeal, AppealOutcome
from models.records.year import charts, report
from models.records.year.figures import last_year_end, year_of
from models.records.year.words import cells, word
from models.store.formal import people
from tests.fakes.desks import Office
from tests.fakes.formal import need, taken

END = date(2026, 3, 31)


@pytest.fixture
def office():
    made = Office("psow")
    yield made
    made.close()


def section(office, key, ends=END):
    return next(found for found in year_of(office.database, office.pack, ends).sections if found.key == key)


def numbers(found):
    return {row[0]: row[1] for row in found.rows}


def restrict_another(office, name, characteristic=""):
    number = office.somebody(name, f"{name}@example.org")
    first = office.incident(contact_id=number)
    office.warn(first, contact_id=number)
    office.forward(hours=1)
    second = office.incident(contact_id=number)
    office.forward(minutes=1)
    more = {}
    if characteristic:
        people.note(office.desk(), number, need("a need", characteristic=characteristic))
        more = {"circumstances": "weighed"}
    return office.desk().restrict(number, office.draft(second, **more)).number


def test_a_year_ends_on_the_last_of_march(office):
    assert last_year_end(date(2026, 3, 31), office.pack) == END
    assert last_year_end(date(2026, 3, 30), office.pack) == date(2025, 3, 31)


def test_what_stood_in_the_year_is_counted_and_what_did_not_is_not(office):
    office.up_to_restriction()
    found = numbers(section(office, "counts"))
    assert found["incidents_upheld"] == 2
    assert found["warnings"] == found["restrictions_formal"] == found["stood_at_end"] == 1
    assert found["restrictions_informal"] == 0
    assert set(numbers(section(office, "counts", date(2025, 3, 31))).values()) == {0}
    after = numbers(section(office, "counts", date(2027, 3, 31)))
    assert (after["restrictions_formal"], after["stood_at_end"]) == (0, 0), (
        "it was made the year before and ends in this one"
    )
    assert len(section(office, "all", date(2027, 3, 31)).rows) == 1


def test_appeals_and_decision_makers_are_compared(office):
    number = office.up_to_restriction()
    office.forward(days=1)
    appeal = office.desk("staff").lodge(office.contact, Appeal(0, number, office.now, "unfair")).number
    draft = Appeal(
        appeal, number, office.now, "unfair", outcome=AppealOutcome.UPHELD, heard=taken("x"), why="unfair indeed"
    )
    office.desk("edcl").hear(office.contact, draft)
    assert numbers(section(office, "appeals"))["appeal_upheld"] == 1
    (mine, together) = section(office, "makers").rows
    assert mine[0] == "hopsc"
    assert mine[-1] == together[-1] == 1
    assert together[0] == "all_together"


def test_few_people_are_never_told_apart_nor_by_subtraction(office):
    for number in range(5):
        restrict_another(office, f"p{number}")
    restrict_another(office, "q", "race")
    found = numbers(section(office, "characteristics"))
    assert found == {"not_recorded": None, "race": None}, "the other number would tell the one"
    for number in range(4):
        restrict_another(office, f"r{number}", "race")
    assert numbers(section(office, "characteristics")) == {"not_recorded": 5, "race": 5}


def test_the_documents_hold_the_same_numbers_and_no_person(office):
    office.up_to_restriction()
    year = year_of(office.database, office.pack, END)
    for language in ("en", "cy"):
        pdf = report.as_pdf(year, office.pack, language, office.now)
        assert pdf.startswith(b"%PDF")
        assert pdf == report.as_pdf(year, office.pack, language, office.now)
        book = zipfile.ZipFile(io.BytesIO(report.as_spreadsheet(year, office.pack, language, office.now)))
        shared = book.read("xl/sharedStrings.xml").decode()
        assert word("incidents_upheld", language) in shared.replace("&apos;", "'")
        assert "Jones" not in shared
        assert len([name for name in book.namelist() if name.startswith("xl/charts/chart")]) >= 3
    flat = str([cells(found, office.pack, "en") for found in year.sections])
    assert "Jones" not in flat
    assert "<" not in flat


def test_charts_are_without_scripts_and_links_outside(office):
    office.up_to_restriction()
    for found in year_of(office.database, office.pack, END).sections:
        if found.chart:
            svg = charts.bars(found, office.pack, "cy").decode()
            assert "<script" not in svg
            assert not re.findall(r'(?:href|src)="(?!#)', svg)


def test_text_of_the_spreadsheet_is_never_a_formula(office):
    from dataclasses import replace

    from models.records.year.figures import Section

    year = replace(
        year_of(office.database, office.pack, END), sections=(Section("makers", ("maker", "number"), (("=1+1", 2),)),)
    )
    sheet = zipfile.ZipFile(io.BytesIO(report.as_spreadsheet(year, office.pack, "en", office.now))).read(
        "xl/worksheets/sheet1.xml"
    )
    assert b"<f>" not in sheet
    assert list(office.database.execute(letter_wanted.select())) == []
