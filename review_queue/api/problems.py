"""What went wrong, as problem details: each kind has its place on the page that explains the API.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from models.session import StoreError
from models.store.agreeing import NotPossible
from review_queue.i18n import gettext_of

MEDIA_TYPE = "application/problem+json"
PAGE = "/api"
STANDS_IN_THE_WAY = ("gone", "in_use", "undecided", "done", "nobody")
"""Why a step cannot be taken now; any other reason is about what was sent."""
STATUSES = (401, 403, 404, 409, 422, 429, 503)


class Problem(BaseModel):
    """What went wrong and what to do."""

    type: str = Field(description="The kind of problem, as an address that explains it")
    title: str = Field(description="The kind in a few words, in the language of Accept-Language (en or cy)")
    status: int
    detail: str = Field(description="What happened, to what, and what to do")
    by: str | None = Field(None, description="case-moved and case-held: the colleague who was quicker")
    version: int | None = Field(None, description="case-moved: the version at which the case stands now")
    joined_into: int | None = Field(None, description="case-joined: the campaign's case that holds its messages now")
    errors: list[str] | None = Field(None, description="invalid, not-possible: what does not fit, and where")


class Stopped(Exception):
    """A call that cannot be answered; `code` names the kind, one of `words`."""

    def __init__(self, code: str, status: int, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.headers, self.more = code, status, dict(headers or {}), more


def language_of(request: Request) -> str:
    """Return the language that a caller asks for; no cookie is looked at."""
    return "cy" if request.headers.get("accept-language", "").lower().startswith("cy") else "en"


def words(language: str) -> dict[str, tuple[str, str]]:
    """Return title and advice of every kind of problem."""
    _ = gettext_of(language)
    return {
        "no-key": (_("No key"), _("Send a key that is in force as Authorization: Bearer. An administrator makes one on the page Keys.")),
        "no-scope": (_("Not within the key's scopes"), _("Ask an administrator for a key with this scope.")),
        "no-right": (_("Not within the account's rights"), _("The account that the key acts as may not do this.")),
        "no-role": (_("No role in this organisation"), _("The account that the key acts as holds no role of this organisation's policy.")),
        "not-found": (_("There is no such thing"), _("Nothing was changed. Check the number and the address.")),
        "case-moved": (_("The case moved on"), _("Nothing was recorded. Read the case again and decide on what it holds now.")),
        "case-held": (_("Somebody else has this open"), _("Wait until they let it go. Whoever decides first decides it.")),
        "set-moved": (_("The set changed meanwhile"), _("Nothing was proposed. Try it again and look at what it holds now.")),
        "case-closed": (_("The case is decided"), _("Nothing was recorded. Undo the verdict first.")),
        "case-open": (_("There is no verdict to undo"), _("Nothing was changed: the case is open.")),
        "case-joined": (_("The case joined a campaign"), _("Its messages are in the case of the campaign.")),
        "task-moved": (_("The task is not open any more"), _("Nothing was changed: somebody else has done it.")),
        "not-possible": (_("This cannot be done"), _("Nothing was changed.")),
        "invalid": (_("The call does not fit"), _("Nothing was changed. Correct what is named and send it again.")),
        "too-many": (_("Too many calls"), _("Wait for as many seconds as Retry-After says.")),
        "unavailable": (_("The store cannot be reached"), _("Nothing was changed. Try again in a moment.")),
    }  # fmt: skip


def answer(request: Request, stopped: Stopped) -> JSONResponse:
    """Return a problem as an answer."""
    title, detail = words(language_of(request))[stopped.code]
    more = dict(stopped.more)
    told = Problem(
        type=f"{PAGE}#{stopped.code}", title=title, status=stopped.status, detail=more.pop("detail", detail), **more
    )
    return JSONResponse(
        told.model_dump(exclude_none=True), stopped.status, media_type=MEDIA_TYPE, headers=stopped.headers
    )


def handle(app: FastAPI) -> None:
    """Let every error of the API be answered as a problem."""

    @app.exception_handler(Stopped)
    def stopped(request: Request, error: Stopped) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        told = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()]
        return answer(request, Stopped("invalid", 422, errors=told))

    @app.exception_handler(NotPossible)
    def not_possible(request: Request, error: NotPossible) -> JSONResponse:
        stands = error.code in STANDS_IN_THE_WAY
        return answer(
            request, Stopped("not-possible" if stands else "invalid", 409 if stands else 422, errors=[error.code])
        )

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        code = "not-found" if error.status_code == 404 else "invalid"
        return answer(request, Stopped(code, error.status_code, error.headers))

    @app.exception_handler(StoreError)
    def store(request: Request, error: StoreError) -> JSONResponse:
        return answer(request, Stopped("unavailable", 503, detail=str(error)))
