"""The routes of the formal side: the work that waits, a person's file, and the forms."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from models.measures import authority, deadlines, ladder
from models.measures.refusals import Refusal
from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store.formal import aftercare, cased, files, incidents, letters, notices, offices, people, proposals
from models.store.formal.desk import Desk, Done, StepRefused
from models.tables import account, contact
from review_queue.app import Page, language_of, reader_of
from review_queue.i18n import utc_now
from review_queue.numbers import Count, Number, number_in
from review_queue.pages.formal.at_desk import at_desk
from review_queue.pages.formal.forms import FORMS
from review_queue.pages.formal.questions import STAND_IN, Answers, Context, Form, Question, following, wrong
from review_queue.pages.forms import refused, token_fits

_WITH_LETTERS = frozenset({"ask", "warn", "restrict"})
_OWN = frozenset({"csrf", "at", "go", "about", "seen", "standing_in"})


def routes(page: Page) -> APIRouter:
    """Return the routes of the formal side."""
    router = APIRouter()

    @router.get("/formal")
    def work(request: Request) -> Response:
        name = reader_of(request)
        with reading(page.engine) as database:
            found = [_work(database, name, org) for org in offices.orgs_of(database, name, utc_now())]
        return page.render(request, "formal_work.html", 200 if found else 403, orgs=found)

    @router.get("/formal/{org}/{contact_id}")
    def file(request: Request, org: str, contact_id: Number) -> Response:
        try:
            with reading(page.engine) as database, at_desk(database, page, request, org) as desk:
                shown = file_of(desk, contact_id)
        except offices.NoOffice:
            return page.render(request, "formal_no_role.html", 403)
        return page.render(request, "formal_file.html", **shown)

    _forms(router, page)
    return router


def _forms(router: APIRouter, page: Page) -> None:
    @router.get("/formal/{org}/{contact_id}/{name}")
    def begin(request: Request, org: str, contact_id: Number, name: str, about: Count = 0) -> Response:
        return _guarded(page, request, org, contact_id, name, about, FormData())

    @router.post("/formal/{org}/{contact_id}/{name}")
    async def answer(request: Request, org: str, contact_id: Number, name: str) -> Response:
        given = await request.form()
        if not token_fits(request, str(given.get("csrf", ""))):
            return refused(page, request)
        about = number_in(str(given.get("about", "0"))) or 0
        return await run_in_threadpool(_guarded, page, request, org, contact_id, name, about, given)


def _guarded(
    page: Page, request: Request, org: str, contact_id: int, name: str, about: int, given: FormData
) -> Response:
    form = FORMS.get(name)
    if form is None:
        raise HTTPException(404)
    answers = _answers(given)
    standing_in = {"no": ""}.get(answers.one("stand"), answers.one("stand")) or str(given.get("standing_in", ""))
    try:
        with reading(page.engine) as database, at_desk(database, page, request, org, standing_in) as desk:
            context = _context(desk, contact_id, about, language_of(request))
            asked = [*form.questions(context, answers), *_stand_in(desk, form)]
    except offices.NoOffice:
        return page.render(request, "formal_no_role.html", 403)
    shared = {
        "form": form,
        "form_name": name,
        "org": org,
        "contact_id": contact_id,
        "about": about,
        "standing_in": standing_in,
    }
    return _step(page, request, form, asked, answers, given, context, shared)


def _stand_in(desk: Desk, form: Form) -> list[Question]:
    """Ask for the reason of a stand-in, of those who may be one, where the form takes a decision of a grade."""
    mine = authority.role_of(desk.pack, desk.officer.role)
    return [STAND_IN] if mine is not None and mine.stands_in_for and form.graded else []


def _step(
    page: Page, request: Request, form: Form, asked: list[Question], answers: Answers, given: FormData,
    context: Context, shared: dict[str, Any],
) -> Response:  # fmt: skip
    by_name = {question.name: question for question in asked}
    at, go = str(given.get("at", "")), str(given.get("go", ""))
    if go.startswith("change:") and go.removeprefix("change:") in by_name:
        question = by_name[go.removeprefix("change:")]
        return _ask(page, request, question, answers, "", shared)
    if at in by_name and go == "next" and (told := wrong(by_name[at], answers)):
        return _ask(page, request, by_name[at], answers, told, shared)
    question_next = following(asked, answers, at)
    if question_next is not None:
        return _ask(page, request, question_next, answers, "", shared)
    bad = next((question for question in asked if wrong(question, answers)), None)
    if bad is not None:
        return _ask(page, request, bad, answers, wrong(bad, answers), shared)
    return _confirm(page, request, form, asked, answers, context, shared, go == "confirm")


def _ask(
    page: Page, request: Request, question: Question, answers: Answers, told: str, shared: dict[str, Any]
) -> Response:
    carried = [(key, value) for key, values in answers.values.items() if key != question.name for value in values]
    return page.render(
        request, "formal_question.html", 422 if told else 200, question=question, given=answers, told=told,
        carried=carried, **shared,
    )  # fmt: skip


def _confirm(
    page: Page, request: Request, form: Form, asked: list[Question], answers: Answers, context: Context,
    shared: dict[str, Any], confirmed: bool,
) -> Response:  # fmt: skip
    """Try the step, and keep it only when it was confirmed; what the policy forbids is told before and after."""
    done, written = Done(0), list[int]()
    refusals: tuple[Refusal, ...] = ()
    try:
        with (
            writing(page.engine) as database,
            _kept_only_if(database, confirmed),
            at_desk(database, page, request, shared["org"], shared["standing_in"]) as desk,
        ):
            fresh = _context(desk, context.contact_id, context.about, context.language)
            done = form.take(fresh, answers)
            if not done.proposed and (shared["form_name"] in _WITH_LETTERS or answers.one("verdict") == "take"):
                written = cased.letters_of_measure(database, done.number)
    except StepRefused as error:
        refusals = error.refusals
    if confirmed and not refusals:
        return page.render(request, "formal_done.html", done=done, letters=written, **shared)
    carried = [(key, value) for key, values in answers.values.items() for value in values]
    return page.render(
        request, "formal_check.html", 422 if refusals else 200, asked=asked, given=answers, refusals=refusals,
        proposed=done.proposed, carried=carried, left=form.consequence(context, answers), **shared,
    )  # fmt: skip


@contextmanager
def _kept_only_if(database: Connection, confirmed: bool) -> Iterator[None]:
    """Let what is written inside stand, or take it back at the end."""
    trial = database.begin_nested()
    yield
    if confirmed:
        trial.commit()
    else:
        trial.rollback()


def _answers(given: FormData) -> Answers:
    values: dict[str, list[str]] = {}
    for key, value in given.multi_items():
        if key not in _OWN and isinstance(value, str):
            values.setdefault(key, []).append(value)
    seen = {str(value) for value in given.getlist("seen")} | ({str(given["at"])} if "at" in given else set())
    return Answers(values, frozenset(seen))


def _context(desk: Desk, contact_id: int, about: int, language: str) -> Context:
    known = desk.database.execute(select(contact.c.id).where(contact.c.id == contact_id)).first()
    if known is None:
        raise HTTPException(404)
    return Context(desk, contact_id, about, desk.file(contact_id), language)


def file_of(desk: Desk, contact_id: int) -> dict[str, Any]:
    """Return what there is to say of a person on the formal side.

    Raises:
        HTTPException: 404, there is nobody of this number.
    """
    context = _context(desk, contact_id, 0, "en")
    who = desk.database.execute(select(contact).where(contact.c.id == contact_id)).mappings().one()
    mine = authority.role_of(desk.pack, desk.officer.role)
    waiting = [row for row in letters.waiting(desk.database, desk.pack.id) if row["contact_id"] == contact_id]
    addresses = select(account).where(account.c.contact_id == contact_id).order_by(account.c.id)
    return {
        "org": desk.pack.id,
        "pack": desk.pack,
        "who": dict(who),
        "profile": people.profile_of(desk, contact_id),
        "accounts": [dict(row) for row in desk.database.execute(addresses).mappings()],
        "file": context.file,
        "standing": ladder.standing(context.file, desk.pack, desk.now),
        "open_lines": context.file.open_lines(desk.pack, desk.now),
        "in_force": {r.restriction_id for r in context.file.in_force(desk.pack, desk.now)},
        "ends": {row.restriction_id: _end(context, row) for row in context.file.restrictions},
        "measure_text": {measure.id: measure.text for measure in desk.pack.measures},
        "letters": waiting,
        "incomplete": {row["measure_id"] for row in waiting},
        "sent": letters.sent_to(desk.database, desk.pack.id, contact_id),
        "joins": people.joins_of(desk, contact_id),
        "untold": aftercare.untold(desk.database, desk.pack.id, contact_id),
        "since_closed": aftercare.since_closed(desk.database, context.file),
        "readable": {
            found.circumstance_id
            for found in context.file.circumstances
            if mine is not None and mine.rank >= _rank(desk, found.seen_by)
        },
    }


def _end(context: Context, restriction: Any) -> Any:
    return deadlines.ends_at(restriction, context.file.incidents, context.desk.pack)


def _rank(desk: Desk, role: str) -> int:
    found = authority.role_of(desk.pack, role)
    return 0 if found is None else found.rank


def _work(database: Connection, name: str, org: str) -> Mapping[str, Any]:
    pack, now = builtin_pack(org), utc_now()
    mine = authority.role_of(pack, offices.officer(database, name, org, now).role)
    ranks = {role.id: role.rank for role in pack.roles}
    told = [row for row in notices.open_ones(database, org) if mine and ranks.get(row["to_role"], 0) <= mine.rank]
    found: dict[str, Any] = {
        "incidents": incidents.open_ones(database, org),
        "proposals": proposals.open_ones(database, org),
        "letters": letters.waiting(database, org),
        "untold": aftercare.untold(database, org),
    }
    about = {contact_id for contact_id, _ in found["incidents"]}
    about |= {row["contact_id"] for name in ("proposals", "letters", "untold") for row in found[name]}
    about |= {row["contact_id"] for row in told if row["contact_id"] is not None}
    return found | {
        "org": org,
        "pack": pack,
        "role": mine,
        "notices": told,
        "names": files.names_of(database, about),
    }
