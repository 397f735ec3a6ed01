"""Keys of the API: made by an administrator, shown once, revoked at a word; and the page that explains the API."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.session import reading, writing
from models.store import access, tokens
from models.store.access import NotAllowed
from review_queue.api import problems
from review_queue.api.caller import AT_ONCE, CALLS_PER_MINUTE
from review_queue.api.scopes import Scope
from review_queue.app import Page, language_of, session_of
from review_queue.i18n import LONDON, utc_now
from review_queue.numbers import Number
from review_queue.pages.forms import refused, token_fits

LASTS = timedelta(days=90)


def routes(page: Page) -> APIRouter:
    """Return the routes of keys."""
    router = APIRouter()

    @router.get("/api")
    def explained(request: Request) -> Response:
        kinds = problems.words(language_of(request))
        return page.render(
            request, "api.html", kinds=kinds, scopes=list(Scope), per_minute=CALLS_PER_MINUTE, at_once=AT_ONCE
        )

    @router.get("/api/keys")
    def listed(request: Request, said: str = "") -> Response:
        with reading(page.engine) as database:
            rows = tokens.listed(database)
        return page.render(request, "keys.html", rows=rows, said=said if said in {"revoked", "gone"} else "")

    _making(router, page)

    @router.post("/api/keys/{number}/revoke")
    def revoke(request: Request, number: Number, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            ended = tokens.revoke(database, page.audit_key, number, session.name, utc_now())
        return RedirectResponse(f"/api/keys?said={'revoked' if ended else 'gone'}", status_code=303)

    return router


def _making(router: APIRouter, page: Page) -> None:
    @router.get("/api/keys/new")
    def form(request: Request) -> Response:
        until = (utc_now() + LASTS).date().isoformat()
        return _form(page, request, {"name": "", "account": "", "until": until, "scopes": []}, "")

    @router.post("/api/keys/new")
    def make(
        request: Request,
        csrf: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        account: Annotated[str, Form()] = "",
        until: Annotated[str, Form()] = "",
        scopes: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        wanted = [scope.value for scope in Scope if scope in (scopes or [])]
        given: dict[str, Any] = {
            "name": name.strip()[:60],
            "account": account[:120],
            "until": until[:10],
            "scopes": wanted,
        }
        try:
            with writing(page.engine) as database:
                secret = tokens.make(
                    database, page.audit_key, given["name"], given["account"], wanted, _end_of(given["until"]),
                    session.name, utc_now(),
                )  # fmt: skip
        except NotAllowed as error:
            return _form(page, request, given, error.code, 422)
        return page.render(request, "key_shown.html", secret=secret, **given)


def _form(page: Page, request: Request, given: dict[str, Any], error: str, status: int = 200) -> Response:
    with reading(page.engine) as database:
        accounts = [who.name for who in access.everybody(database) if who.active]
    if not accounts:
        raise HTTPException(404)
    return page.render(request, "key_new.html", status, given=given, error=error, accounts=accounts, scopes=list(Scope))


def _end_of(text: str) -> datetime:
    """Return the end of the day that was given, in London.

    Raises:
        NotAllowed: `token_expiry`, it is no day.
    """
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day + timedelta(days=1), time(), LONDON).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotAllowed("token_expiry") from error
