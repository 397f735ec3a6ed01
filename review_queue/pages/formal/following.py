"""What follows in a file: its one line of time, notices seen to, and reviews of the policy itself."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from models.measures import authority
from models.policy.loader import builtin_pack
from models.records.timeline import SHOWN_CHARACTERS, Moment, timeline
from models.session import reading, writing
from models.store import reviewers
from models.store.formal import aftercare, files, offices
from models.store.formal.desk import Desk, StepRefused
from models.tables import contact
from review_queue.app import Page, language_of, reader_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.formal.at_desk import at_desk
from review_queue.pages.formal.questions import N_
from review_queue.pages.forms import refused, token_fits

KINDS = {
    "message": N_("A message"), "done": N_("Done by the bot"), "undone": N_("Undone by the bot"),
    "incident_proposed": N_("An incident, not decided"), "incident_upheld": N_("An incident, upheld"),
    "incident_dismissed": N_("An incident, dismissed"), "ask": N_("a request for change"), "warning": N_("a warning"),
    "restriction": N_("a restriction"), "end": N_("the end of a restriction"), "review": N_("a review"),
    "appeal_received": N_("an appeal received"), "appeal_outcome": N_("the outcome of an appeal"),
    "referral": N_("a referral"), "advice": N_("The advice group has answered"), "need": N_("A need or circumstance"),
    "need_ended": N_("A need or circumstance no longer holds"), "letter_wanted": N_("A letter to write"),
    "letter_sent": N_("A letter sent"), "record_apply": N_("To apply the policy"), "record_not_apply": N_("Not to apply the policy"),
    "record_except": N_("To make an exception"), "record_not_register": N_("Not to register a further complaint"),
    "record_not_reply": N_("Not to reply to further correspondence"), "record_safety_register": N_("To refer to the Staff Safety Register"),
    "record_no_safety_register": N_("Not to refer to the Staff Safety Register"), "record_complaint": N_("A complaint about us"),
    "record_case_closed": N_("A case was closed"), "record_read_again": N_("Further contact was read"),
    "record_welfare": N_("Somebody was told of a risk"),
}  # fmt: skip


def routes(page: Page) -> APIRouter:
    """Return the routes of what follows."""
    router = APIRouter()

    @router.get("/formal/{org}/{contact_id}/timeline")
    def line(request: Request, org: str, contact_id: Number) -> Response:
        try:
            with reading(page.engine) as database, at_desk(database, page, request, org) as desk:
                name, moments = line_of(desk, contact_id, language_of(request))
                mask = reviewers.masks(database, reader_of(request), utc_now())
        except offices.NoOffice:
            return page.render(request, "formal_no_role.html", 403)
        return page.render(
            request, "formal_timeline.html", org=org, contact_id=contact_id, who=name, moments=moments, kinds=KINDS,
            mask=mask, most=SHOWN_CHARACTERS,
        )  # fmt: skip

    @router.post("/notice/{org}/{number}")
    def seen(request: Request, org: str, number: Number, csrf: Annotated[str, Form()] = "") -> Response:
        if not token_fits(request, csrf):
            return refused(page, request)
        try:
            with writing(page.engine) as database, at_desk(database, page, request, org) as desk:
                aftercare.seen(desk, number)
        except (offices.NoOffice, StepRefused):
            return page.render(request, "formal_no_role.html", 403)
        return RedirectResponse("/formal", status_code=303)

    _policy(router, page)
    return router


def _policy(router: APIRouter, page: Page) -> None:
    @router.get("/policy-review/{org}")
    def ask(request: Request, org: str) -> Response:
        try:
            with reading(page.engine) as database, at_desk(database, page, request, org) as desk:
                last = aftercare.policy_issued(database, desk.pack)
        except offices.NoOffice:
            return page.render(request, "formal_no_role.html", 403)
        return page.render(request, "formal_policy_review.html", pack=desk.pack, last=last, refusals=())

    @router.post("/policy-review/{org}")
    def keep(
        request: Request,
        org: str,
        held_on: Annotated[str, Form()] = "",
        changes: Annotated[str, Form()] = "",
        in_force_from: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        if not token_fits(request, csrf):
            return refused(page, request)
        try:
            with writing(page.engine) as database, at_desk(database, page, request, org) as desk:
                held, begins = _day(held_on), _day(in_force_from)
                aftercare.policy_reviewed(desk, held or date.max, changes[:4000], begins)
        except offices.NoOffice:
            return page.render(request, "formal_no_role.html", 403)
        except StepRefused as error:
            pack = builtin_pack(org)
            return page.render(request, "formal_policy_review.html", 422, pack=pack, last=None, refusals=error.refusals)
        return RedirectResponse("/formal", status_code=303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def line_of(desk: Desk, contact_id: int, language: str) -> tuple[str, list[Moment]]:
    """Return a person's name and their file as one line of time, newest first.

    Raises:
        HTTPException: 404, there is nobody of this number.
    """
    name = desk.database.execute(select(contact.c.name).where(contact.c.id == contact_id)).scalar()
    if name is None:
        raise HTTPException(404)
    return name, timeline(desk.database, desk.pack, contact_id, language, _readable(desk, contact_id))


def _readable(desk: Desk, contact_id: int) -> frozenset[int]:
    mine = authority.role_of(desk.pack, desk.officer.role)
    ranks = {role.id: role.rank for role in desk.pack.roles}
    found = files.circumstances_of(desk.database, contact_id)
    return frozenset(c.circumstance_id for c in found if mine is not None and mine.rank >= ranks.get(c.seen_by, 0))
