"""One reply to everybody of a campaign: written in both languages, shown with whom it reaches, confirmed, and followed."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from models.session import reading, writing
from models.store import petitions
from models.store.agreeing import NotPossible
from models.store.petitions import Words
from review_queue.app import Page, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.case import card_of
from review_queue.pages.forms import refused, token_fits
from review_queue.replies import REPLIES

SUBJECT_CHARACTERS, TEXT_CHARACTERS = 200, 10_000
_SUBJECT = Words("Eich neges atom", "Your message to us", "", "")


def routes(page: Page) -> APIRouter:
    """Return the routes of replies to campaigns; `/case/…/reply` stands before casework's `/case/…/{done}`."""
    router = APIRouter()

    @router.get("/case/{case_id}/reply")
    def begin(request: Request, case_id: Number) -> Response:
        with reading(page.engine) as database:
            known = petitions.of_case(database, case_id)
        if known is not None:
            return _result(page, request, known["id"])
        text = next(reply.text for reply in REPLIES if reply.name == "campaign")
        words = Words(_SUBJECT.subject_cy, _SUBJECT.subject_en, text.cy, text.en)
        return _form(page, request, case_id, words, both=False, but=[], error="")

    @router.get("/reply/{number}")
    def shown(request: Request, number: Number) -> Response:
        return _result(page, request, number)

    _sending(router, page)
    return router


def _sending(router: APIRouter, page: Page) -> None:
    @router.post("/case/{case_id}/reply")
    def send(
        request: Request,
        case_id: Number,
        csrf: Annotated[str, Form()] = "",
        subject_cy: Annotated[str, Form()] = "",
        subject_en: Annotated[str, Form()] = "",
        text_cy: Annotated[str, Form()] = "",
        text_en: Annotated[str, Form()] = "",
        both: Annotated[str, Form()] = "",
        but: Annotated[list[Number] | None, Form()] = None,
        sure: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        words = words_of(subject_cy, subject_en, text_cy, text_en)
        wanted, left = both == "yes", but or []
        if not are_whole(words):
            return _form(page, request, case_id, words, both=wanted, but=left, error="words", status=422)
        if sure != "yes":
            return _form(page, request, case_id, words, both=wanted, but=left, error="", confirm=True)
        try:
            with writing(page.engine) as database:
                petitions.send(database, page.audit_key, case_id, words, session.name, utc_now(), both=wanted, but=left)
        except NotPossible as error:
            return _form(page, request, case_id, words, both=wanted, but=left, error=error.code, status=409)
        return RedirectResponse(f"/case/{case_id}/reply", status_code=303)


def words_of(subject_cy: str, subject_en: str, text_cy: str, text_en: str) -> Words:
    """Return the words as they will go: subjects on one line, all within their bounds."""
    subjects = (" ".join(text.split())[:SUBJECT_CHARACTERS] for text in (subject_cy, subject_en))
    texts = (text.replace("\r\n", "\n").strip()[:TEXT_CHARACTERS] for text in (text_cy, text_en))
    return Words(*subjects, *texts)


def are_whole(words: Words) -> bool:
    """True when nothing is missing in either language."""
    return all((words.subject_cy, words.subject_en, words.text_cy, words.text_en))


def _form(
    page: Page, request: Request, case_id: int, words: Words, *, both: bool, but: list[int], error: str,
    confirm: bool = False, status: int = 200,
) -> Response:  # fmt: skip
    card = card_of(page, case_id)
    if not card.case["campaign"]:
        raise HTTPException(404)
    with reading(page.engine) as database:
        plan = petitions.plan(database, case_id, both=both, but=but)
        everybody = plan if not but else petitions.plan(database, case_id, both=both)
        may = petitions.may_answer(database, case_id)
    return page.render(
        request, "petition.html", status, case_id=case_id, words=words, both=both, but=but, error=error, plan=plan,
        everybody=everybody, may=may, confirm=confirm and may, relay="email" in page.letter_ways,
    )  # fmt: skip


def _result(page: Page, request: Request, number: int) -> Response:
    with reading(page.engine) as database:
        row = petitions.find(database, number)
        if row is None:
            raise HTTPException(404)
        result = petitions.result(database, row["case_id"])
    return page.render(request, "petition_done.html", row=row, result=result)
