"""A web server on loopback whose answers a test may make fail: with a status, a torn connection, before or after the effect."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.emulators.unruly import STALL_S, Call, Unruly


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    body: dict[str, Any]
    bearer: str
    headers: dict[str, str]

    def one(self, name: str, default: str | None = None) -> str | None:
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    match: str
    status: int | None
    times: int
    headers: dict[str, str]
    after: bool
    skip: int


class Loopback:
    """Inherit it and give `answer`."""

    def __init__(self) -> None:
        self.log: list[Request] = []
        self.faults: list[Fault] = []
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # a caller that was killed
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    unruly: Unruly | None = None
    """Set it, and faults come at random; `acts` says what a request does, `busy` is the answer of one told to wait."""
    acts: Callable[[Request], Call | None] = staticmethod(lambda _: None)
    busy: Callable[[], "Answer"] = staticmethod(lambda: Answer(429, {}, {"Retry-After": "2"}))

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def noted(self, request: Request) -> Answer:
        """Answer, and let what was done be written down."""
        answer = self.answer(request)
        if self.unruly is not None and answer.status < 300:
            self.unruly.note(self.acts(request))
        return answer

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(
        self, match: str, status: int | None = None, *, times: int = 1, after: bool = False, skip: int = 0, **headers
    ):
        """Fail the next requests whose `METHOD path` holds `match`; no status tears the connection.

        With `after` the effect happens and only the answer is lost; `skip` lets that many through first.
        """
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        self.faults.append(Fault(match, status, times, named, after, skip))

    def asked(self, match: str) -> list[Request]:
        return [request for request in self.log if match in f"{request.method} {request.path}"]

    def _fault_for(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.match in f"{request.method} {request.path}":
                if fault.skip:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                return fault
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (_Handler,), {"emulator": self})


class _Handler(BaseHTTPRequestHandler):
    emulator: Loopback
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # headers and body in one packet: two would each wait for the other side

    def log_message(self, *_: object) -> None:
        pass

    def _any(self) -> None:
        request, emulator = self._request(), self.emulator
        if emulator.unruly is not None:
            self._unruly(request, emulator.unruly)
            return
        with emulator._lock:
            emulator.log.append(request)
            fault = emulator._fault_for(request)
            answer = None if fault and not fault.after else emulator.answer(request)
        if fault and fault.status is None:
            self._tear()
        elif fault:
            self._send(Answer(fault.status or 500, {"title": "fault", "error": "fault"}, fault.headers))
        elif answer is not None:
            self._send(answer)

    def _unruly(self, request: Request, unruly: Unruly) -> None:
        """Answer as a platform in this temper does."""
        kind = unruly.fault(acting=self.emulator.acts(request) is not None)
        happened = None
        if kind not in {"429", "500", "tear", "stall", "kill"}:
            with self.emulator._lock:
                happened = self.emulator.noted(request)
        how = (kind or "").removesuffix("_after")
        if how == "kill":
            unruly.kill()
        if how == "stall":
            time.sleep(STALL_S)
        if how in {"kill", "stall"}:
            self.close_connection = True
            self.connection.shutdown(2)
        elif how == "tear":
            self._tear()
        elif happened is None:
            self._send(self.emulator.busy() if how == "429" else Answer(500, {"error": "fault"}))
        else:
            self._send(happened)

    do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

    def _request(self) -> Request:
        length = int(self.headers.get("content-length") or 0)
        text = self.rfile.read(length).decode()
        parts = urlsplit(self.path)
        body: dict[str, Any] = {}
        if text and "json" in (self.headers.get("content-type") or ""):
            body = json.loads(text)
        elif text:
            body = {key: value if key.endswith("[]") else value[0] for key, value in parse_qs(text).items()}
        headers = {key.lower(): value for key, value in self.headers.items()}
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        return Request(self.command, parts.path, parse_qs(parts.query), body, bearer, headers)

    def _send(self, answer: Answer) -> None:
        plain = isinstance(answer.body, bytes)
        data = answer.body if plain else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("content-type", "text/event-stream" if plain else "application/json; charset=utf-8")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _tear(self) -> None:
        """Promise a thousand bytes, send three and hang up."""
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b'{"d')
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(2)
