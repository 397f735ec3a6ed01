"""How a reviewer wants to see things, the reminders to rest, and the page of keys."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from models.session import reading, writing
from models.store import reviewers
from review_queue.app import Page, reader_of, session_of
from review_queue.i18n import utc_now
from review_queue.pages.forms import refused, token_fits


def routes(page: Page) -> APIRouter:
    """Return the routes of care."""
    router = APIRouter()

    @router.get("/help")
    def keys(request: Request) -> Response:
        with reading(page.engine) as database:
            care = reviewers.of(database, reader_of(request), utc_now())
        return page.render(request, "help.html", care=care)

    @router.post("/care")
    def wish(
        request: Request,
        mask: Annotated[str, Form()] = "",
        gentle: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            reviewers.wish(database, session.name, mask=bool(mask), gentle=bool(gentle))
        return RedirectResponse("/help", status_code=303)

    @router.post("/care/told")
    def told(request: Request, back: Annotated[str, Form()] = "/", csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            reviewers.told(database, session.name, utc_now())
        safe = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
        return RedirectResponse(safe, status_code=303)

    return router
