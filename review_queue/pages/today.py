"""The day at a glance: what waits, what is urgent, what lapses by itself, and what is in the bot's way."""

from fastapi import APIRouter, Request, Response

from models.session import reading
from models.store import day
from review_queue.app import Page, reader_of
from review_queue.i18n import utc_now


def routes(page: Page) -> APIRouter:
    """Return the routes of the day."""
    router = APIRouter()

    @router.get("/today")
    def today(request: Request) -> Response:
        name = reader_of(request)
        with reading(page.engine) as database:
            found = day.read(database, name, utc_now())
        return page.render(request, "today.html", day=found)

    return router
