"""Members of staff: who may sign in, what their accounts and roles let them do, and the view of another for training."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from models.policy.loader import builtin_pack, builtin_pack_ids
from models.session import reading, writing
from models.store import access
from models.store.access import NotAllowed, Standing
from models.store.formal import offices
from review_queue import auth, rights
from review_queue.app import Page, language_of, session_of, set_session
from review_queue.i18n import utc_now
from review_queue.pages.forms import refused, token_fits

STEPS = ("role", "office", "dismiss", "activate", "deactivate", "end-sessions", "end-second-factor")


def routes(page: Page) -> APIRouter:
    """Return the routes of people."""
    router = APIRouter()
    _lists(router, page)
    _one(router, page)
    _views(router, page)
    return router


def _lists(router: APIRouter, page: Page) -> None:
    @router.get("/people")
    def everybody(request: Request) -> Response:
        with reading(page.engine) as database:
            found = access.everybody(database)
        return page.render(request, "people.html", people=found, titles=_titles(request), roles=rights.ACCOUNT_ROLES)

    @router.get("/people/add")
    def add_form(request: Request) -> Response:
        return page.render(request, "person_add.html", roles=rights.ACCOUNT_ROLES, name="", role="reviewer", error="")

    @router.post("/people/add")
    def add(
        request: Request,
        csrf: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        role: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or role not in rights.ACCOUNT_ROLES or not token_fits(request, csrf):
            return refused(page, request)
        wanted = name.strip().lower()
        password, hashed = auth.one_time_password()
        try:
            with writing(page.engine) as database:
                access.add(
                    database, page.audit_key, wanted, hashed, role, language_of(request), session.name, utc_now()
                )
        except NotAllowed as error:
            again = {"roles": rights.ACCOUNT_ROLES, "name": name[:120], "role": role, "error": error.code}
            return page.render(request, "person_add.html", 422, **again)
        return page.render(request, "person_password.html", name=wanted, password=password)


def _one(router: APIRouter, page: Page) -> None:
    @router.get("/people/{name}")
    def one(request: Request, name: str, said: str = "") -> Response:
        return _shown(page, request, name, said if said in STEPS else "", "")

    @router.post("/people/{name}/password")
    def password(request: Request, name: str, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        _found(page, name)
        password, hashed = auth.one_time_password()
        with writing(page.engine) as database:
            access.force_password(database, page.audit_key, name, hashed, session.name, utc_now())
        return page.render(request, "person_password.html", name=name, password=password)

    @router.post("/people/{name}/{step}")
    def change(
        request: Request,
        name: str,
        step: str,
        csrf: Annotated[str, Form()] = "",
        value: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or step not in STEPS or not token_fits(request, csrf):
            return refused(page, request)
        _found(page, name)
        try:
            with writing(page.engine) as database:
                _CHANGES[step](database, page.audit_key, name, value, session.name)
        except NotAllowed as error:
            return _shown(page, request, name, "", error.code, 422)
        except offices.NoOffice:
            return refused(page, request)
        return RedirectResponse(f"/people/{name}?said={step}", status_code=303)


def _found(page: Page, name: str) -> Standing:
    with reading(page.engine) as database:
        who = access.standing(database, name)
    if who is None:
        raise HTTPException(404)
    return who


def _shown(page: Page, request: Request, name: str, said: str, error: str, status: int = 200) -> Response:
    who = _found(page, name)
    packs = [builtin_pack(org) for org in sorted(builtin_pack_ids())]
    may = sorted(right.value for right in rights.of(who.role, who.offices))
    return page.render(
        request, "person.html", status, who=who, packs=packs, may=may, titles=_titles(request),
        roles=rights.ACCOUNT_ROLES, said=said, error=error,
    )  # fmt: skip


def _titles(request: Request) -> dict[tuple[str, str], str]:
    """Return the words of every role of every pack."""
    language = language_of(request)
    packs = [builtin_pack(org) for org in builtin_pack_ids()]
    return {(pack.id, role.id): str(getattr(role.title, language)) for pack in packs for role in pack.roles}


def _set_role(database: Connection, key: bytes, name: str, value: str, by: str) -> None:
    if value not in rights.ACCOUNT_ROLES:
        raise offices.NoOffice(value)
    access.set_role(database, key, name, value, by, utc_now())


def _appoint(database: Connection, key: bytes, name: str, value: str, by: str) -> None:
    org, _, role = value.partition("/")
    if org not in builtin_pack_ids():
        raise offices.NoOffice(org)
    offices.appoint(database, key, name, builtin_pack(org), role, by, utc_now())


def _dismiss(database: Connection, key: bytes, name: str, value: str, by: str) -> None:
    offices.dismiss(database, key, name, value, by, utc_now())


_CHANGES: dict[str, Callable[[Connection, bytes, str, str, str], object]] = {
    "role": _set_role,
    "office": _appoint,
    "dismiss": _dismiss,
    "activate": lambda database, key, name, _, by: access.set_active(database, key, name, True, by, utc_now()),
    "deactivate": lambda database, key, name, _, by: access.set_active(database, key, name, False, by, utc_now()),
    "end-sessions": lambda database, key, name, _, by: access.end_sessions(database, key, name, by, utc_now()),
    "end-second-factor": lambda database, key, name, _, by: access.end_totp(database, key, name, by, utc_now()),
}


def _views(router: APIRouter, page: Page) -> None:
    @router.post("/view-as")
    def begin(request: Request, csrf: Annotated[str, Form()] = "", role: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or role not in rights.ACCOUNT_ROLES or not token_fits(request, csrf):
            return refused(page, request)
        response = RedirectResponse("/today", status_code=303)
        set_session(response, request, page.sessions.again(session, role))
        return response

    @router.post("/view-as/end")
    def end(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        response = RedirectResponse("/today", status_code=303)
        set_session(response, request, page.sessions.again(session, ""))
        return response
