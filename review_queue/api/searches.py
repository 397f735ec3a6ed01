"""Searches that an account keeps, and one verdict for all cases of a search; approving it stays with people on the page."""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Query

from models.session import reading
from models.store import bulk, notes
from models.store.queue import COUNTED_AT_MOST
from review_queue.api.caller import Caller, Decides, Reads
from review_queue.api.cases import wanted_of
from review_queue.api.problems import Stopped
from review_queue.api.shapes.asked_many import BulkAsked, BulkQuery, ViewAsked
from review_queue.api.shapes.many import Set, SetItem, SetTried, View
from review_queue.numbers import Number
from review_queue.pages.bulk import Standing, frozen, standing, take, trial_of
from review_queue.pages.queue import TITLE_CHARACTERS, asked

router = APIRouter(tags=["Verdicts on many"])


@router.get("/views")
def views(caller: Reads) -> list[View]:
    """List the searches that the account keeps; each can be sent as a search."""
    with caller.reading() as database:
        return [_view(row) for row in notes.views(database, caller.name)]


@router.post("/views", status_code=201)
def keep(caller: Decides, given: ViewAsked) -> View:
    """Keep a search under a title, in place of one of the same title; twenty at most."""
    query = urlencode(wanted_of(given.search))
    title = given.title.strip()[:TITLE_CHARACTERS]
    with caller.changing("view.keep", "view") as database:
        notes.save_view(database, caller.name, title, query)
        found = next((row for row in notes.views(database, caller.name) if row["title"] == title), None)
        if found is None:
            raise Stopped("invalid", 422, errors=["title"])
        return _view(found)


@router.delete("/views/{view_id}", status_code=204)
def drop(caller: Decides, view_id: Number) -> None:
    """Forget a search."""
    with caller.changing("view.drop", f"view:{view_id}") as database:
        notes.drop_view(database, caller.name, view_id)


def _view(row: Mapping[str, str]) -> View:
    return View(id=int(row["id"]), title=row["title"], search=asked(dict(parse_qsl(row["query"]))))


@router.get("/bulk/try")
def tried(caller: Reads, query: Annotated[BulkQuery, Query()]) -> SetTried:
    """Say what one verdict would do to the open cases of a search, and who is left out; nothing is recorded."""
    found = trial_of(caller.page, wanted_of(query), query.verdict, caller.name)
    return SetTried(
        verdict=query.verdict,
        seal=found.seal,
        cases=[item.case_id for item in found.items],
        more=len(found.items) + sum(map(len, found.left_out.values())) >= COUNTED_AT_MOST,
        effects=list(found.effects),
        made_of={kind: dict(counts) for kind, counts in found.made_of.items()},
        left_out=found.left_out,
    )


@router.post("/bulk", status_code=201)
def propose(caller: Decides, given: BulkAsked) -> Set:
    """Propose exactly the set that was tried; it is carried out once a second person has approved it on the page."""
    wanted = wanted_of(given.search)
    found = trial_of(caller.page, wanted, given.verdict, caller.name)
    if found.items and found.seal != given.seal:
        raise Stopped("set-moved", 409)
    with caller.changing("bulk.propose", "bulk", cases=len(found.items)) as database:
        number = frozen(database, caller.page.audit_key, found, given.verdict, wanted, given.why, caller.name)
    return _one(caller, number)


@router.get("/bulk")
def listed(caller: Reads) -> list[Set]:
    """List the newest sets, without their cases."""
    with caller.reading() as database:
        return [_set(row, row["progress"]) for row in bulk.listed(database)]


@router.get("/bulk/{number}")
def one(caller: Reads, number: Number) -> Set:
    """Say how a set stands, case by case."""
    return _one(caller, number)


@router.post("/bulk/{number}/{step}")
def step(caller: Decides, number: Number, step: Literal["refuse", "stop", "undo"]) -> Set:
    """Refuse a proposed set, stop one that is being carried out, or have all of it undone."""
    _stands(caller, number)
    with caller.changing(f"bulk.{step}", f"bulk:{number}") as database:
        take(database, caller.page.audit_key, number, step, caller.name)
    return _one(caller, number)


def _stands(caller: Caller, number: int) -> Standing:
    with reading(caller.page.engine) as database:
        found = standing(database, number)
    if found is None:
        raise Stopped("not-found", 404)
    return found


def _one(caller: Caller, number: int) -> Set:
    found = _stands(caller, number)
    cases = [
        SetItem(
            case=row["case_id"], version=row["version"], kind=row["kind"], actions=row["actions"], state=row["state"],
            why=row["why"] or found.out.get(row["case_id"], ""),
        )
        for row in found.items
    ]  # fmt: skip
    return _set(found.row, found.progress, cases)


def _set(row: Mapping[str, object], progress: Mapping[str, int], cases: list[SetItem] | None = None) -> Set:
    search = asked(dict(parse_qsl(str(row["query"]))))
    return Set.model_validate({**row, "search": search, "progress": progress, "cases": cases})
