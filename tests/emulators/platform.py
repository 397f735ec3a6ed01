"""A platform over real HTTP that keeps a ledger of what was truly done, and misbehaves in every way a platform can."""

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.emulators.unruly import AFTER, BEFORE, Deadly

PAGE = 5
STALL_S = 0.7


class NotTold(Exception):
    """The line is to break off without an answer."""


@dataclass
class Ledger(Deadly):
    """The truth. `transitions` counts calls that changed something, `redundant` those that changed nothing."""

    items: list[dict] = field(default_factory=list)
    in_force: set[tuple[str, str]] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    transitions: Counter = field(default_factory=Counter)
    redundant: Counter = field(default_factory=Counter)
    reports: Counter = field(default_factory=Counter)
    told: Counter = field(default_factory=Counter)
    faults: Counter = field(default_factory=Counter)
    token: str = "token-0"
    fault_rate: float = 0.0
    victim: int | None = None
    draw: random.Random = field(default_factory=lambda: random.Random(1))
    lock: threading.RLock = field(default_factory=threading.RLock)
    port: int = 0

    def expire_token(self) -> None:
        """Let the token in use be worth nothing; `token` is the next one."""
        self.token = f"token-{int(self.token.split('-')[1]) + 1}"

    def fault(self, *, acting: bool) -> str | None:
        """Draw what goes wrong with this request, if anything; calls that act fare three times as badly."""
        with self.lock:
            if self.draw.random() >= self.fault_rate * (3 if acting else 1):
                return None
            kind = self.draw.choice((*BEFORE, *AFTER, *AFTER, *AFTER) if acting else (*BEFORE, "duplicate"))
            self.faults[kind] += 1
            return kind


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve(self._read, acting=False)

    def do_PUT(self) -> None:
        self._serve(lambda: self._set(wanted=True), acting=True)

    def do_DELETE(self) -> None:
        self._serve(lambda: self._set(wanted=False), acting=True)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self._serve(lambda: self._once(body), acting=True, hook=self.path == "/hook")

    def _serve(self, answer, *, acting: bool, hook: bool = False) -> None:
        ledger = self.server.ledger
        kind = ledger.fault(acting=acting)
        try:
            if not hook and self.headers.get("authorization") != f"Bearer {ledger.token}":
                self._say(401, {"error": "the token has expired"})
                return
            if kind in BEFORE:
                self._misbehave(kind)
                return
            self._duplicate = kind == "duplicate"
            status, body = answer()
            if kind in AFTER:
                self._misbehave(kind.removesuffix("_after"))
                return
            self._say(status, body)
        except (NotTold, BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _misbehave(self, kind: str) -> None:
        ledger = self.server.ledger
        if kind == "kill":
            ledger.kill()
            raise NotTold
        if kind == "stall":
            time.sleep(STALL_S)
            raise NotTold
        if kind == "tear":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"items": [')
            raise NotTold
        if kind == "401":
            ledger.expire_token()
        headers = {"Retry-After": "2"} if kind == "429" else {}
        self._say(int(kind), {"error": kind}, headers)

    def _say(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _read(self) -> tuple[int, object]:
        ledger = self.server.ledger
        with ledger.lock:
            if found := re.fullmatch(r"/items\?after=(\d+)", self.path):
                start = int(found.group(1))
                begin = max(0, start - PAGE) if self._duplicate else start
                page = ledger.items[begin : start + PAGE]
                following = min(start + PAGE, len(ledger.items))
                return 200, {"items": page, "next": following, "more": following < len(ledger.items)}
            if found := re.fullmatch(r"/find/(.+)", self.path):
                here = ledger.moved.get(found.group(1))
                return (200, {"id": here}) if here else (404, {"error": "gone"})
            effect, target = self._place()
            if effect is None:
                return 404, {"error": "moved or gone"}
            return 200, {"on": (effect, target) in ledger.in_force}

    def _place(self) -> tuple[str | None, str]:
        """Return effect and target; a message that has moved is not found under the id it no longer has."""
        ledger = self.server.ledger
        _, _, effect, kind, target = self.path.split("/", 4)
        if kind == "message":
            origin = {here: origin for origin, here in ledger.moved.items()}
            if target in ledger.moved and ledger.moved[target] != target:
                return None, target
            target = origin.get(target, target)
        return effect, target

    def _set(self, *, wanted: bool) -> tuple[int, object]:
        ledger = self.server.ledger
        with ledger.lock:
            effect, target = self._place()
            if effect is None:
                return 404, {"error": "moved or gone"}
            place = (effect, target)
            if (place in ledger.in_force) == wanted:
                ledger.redundant[place] += 1
            else:
                ledger.transitions[place] += 1
                ledger.in_force.add(place) if wanted else ledger.in_force.discard(place)
                if effect in {"quarantine", "hide"} and "/message/" in self.path:
                    ledger.moved[target] = f"{target}~{ledger.transitions[place]}"
            return 200, {"ok": True}

    def _once(self, body: bytes) -> tuple[int, object]:
        ledger = self.server.ledger
        with ledger.lock:
            if self.path == "/hook":
                said = json.loads(body)
                ledger.told[f"{said['title']}|{said['message']}"] += 1
            else:
                ledger.reports[self.path.rsplit("/", 1)[1]] += 1
            return 200, {"ok": True}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    ledger: Ledger

    def handle_error(self, request: object, client_address: object) -> None:
        """A torn line is nothing to report here."""


@contextmanager
def platform(seed: int) -> Iterator[Ledger]:
    """Run the platform for as long as the block lasts."""
    ledger = Ledger(draw=random.Random(seed))
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.ledger = ledger
        ledger.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield ledger
        finally:
            server.shutdown()
            thread.join()
