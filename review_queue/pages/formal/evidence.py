"""The evidence pack of a case from the page: for whoever may manage contact in that organisation."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from sqlalchemy import Connection

from models.measures import authority
from models.policy.loader import builtin_pack
from models.records.evidence import packing, signing
from models.records.evidence.gather import Holding, NoSuchCase, gather
from models.session import reading, writing
from models.store.formal import offices
from review_queue.app import Page, reader_of, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.forms import refused, token_fits

DECISION = "formally_manage"


class NotTheirs(Exception):
    """The reader holds no role that may pack evidence."""


def routes(page: Page) -> APIRouter:
    """Return the routes of evidence."""
    router = APIRouter()

    @router.get("/case/{case_id}/evidence")
    def ask(request: Request, case_id: Number) -> Response:
        try:
            holding = holding_of(page, reader_of(request), case_id)
        except NotTheirs:
            return page.render(request, "formal_no_role.html", 403)
        mark = signing.fingerprint(signing.public_pem(page.evidence_key))
        return page.render(request, "evidence.html", holding=holding, fingerprint=mark)

    @router.post("/case/{case_id}/evidence")
    def download(request: Request, case_id: Number, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        try:
            holding = holding_of(page, reader_of(request), case_id)
        except NotTheirs:
            return page.render(request, "formal_no_role.html", 403)
        with writing(page.engine) as database:
            made = packed(database, page, holding, case_id, session.name)
        named = {"Content-Disposition": f'attachment; filename="evidence-case-{case_id}.zip"'}
        return Response(made, media_type="application/zip", headers=named)

    return router


def packed(database: Connection, page: Page, holding: Holding, case_id: int, by: str) -> bytes:
    """Return the pack as a ZIP file, signed; that it was made stands in the trail."""
    keys = packing.Keys(page.audit_key, page.evidence_key)
    return packing.make(database, keys, builtin_pack(holding.org), case_id, by, utc_now())


def holding_of(page: Page, name: str, case_id: int) -> Holding:
    """Return what the case holds, for somebody who may manage contact there; others learn nothing of it.

    Raises:
        HTTPException: 404, there is no such case.
        NotTheirs: They may not.
    """
    with reading(page.engine) as database:
        try:
            found = gather(database, case_id)
        except NoSuchCase as error:
            raise HTTPException(404) from error
        try:
            officer = offices.officer(database, name, found.org, utc_now())
        except offices.NoOffice as error:
            raise NotTheirs from error
    if authority.may(builtin_pack(found.org), officer, DECISION) is not None or not page.evidence_key:
        raise NotTheirs
    return found
