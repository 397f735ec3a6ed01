"""The organisation's connections: what each may do, how far behind it is, what it has spent, and stopping it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from models.session import reading, writing
from models.store import commands, overview, status
from models.store.commands import TOLD
from review_queue.app import Page, session_of
from review_queue.i18n import utc_now
from review_queue.pages.forms import refused, token_fits


def routes(page: Page) -> APIRouter:
    """Return the routes of the connections."""
    router = APIRouter()

    @router.get("/connections")
    def connections(request: Request, said: str = "") -> Response:
        now = utc_now()
        with reading(page.engine) as database:
            stand = status.read(database, now)
            more = overview.of(database, now)
        return page.render(
            request, "connections.html", stand=stand, more=more, said=said if said in {*TOLD, "moved"} else ""
        )

    @router.post("/connections/all/{told}")
    def everything(request: Request, told: str, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or told not in TOLD or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            tell_all(database, page.audit_key, told, session.name)
        return RedirectResponse(f"/connections?said={told}", status_code=303)

    return router


def tell_all(database: Connection, key: bytes, told: str, by: str) -> int:
    """Pause every connection that runs, or resume every one that is paused; return how many were told."""
    now = utc_now()
    asked = [e.name for e in status.read(database, now).connections if (e.paused_at is None) == (told == "pause")]
    for name in asked:
        commands.write(database, key, TOLD[told], by, now, name)
    return len(asked)
