"""Queues with names and the rules that lead there: a rule is tried on the own history, proposed, and agreed to by another."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from models.domain import Channel
from models.labels import LABELS
from models.policy.lists import Kind
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.routing import FIELDS, Rule
from models.session import reading, writing
from models.store import claims, connections, reviewers, routing
from models.store.agreeing import NotPossible
from review_queue.app import Page, reader_of, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number, number_in
from review_queue.pages.forms import refused, token_fits

SAID = ("proposed", "approve", "refuse", "end", "named", "ended", "member")
LANGUAGES = ("cy", "en", "mixed")
_TYPED = ("clause", "recipient")
"""Fields that are typed, one value a line; the others are ticked."""
LAST = 1_000_000


def routes(page: Page) -> APIRouter:
    """Return the routes of queues and their rules; those of rules stand before `/queues/{number}/…`."""
    router = APIRouter()
    _proposing(router, page)
    _deciding(router, page)
    _naming(router, page)
    return router


def _naming(router: APIRouter, page: Page) -> None:
    @router.get("/queues")
    def listed(request: Request, said: str = "") -> Response:
        return _listed(page, request, said if said in SAID else "", "")

    @router.post("/queues/new")
    def name(
        request: Request,
        csrf: Annotated[str, Form()] = "",
        org: Annotated[str, Form()] = "",
        name_cy: Annotated[str, Form()] = "",
        name_en: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or org not in builtin_pack_ids() or not token_fits(request, csrf):
            return refused(page, request)
        try:
            with writing(page.engine) as database:
                routing.name_queue(database, page.audit_key, org, name_cy, name_en, session.name, utc_now())
        except NotPossible as error:
            return _listed(page, request, "", error.code, 422)
        return RedirectResponse("/queues?said=named", status_code=303)

    @router.post("/queues/{number}/{step}")
    def change(
        request: Request,
        number: Number,
        step: str,
        csrf: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or step not in {"join", "leave", "end"} or not token_fits(request, csrf):
            return refused(page, request)
        key, by, now = page.audit_key, session.name, utc_now()
        try:
            with writing(page.engine) as database:
                if step == "end":
                    routing.end_queue(database, key, number, by, now)
                else:
                    routing.set_member(database, key, number, name, step == "join", by, now)
        except NotPossible as error:
            return _listed(page, request, "", error.code, 409)
        return RedirectResponse(f"/queues?said={'ended' if step == 'end' else 'member'}", status_code=303)


def _listed(page: Page, request: Request, said: str, error: str, status: int = 200) -> Response:
    with reading(page.engine) as database:
        values: dict[str, Any] = {
            "queues": routing.queues(database),
            "rules": routing.rules(database),
            "in_queue": routing.counts(database),
            "names": claims.names(database),
        }
    return page.render(
        request, "queues.html", status, said=said, error=error, orgs=sorted(builtin_pack_ids()), **values
    )


def _proposing(router: APIRouter, page: Page) -> None:
    @router.get("/queues/rules/new")
    def new(request: Request, org: str = "") -> Response:
        return _form(page, request, org, {}, "")

    @router.post("/queues/rules/new")
    async def propose(request: Request) -> Response:
        form = await request.form()
        return await run_in_threadpool(
            _asked, page, request, {name: [str(value) for value in form.getlist(name)] for name in form}
        )


def _asked(page: Page, request: Request, form: Mapping[str, Sequence[str]]) -> Response:
    """Show what the rule of a form would change, or write it where that was seen."""
    session = session_of(request)
    one = {name: values[0][:2000] for name, values in form.items() if values}
    org = one.get("org", "")
    if session is None or org not in builtin_pack_ids() or not token_fits(request, one.get("csrf", "")):
        return refused(page, request)
    given = {field: _values(field, form.get(field, ())) for field in FIELDS}
    kept: dict[str, Any] = {"why": "", "queue": "", "position": "", **one, **given}
    position = _number(kept["position"]) or LAST
    try:
        rule = _rule(kept, given)
        if one.get("sure") == "yes":
            with writing(page.engine) as database:
                routing.propose(database, page.audit_key, org, rule, position, kept["why"], session.name, utc_now())
            return RedirectResponse("/queues?said=proposed", status_code=303)
        with reading(page.engine) as database:
            queues = {row["id"]: row for row in routing.queues(database, org)}
            trial = routing.tried(database, org, rule, position)
            mask = reviewers.masks(database, reader_of(request), utc_now())
    except NotPossible as error:
        return _form(page, request, org, kept, error.code, 422)
    return page.render(
        request, "queue_rule_try.html", given=kept, rule=rule, trial=trial, mask=mask, queues=queues, org=org
    )


def _rule(kept: Mapping[str, Any], given: Mapping[str, Sequence[str]]) -> Rule:
    """Return the rule of a form.

    Raises:
        NotPossible: `empty`, or `why`: no reason is given.
    """
    rule = Rule(_number(kept["queue"]), routing.checked(given))
    if not kept["why"].strip():
        raise NotPossible("why")
    return rule


def _number(text: str) -> int:
    return number_in(text) or 0


def _values(field: str, values: Sequence[str]) -> list[str]:
    found = [line for value in values for line in value.splitlines()] if field in _TYPED else list(values)
    return [value.strip() for value in found if value.strip()]


def _form(page: Page, request: Request, org: str, given: Mapping[str, Any], error: str, status: int = 200) -> Response:
    if org not in builtin_pack_ids():
        raise HTTPException(404)
    with reading(page.engine) as database:
        queues = routing.queues(database, org)
        rules = [row for row in routing.rules(database) if row["org"] == org and row["state"] == "in_force"]
        places = [entry.connection_id for entry in connections.every(database) if entry.org == org]
    offered = {
        "channel": [channel.value for channel in Channel if channel.group != "logged"],
        "connection": places,
        "lang": list(LANGUAGES),
        "list": [kind.value for kind in Kind],
        "label": sorted(LABELS),
    }
    return page.render(
        request, "queue_rule_new.html", status, org=org, given={"why": "", "queue": "", "position": "", **given}, error=error,
        queues=queues, rules=rules, offered=offered, clauses=[clause.id for clause in builtin_pack(org).clauses],
    )  # fmt: skip


def _deciding(router: APIRouter, page: Page) -> None:
    @router.get("/queues/rules/{number}")
    def one(request: Request, number: Number) -> Response:
        return _one(page, request, number, "")

    @router.post("/queues/rules/{number}/{step}")
    def decide(request: Request, number: Number, step: str, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or step not in {"approve", "refuse", "end"} or not token_fits(request, csrf):
            return refused(page, request)
        key, by, now = page.audit_key, session.name, utc_now()
        try:
            with writing(page.engine) as database:
                if step == "end":
                    routing.end(database, key, number, by, now)
                else:
                    routing.decide(database, key, number, step == "approve", by, now)
        except NotPossible as error:
            return _one(page, request, number, error.code, 409)
        return RedirectResponse(f"/queues?said={step}", status_code=303)


def _one(page: Page, request: Request, number: int, error: str, status: int = 200) -> Response:
    with reading(page.engine) as database:
        row = routing.find(database, number)
        if row is None:
            raise HTTPException(404)
        waits = row["state"] == "proposed"
        trial = routing.tried(database, row["org"], routing.rule_of(row), row["position"]) if waits else None
        queues = {entry["id"]: entry for entry in routing.queues(database, row["org"])}
        mask = reviewers.masks(database, reader_of(request), utc_now())
    mine = reader_of(request) == row["by"]
    return page.render(
        request, "queue_rule.html", status, row=row, rule=routing.rule_of(row), trial=trial, queues=queues, mine=mine,
        mask=mask, error=error,
    )  # fmt: skip
