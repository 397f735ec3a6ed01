"""An HTTP(S) server on loopback whose answers a test can spoil: a status, a torn connection, a delay of none."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.emulators.unruly import STALL_S, Unruly


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back; `chunks` streams pieces as they come instead of `body`."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: object | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Spoils the next request that `applies`: with `answer`, or by tearing the connection before or after the work."""

    applies: Callable[[Request], bool]
    answer: Answer | None = None
    after_the_work: bool = False


class Loopback:
    """The server; `handle` answers a request, `faults` go first and each is used once."""

    def __init__(self, handle: Callable[[Request], Answer], certificate: tuple[Path, Path] | None = None) -> None:
        self.faults: deque[Fault] = deque()
        self.requests: list[Request] = []
        self.unruly: Unruly | None = None
        self.acts: Callable[[Request], bool] = lambda _: False
        self.refused: Callable[[str], Answer | None] = lambda _: None
        self._handle = handle
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.serve(self, Request(self.command, self.path, self.headers, body))

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = answer  # noqa: N815 - the names the server looks for

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def serve(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        """Answer one request, spoiled when a fault waits for it."""
        if self.unruly is not None:
            self._serve_unruly(handler, request, self.unruly)
            return
        self.requests.append(request)
        fault = next((fault for fault in self.faults if fault.applies(request)), None)
        if fault is not None:
            self.faults.remove(fault)
            if fault.after_the_work:
                self._handle(request)
            if fault.answer is None:
                handler.close_connection = True
                handler.connection.shutdown(socket.SHUT_RDWR)
                return
        answer = fault.answer if fault and fault.answer else self._handle(request)
        _send(handler, answer)

    def _serve_unruly(self, handler: BaseHTTPRequestHandler, request: Request, unruly: Unruly) -> None:
        """Answer as a server in this temper does; `refused` says how it answers 429, 500 and 401, if in words of its own."""
        kind = unruly.fault(acting=self.acts(request))
        answer = self.refused(kind or "")
        if answer is None and kind not in {"tear", "stall", "kill"}:
            answer = self._handle(request)
        how = (kind or "").removesuffix("_after")
        if how == "kill":
            unruly.kill()
        if how == "stall":
            time.sleep(STALL_S)
        if how in {"kill", "stall", "tear"}:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif answer is not None:
            _send(handler, answer)


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.content_type)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if answer.chunks is None:
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)
        return
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for chunk in answer.chunks:
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        handler.wfile.flush()
    handler.wfile.write(b"0\r\n\r\n")


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for localhost, its own authority, and its key; return both paths."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()))
    return paths
