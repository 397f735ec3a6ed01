"""The blind sample: one message at a time, judged by a reader who sees neither score nor proposal."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.session import reading, writing
from models.store import blind
from models.store.blind import AlreadyJudged, Judgement, NotDrawn
from review_queue.app import Page, reader_of, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.forms import refused, token_fits


def routes(page: Page) -> APIRouter:
    """Return the routes of the blind sample."""
    router = APIRouter()

    @router.get("/blind")
    def next_item(request: Request, said: str = "") -> Response:
        reader = reader_of(request)
        with reading(page.engine) as database:
            item, waiting = blind.next_for(database, reader), blind.waiting(database)
            agreed = blind.agreement(database)
        return page.render(request, "blind.html", item=item, left=waiting, agreed=agreed, said=said)

    @router.post("/blind/{message_id}")
    def judge(
        request: Request,
        message_id: Number,
        judgement: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        known = {entry.value for entry in Judgement}
        if session is None or judgement not in known or not token_fits(request, csrf):
            return refused(page, request)
        try:
            with writing(page.engine) as database:
                blind.record(database, page.audit_key, message_id, Judgement(judgement), session.name, utc_now())
        except NotDrawn as error:
            raise HTTPException(404) from error
        except AlreadyJudged:
            return RedirectResponse("/blind?said=twice", status_code=303)
        return RedirectResponse("/blind?said=kept", status_code=303)

    return router
