"""Everything that is held, on every connection: searched, summed up, kept as a file, and released."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from models.domain import Channel
from models.policy.loader import builtin_pack_ids
from models.session import reading, writing
from models.store import cards, quarantine, reviewers
from models.store.quarantine import HeldFilter
from review_queue import csv_export
from review_queue.app import Page, language_of, reader_of, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Count, number_in
from review_queue.pages.forms import refused, token_fits

PAGE_SIZE = 25
FILE_AT_MOST = 20_000
_HEAD = ("message", "case", "organisation", "channel", "author", "subject", "effect", "held since", "released", "why")


def routes(page: Page) -> APIRouter:
    """Return the routes of the quarantine."""
    router = APIRouter()
    _reading(router, page)

    @router.post("/quarantine/release")
    def release(
        request: Request,
        csrf: Annotated[str, Form()] = "",
        chosen: Annotated[list[str] | None, Form()] = None,
        note: Annotated[str, Form()] = "",
        sure: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        versions = _versions(chosen or [])
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        if not versions:
            return RedirectResponse("/quarantine?said=none", status_code=303)
        if sure != "yes":
            with reading(page.engine) as database:
                rows = quarantine.of_cases(database, list(versions))
            return page.render(request, "quarantine_release.html", rows=rows, versions=versions)
        with writing(page.engine) as database:
            done, moved = quarantine.release(database, page.audit_key, versions, session.name, utc_now(), note[:2000])
        return RedirectResponse(f"/quarantine?said={'moved' if moved else 'released'}&n={done}", status_code=303)

    return router


def _reading(router: APIRouter, page: Page) -> None:
    @router.get("/quarantine")
    def listed(
        request: Request,
        text: str = "",
        org: str = "",
        channel: str = "",
        by: str = "",
        at: Count = 1,
        said: str = "",
        n: Count = 0,
    ) -> Response:
        wanted, number = _wanted(text, org, channel, by), max(1, at)
        with reading(page.engine) as database:
            found = quarantine.survey(database, wanted)
            rows = quarantine.shown(database, found.effects[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
            signals = cards.signals_of(database, [row["id"] for row in rows])
            mask = reviewers.masks(database, reader_of(request), utc_now())
        return page.render(
            request, "quarantine.html", rows=rows, signals=signals, mask=mask, total=len(found.effects), sums=found.sums, wanted=wanted, number=number,
            pages=max(1, -(-len(found.effects) // PAGE_SIZE)), orgs=sorted(builtin_pack_ids()),
            channels=[entry.value for entry in Channel], said=said, n=n,
        )  # fmt: skip

    @router.get("/quarantine/file.csv")
    def file(request: Request, text: str = "", org: str = "", channel: str = "", by: str = "") -> Response:
        with reading(page.engine) as database:
            rows, _ = quarantine.listed(database, _wanted(text, org, channel, by), FILE_AT_MOST)
        why = f"why_{language_of(request)}"
        columns = (
            "id",
            "case_id",
            "org",
            "channel",
            "author",
            "subject",
            "effect",
            "held_at",
            "provisional_until",
            why,
        )
        return csv_export.answer("quarantine.csv", _HEAD, ([row[name] for name in columns] for row in rows))


def _wanted(text: str, org: str, channel: str, by: str) -> HeldFilter:
    return HeldFilter(text[:200].strip(), org, channel, by if by in {"machine", "person"} else "")


def _versions(chosen: list[str]) -> dict[int, int]:
    """Return the ticked cases with the version at which each was shown."""
    pairs = [entry.partition(":") for entry in chosen]
    found = [(number_in(case), number_in(version)) for case, _, version in pairs]
    return {case: version for case, version in found if case is not None and version is not None}
