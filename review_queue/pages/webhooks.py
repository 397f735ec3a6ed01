"""Addresses of other systems that are told of events: added, tried out, given a new secret, switched off."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.policy.loader import builtin_pack_ids
from models.sealing import Seal
from models.session import reading, writing
from models.store import webhooks
from models.store.access import NotAllowed
from models.store.webhooks import Event
from review_queue.app import Page, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Count, Number
from review_queue.pages.forms import refused, token_fits

STEPS = ("test", "rotate", "off", "on", "again")


def routes(page: Page) -> APIRouter:
    """Return the routes of webhooks."""
    router = APIRouter()
    seal = Seal(page.session_key, webhooks.PURPOSE)

    @router.get("/api/webhooks")
    def listed(request: Request) -> Response:
        with reading(page.engine) as database:
            rows = webhooks.listed(database)
        return page.render(request, "webhooks.html", rows=rows)

    _adding(router, page, seal)

    @router.get("/api/webhooks/{number}")
    def one(request: Request, number: Number, said: str = "") -> Response:
        with reading(page.engine) as database:
            row = webhooks.find(database, number)
            rows = webhooks.deliveries(database, number)
        if row is None:
            raise HTTPException(404)
        return page.render(request, "webhook.html", row=row, deliveries=rows, said=said if said in STEPS else "")

    _steps(router, page, seal)
    return router


def _adding(router: APIRouter, page: Page, seal: Seal) -> None:
    @router.get("/api/webhooks/new")
    def form(request: Request) -> Response:
        given = {"title": "", "address": "https://", "org": "", "events": [event.value for event in Event]}
        return _form(page, request, given, "")

    @router.post("/api/webhooks/new")
    def add(
        request: Request,
        csrf: Annotated[str, Form()] = "",
        title: Annotated[str, Form()] = "",
        address: Annotated[str, Form()] = "",
        org: Annotated[str, Form()] = "",
        events: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        session = session_of(request)
        if session is None or org not in {"", *builtin_pack_ids()} or not token_fits(request, csrf):
            return refused(page, request)
        given: dict[str, Any] = {
            "title": title[:60],
            "address": address.strip()[:501],
            "org": org,
            "events": events or [],
        }
        try:
            with writing(page.engine) as database:
                number, secret = webhooks.add(
                    database, page.audit_key, seal, given["title"], given["address"], org, given["events"],
                    session.name, utc_now(),
                )  # fmt: skip
        except NotAllowed as error:
            return _form(page, request, given, error.code, 422)
        return page.render(request, "webhook_secret.html", number=number, title=given["title"], secret=secret)


def _form(page: Page, request: Request, given: dict[str, Any], error: str, status: int = 200) -> Response:
    return page.render(
        request,
        "webhook_new.html",
        status,
        given=given,
        error=error,
        events=list(Event),
        orgs=sorted(builtin_pack_ids()),
    )


def _steps(router: APIRouter, page: Page, seal: Seal) -> None:
    @router.post("/api/webhooks/{number}/{step}")
    def take(
        request: Request,
        number: Number,
        step: str,
        csrf: Annotated[str, Form()] = "",
        delivery: Annotated[Count, Form()] = 0,
    ) -> Response:
        session = session_of(request)
        if session is None or step not in STEPS or not token_fits(request, csrf):
            return refused(page, request)
        name, now, key = session.name, utc_now(), page.audit_key
        with writing(page.engine) as database:
            row = webhooks.find(database, number)
            if row is None:
                raise HTTPException(404)
            if step == "rotate":
                secret = webhooks.rotate(database, key, seal, number, name, now)
                return page.render(request, "webhook_secret.html", number=number, title=row["title"], secret=secret)
            doing: dict[str, Callable[[], None]] = {
                "test": lambda: webhooks.try_out(database, number, now),
                "again": lambda: webhooks.again(database, number, delivery, now),
                "on": lambda: webhooks.switch(database, key, number, "on", name, now),
                "off": lambda: webhooks.switch(database, key, number, "off", name, now),
            }
            doing[step]()
        return RedirectResponse(f"/api/webhooks/{number}?said={step}", status_code=303)
