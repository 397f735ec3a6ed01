"""The web application: pages, security headers, sessions and the language of each request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Engine

from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.wording import ACTION_WORDS, LABEL_WORDS
from models.session import StoreError, reading
from models.store import cases
from review_queue import i18n, marks
from review_queue.auth import Brake, Session, Sessions

HERE = Path(__file__).resolve().parent
SESSION_COOKIE, LANGUAGE_COOKIE = "porthor_session", "porthor_language"
OPEN_PATHS = ("/sign-in", "/language", "/health", "/static", "/calendar/")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Keys:
    """The page's own keys: of sessions, of the audit trail, and what signs evidence. It holds no credentials of any platform."""

    session: bytes
    audit: bytes
    evidence: bytes = b""


class Page:
    """What every page shares: the store, templates, sessions and keys."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self.engine = engine
        self.audit_key = keys.audit
        self.evidence_key = keys.evidence
        self.sessions = Sessions(keys.session)
        self.brake = Brake()
        self._environments = {language: _environment(language) for language in i18n.LANGUAGES}
        self._clauses = {clause.id: clause.text for name in builtin_pack_ids() for clause in builtin_pack(name).clauses}

    def render(self, request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a template in the request's language."""
        language = language_of(request)
        shared = {
            "language": language,
            "other_language": "en" if language == "cy" else "cy",
            "session": session_of(request),
            "path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "clause_text": lambda clause_id: self.clause_text(clause_id, language),
            "now": i18n.utc_now(),
        }
        html = self._environments[language].get_template(name).render(**shared, **values)
        return HTMLResponse(html, status_code=status)

    def clause_text(self, clause_id: str, language: str) -> str:
        """Return the words of a clause."""
        text = self._clauses.get(clause_id)
        return "" if text is None else str(getattr(text, language))


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        local_time=lambda at: i18n.local_time(at, language),
        label_words=lambda label: getattr(LABEL_WORDS[label], language),
        action_words=lambda action: getattr(ACTION_WORDS[action], language),
        local_day=lambda day: i18n.local_day(day, language),
        defanged=marks.defanged,
        percent=lambda p: f"{round(100 * p)} %",
    )
    environment.globals.update(
        waiting=lambda since, now: i18n.waiting(since, now, language),
        ago=lambda seconds: i18n.span_of(seconds, language),
        pieces=marks.pieces,
    )
    return environment


def language_of(request: Request) -> str:
    """Return the language that the reader chose, else the one their browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in i18n.LANGUAGES:
        return str(chosen)
    return "cy" if request.headers.get("accept-language", "").lower().startswith("cy") else "en"


def session_of(request: Request) -> Session | None:
    """Return who is signed in."""
    return getattr(request.state, "session", None)


def create_app(engine: Engine, keys: Keys) -> FastAPI:
    """Return the application over `engine`."""
    from review_queue.pages import account, blind, case, enforcement, queue
    from review_queue.pages.formal import documents, evidence, following, register, year
    from review_queue.pages.formal import pages as formal

    app = FastAPI(title="Porthor", docs_url=None, redoc_url=None, openapi_url=None)
    page = Page(engine, keys)
    app.state.page = page
    app.middleware("http")(_guard(page))
    app.mount("/static", StaticFiles(directory=HERE / "static", check_dir=False), name="static")
    for module in (queue, case, enforcement, evidence, year, register, documents, following, formal, account, blind):
        app.include_router(module.routes(page))

    @app.get("/health")
    def health() -> JSONResponse:
        with reading(engine) as database:
            return JSONResponse({"status": "ok", "cases": cases.counts(database)})

    @app.exception_handler(StoreError)
    def store_error(request: Request, error: StoreError) -> Response:
        return page.render(request, "message.html", 503, heading="unavailable", text=str(error))

    @app.exception_handler(404)
    def missing(request: Request, _: Exception) -> Response:
        return page.render(request, "message.html", 404, heading="missing", text="")

    return app


def _guard(page: Page) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        request.state.session = page.sessions.read(request.cookies.get(SESSION_COOKIE))
        session = session_of(request)
        path = request.url.path
        if not path.startswith(OPEN_PATHS):
            if session is None:
                return _with_headers(RedirectResponse("/sign-in", status_code=303))
            if session.must_change and path not in {"/password", "/sign-out"}:
                return _with_headers(RedirectResponse("/password", status_code=303))
        return _with_headers(await call_next(request))

    return guard


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
