"""The routes of letters: those that wait, one to read and change, its approval, and the ways it goes."""

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from models.letters import blocks
from models.letters.compose import compose
from models.letters.element_words import WORDS
from models.letters.pdf import HERE as LETTERS
from models.letters.pdf import mark, pdf
from models.letters.reading_ease import sentences, too_long
from models.letters.tongue import EASY
from models.letters.word import docx
from models.measures.refusals import Refusal
from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store import evidence
from models.store.formal import cased, files, letter_facts, offices
from models.store.formal import letters as store
from models.store.formal import writing as desk_of
from models.store.formal.desk import Desk, StepRefused
from models.store.formal.writing import Sheet
from review_queue.app import Page, language_of, reader_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.formal.at_desk import at_desk
from review_queue.pages.forms import refused, token_fits

TYPES = {"pdf": "application/pdf", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}


def routes(page: Page) -> APIRouter:
    """Return the routes of letters."""
    router = APIRouter()

    @router.get("/letters")
    def listed(request: Request) -> Response:
        name = reader_of(request)
        with reading(page.engine) as database:
            mine = offices.orgs_of(database, name, utc_now())
            found = [_waiting(database, page, request, org) for org in mine]
        return page.render(request, "letters.html", 200 if mine else 403, orgs=found)

    @router.get("/letters/{org}/{number}")
    def read(request: Request, org: str, number: Number) -> Response:
        return _shown(page, request, org, number)

    @router.get("/letters/{org}/{number}/edit/{language}")
    def change(request: Request, org: str, number: Number, language: str) -> Response:
        return _editing(page, request, org, number, language)

    @router.get("/letters/{org}/{number}/letter.{form}")
    def download(request: Request, org: str, number: Number, form: str) -> Response:
        return _download(page, request, org, number, form)

    _steps(router, page)
    return router


def _steps(router: APIRouter, page: Page) -> None:
    @router.post("/letters/{org}/{number}/edit/{language}")
    async def keep(request: Request, org: str, number: Number, language: str) -> Response:
        given = await request.form()
        if not token_fits(request, str(given.get("csrf", ""))):
            return refused(page, request)
        return await run_in_threadpool(_keep_words, page, request, org, number, language, given)

    @router.post("/letters/{org}/{number}")
    async def step(request: Request, org: str, number: Number) -> Response:
        given = await request.form()
        if not token_fits(request, str(given.get("csrf", ""))):
            return refused(page, request)
        return await run_in_threadpool(_take, page, request, org, number, given)


def _waiting(database: Connection, page: Page, request: Request, org: str) -> Mapping[str, Any]:
    with at_desk(database, page, request, org) as desk:
        sheets = [desk_of.sheet(desk, row["id"]) for row in store.waiting(database, org)]
    names = files.names_of(database, {sheet.wanted["contact_id"] for sheet in sheets})
    return {"org": org, "pack": builtin_pack(org), "sheets": sheets, "names": names}


def found_in(desk: Desk, number: int) -> Sheet:
    """Return a letter of the desk's organisation.

    Raises:
        HTTPException: 404, there is none of this number.
    """
    try:
        return desk_of.sheet(desk, number)
    except StepRefused as error:
        raise HTTPException(404) from error


def _shown(
    page: Page, request: Request, org: str, number: int, refusals: tuple[Refusal, ...] = (), status: int = 200
) -> Response:
    try:
        with reading(page.engine) as database, at_desk(database, page, request, org) as desk:
            found = found_in(desk, number)
            mails = letter_facts.addresses(database, found.wanted["contact_id"])
            rests = found.facts.incidents() if found.wanted["kind"] in {"ask", "warning"} else ()
            cases = cased.cases_of(database, [one.message_id for one in rests if one.message_id is not None])
    except offices.NoOffice:
        return page.render(request, "formal_no_role.html", 403)
    spoken = language_of(request)
    return page.render(
        request, "letter.html", status, sheet=found, org=org, mails=mails, refusals=refusals, ways=page.letter_ways,
        cases=cases, marks={one.language: mark(one.language) for one in found.letters}, pictures=_pictures(),
        missing=[getattr(WORDS[e], spoken) for e in dict.fromkeys(e for listed in found.missing.values() for e in listed)],
        encloses=any(blocks.Element.ENCLOSED in one.required for one in found.letters),
        long=[s for one in found.letters if one.style == EASY for s in too_long(sentences(one))],
    )  # fmt: skip


@cache
def _pictures() -> Mapping[str, str]:
    """Return the pictures of Easy Read as addresses that hold them."""
    found = sorted((LETTERS / "pictures").glob("*.svg"))
    return {path.stem: f"data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode()}" for path in found}


def _editing(
    page: Page, request: Request, org: str, number: int, language: str,
    refusals: tuple[Refusal, ...] = (), given: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    try:
        with reading(page.engine) as database, at_desk(database, page, request, org) as desk:
            found = found_in(desk, number)
    except offices.NoOffice:
        return page.render(request, "formal_no_role.html", 403)
    mine = next((one for one in found.letters if one.language == language), None)
    if mine is None:
        raise HTTPException(404)
    fields = _fields(found, mine, given or {})
    return page.render(
        request, "letter_edit.html", 422 if refusals else 200, sheet=found, letter=mine, org=org, fields=fields,
        refusals=refusals,
    )  # fmt: skip


def _fields(found: Sheet, mine: blocks.Letter, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what may be changed, in the letter's order, also what was taken out before."""
    kept = found.row["words"].get(mine.language, {})
    fields: list[dict[str, Any]] = []
    for block in compose(found.facts, mine.language, mine.style).blocks():
        if isinstance(block, blocks.Heading):
            fields.append({"heading": block.text})
        elif isinstance(block, blocks.Paragraph | blocks.Bullets):
            text = given.get(block.key, kept.get(block.key, blocks.plain(block)))
            own = isinstance(block, blocks.Paragraph) and block.own_words
            needed = [WORDS[element] for element in block.carries & mine.required]
            fields.append({"key": block.key, "text": text, "own": own, "needed": needed, "rows": _rows(text)})
    return fields


def _rows(text: str) -> int:
    return min(12, sum(1 + len(line) // 80 for line in text.split("\n")) + 1)


def _keep_words(page: Page, request: Request, org: str, number: int, language: str, given: FormData) -> Response:
    words = {key.removeprefix("block."): str(value) for key, value in given.multi_items() if key.startswith("block.")}
    try:
        with writing(page.engine) as database, at_desk(database, page, request, org) as desk:
            desk_of.edit(desk, number, language, words)
    except offices.NoOffice:
        return page.render(request, "formal_no_role.html", 403)
    except StepRefused as error:
        return _editing(page, request, org, number, language, error.refusals, words)
    return _back(org, number)


def _back(org: str, number: int) -> Response:
    return Response(status_code=303, headers={"Location": f"/letters/{org}/{number}"})


def _take(page: Page, request: Request, org: str, number: int, given: FormData) -> Response:
    try:
        with (
            writing(page.engine) as database,
            at_desk(database, page, request, org, str(given.get("standing_in", ""))) as desk,
        ):
            _step(page, desk, number, given)
    except offices.NoOffice:
        return page.render(request, "formal_no_role.html", 403)
    except StepRefused as error:
        return _shown(page, request, org, number, error.refusals, 422)
    return _back(org, number)


def _step(page: Page, desk: Desk, number: int, given: FormData) -> None:
    match str(given.get("step", "")):
        case "address":
            desk_of.address(desk, number, str(given.get("name", "")), str(given.get("address", "")).splitlines())
        case "approve":
            desk_of.approve(desk, number)
        case "withdraw":
            desk_of.withdraw(desk, number)
        case "send" if str(given.get("way", "")) in page.letter_ways:
            desk_of.send(desk, number, str(given["way"]), str(given.get("recipient", "")))
        case "went" | "did_not_go" as told:
            desk_of.resolve(desk, number, went=told == "went")
        case _:
            raise HTTPException(422)


def body_of(database: Connection, found: Sheet, form: str) -> bytes:
    """Return the pages as `pdf` or `docx`: as they are, or, of a letter that was sent, as they went."""
    kept = found.row["pdf_sha256"] if form == "pdf" and found.state == "sent" else None
    return evidence.body_of(database, kept) if kept else (pdf if form == "pdf" else docx)(found.letters)


def _download(page: Page, request: Request, org: str, number: int, form: str) -> Response:
    """Give the pages as they are, or, of a letter that was sent, as they went."""
    if form not in TYPES:
        raise HTTPException(404)
    try:
        with reading(page.engine) as database, at_desk(database, page, request, org) as desk:
            found = found_in(desk, number)
            body = body_of(database, found, form)
    except offices.NoOffice:
        return page.render(request, "formal_no_role.html", 403)
    name = f"{found.facts.reference}.{form}"
    return Response(body, media_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'})
