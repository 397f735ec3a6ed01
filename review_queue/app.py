"""The web application: pages, security headers, sessions and the language of each request."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import Connection, Engine
from starlette.concurrency import run_in_threadpool

from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.notes import note_in
from models.policy.wording import ACTION_WORDS, LABEL_WORDS
from models.session import StoreError, reading
from models.store import access, calibrated, cases
from models.store import queue as queues
from models.store.campaign_map import Known
from review_queue import i18n, marks, rights, troubles
from review_queue.auth import REFRESH_S, SESSION_S, Brake, Session, Sessions
from review_queue.kept import Kept
from review_queue.oidc import SingleSignOn
from review_queue.rights import Right
from review_queue.second_factor import SecondFactor
from review_queue.tame import tame

PULSE_S, BORNE_OUT_S = 1.0, 300.0
HERE = Path(__file__).resolve().parent
SESSION_COOKIE, LANGUAGE_COOKIE = "porthor_session", "porthor_language"
OPEN_PATHS = ("/sign-in", "/language", "/health", "/static", "/calendar/", "/api/v1/")
"""Where no session is asked for; the API asks for a key instead."""
_WHILE_WATCHING = ("/view-as/end", "/sign-out")
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

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        *,
        letter_ways: tuple[str, ...] = ("post",),
        single_sign_on: SingleSignOn | None = None,
        demo: bool = False,
    ) -> None:
        from review_queue.pages.demo import banner

        self.engine, self.counting = engine, Lock()
        self.banner = banner() if demo else ()
        self.letter_ways = letter_ways
        self.session_key, self.audit_key, self.evidence_key = keys.session, keys.audit, keys.evidence
        self.sessions = Sessions(keys.session)
        self.brake, self.second_factor = Brake(), SecondFactor(keys.session)
        self.single_sign_on = single_sign_on
        self._environments = {language: _environment(language) for language in i18n.LANGUAGES}
        packs = [builtin_pack(name) for name in builtin_pack_ids()]
        self._clauses = {clause.id: clause.text for pack in packs for clause in pack.clauses}
        self.clauses = frozenset(clause.id for pack in packs for clause in pack.clauses if clause.signals)
        self._pulse = Kept(PULSE_S, lambda: self._read(lambda database: queues.pulse(database, i18n.utc_now())))
        self._borne_out = Kept(BORNE_OUT_S, lambda: self._read(calibrated.borne_out))
        self._kept: dict[tuple[Any, ...], Kept] = {}
        self.campaigns: Known = {}

    def render(self, request: Request, name: str, /, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a template in the request's language."""
        language = language_of(request)
        shared = {
            "language": language,
            "other_language": "en" if language == "cy" else "cy",
            "session": session_of(request),
            "rights": rights_of(request),
            "path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "clause_text": lambda clause_id: self.clause_text(clause_id, language),
            "now": i18n.utc_now(),
            "banner": self.banner,
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

    def kept(self, name: tuple[Any, ...], for_s: float, ask: Callable[[], Any]) -> Any:
        """Return the answer called `name`, at most `for_s` seconds old; of names there are few."""
        return self._kept.setdefault(name, Kept(for_s, ask)).value()

    def forget(self) -> None:
        """Drop every kept answer."""
        self._kept.clear()

    def clause_text(self, clause_id: str, language: str) -> str:
        """Return the words of a clause."""
        text = self._clauses.get(clause_id)
        return "" if text is None else str(getattr(text, language))


@cache
def _bodies(language: str) -> Mapping[str, str]:
    """Return what each organisation is called in short, by its name in the settings."""
    return {name: getattr(builtin_pack(name).organisation.short_name, language) for name in builtin_pack_ids()}


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        finalize=tame,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        local_time=lambda at: i18n.local_time(at, language),
        body_words=lambda org: _bodies(language).get(org, org),
        label_words=lambda label: getattr(LABEL_WORDS[label], language),
        action_words=lambda action: getattr(ACTION_WORDS[action], language),
        local_day=lambda day: i18n.local_day(day, language),
        weekday=lambda day: i18n.weekday(day, language),
        last_day=lambda end: i18n.local_day(end - timedelta(seconds=1), language),
        defanged=marks.defanged,
        leads_out=marks.leads_out,
        note_words=lambda hit: note_in(hit["note"], language),
        chance=lambda hit: hit["probability"] if hit["chance"] is None else hit["chance"],
        percent=lambda p: f"{round(100 * p)} %",
    )
    environment.globals.update(
        waiting=lambda since, now: i18n.waiting(since, now, language),
        ago=lambda seconds: i18n.span_of(seconds, language),
        pieces=marks.pieces,
        marked_words=marks.marked_words,
        alarm_words=lambda alarm: troubles.alarm_words(alarm["kind"], alarm["facts"], language),
        trouble_words=lambda entry: troubles.trouble_words(entry.trouble, entry.paused_by, language),
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


def reader_of(request: Request) -> str:
    """Return the name of who is signed in, empty for nobody."""
    session = session_of(request)
    return "" if session is None else session.name


def rights_of(request: Request) -> frozenset[Right]:
    """Return what the reader may do, in the view they have chosen."""
    found: frozenset[Right] = getattr(request.state, "rights", frozenset())
    return found


def create_app(
    engine: Engine,
    keys: Keys,
    *,
    letter_ways: tuple[str, ...] = ("post",),
    single_sign_on: SingleSignOn | None = None,
    demo: bool = False,
) -> FastAPI:
    """Return the application over `engine`; letters leave by `letter_ways`, the organisation's own sign-in may be offered.

    A `demo` says on every page that it is one.
    """
    app = FastAPI(title="Porthor", docs_url=None, redoc_url=None, openapi_url=None)
    page = Page(engine, keys, letter_ways=letter_ways, single_sign_on=single_sign_on, demo=demo)
    app.state.page = page
    app.middleware("http")(_guard(page))
    app.mount("/static", StaticFiles(directory=HERE / "static", check_dir=False), name="static")
    for module in _page_modules():
        app.include_router(module.routes(page))
    from review_queue.api.application import AT, create_api

    app.mount(AT, create_api(page))

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

    @app.exception_handler(RequestValidationError)
    def unfit(request: Request, error: RequestValidationError) -> Response:
        if any(one["loc"][0] in {"path", "query"} for one in error.errors()):
            return missing(request, error)
        return page.render(request, "message.html", 422, heading="refused", text="")

    return app


def _page_modules() -> tuple[Any, ...]:
    """Return the modules of pages, each with its `routes`; `/case/…/evidence` stands before casework's `/case/…/{done}`."""
    from review_queue.pages import (
        account,
        blind,
        bulk,
        care,
        case,
        casework,
        connections,
        enforcement,
        insights,
        keys,
        lists,
        originals,
        people,
        petition,
        policy,
        quarantine,
        queue,
        rota,
        routing,
        single,
        statement,
        today,
        webhooks,
    )
    from review_queue.pages.formal import documents, evidence, following, letters, register, year
    from review_queue.pages.formal import pages as formal

    formal_side = (letters, evidence, year, register, documents, following, formal)
    desk = (
        keys, webhooks, rota, account, people, single, today, connections, quarantine, lists, routing, insights, policy,
    )  # fmt: skip
    return (queue, statement, bulk, petition, case, *formal_side, casework, originals, care, blind, enforcement, *desk)


def _guard(page: Page) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        await run_in_threadpool(_recognise, page, request)
        stopped = None if request.url.path.startswith(OPEN_PATHS) else _stopped(page, request)
        response = await call_next(request) if stopped is None else stopped
        return _with_headers(_seen(page, request, response))

    return guard


def _recognise(page: Page, request: Request) -> None:
    """Note who asks and what they may do; a session that was ended elsewhere is nobody's."""
    request.state.session, request.state.rights = None, frozenset()
    session = page.sessions.read(request.cookies.get(SESSION_COOKIE))
    if session is None or request.url.path.startswith(("/static", "/api/v1/")):
        return
    with reading(page.engine) as database:
        who = access.standing(database, session.name)
    if who is None or not who.active or (who.sessions_since is not None and session.begun < who.sessions_since):
        return
    request.state.session = replace(session, must_change=who.must_change)
    own = rights.of(who.role, who.offices)
    request.state.rights = own & rights.of(session.viewing_as, ()) if session.viewing_as else own


def _stopped(page: Page, request: Request) -> Response | None:
    """Return what stands in the way of a request, None for nothing."""
    session, path = session_of(request), request.url.path
    if session is None:
        return RedirectResponse("/sign-in", status_code=303)
    if session.stage:
        return RedirectResponse("/sign-in/code", status_code=303)
    if session.must_change and path not in {"/password", "/sign-out"}:
        return RedirectResponse("/password", status_code=303)
    needed = rights.needed(request.method, path)
    watching = session.viewing_as and request.method not in {"GET", "HEAD"} and path not in _WHILE_WATCHING
    if needed in rights_of(request) and not watching:
        return None
    if session.viewing_as and path in _WHILE_WATCHING:
        return None
    return page.render(request, "no_right.html", 403, needed=needed.value, watching=bool(session.viewing_as))


def _seen(page: Page, request: Request, response: Response) -> Response:
    """Keep the session of somebody who works from growing idle."""
    session = session_of(request)
    told = any(
        name == b"set-cookie" and value.startswith(SESSION_COOKIE.encode()) for name, value in response.raw_headers
    )
    if session is not None and not told and (i18n.utc_now() - session.seen).total_seconds() > REFRESH_S:
        set_session(response, request, page.sessions.again(session))
    return response


def set_session(response: Response, request: Request, cookie: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        SESSION_COOKIE, cookie, max_age=SESSION_S, httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
