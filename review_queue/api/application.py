"""The API as an application of its own under `/api/v1`, with its description as OpenAPI 3.1."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from review_queue.api import campaigns, cases, casework, desk, formal, originals, problems, queues, rules, searches
from review_queue.api.caller import Anybody, Pace, entry
from review_queue.api.problems import MEDIA_TYPE, STATUSES, Problem
from review_queue.api.shapes.base import Shape
from review_queue.app import Page

AT = "/api/v1"
VERSION = "1.0"
ABOUT = (
    "What the pages can do, for other systems. Send a key as `Authorization: Bearer`. Times are UTC. Errors are "
    "problem details (RFC 9457), in Welsh where `Accept-Language: cy` asks for it."
)
own = APIRouter(tags=["The key"])


class Me(Shape):
    """The key that was sent: what it is called, whom it acts as, what it may be used for and until when."""

    key: str
    account: str
    scopes: list[str]
    rights: list[str]
    expires_at: str


@own.get("/me")
def me(caller: Anybody) -> Me:
    """Say whose key this is."""
    return Me(
        key=caller.token_name,
        account=caller.name,
        scopes=sorted(caller.scopes),
        rights=sorted(right.value for right in caller.rights),
        expires_at=caller.expires_at.isoformat(),
    )


def create_api(page: Page) -> FastAPI:
    """Return the API over the same store as the pages."""
    api = FastAPI(
        title="Porthor",
        version=VERSION,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(entry)],
        responses={status: {"model": Problem, "description": _SAYS[status]} for status in STATUSES},
        servers=[{"url": AT}],
        root_path_in_servers=False,
        strict_content_type=True,
    )
    api.state.page, api.state.pace = page, Pace()
    problems.handle(api)
    api.include_router(own)
    for part in (cases, casework, queues, searches, campaigns, originals, desk, rules, formal):
        api.include_router(part.router)
    api.openapi = lambda: _described(api)  # type: ignore[method-assign]
    return api


_SAYS = {
    401: "There is no key, or it is not in force",
    403: "The key's scopes or the account's rights do not cover this",
    404: "There is no such thing",
    409: "It changed meanwhile, or does not stand so that this can be done; nothing was changed",
    422: "The call does not fit; nothing was changed",
    429: "Too many calls: wait as Retry-After says",
    503: "The store cannot be reached; nothing was changed",
}


def _described(api: FastAPI) -> dict[str, Any]:
    """Return the description; every error is of the media type of problem details."""
    if api.openapi_schema is None:
        found = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            routes=api.routes,
            servers=api.servers,
        )
        for operations in found["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if status.startswith(("4", "5")):
                        response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
        api.openapi_schema = found
    return api.openapi_schema
