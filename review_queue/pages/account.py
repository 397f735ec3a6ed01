"""Signing in and out, the first change of password, and the choice of language."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from models.session import writing
from models.store import people
from review_queue import auth
from review_queue.app import LANGUAGE_COOKIE, SESSION_COOKIE, Page, session_of
from review_queue.i18n import LANGUAGES, utc_now
from review_queue.pages.forms import refused, token_fits


def routes(page: Page) -> APIRouter:
    """Return the routes of accounts."""
    router = APIRouter()
    _signing(router, page)
    _passwords(router, page)
    _languages(router, page)
    return router


def _signing(router: APIRouter, page: Page) -> None:
    @router.get("/sign-in")
    def sign_in_form(request: Request) -> Response:
        return page.render(request, "sign_in.html", error="")

    @router.post("/sign-in")
    def sign_in(request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "") -> Response:
        now = utc_now()
        keys = (f"from:{request.client.host if request.client else ''}", f"name:{name}")
        if page.brake.stopped(keys, now):
            return page.render(request, "sign_in.html", 429, error="brake")
        must_change = auth.check(page.engine, name, password)
        if must_change is None:
            page.brake.failed(keys, now)
            return page.render(request, "sign_in.html", 401, error="wrong")
        response = RedirectResponse("/", status_code=303)
        _set_session(response, request, page.sessions.cookie_for(name, must_change))
        return response

    @router.post("/sign-out")
    def sign_out(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        if not token_fits(request, csrf):
            return refused(page, request)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(SESSION_COOKIE)
        return response


def _passwords(router: APIRouter, page: Page) -> None:
    @router.get("/password")
    def password_form(request: Request) -> Response:
        return page.render(request, "password.html", error="")

    @router.post("/password")
    def change(
        request: Request,
        csrf: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        if len(password) < auth.PASSWORD_CHARACTERS_AT_LEAST or password != again:
            return page.render(request, "password.html", 422, error="differ" if password != again else "short")
        auth.change_password(page.engine, session.name, password)
        response = RedirectResponse("/", status_code=303)
        _set_session(response, request, page.sessions.cookie_for(session.name, must_change=False))
        return response


def _languages(router: APIRouter, page: Page) -> None:
    @router.get("/language/{language}")
    def language(request: Request, language: str, back: str = "/") -> Response:
        safe = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
        response = RedirectResponse(safe, status_code=303)
        if language in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86400, samesite="lax", httponly=True)
            session = session_of(request)
            if session is not None:
                with writing(page.engine) as database:
                    people.change_language(database, session.name, language)
        return response


def _set_session(response: Response, request: Request, cookie: str) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        cookie,
        max_age=auth.SESSION_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
