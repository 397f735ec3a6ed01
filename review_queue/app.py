"""The web application: pages, security headers, sessions and the language of each request."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Connection, Engine

from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.wording import ACTION_WORDS, LABEL_WORDS
from models.session import StoreError, reading
from models.store import calibrated, cases
from models.store import queue as queues
from review_queue import i18n, marks
from review_queue.auth import Brake, Session, Sessions

PULSE_S, BORNE_OUT_S = 1.0, 300.0
HERE = Path(__file__).resolve().parent
SESSION_COOKIE, LANGUAGE_COOKIE = "porthor_session", "porthor_language"
OPEN_PATHS = ("/sign-in", "/language", "/health", "/static")
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
    """The page's own keys: of sessions and of the audit trail. It holds no credentials of any platform."""

    session: bytes
    audit: bytes


class Kept:
    """An answer that is kept for `for_s` seconds, so that many readers ask the store once."""

    def __init__(self, for_s: float, ask: Callable[[], Any]) -> None:
        self._for_s, self._ask = for_s, ask
        self._answer: Any = None
        self._until = 0.0
        self._lock = Lock()

    def value(self) -> Any:
        """Return the answer, asked anew when it is too old."""
        with self._lock:
            if monotonic() >= self._until:
                self._answer, self._until = self._ask(), monotonic() + self._for_s
            return self._answer


class Page:
    """What every page shares: the store, templates, sessions and keys."""

    def __init__(self, engine: Engine, keys: Keys, letter_ways: tuple[str, ...] = ("post",)) -> None:
        self.engine = engine
        self.letter_ways = letter_ways
        self.audit_key = keys.audit
        self.sessions = Sessions(keys.session)
        self.brake = Brake()
        self._environments = {language: _environment(language) for language in i18n.LANGUAGES}
        packs = [builtin_pack(name) for name in builtin_pack_ids()]
        self._clauses = {clause.id: clause.text for pack in packs for clause in pack.clauses}
        self.clauses = frozenset(clause.id for pack in packs for clause in pack.clauses if clause.signals)
        self._pulse = Kept(PULSE_S, lambda: self._read(lambda database: queues.pulse(database, i18n.utc_now())))
        self._borne_out = Kept(BORNE_OUT_S, lambda: self._read(calibrated.borne_out))

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

    def _read(self, question: Callable[[Connection], Any]) -> Any:
        with reading(self.engine) as database:
            return question(database)

    def pulse(self) -> Mapping[str, Any]:
        """Return how the queue stands, at most a second old, whoever asks."""
        return dict(self._pulse.value())

    def borne_out(self) -> Mapping[int, bool]:
        """Return in which tenths the machine's probabilities are borne out, at most some minutes old."""
        return dict(self._borne_out.value())

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
        marked_words=marks.marked_words,
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


def create_app(engine: Engine, keys: Keys, letter_ways: tuple[str, ...] = ("post",)) -> FastAPI:
    """Return the application over `engine`."""
    from review_queue.pages import account, blind, care, case, casework, enforcement, originals, queue
    from review_queue.pages.formal import letters
    from review_queue.pages.formal import pages as formal

    app = FastAPI(title="Porthor", docs_url=None, redoc_url=None, openapi_url=None)
    page = Page(engine, keys, letter_ways)
    app.state.page = page
    app.middleware("http")(_guard(page))
    app.mount("/static", StaticFiles(directory=HERE / "static", check_dir=False), name="static")
    for module in (queue, case, casework, originals, care, enforcement, letters, formal, account, blind):
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
