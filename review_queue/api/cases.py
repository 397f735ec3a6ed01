"""The queue and its cases by the API: listed, searched, opened."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from models.policy.loader import builtin_pack
from models.records.case_note import note, reference_of
from models.store import bulk, cards, claims, notes, reviewers
from models.store import queue as queues
from models.store.cards import Card
from models.store.queue import COUNTED_AT_MOST
from review_queue.api.caller import Caller, Reads
from review_queue.api.problems import Stopped
from review_queue.api.shapes.asked import CaseQuery, Search
from review_queue.api.shapes.base import Shape, Words
from review_queue.api.shapes.cases import Case, CaseList, Note, case_of, summary_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.case import following as next_of
from review_queue.pages.queue import Asked, asked, narrowed

router = APIRouter(tags=["Cases"])


class Counts(Shape):
    """How many cases wait; `overdue` counts at most 1,000."""

    open: int
    urgent: int
    escalated: int
    overdue: int


class Next(Shape):
    """The case to take up next; null where nothing waits that is free."""

    case: int | None


class CaseNote(Shape):
    """A note about a case for another case system."""

    reference: str
    text: Words


class Reviewers(Shape):
    """Whom a case may be given to."""

    names: list[str]


@router.get("/cases")
def listed(caller: Reads, query: Annotated[CaseQuery, Query()]) -> CaseList:
    """List cases: urgent first, then by how grave, how sure and how long they wait."""
    now, wanted = utc_now(), wanted_of(query)
    with caller.reading() as database:
        care = reviewers.of(database, caller.name, now)
        filtered = narrowed(database, wanted, caller.name, care.gentle, now)
        offset = (query.page - 1) * query.page_size
        rows, total = queues.queue(database, filtered, query.page_size, offset)
    return CaseList(
        cases=[summary_of(row, care.mask and not query.shown, now) for row in rows],
        page=query.page,
        pages=max(1, -(-total // query.page_size)),
        total=total,
        more=total >= COUNTED_AT_MOST,
    )


def wanted_of(query: Search) -> Asked:
    """Return a search as the address of the page would say it."""
    named = query.model_dump(include=set(Search.model_fields), exclude_none=True)
    said: Iterable[tuple[str, object]] = ((name, value) for name, value in named.items() if value)
    return asked({name: "1" if value is True else str(value) for name, value in said})


@router.get("/cases/counts")
def counts(caller: Reads) -> Counts:
    """Count what waits."""
    with caller.reading() as database:
        return Counts(**queues.counts(database), overdue=queues.overdue(database, utc_now()))


@router.get("/cases/next")
def following(caller: Reads) -> Next:
    """Name the open case to take up next that nobody else holds: of the account's own queues first, then of any."""
    with caller.reading() as database:
        care = reviewers.of(database, caller.name, utc_now())
    return Next(case=next_of(caller.page, caller.name, [], care.gentle))


@router.get("/reviewers")
def names(caller: Reads) -> Reviewers:
    """List whom a case may be given to."""
    with caller.reading() as database:
        return Reviewers(names=claims.names(database))


@router.get("/cases/{case_id}")
def one(caller: Reads, case_id: Number, shown: bool = False) -> Case:
    """Open a case: texts with what stands in them, clauses, what is proposed and what each verdict will do.

    Insults and threats are blotted out unless `shown`, as the account's own wish says on the page.
    """
    with caller.reading() as database:
        found = card_of(database, case_id)
        return opened(database, caller, found, shown)


@router.get("/cases/{case_id}/notes")
def notes_of(caller: Reads, case_id: Number) -> list[Note]:
    """List the notes of a case, oldest first."""
    with caller.reading() as database:
        card_of(database, case_id)
        return [Note.model_validate(row) for row in notes.of_case(database, case_id)]


@router.get("/cases/{case_id}/note")
def note_of(caller: Reads, case_id: Number) -> CaseNote:
    """Give a note about a case for another case system: reference, clauses, what was decided; nobody's name, no message."""
    with caller.reading() as database:
        found = card_of(database, case_id)
    pack = builtin_pack(found.case["org"])
    words = Words(en=note(found, pack, "en"), cy=note(found, pack, "cy"))
    return CaseNote(reference=reference_of(pack.id, case_id), text=words)


def card_of(database: Connection, case_id: int) -> Card:
    """Return a case.

    Raises:
        Stopped: There is none, or it joined a campaign.
    """
    found = cards.card(database, case_id)
    if found is not None and found.case["joined_into"]:
        raise Stopped("case-joined", 409, joined_into=found.case["joined_into"])
    if found is None or not found.items:
        raise Stopped("not-found", 404)
    return found


def opened(database: Connection, caller: Caller, card: Card, shown: bool = False) -> Case:
    """Return a case as the caller wants to see it."""
    now = utc_now()
    mask = reviewers.of(database, caller.name, now).mask and not shown
    number = card.case["id"]
    return case_of(card, notes.of_case(database, number), bulk.of_case(database, number), mask, now)
