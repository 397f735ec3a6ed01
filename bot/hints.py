"""Takes the hints that a platform sends over the web: on loopback, behind the operator's https, told apart by the connector."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import structlog

from connectors.base import Connector, ConnectorError, TakesHints

BODY_BYTES_AT_MOST = 1_000_000
VALIDATION_CHARACTERS_AT_MOST = 2_000
TIMEOUT_S = 10
log = structlog.get_logger()


class HintServer:
    """Answers `POST /hints/NAME`. It knows no secret: a hint only wakes the connection that says it is genuine."""

    def __init__(self, port: int, connector_of: Callable[[str], Connector | None]) -> None:
        """Listen on `port` of loopback; 0 takes a free one.

        Raises:
            OSError: The port is taken.
        """
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(connector_of))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(connector_of: Callable[[str], Connector | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = TIMEOUT_S

        def log_message(self, *_: object) -> None:
            """Say nothing: addresses of hints are nobody's business."""

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            connector = connector_of(parts.path.removeprefix("/hints/"))
            if not parts.path.startswith("/hints/") or not isinstance(connector, TakesHints):
                self._answer(HTTPStatus.NOT_FOUND)
                return
            asked = parse_qs(parts.query).get("validationToken")
            if asked:
                self._answer(HTTPStatus.OK, asked[0][:VALIDATION_CHARACTERS_AT_MOST].encode())
                return
            length = self.headers.get("content-length", "")
            if not length.isdecimal() or int(length) > BODY_BYTES_AT_MOST:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            self._answer(
                HTTPStatus.ACCEPTED if _taken(connector, self.rfile.read(int(length))) else HTTPStatus.FORBIDDEN
            )

        def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("content-type", "text/plain; charset=utf-8")
            self.send_header("x-content-type-options", "nosniff")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _taken(connector: TakesHints, body: bytes) -> bool:
    try:
        return connector.hint(body)
    except ConnectorError as error:  # its secret cannot be read: polling goes on without hints
        log.warning("hint_not_read", why=type(error).__name__)
        return False
