"""A mail server on loopback that keeps what it gets, and can refuse, stall or break off at any verb. Source: RFC 5321."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What came in, and how the server shall misbehave: verb to answer, `drop` to break off instead of answering."""

    port: int = 0
    mails: list[tuple[str, str, EmailMessage]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self._say("220 loopback")
        sender = recipient = ""
        while line := self.rfile.readline():
            text = line.decode().strip()
            verb = text.split(" ")[0].upper()
            if verb == "MAIL":
                sender = text.partition(":")[2]
            elif verb == "RCPT":
                recipient = text.partition(":")[2].strip("<> ")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            if not self._answer(verb, "354 go on" if verb == "DATA" else "250 ok"):
                return
            if verb == "DATA" and "DATA" not in self.server.box.answers and not self._body(sender, recipient):
                return

    def _body(self, sender: str, recipient: str) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        if not self.server.box.answers.get(".", "250").startswith(("4", "5")):
            self.server.box.mails.append((sender, recipient, mail))
        return self._answer(".", "250 kept")

    def _answer(self, verb: str, usual: str) -> bool:
        answer = self.server.box.answers.get(verb, usual)
        if answer == "drop":
            return False
        self._say(answer)
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    box: Mailbox


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run the server for as long as the block lasts."""
    box = Mailbox()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.box = box
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
