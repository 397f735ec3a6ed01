"""Signing in and out, one's own account with its second factor, and the choice of language."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store import access, people, tokens
from models.store.access import Standing
from review_queue import auth, second_factor
from review_queue.app import LANGUAGE_COOKIE, SESSION_COOKIE, Page, session_of, set_session
from review_queue.auth import Session
from review_queue.i18n import LANGUAGES, utc_now
from review_queue.numbers import Number
from review_queue.pages.forms import refused, token_fits

SAID = ("begun", "ended", "everywhere", "revoked")


def routes(page: Page) -> APIRouter:
    """Return the routes of accounts."""
    router = APIRouter()
    _signing(router, page)
    _second_step(router, page)
    _passwords(router, page)
    _own(router, page)
    _own_factor(router, page)
    _languages(router, page)
    return router


def _signing(router: APIRouter, page: Page) -> None:
    @router.get("/sign-in")
    def sign_in_form(request: Request) -> Response:
        return page.render(request, "sign_in.html", error="", sso=page.single_sign_on is not None)

    @router.post("/sign-in")
    def sign_in(request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "") -> Response:
        now = utc_now()
        keys = (f"from:{request.client.host if request.client else ''}", f"name:{name}")
        if page.brake.stopped(keys, now):
            return page.render(request, "sign_in.html", 429, error="brake", sso=page.single_sign_on is not None)
        fits = auth.check(page.engine, name, password)
        who = None if fits is None else _standing(page, name)
        if who is None or not who.active:
            page.brake.failed(keys, now)
            return page.render(request, "sign_in.html", 401, error="wrong", sso=page.single_sign_on is not None)
        response = RedirectResponse("/sign-in/code" if who.second_factor else "/", status_code=303)
        stage = "code" if who.second_factor else ""
        set_session(response, request, page.sessions.cookie_for(name, who.must_change, stage))
        return response

    @router.post("/sign-out")
    def sign_out(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        if not token_fits(request, csrf):
            return refused(page, request)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(SESSION_COOKIE)
        return response


def _standing(page: Page, name: str) -> Standing | None:
    with reading(page.engine) as database:
        return access.standing(database, name)


def _second_step(router: APIRouter, page: Page) -> None:
    @router.get("/sign-in/code")
    def code_form(request: Request) -> Response:
        session = session_of(request)
        if session is None or not session.stage:
            return RedirectResponse("/sign-in", status_code=303)
        return page.render(request, "sign_in_code.html", error="")

    @router.post("/sign-in/code")
    def code(request: Request, csrf: Annotated[str, Form()] = "", code: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not session.stage or not token_fits(request, csrf):
            return RedirectResponse("/sign-in", status_code=303)
        now, keys = utc_now(), (f"code:{session.name}",)
        if page.brake.stopped(keys, now):
            return page.render(request, "sign_in_code.html", 429, error="brake")
        with writing(page.engine) as database:
            passes = page.second_factor.passes(database, page.audit_key, session.name, code[:40], now)
        if not passes:
            page.brake.failed(keys, now)
            return page.render(request, "sign_in_code.html", 401, error="wrong")
        response = RedirectResponse("/", status_code=303)
        set_session(response, request, page.sessions.cookie_for(session.name, session.must_change))
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
        return _anew(page, request, session, "/")


def _anew(page: Page, request: Request, session: Session, target: str) -> Response:
    """End every session of this person and begin this one anew."""
    with writing(page.engine) as database:
        access.end_sessions(database, page.audit_key, session.name, session.name, utc_now())
    response = RedirectResponse(target, status_code=303)
    set_session(response, request, page.sessions.cookie_for(session.name, must_change=False))
    return response


def _own(router: APIRouter, page: Page) -> None:
    @router.get("/account")
    def own(request: Request, said: str = "") -> Response:
        session = session_of(request)
        assert session is not None
        with reading(page.engine) as database:
            who, left = access.standing(database, session.name), access.codes_left(database, session.name)
            keys = [row for row in tokens.listed(database, session.name) if tokens.is_in_force(row, utc_now())]
        assert who is not None
        offices = [(builtin_pack(org), role) for org, role in who.offices]
        return page.render(
            request, "account.html", who=who, offices=offices, left=left, keys=keys, said=said if said in SAID else ""
        )

    @router.post("/account/keys/{number}/revoke")
    def revoke(request: Request, number: Number, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            if number in {row["id"] for row in tokens.listed(database, session.name)}:
                tokens.revoke(database, page.audit_key, number, session.name, utc_now())
        return RedirectResponse("/account?said=revoked", status_code=303)

    @router.post("/account/sign-out-everywhere")
    def everywhere(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        return _anew(page, request, session, "/account?said=everywhere")


def _own_factor(router: APIRouter, page: Page) -> None:
    @router.get("/account/second-factor")
    def offer(request: Request) -> Response:
        session = session_of(request)
        assert session is not None
        return _offered(page, request, session.name, "")

    @router.post("/account/second-factor")
    def begin(request: Request, csrf: Annotated[str, Form()] = "", code: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            codes = page.second_factor.begin(database, page.audit_key, session.name, code[:40], utc_now())
        if codes is None:
            return _offered(page, request, session.name, "wrong", 422)
        return page.render(request, "recovery_codes.html", codes=codes)

    @router.post("/account/second-factor/end")
    def end(request: Request, csrf: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        now, keys = utc_now(), (f"name:{session.name}",)
        if page.brake.stopped(keys, now) or auth.check(page.engine, session.name, password) is None:
            page.brake.failed(keys, now)
            return RedirectResponse("/account", status_code=303)
        with writing(page.engine) as database:
            access.end_totp(database, page.audit_key, session.name, session.name, now)
        return RedirectResponse("/account?said=ended", status_code=303)


def _offered(page: Page, request: Request, name: str, error: str, status: int = 200) -> Response:
    who = _standing(page, name)
    if who is not None and who.second_factor:
        return RedirectResponse("/account", status_code=303)
    with writing(page.engine) as database:
        secret = page.second_factor.offered(database, name)
    shown = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    picture = second_factor.picture(name, secret)
    return page.render(request, "second_factor.html", status, secret=shown, picture=picture, error=error)


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
