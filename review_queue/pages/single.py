"""Signing in with the work account: to the provider and back, bound to an account that an administrator has made."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer

from models.session import reading, writing
from models.store import access
from review_queue import auth
from review_queue.app import Page, set_session
from review_queue.i18n import utc_now
from review_queue.oidc import Identity, SignInFailed, SingleSignOn

COOKIE = "porthor_single"
WAY_S = 600


def routes(page: Page) -> APIRouter:
    """Return the routes of single sign-on; without a provider they say that there is none."""
    router = APIRouter()
    signer = URLSafeTimedSerializer(page.session_key, salt="single sign-on")

    @router.get("/sign-in/single")
    def begin(request: Request) -> Response:
        provider = page.single_sign_on
        if provider is None:
            return _failed(page, request, "none")
        try:
            begun = provider.begin()
        except SignInFailed as error:
            return _failed(page, request, error.code)
        response = RedirectResponse(begun.address, status_code=303)
        kept = signer.dumps({"state": begun.state, "nonce": begun.nonce, "verifier": begun.verifier})
        response.set_cookie(
            COOKIE, kept, max_age=WAY_S, httponly=True, samesite="lax", path="/sign-in",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return response

    @router.get("/sign-in/single/back")
    def back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        provider = page.single_sign_on
        if provider is None:
            return _failed(page, request, "none")
        try:
            kept = signer.loads(request.cookies.get(COOKIE, ""), max_age=WAY_S)
        except BadSignature:
            return _failed(page, request, "late")
        if not auth.same(state, kept["state"]) or error or not code:
            return _failed(page, request, "refused")
        return _finish(page, request, provider, code, kept)

    return router


def _finish(page: Page, request: Request, provider: SingleSignOn, code: str, kept: dict[str, str]) -> Response:
    try:
        name = _account_of(page, provider.finish(code, kept["nonce"], kept["verifier"]))
    except SignInFailed as failure:
        return _failed(page, request, failure.code)
    response = RedirectResponse("/", status_code=303)
    set_session(response, request, page.sessions.cookie_for(name, must_change=False))
    response.delete_cookie(COOKIE, path="/sign-in")
    return response


def _account_of(page: Page, who: Identity) -> str:
    """Return the account of an identity, bound to it the first time by its name.

    Raises:
        SignInFailed: `unknown`: nobody made an account of that name, or it is closed or another's.
    """
    with writing(page.engine) as database:
        name = access.by_subject(database, who.issuer, who.subject)
        for wanted in () if name else who.names:
            known = access.standing(database, wanted)
            if known is None or not known.active:
                continue
            if access.link(database, page.audit_key, wanted, who.issuer, who.subject, utc_now()):
                name = wanted
                break
    with reading(page.engine) as database:
        found = None if name is None else access.standing(database, name)
    if found is None or not found.active:
        raise SignInFailed("unknown")
    return found.name


def _failed(page: Page, request: Request, code: str) -> Response:
    status = {"none": 404, "unreachable": 502}.get(code, 403)
    return page.render(request, "sign_in.html", status, error=f"single_{code}", sso=page.single_sign_on is not None)
