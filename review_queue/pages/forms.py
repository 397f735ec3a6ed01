"""What every form needs: its token checked, and a kind word where something cannot be done."""

from fastapi import Request, Response

from review_queue import auth
from review_queue.app import Page, session_of


def token_fits(request: Request, token: str) -> bool:
    """True when the form was made for this session."""
    session = session_of(request)
    return session is not None and auth.same(token, session.csrf)


def refused(page: Page, request: Request) -> Response:
    """Say that the form was too old or not ours."""
    return page.render(request, "message.html", 403, heading="refused", text="")
