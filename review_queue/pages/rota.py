"""On call: who is called now and in the days to come, urgent cases that nobody has taken up, and the rota itself."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from models.policy.clocks import is_working_day
from models.policy.duty import Hours, clock_time
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.session import reading, writing
from models.store import claims, connections, rota, urgent
from models.store.rota import PLACES, Plan
from review_queue.app import Page, session_of
from review_queue.i18n import utc_now
from review_queue.numbers import Count, Number, number_in
from review_queue.pages.forms import refused, token_fits

SAID = ("acknowledged", "plan", "week", "exception", "usual")
DAYS_AHEAD = 14
MINUTES_AT_MOST = 24 * 60
_MONDAY = date(2024, 1, 1)


def routes(page: Page) -> APIRouter:
    """Return the routes of the rota."""
    router = APIRouter()

    @router.get("/rota")
    def overview(request: Request, said: str = "") -> Response:
        with reading(page.engine) as database:
            found = [standing(database, org) for org in orgs_of(database)]
        return page.render(request, "rota_list.html", orgs=found, said=said if said in SAID else "")

    @router.get("/rota/{org}")
    def one(request: Request, org: str, said: str = "") -> Response:
        return _shown(page, request, org, said if said in SAID else "")

    _plans(router, page)
    _exceptions(router, page)
    return router


def orgs_of(database: Connection) -> list[str]:
    """Return the organisations that are read or on call here; all, where none is yet."""
    found = {entry.org for entry in connections.every(database)} | {plan.org for plan in rota.plans(database)}
    return sorted(found & set(builtin_pack_ids())) or sorted(builtin_pack_ids())


def standing(database: Connection, org: str) -> dict[str, Any]:
    """Return how an organisation is on call now, and which of its urgent cases nobody has taken up."""
    now, plan = utc_now(), rota.plan(database, org)
    day = plan.hours.duty_day(now)
    return {
        "org": org,
        "plan": plan,
        "staffed": plan.hours.staffed(now),
        "day": day,
        "names": rota.on_call(database, org, day),
        "unanswered": [row for row in urgent.unanswered(database) if row.org == org],
    }


def ahead_of(database: Connection, org: str, first: date) -> list[tuple[date, tuple[str, ...]]]:
    """Return who is on call on each of the next `DAYS_AHEAD` days, `first` the first of them."""
    days = [first + timedelta(days=n) for n in range(DAYS_AHEAD)]
    return [(day, tuple(rota.on_call(database, org, day))) for day in days]


def _shown(page: Page, request: Request, org: str, said: str, error: str = "", status: int = 200) -> Response:
    if org not in builtin_pack_ids():
        raise HTTPException(404)
    with reading(page.engine) as database:
        found = standing(database, org)
        ahead = ahead_of(database, org, found["day"])
        values = {
            "ahead": [(day, is_working_day(day), names) for day, names in ahead],
            "week": rota.week(database, org),
            "exceptions": rota.exceptions(database, org, found["day"]),
            "recent": urgent.recent(database, org),
            "people": claims.names(database),
        }
    return page.render(
        request, "rota.html", status, **found, **values, said=said, error=error, places=range(1, PLACES + 1),
        by_pack=builtin_pack(org).targets.urgent_minutes, weekdays=list(enumerate(_MONDAY + timedelta(days=n) for n in range(7))),
    )  # fmt: skip


def _plans(router: APIRouter, page: Page) -> None:
    @router.post("/rota/{org}/plan")
    def keep(
        request: Request,
        org: str,
        csrf: Annotated[str, Form()] = "",
        active: Annotated[str, Form()] = "",
        opens: Annotated[str, Form()] = "",
        closes: Annotated[str, Form()] = "",
        minutes: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or org not in builtin_pack_ids() or not token_fits(request, csrf):
            return refused(page, request)
        begins, ends = clock_time(opens), clock_time(closes)
        if begins is None or ends is None or begins >= ends:
            return _shown(page, request, org, "", "opens", 422)
        wait = number_in(minutes) or 0
        if minutes and not 1 <= wait <= MINUTES_AT_MOST:
            return _shown(page, request, org, "", "minutes", 422)
        wanted = Plan(org, bool(active), Hours(begins, ends), wait or None)
        with writing(page.engine) as database:
            rota.keep(database, page.audit_key, wanted, session.name, utc_now())
        return RedirectResponse(f"/rota/{org}?said=plan", status_code=303)

    @router.post("/rota/{org}/week")
    async def week(request: Request, org: str) -> Response:
        given = await request.form()
        session = session_of(request)
        if session is None or org not in builtin_pack_ids() or not token_fits(request, str(given.get("csrf", ""))):
            return refused(page, request)
        with writing(page.engine) as database:
            known = set(claims.names(database))
            wanted = {
                day: [
                    name
                    for place in range(1, PLACES + 1)
                    if (name := str(given.get(f"day-{day}-{place}", ""))) in known
                ]
                for day in range(7)
            }
            rota.keep_week(database, page.audit_key, org, wanted, session.name, utc_now())
        return RedirectResponse(f"/rota/{org}?said=week", status_code=303)


def _exceptions(router: APIRouter, page: Page) -> None:
    @router.post("/rota/{org}/exception")
    def differ(
        request: Request,
        org: str,
        csrf: Annotated[str, Form()] = "",
        day: Annotated[str, Form()] = "",
        place: Annotated[Count, Form()] = 1,
        name: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or org not in builtin_pack_ids() or not token_fits(request, csrf):
            return refused(page, request)
        wanted = _day(day)
        if wanted is None or not 1 <= place <= PLACES:
            return _shown(page, request, org, "", "day", 422)
        with writing(page.engine) as database:
            if name not in claims.names(database):
                return refused(page, request)
            rota.differ(database, page.audit_key, org, wanted, place, name, session.name, utc_now())
        return RedirectResponse(f"/rota/{org}?said=exception", status_code=303)

    @router.post("/rota/{org}/usual/{number}")
    def usual(request: Request, org: str, number: Number, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or not token_fits(request, csrf):
            return refused(page, request)
        with writing(page.engine) as database:
            rota.as_usual(database, page.audit_key, org, number, session.name, utc_now())
        return RedirectResponse(f"/rota/{org}?said=usual", status_code=303)


def _day(text: str) -> date | None:
    """Return a day that is neither past nor more than a year ahead."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    today = utc_now().date()
    return found if today - timedelta(days=1) <= found <= today + timedelta(days=366) else None
