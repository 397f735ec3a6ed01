"""A proxy in front of a real server that breaks calls in the ways that networks and busy services do."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_HOP_BY_HOP = frozenset({"connection", "content-length", "content-encoding", "transfer-encoding", "host", "keep-alive"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls the next call whose path holds `path`; `arrives` says whether the server behind still gets it."""

    path: str
    status: int | None = None
    error: str = ""
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    arrives: bool = False


@dataclass(slots=True)
class FaultyProxy:
    """Passes everything on, but for what `faults` holds: each strikes once."""

    behind: str
    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(self, path: str) -> Fault | None:
        """Return the fault that this call meets, used up."""
        with self._lock:
            self.calls.append(path)
            found = next((fault for fault in self.faults if fault.path in path), None)
            if found is not None:
                self.faults.remove(found)
            return found

    def count(self, path: str) -> int:
        """Return how many calls went to `path`."""
        return sum(path in call for call in self.calls)


@contextmanager
def faulty(behind: str) -> Iterator[FaultyProxy]:
    """Run a proxy in front of `behind` until the block ends."""
    proxy = FaultyProxy(behind)
    with httpx.Client(base_url=behind, timeout=60) as client:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy, client))
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(proxy: FaultyProxy, client: httpx.Client) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            fault = proxy.strike(self.path)
            if fault is None or fault.arrives:
                kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
                answer = client.request(self.command, self.path, content=body or None, headers=kept)
            if fault is None:
                self._answer(answer.status_code, answer.headers, answer.content)
            elif fault.status is None:
                self._tear()
            else:
                told = json.dumps({"error": fault.error, "message": fault.message}).encode()
                self._answer(fault.status, {"content-type": "application/json", **fault.headers}, told)

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _tear(self) -> None:
            """Promise more than is sent, then hang up."""
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{")
            self.close_connection = True

        do_GET = do_POST = _pass_on  # noqa: N815 - the names that http.server asks for

    return Handler
