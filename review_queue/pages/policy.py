"""The policy in words, its limits, and what moving one would have meant; proposed by one person, approved by another."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.policy.foretold import Late, Pressing
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.movable import numbers_of
from models.policy.what_if import UnknownLimit, WhatIf
from models.session import reading, writing
from models.store import changes, foretelling
from models.store.agreeing import NotPossible
from review_queue.app import Page, reader_of, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.forms import refused, token_fits

SAID = ("proposed", "approve", "refuse")


def routes(page: Page) -> APIRouter:
    """Return the routes of the policy."""
    router = APIRouter()

    @router.get("/policy")
    def packs(request: Request) -> Response:
        found = [builtin_pack(org) for org in sorted(builtin_pack_ids())]
        return page.render(request, "policy_list.html", packs=found)

    @router.get("/policy/{org}")
    def words(request: Request, org: str, said: str = "") -> Response:
        return _shown(page, request, org, said if said in SAID else "", "")

    _moving(router, page)
    _thresholds(router, page)
    _deciding(router, page)
    return router


def _shown(page: Page, request: Request, org: str, said: str, error: str, status: int = 200) -> Response:
    if org not in builtin_pack_ids():
        raise HTTPException(404)
    with reading(page.engine) as database:
        standing = numbers_of(changes.pack_of(database, org))
        rows = changes.listed(database, org)
    pack = builtin_pack(org)
    return page.render(
        request, "policy.html", status, pack=pack, standing=standing, written=numbers_of(pack), changes=rows,
        said=said, error=error, me=reader_of(request),
    )  # fmt: skip


def _moving(router: APIRouter, page: Page) -> None:
    @router.post("/policy/{org}/try")
    def move(
        request: Request,
        org: str,
        csrf: Annotated[str, Form()] = "",
        field: Annotated[str, Form()] = "",
        value: Annotated[str, Form()] = "",
        why: Annotated[str, Form()] = "",
        sure: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        if org not in builtin_pack_ids():
            raise HTTPException(404)
        if not value.isdecimal() or len(value) > 6:
            return _shown(page, request, org, "", "value", 422)
        try:
            if sure == "yes" and why.strip():
                with writing(page.engine) as database:
                    changes.propose(
                        database, page.audit_key, org, field, int(value), session.name, utc_now(), why[:2000]
                    )
                return RedirectResponse(f"/policy/{org}?said=proposed", status_code=303)
            with reading(page.engine) as database:
                found = changes.tried(database, org, field, int(value), utc_now())
                shown = [] if isinstance(found, Late) else changes.examples(database, _differing(found))
                before = numbers_of(changes.pack_of(database, org))[field]
        except UnknownLimit:
            return _shown(page, request, org, "", "value", 422)
        return page.render(
            request, "policy_try.html", 422 if sure else 200, org=org, field=field, value=int(value), before=before,
            found=found, kind=type(found).__name__, examples=shown, error="why" if sure else "",
        )  # fmt: skip


def _differing(found: WhatIf | Pressing) -> Sequence[int]:
    """Return the messages that a moved limit would have treated otherwise, those for a person first."""
    return found.to_person or (found.to_nobody if isinstance(found, Pressing) else found.to_machine)


def _thresholds(router: APIRouter, page: Page) -> None:
    @router.get("/policy/{org}/threshold")
    def threshold(request: Request, org: str, at: str = "") -> Response:
        """Show what acting from a higher probability only would have meant; nothing can be proposed from here."""
        if org not in builtin_pack_ids():
            raise HTTPException(404)
        wanted = at.replace(",", ".").strip().removesuffix("%").strip()
        if not wanted.replace(".", "", 1).isdecimal() or not 0 < float(wanted) <= 100:
            return _shown(page, request, org, "", "at", 422)
        share = float(wanted) / 100
        with reading(page.engine) as database:
            since = utc_now() - timedelta(days=changes.HISTORY_DAYS)
            found = foretelling.thresholds(database, changes.pack_of(database, org), share, since)
            examples = {(one.connection_id, one.group): changes.examples(database, one.to_person) for one in found}
        return page.render(request, "policy_threshold.html", org=org, at=share, found=found, examples=examples)


def _deciding(router: APIRouter, page: Page) -> None:
    @router.post("/policy/{number}/{step}")
    def decide(request: Request, number: Number, step: str, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or step not in {"approve", "refuse"} or not token_fits(request, csrf):
            return refused(page, request)
        with reading(page.engine) as database:
            row = changes.find(database, number)
        if row is None:
            raise HTTPException(404)
        try:
            with writing(page.engine) as database:
                changes.decide(database, page.audit_key, number, step == "approve", session.name, utc_now())
        except NotPossible as error:
            return _shown(page, request, row["org"], "", error.code, 409)
        return RedirectResponse(f"/policy/{row['org']}?said={step}", status_code=303)
