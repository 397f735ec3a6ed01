"""The lists that staff keep: an entry is tried on the own history, proposed, and agreed to by a second person."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.policy.lists import Entry, Kind, Matches
from models.policy.loader import builtin_pack_ids
from models.session import reading, writing
from models.store import connections, lists, reviewers
from models.store.agreeing import NotPossible
from review_queue.app import Page, reader_of, session_of
from review_queue.i18n import LONDON, utc_now
from review_queue.numbers import Number
from review_queue.pages.forms import refused, token_fits

SAID = ("proposed", "approve", "refuse", "end")
_BLANK = {"kind": "watch", "compared": "phrase", "value": "", "org": "", "connection": "", "until": "", "why": ""}
NEVER_BEYOND_DAYS = 5 * 366


def routes(page: Page) -> APIRouter:
    """Return the routes of the lists."""
    router = APIRouter()
    _reading(router, page)
    _proposing(router, page)
    _deciding(router, page)
    return router


def _reading(router: APIRouter, page: Page) -> None:
    @router.get("/lists")
    def listed(request: Request, said: str = "") -> Response:
        with reading(page.engine) as database:
            rows = lists.listed(database, utc_now())
        return page.render(request, "lists.html", rows=rows, said=said if said in SAID else "")

    @router.get("/lists/new")
    def new(request: Request) -> Response:
        return _form(page, request, _BLANK, "")

    @router.get("/lists/{number}")
    def one(request: Request, number: Number) -> Response:
        return _one(page, request, number, "")


def _one(page: Page, request: Request, number: int, error: str, status: int = 200) -> Response:
    with reading(page.engine) as database:
        row = lists.find(database, number)
        if row is None:
            raise HTTPException(404)
        trial = lists.tried(database, lists.entry_of(row), row["org"])
        mask = reviewers.masks(database, reader_of(request), utc_now())
    mine = reader_of(request) == row["by"]
    return page.render(request, "list_entry.html", status, row=row, trial=trial, mask=mask, mine=mine, error=error)


def _form(page: Page, request: Request, given: dict[str, str], error: str, status: int = 200) -> Response:
    with reading(page.engine) as database:
        names = [entry.connection_id for entry in connections.every(database)]
    return page.render(
        request, "list_new.html", status, given=given, error=error, orgs=sorted(builtin_pack_ids()), connections=names
    )


def _proposing(router: APIRouter, page: Page) -> None:
    @router.post("/lists/new")
    def propose(
        request: Request,
        csrf: Annotated[str, Form()] = "",
        kind: Annotated[str, Form()] = "",
        compared: Annotated[str, Form()] = "",
        value: Annotated[str, Form()] = "",
        org: Annotated[str, Form()] = "",
        connection: Annotated[str, Form()] = "",
        until: Annotated[str, Form()] = "",
        why: Annotated[str, Form()] = "",
        sure: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or org not in builtin_pack_ids() or not token_fits(request, csrf):
            return refused(page, request)
        given = {"kind": kind, "compared": compared, "value": value[:320], "org": org, "connection": connection}
        given |= {"until": until[:10], "why": why[:2000]}
        try:
            entry, expires_at = asked(page, given)
        except NotPossible as error:
            return _form(page, request, given, error.code, 422)
        if sure != "yes":
            with reading(page.engine) as database:
                trial = lists.tried(database, entry, org)
                mask = reviewers.masks(database, reader_of(request), utc_now())
            return page.render(request, "list_try.html", given=given, trial=trial, mask=mask)
        with writing(page.engine) as database:
            lists.propose(
                database, page.audit_key, entry.kind, entry.matches, entry.value, org, session.name, utc_now(),
                why=given["why"], connection_id=entry.connection_id, expires_at=expires_at,
            )  # fmt: skip
        return RedirectResponse("/lists?said=proposed", status_code=303)


def asked(page: Page, given: dict[str, str]) -> tuple[Entry, datetime | None]:
    """Return the entry a form asks for, and when it ends.

    Raises:
        NotPossible: Something in it does not fit; `why`, `until` and `connection` among the codes.
    """
    kind, matches, value = lists.checked(given["kind"], given["compared"], given["value"])
    if not given["why"].strip():
        raise NotPossible("why")
    with reading(page.engine) as database:
        known = {entry.connection_id for entry in connections.every(database)}
    if given["connection"] and given["connection"] not in known:
        raise NotPossible("connection")
    expires_at = _until(given["until"])
    if kind is Kind.ALLOW and matches is Matches.PHRASE and expires_at is None:
        raise NotPossible("allow_ends")
    return Entry(kind, matches, value, given["connection"] or None), expires_at


def _until(text: str) -> datetime | None:
    """Return the end of the day that was given, in London."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise NotPossible("until") from error
    found = datetime.combine(day + timedelta(days=1), time(), LONDON).astimezone(UTC)
    if not utc_now() < found < utc_now() + timedelta(days=NEVER_BEYOND_DAYS):
        raise NotPossible("until")
    return found


def _deciding(router: APIRouter, page: Page) -> None:
    @router.post("/lists/{number}/{step}")
    def decide(request: Request, number: Number, step: str, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or step not in {"approve", "refuse", "end"} or not token_fits(request, csrf):
            return refused(page, request)
        given: dict[str, Any] = {"by": session.name, "now": utc_now()}
        try:
            with writing(page.engine) as database:
                if step == "end":
                    lists.end(database, page.audit_key, number, **given)
                else:
                    lists.decide(database, page.audit_key, number, step == "approve", **given)
        except NotPossible as error:
            return _one(page, request, number, error.code, 409)
        return RedirectResponse(f"/lists?said={step}", status_code=303)
