"""One case: the card, the verdict, the original and its undoing."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from models.domain import Action, VerdictKind
from models.session import reading, writing
from models.store import cases, messages
from models.store.cases import Card, CaseMoved, QueueFilter
from review_queue.app import Page, session_of
from review_queue.i18n import utc_now
from review_queue.pages.forms import refused, token_fits

_OFFERED = (Action.HIDE, Action.QUARANTINE, Action.MUTE, Action.BLOCK, Action.REPORT)


def routes(page: Page) -> APIRouter:
    """Return the routes of a case."""
    router = APIRouter()

    @router.get("/case/{case_id}")
    def card(request: Request, case_id: int, said: str = "") -> Response:
        return page.render(
            request, "case.html", card=_card(page, case_id), offered=_offered(_card(page, case_id)), said=said
        )

    @router.post("/case/{case_id}/verdict")
    def verdict(
        request: Request,
        case_id: int,
        kind: Annotated[str, Form()] = "",
        version: Annotated[int, Form()] = 0,
        actions: Annotated[list[str] | None, Form()] = None,
        note: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        known = {entry.value for entry in VerdictKind}
        if session is None or kind not in known or not token_fits(request, csrf):
            return refused(page, request)
        chosen = [Action(name) for name in actions or () if name in {action.value for action in _OFFERED}]
        try:
            with writing(page.engine) as database:
                cases.record_verdict(
                    database,
                    page.audit_key,
                    case_id,
                    version,
                    VerdictKind(kind),
                    chosen,
                    session.name,
                    utc_now(),
                    note[:2000],
                )
        except CaseMoved as moved:
            return page.render(request, "moved.html", 409, case_id=case_id, by=moved.by)
        return RedirectResponse(_next(page, case_id, kind), status_code=303)

    _originals(router, page)
    return router


def _originals(router: APIRouter, page: Page) -> None:
    @router.get("/message/{message_id}/raw")
    def raw(message_id: int) -> Response:
        with reading(page.engine) as database:
            data = messages.raw_of_message(database, message_id)
        if data is None:
            raise HTTPException(404)
        text = data.decode("utf-8", "replace")
        return PlainTextResponse(
            text, headers={"Content-Disposition": "inline", "Content-Security-Policy": "default-src 'none'; sandbox"}
        )


def _card(page: Page, case_id: int) -> Card:
    with reading(page.engine) as database:
        found = cases.card(database, case_id)
    if found is None:
        raise HTTPException(404)
    return found


def _offered(card: Card) -> list[dict[str, Any]]:
    """Return the actions a reviewer may tick, those the machine proposes ticked already."""
    mail = all(item.message["channel"] == "email" for item in card.items)
    proposed = {name for item in card.items for name in (*item.decision["proposed"], *item.decision["actions"])}
    fitting: tuple[Action, ...] = (
        (Action.QUARANTINE,) if mail else (Action.HIDE, Action.MUTE, Action.BLOCK, Action.REPORT)
    )
    first = fitting[0].value
    return [
        {"name": action.value, "ticked": action.value in proposed or (not proposed and action.value == first)}
        for action in fitting
    ]


def _next(page: Page, case_id: int, kind: str) -> str:
    """Return where to go after a verdict: the next open case, or back to this one after an undo."""
    if kind == VerdictKind.UNDO.value:
        return f"/case/{case_id}?said=undone"
    with reading(page.engine) as database:
        rows, _ = cases.queue(database, QueueFilter(), 2, 0)
    following = [row.case["id"] for row in rows if row.case["id"] != case_id]
    return f"/case/{following[0]}?said={case_id}" if following else f"/?said={case_id}"
