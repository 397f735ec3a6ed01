"""What is done with a case beside deciding it: claimed, given to somebody, shown to a second, handed over, noted."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from models.session import writing
from models.store import claims, notes, routing, urgent
from models.store.agreeing import NotPossible
from models.store.cards import Card
from review_queue.app import Page, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number, number_in
from review_queue.pages.case import NOTE_CHARACTERS, card_of, take_up
from review_queue.pages.forms import refused, token_fits

DONE = ("claim", "free", "assign", "second", "hand-over", "note", "queue", "acknowledge")
_STEPS: dict[str, tuple[Callable[[Connection, bytes, int, str, datetime], object], str]] = {
    "second": (claims.ask_second, "/?said=second"),
    "hand-over": (claims.hand_over, "/?said=handed"),
    "acknowledge": (urgent.acknowledge, "/rota?said=acknowledged"),
}
"""What leaves the case, and where it leads."""


def routes(page: Page) -> APIRouter:
    """Return the routes of casework."""
    router = APIRouter()

    @router.post("/case/{case_id}/{done}")
    def work(
        request: Request,
        case_id: Number,
        done: str,
        to: Annotated[str, Form()] = "",
        note: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or done not in DONE or not token_fits(request, csrf):
            return refused(page, request)
        card = card_of(page, case_id)
        if done == "claim":
            return _claimed(page, request, card, session.name)
        return _Work(page, case_id, session.name).do(done, to, note)

    return router


def _claimed(page: Page, request: Request, card: Card, name: str) -> Response:
    """Claim a case, or say who holds it."""
    with writing(page.engine) as database:
        held = take_up(database, page, request, card, name)
    return Response(status_code=204) if held is None else page.render(request, "held.html", 409, held=held)


class _Work:
    """One piece of casework by one reviewer."""

    def __init__(self, page: Page, case_id: int, name: str) -> None:
        self._page, self._case_id, self._name = page, case_id, name

    def do(self, done: str, to: str, note: str) -> Response:
        """Do it in one transaction; return where to go."""
        with writing(self._page.engine) as database:
            case_id, name, now = self._case_id, self._name, utc_now()
            if note.strip():
                notes.add(database, case_id, name, note.strip()[:NOTE_CHARACTERS], now)
            return self._moved(database, to, note) if done == "queue" else self._given(database, done, to)

    def _given(self, database: Connection, done: str, to: str) -> Response:
        """Let go of the case, or give it to somebody."""
        key, case_id, name, now = self._page.audit_key, self._case_id, self._name, utc_now()
        if done == "free":
            claims.let_go(database, case_id, name)
            return RedirectResponse("/?said=free", status_code=303)
        if done in _STEPS:
            step, address = _STEPS[done]
            step(database, key, case_id, name, now)
            return RedirectResponse(address, status_code=303)
        if done == "assign":
            claims.assign(database, key, case_id, to or None, name, now)
            return RedirectResponse(f"/case/{case_id}?said=assigned", status_code=303)
        return RedirectResponse(f"/case/{case_id}?said=note", status_code=303)

    def _moved(self, database: Connection, to: str, why: str) -> Response:
        """Put the case into another queue; the reason stands among its notes."""
        if not why.strip():
            return RedirectResponse(f"/case/{self._case_id}?said=why", status_code=303)
        try:
            routing.move(database, self._page.audit_key, self._case_id, number_in(to), self._name, utc_now())
        except NotPossible:
            raise HTTPException(404) from None
        return RedirectResponse(f"/case/{self._case_id}?said=queue", status_code=303)
