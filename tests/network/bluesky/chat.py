"""A stand-in for Bluesky's chat service, which is not to be had: the real PDS passes calls on to it and signs them."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 2
Json = dict[str, Any]


@dataclass(slots=True)
class ChatService:
    """The log of each account, oldest first; its cursor is the revision of the last entry."""

    logs: dict[str, list[Json]] = field(default_factory=dict)

    def write(self, sender: str, reader: str, text: str, sent_at: str, **more: Any) -> None:
        """Put a message into the logs of both."""
        for account in (sender, reader):
            log = self.logs.setdefault(account, [])
            rev = f"{len(log) + 1:013d}"
            message = {"id": f"m{rev}", "rev": rev, "text": text, "sender": {"did": sender}, "sentAt": sent_at, **more}
            kind = {"$type": "chat.bsky.convo.defs#logCreateMessage"}
            log.append({**kind, "rev": rev, "convoId": f"c-{sender[-5:]}", "message": message})

    def log(self, account: str, cursor: str | None) -> Json:
        """Return a page of the log after `cursor`; without one only where the log ends."""
        log = self.logs.get(account, [])
        if cursor is None:
            return {"logs": [], "cursor": log[-1]["rev"] if log else f"{0:013d}"}
        page = [entry for entry in log if entry["rev"] > cursor][:PAGE]
        return {"logs": page, "cursor": page[-1]["rev"] if page else cursor}


@contextmanager
def chat_service(port: int) -> Iterator[ChatService]:
    """Run the stand-in until the block ends."""
    service = ChatService()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            body = json.dumps(
                service.log(signer(self.headers["authorization"]), asked.get("cursor", [None])[0])
            ).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def signer(authorization: str) -> str:
    """Return the account for which the PDS signed the call."""
    payload = authorization.removeprefix("Bearer ").split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["iss"])
