"""The year's review on the page, as a document and as a spreadsheet, for whoever may manage contact."""

from datetime import date
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from models.measures import authority, deadlines
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.schema import Pack
from models.records.year import charts, report
from models.records.year.figures import Year, last_year_end, year_of
from models.records.year.words import cells, heading, word
from models.session import reading
from models.store.formal import offices
from review_queue.app import Page, language_of, reader_of
from review_queue.charts import picture
from review_queue.i18n import utc_now

DECISION = "formally_manage"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _NotTheirs(Exception):
    """The reader holds no role that may see the year."""


def routes(page: Page) -> APIRouter:
    """Return the routes of the year's review."""
    router = APIRouter()

    @router.get("/year/{org}")
    def show(request: Request, org: str, to: str = "") -> Response:
        try:
            year, pack = _year(page, request, org, to)
        except _NotTheirs:
            return page.render(request, "formal_no_role.html", 403)
        return page.render(request, "formal_year.html", **_shown(year, pack, language_of(request)))

    @router.get("/year/{org}/{name}")
    def made(request: Request, org: str, name: str, to: str = "") -> Response:
        try:
            year, pack = _year(page, request, org, to)
        except _NotTheirs:
            return page.render(request, "formal_no_role.html", 403)
        return _document(year, pack, name, language_of(request))

    return router


def _document(year: Year, pack: Pack, name: str, language: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{pack.id}-{year.ends_on.isoformat()}-{name}"'}
    if name == "report.pdf":
        return Response(report.as_pdf(year, pack, language, utc_now()), media_type="application/pdf", headers=named)
    if name == "figures.xlsx":
        return Response(report.as_spreadsheet(year, pack, language, utc_now()), media_type=_SHEET, headers=named)
    section = next((found for found in year.sections if f"{found.key}.svg" == name and found.chart), None)
    if section is None:
        raise HTTPException(404)
    return picture(charts.bars(section, pack, language))


def _year(page: Page, request: Request, org: str, to: str) -> tuple[Year, Pack]:
    if org not in builtin_pack_ids():
        raise HTTPException(404)
    pack, now = builtin_pack(org), utc_now()
    try:
        ends = date.fromisoformat(to) if to else last_year_end(deadlines.london_day(now), pack)
    except ValueError as error:
        raise HTTPException(404) from error
    with reading(page.engine) as database:
        try:
            officer = offices.officer(database, reader_of(request), org, now)
        except offices.NoOffice as error:
            raise _NotTheirs from error
        if authority.may(pack, officer, DECISION) is not None:
            raise _NotTheirs
        return year_of(database, pack, ends), pack


def _shown(year: Year, pack: Pack, language: str) -> dict[str, Any]:
    return {
        "org": pack.id,
        "pack": pack,
        "title": word("title", language),
        "note": word("note", language),
        "nothing": word("nothing", language),
        "year": year,
        "before": year.ends_on.replace(year=year.ends_on.year - 1).isoformat(),
        "after": year.ends_on.replace(year=year.ends_on.year + 1).isoformat(),
        "sections": [
            {
                "key": section.key,
                "title": word(section.key, language),
                "chart": section.drawn,
                "columns": heading(section, language),
                "rows": cells(section, pack, language),
            }
            for section in year.sections
        ],
    }
