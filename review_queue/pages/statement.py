"""The public moderation statement for staff to put on their website, and the note of a case for another system."""

from datetime import datetime

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from sqlalchemy import Connection

from models.domain import Channel, ChannelGroup, Mode
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.records.case_note import note, reference_of
from models.records.public import rendering
from models.records.public.statement import Statement, Use, statement
from models.session import reading
from models.store import connections
from review_queue.app import Page, language_of
from review_queue.i18n import LONDON, local_day, utc_now
from review_queue.numbers import Number
from review_queue.pages.case import card_of

_MAIL = frozenset({"imap", "exchange", "graph"})
_OWN_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


def routes(page: Page) -> APIRouter:
    """Return the routes of the statement and of case notes."""
    router = APIRouter()

    @router.get("/statement/{org}")
    def shown(request: Request, org: str) -> Response:
        found = made(page, org)
        return page.render(
            request, "statement.html", org=org, found=found, plain=rendering.text(found), source=rendering.html(found)
        )

    @router.get("/statement/{org}/statement.html")
    def html(org: str) -> Response:
        headers = {"Content-Disposition": f'attachment; filename="{org}.html"', "Content-Security-Policy": _OWN_POLICY}
        return HTMLResponse(rendering.html(made(page, org)), headers=headers)

    @router.get("/statement/{org}/statement.txt")
    def text(org: str) -> Response:
        headers = {"Content-Disposition": f'attachment; filename="{org}.txt"'}
        return PlainTextResponse(rendering.text(made(page, org)), headers=headers)

    @router.get("/case/{case_id}/note.txt")
    def of_case(request: Request, case_id: Number) -> Response:
        card = card_of(page, case_id)
        if card.case["joined_into"]:
            raise HTTPException(404)
        org = card.case["org"]
        headers = {"Content-Disposition": f'attachment; filename="{reference_of(org, case_id)}.txt"'}
        return PlainTextResponse(note(card, builtin_pack(org), language_of(request)), headers=headers)

    return router


def made(page: Page, org: str) -> Statement:
    """Return the statement of an organisation as it stands today.

    Raises:
        HTTPException: 404, there is no such organisation.
    """
    if org not in builtin_pack_ids():
        raise HTTPException(404)
    now = utc_now()
    with reading(page.engine) as database:
        use = use_of(database, org)
    return statement(builtin_pack(org), use, _days(now))


def _days(now: datetime) -> tuple[str, str]:
    today = now.astimezone(LONDON).date()
    return local_day(today, "en"), local_day(today, "cy")


def use_of(database: Connection, org: str) -> Use:
    """Return how the policy is used here, from the connections: what is read, and where the machine may act alone."""
    mine = [entry for entry in connections.every(database) if entry.org == org]
    social = {channel.value for channel in Channel if channel.group is ChannelGroup.SOCIAL}
    read = {Channel.EMAIL.value if entry.kind in _MAIL else entry.kind for entry in mine}
    acting = [entry.kind for entry in mine if entry.mode is Mode.ENFORCE]
    acts = {ChannelGroup.MAIL for kind in acting if kind not in social}
    acts |= {ChannelGroup.SOCIAL for kind in acting if kind not in _MAIL}
    return Use(tuple(channel.value for channel in Channel if channel.value in read), frozenset(acts))
