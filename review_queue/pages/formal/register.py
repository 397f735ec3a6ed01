"""The live register on the page, as a logged table to take away, and as a calendar under a secret address."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from models.policy.loader import builtin_pack
from models.records import calendar, sheet
from models.session import reading, writing
from models.store import audit
from models.store.formal import offices, register
from models.store.formal.register import Entry
from review_queue.app import Page, language_of, reader_of
from review_queue.i18n import gettext_of, local_day, utc_now
from review_queue.pages.formal.questions import N_
from review_queue.pages.forms import refused, token_fits


def routes(page: Page) -> APIRouter:
    """Return the routes of the register."""
    router = APIRouter()

    @router.get("/register")
    def show(request: Request) -> Response:
        mine, rows = entries_of(page, reader_of(request))
        return _page(page, request, mine, rows, "")

    @router.post("/register/table")
    def table(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        if not token_fits(request, csrf):
            return refused(page, request)
        mine, rows = entries_of(page, reader_of(request))
        if not mine:
            return _page(page, request, mine, rows, "")
        told(page, reader_of(request), mine, len(rows))
        named = {"Content-Disposition": 'attachment; filename="register.csv"'}
        return Response(_csv(rows, language_of(request)), media_type="text/csv; charset=utf-8", headers=named)

    @router.post("/register/calendar")
    def address(request: Request, csrf: Annotated[str, Form()] = "", end: Annotated[str, Form()] = "") -> Response:
        if not token_fits(request, csrf):
            return refused(page, request)
        mine, rows = entries_of(page, reader_of(request))
        secret, name, now = "", reader_of(request), utc_now()
        with writing(page.engine) as database:
            if end or not mine:
                calendar.end_token(database, name)
            else:
                secret = calendar.new_token(database, name, now)
            what = "calendar.begun" if secret else "calendar.ended"
            audit.append(database, page.audit_key, now, name, what, "register", {})
        place = f"{request.url.scheme}://{request.url.netloc}/calendar/{secret}.ics" if secret else ""
        return _page(page, request, mine, rows, place)

    @router.get("/calendar/{secret}.ics")
    def feed(secret: str) -> Response:
        with reading(page.engine) as database:
            found = calendar.owner(database, secret)
            if found is None:
                raise HTTPException(404)
            name, language = found
            packs = [builtin_pack(org) for org in offices.orgs_of(database, name, utc_now())]
            return Response(
                calendar.feed(database, packs, language, utc_now()), media_type="text/calendar; charset=utf-8"
            )

    return router


def entries_of(page: Page, name: str) -> tuple[list[str], list[Entry]]:
    """Return the organisations in which `name` holds a role, and their restrictions in force."""
    now = utc_now()
    with reading(page.engine) as database:
        mine = offices.orgs_of(database, name, now)
        return mine, [row for org in mine for row in register.entries(database, builtin_pack(org), now)]


def told(page: Page, name: str, mine: list[str], count: int) -> None:
    """Write into the log who took the register away, of which organisations, and how many rows."""
    detail = {"rows": count, "orgs": mine}
    with writing(page.engine) as database:
        audit.append(database, page.audit_key, utc_now(), name, "register.exported", "register", detail)


def _page(page: Page, request: Request, mine: list[str], rows: list[Entry], address: str) -> Response:
    texts = {org: {measure.id: measure.text for measure in builtin_pack(org).measures} for org in mine}
    return page.render(
        request, "formal_register.html", 200 if mine else 403, rows=rows, mine=mine, texts=texts, address=address
    )


_COLUMNS = (
    N_("Organisation"), N_("Restriction"), N_("Who"), N_("Addresses"), N_("What to do"), N_("Open lines"), N_("Review"),
)  # fmt: skip


def _csv(rows: list[Entry], language: str) -> bytes:
    columns = [gettext_of(language)(column) for column in _COLUMNS]
    return sheet.table(columns, (_row(row, language) for row in rows))


def _row(row: Entry, language: str) -> list[str]:
    what, lines = _measures(row, language), ", ".join(row.open_lines)
    review = local_day(row.review_on, language)
    return [row.org, str(row.number), row.name, "; ".join(row.addresses), what, lines, review]


def _measures(row: Entry, language: str) -> str:
    texts = {measure.id: getattr(measure.text, language) for measure in builtin_pack(row.org).measures}
    return "; ".join(
        ": ".join(filter(None, [texts[terms.measure], ", ".join(terms.channels), terms.officer, terms.third_party]))
        for terms in row.measures
    )
