"""The list of cases: urgent first, then by rank; filters, saved views, search, and news as it comes."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from models.domain import Channel, Handling
from models.labels import LABELS
from models.policy.loader import builtin_pack_ids
from models.records.case_note import case_of
from models.session import reading, writing
from models.store import claims, notes, reviewers, routing
from models.store import queue as queues
from models.store.formal import offices
from models.store.queue import COUNTED_AT_MOST, QueueFilter
from review_queue.app import Page, reader_of, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Count, Number, number_in
from review_queue.pages.forms import refused, token_fits

PAGE_SIZE = 25
STATES = ("open", "escalated", "closed", "any")
ASKED = (
    "state",
    "channel",
    "label",
    "clause",
    "lang",
    "handling",
    "org",
    "assigned",
    "restricted",
    "words",
    "grade",
    "queue",
)
TITLE_CHARACTERS = 60
NEWS_S, STREAM_S = 2.0, 60.0


class Asked(dict[str, str]):
    """What an address asks for; what it does not name is empty."""

    def __missing__(self, name: str) -> str:
        """Return the empty value."""
        return ""


def asked(query: Mapping[str, str]) -> Asked:
    """Return what an address asks for, empty values and unknown names left out."""
    found = Asked({name: query.get(name, "")[:200] for name in ASKED if query.get(name)})
    if found.get("state") not in STATES:
        found.pop("state", None)
    return found


def filter_of(
    wanted: Mapping[str, str], viewer: str, gentle: bool, grades: tuple[str, ...], mine: tuple[int, ...] = ()
) -> QueueFilter:
    """Return the filter that an address stands for, as `viewer` sees it, who works in the queues `mine`."""
    named = {name: value for name, value in wanted.items() if name not in {"restricted", "assigned", "grade", "queue"}}
    who = wanted.get("assigned", "")
    return QueueFilter(
        **{"state": "any" if "words" in wanted else "open", **named},  # type: ignore[arg-type]
        assigned=viewer if who == "me" else who,
        restricted="restricted" in wanted,
        viewer=viewer,
        gentle=gentle,
        grades=(grades or ("-",)) if "grade" in wanted else (),
        queues=_queues(wanted.get("queue", ""), mine),
    )


def _queues(queue: str, mine: tuple[int, ...]) -> tuple[int, ...]:
    """Return the queues that an address names: a number, `mine`, `-` for the default one; none for all."""
    if queue == "mine":
        return mine
    number = 0 if queue == "-" else number_in(queue)
    return () if number is None else (number,)


def narrowed(database: Connection, wanted: Mapping[str, str], viewer: str, gentle: bool, now: datetime) -> QueueFilter:
    """Return the filter that an address stands for, with the roles and the queues that `viewer` has."""
    return filter_of(wanted, viewer, gentle, grades_of(database, viewer, now), routing.of_member(database, viewer))


def routes(page: Page) -> APIRouter:
    """Return the routes of the list."""
    router = APIRouter()

    @router.get("/")
    def queue(request: Request, at: Count = 1, said: str = "") -> Response:
        named = case_of(request.query_params.get("words", ""))
        if named is not None:
            return RedirectResponse(f"/case/{named}", status_code=303)
        name = reader_of(request)
        wanted, number, now = asked(request.query_params), min(max(1, at), COUNTED_AT_MOST // PAGE_SIZE), utc_now()
        with reading(page.engine) as database:
            care, mine = reviewers.of(database, name, now), routing.of_member(database, name)
            if mine and not wanted:
                wanted["queue"] = "mine"
            filtered = narrowed(database, wanted, name, care.gentle, now)
            rows, total = queues.queue(database, filtered, PAGE_SIZE, (number - 1) * PAGE_SIZE)
            values: dict[str, Any] = {
                "mine": mine,
                "queues": routing.queues(database),
                "in_queue": routing.counts(database),
                "counts": queues.counts(database),
                "overdue": queues.overdue(database, now),
                "views": notes.views(database, name),
                "names": claims.names(database),
            }
        return page.render(
            request,
            "queue.html",
            rows=rows,
            total=total,
            more=total >= COUNTED_AT_MOST,
            wanted=wanted,
            narrowed=[entry for entry in wanted.items() if entry[0] not in {"state", "words", "queue"}],
            link=lambda **changes: _link(wanted, **changes),
            number=number,
            pages=max(1, -(-total // PAGE_SIZE)),
            channels=[channel.value for channel in Channel if channel.group != "logged"],
            labels=sorted(LABELS),
            clauses=sorted(page.clauses),
            handlings=[handling.value for handling in Handling if handling is not Handling.DELIVER],
            orgs=sorted(builtin_pack_ids()),
            care=care,
            said=said if said.isdigit() or said in SAID else "",
            **values,
        )

    _views(router, page)
    _news(router, page)
    return router


SAID = ("kept", "dropped", "handed", "free", "assigned", "second")


def grades_of(database: Connection, name: str, now: datetime) -> tuple[str, ...]:
    """Return the roles that somebody holds, whatever the organisation."""
    return tuple(offices.officer(database, name, org, now).role for org in offices.orgs_of(database, name, now))


def _link(wanted: Mapping[str, str], **changes: str | int) -> str:
    """Return the address of the list with some of what is asked changed; an empty value takes it away."""
    query = {**wanted, **{name: str(value) for name, value in changes.items()}}
    return "/?" + urlencode({name: value for name, value in query.items() if value})


def _views(router: APIRouter, page: Page) -> None:
    @router.post("/view")
    def save(
        request: Request,
        title: Annotated[str, Form()] = "",
        query: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        kept = urlencode(asked(dict(parse_qsl(query))))
        if title.strip():
            with writing(page.engine) as database:
                notes.save_view(database, session.name, title.strip()[:TITLE_CHARACTERS], kept)
        return RedirectResponse(f"/?{kept}&said=kept", status_code=303)

    @router.post("/view/{view_id}/drop")
    def drop(request: Request, view_id: Number, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            notes.drop_view(database, session.name, view_id)
        return RedirectResponse("/?said=dropped", status_code=303)


def _news(router: APIRouter, page: Page) -> None:
    @router.get("/events")
    async def events(request: Request, once: Annotated[bool, Query()] = False) -> Response:
        return StreamingResponse(_stream(page, request, once), media_type="text/event-stream")


async def _stream(page: Page, request: Request, once: bool) -> AsyncIterator[str]:
    """Yield what changed, as server-sent events, for a minute: the browser then asks again, with its session."""
    told, lasts = "", 0.0
    yield "retry: 3000\n\n"
    while lasts < STREAM_S and not await request.is_disconnected():
        pulse = json.dumps(await run_in_threadpool(page.pulse), sort_keys=True)
        yield f"event: queue\ndata: {pulse}\n\n" if pulse != told else ": still here\n\n"
        if once:
            return
        told, lasts = pulse, lasts + NEWS_S
        await asyncio.sleep(NEWS_S)


def next_filter(wanted: QueueFilter) -> QueueFilter:
    """Return the filter by which the next case is chosen: open ones that nobody else holds."""
    return replace(wanted, state="open", words="", free_at=utc_now())
