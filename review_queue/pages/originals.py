"""A message as it came: its bytes as text, and a mail as it was laid out, made harmless."""

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from models.session import reading
from models.store import cards, messages
from review_queue.app import Page
from review_queue.mail_html import laid_out
from review_queue.numbers import Number

_SEALED = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'"


def routes(page: Page) -> APIRouter:
    """Return the routes of originals."""
    router = APIRouter()

    @router.get("/message/{message_id}/raw")
    def raw(message_id: Number) -> Response:
        text = _bytes(page, message_id).decode("utf-8", "replace")
        headers = {"Content-Disposition": "inline", "Content-Security-Policy": _SEALED}
        return PlainTextResponse(text, headers=headers)

    @router.get("/message/{message_id}/layout")
    def layout(request: Request, message_id: Number) -> Response:
        with reading(page.engine) as database:
            item = cards.item(database, message_id)
        if item is None:
            raise HTTPException(404)
        has_html = laid_out(_bytes(page, message_id)) is not None
        return page.render(request, "layout.html", item=item, has_html=has_html)

    @router.get("/message/{message_id}/html")
    def html(message_id: Number) -> Response:
        found = laid_out(_bytes(page, message_id))
        if found is None:
            raise HTTPException(404)
        headers = {"Content-Security-Policy": f"{_SEALED}; frame-ancestors 'self'", "X-Frame-Options": "SAMEORIGIN"}
        return HTMLResponse(f"<!doctype html><meta charset=utf-8><title>.</title>{found}", headers=headers)

    return router


def _bytes(page: Page, message_id: int) -> bytes:
    with reading(page.engine) as database:
        data = messages.raw_of_message(database, message_id)
    if data is None:
        raise HTTPException(404)
    return data
