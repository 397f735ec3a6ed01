"""The year's review as a document and as a spreadsheet."""

import io
from datetime import datetime

import xlsxwriter

from models.policy.schema import Pack
from models.records import typeset
from models.records.visible import visible
from models.records.year.charts import bars
from models.records.year.figures import Section, Year
from models.records.year.words import cells, heading, word

SHEET_NAME_CHARACTERS = 31


def as_pdf(year: Year, pack: Pack, language: str, now: datetime) -> bytes:
    """Return the review as a PDF: each chart with its table beneath."""
    sections = [
        {
            "title": word(section.key, language),
            "columns": heading(section, language),
            "rows": [[visible(cell) for cell in row] for row in cells(section, pack, language)],
            "chart": bars(section, pack, language).decode() if section.drawn else "",
        }
        for section in year.sections
    ]
    data = {
        "language": language,
        "title": f"{word('title', language)} {year.ends_on.isoformat()}",
        "organisation": getattr(pack.organisation.name, language),
        "note": word("note", language),
        "nothing": word("nothing", language),
        "sections": sections,
    }
    return typeset.pdf("year", data, now)


def as_spreadsheet(year: Year, pack: Pack, language: str, now: datetime) -> bytes:
    """Return the review as XLSX: a sheet a table, its chart beside it. Text never becomes a formula."""
    packed = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(packed, options)
    book.set_properties({"title": f"{word('title', language)} {year.ends_on}", "created": now.replace(tzinfo=None)})
    for section in year.sections:
        _sheet(book, section, pack, language)
    book.close()
    return packed.getvalue()


def _sheet(book: xlsxwriter.Workbook, section: Section, pack: Pack, language: str) -> None:
    name = word(section.key, language)[:SHEET_NAME_CHARACTERS].rstrip()
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, heading(section, language), bold)
    for number, (row, plain) in enumerate(zip(section.rows, cells(section, pack, language), strict=True), 1):
        for column, (cell, text) in enumerate(zip(row, plain, strict=True)):
            if isinstance(cell, int | float):
                sheet.write_number(number, column, cell)
            else:
                sheet.write_string(number, column, text)
    sheet.autofit()
    if section.drawn:
        chart = book.add_chart({"type": "bar"})
        last = len(section.rows)
        chart.add_series(
            {"categories": [name, 1, 0, last, 0], "values": [name, 1, 1, last, 1], "data_labels": {"value": True}}
        )
        chart.set_legend({"none": True})
        chart.set_title({"name": word(section.key, language)})
        chart.set_y_axis({"reverse": True})
        sheet.insert_chart(last + 2, 0, chart)
