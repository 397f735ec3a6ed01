"""The enforcement log: how each connection stands, what people must do by hand, and what was done."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from models.domain import Action
from models.session import reading, writing
from models.store import commands, status, tasks
from models.store.commands import TOLD, CommandKind, UnknownConnection
from review_queue.app import Page, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.forms import refused, token_fits

SAID = ("done", "retry", "moved")


def routes(page: Page) -> APIRouter:
    """Return the routes of the enforcement log."""
    router = APIRouter()

    @router.get("/enforcement")
    def log(request: Request, said: str = "") -> Response:
        with reading(page.engine) as database:
            found = status.read(database, utc_now())
            waiting = tasks.listed(database, "open", "ticked")
            rows = status.log(database)
        return page.render(
            request, "enforcement.html", stand=found, tasks=waiting, rows=rows, said=said if said in SAID else ""
        )

    _tasks(router, page)
    _commands(router, page)
    return router


def _tasks(router: APIRouter, page: Page) -> None:
    @router.post("/task/{task_id}/done")
    def done(request: Request, task_id: Number, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            ticked = tasks.tick(database, page.audit_key, task_id, session.name, utc_now())
        return RedirectResponse(f"/enforcement?said={'done' if ticked else 'moved'}", status_code=303)

    @router.post("/task/{task_id}/retry")
    def retry(request: Request, task_id: Number, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            known = tasks.of(database, task_id)
            if known is None or known.state != "open":
                return RedirectResponse("/enforcement?said=moved", status_code=303)
            commands.write(database, page.audit_key, CommandKind.RETRY, session.name, utc_now(), task_id=task_id)
        return RedirectResponse("/enforcement?said=retry", status_code=303)


def _commands(router: APIRouter, page: Page) -> None:
    @router.post("/connection/{name}/{told}")
    def command(
        request: Request,
        name: str,
        told: str,
        action: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or told not in TOLD or not token_fits(request, csrf):
            return refused(page, request)
        effect = Action(action) if action in {entry.value for entry in Action} else None
        try:
            with writing(page.engine) as database:
                commands.write(database, page.audit_key, TOLD[told], session.name, utc_now(), name, effect)
        except UnknownConnection:
            return RedirectResponse("/connections?said=moved", status_code=303)
        return RedirectResponse(f"/connections?said={told}", status_code=303)
