"""The list of cases: urgent first, then by weight, then the longest waiting."""

from fastapi import APIRouter, Request, Response

from models.domain import Channel, Handling
from models.labels import LABELS
from models.session import reading
from models.store import cases
from models.store.cases import QueueFilter
from review_queue.app import Page

PAGE_SIZE = 25
STATES = ("open", "escalated", "closed")


def routes(page: Page) -> APIRouter:
    """Return the routes of the list."""
    router = APIRouter()

    @router.get("/")
    def queue(
        request: Request,
        state: str = "open",
        channel: str = "",
        label: str = "",
        lang: str = "",
        handling: str = "",
        at: int = 1,
    ) -> Response:
        wanted = QueueFilter(state if state in STATES else "open", channel, label, lang, handling)
        number = max(1, at)
        with reading(page.engine) as database:
            rows, total = cases.queue(database, wanted, PAGE_SIZE, (number - 1) * PAGE_SIZE)
            counts = cases.counts(database)
        return page.render(
            request,
            "queue.html",
            rows=rows,
            total=total,
            counts=counts,
            wanted=wanted,
            number=number,
            pages=max(1, -(-total // PAGE_SIZE)),
            channels=[channel.value for channel in Channel],
            labels=sorted(LABELS),
            handlings=[handling.value for handling in Handling],
            states=STATES,
        )

    return router
