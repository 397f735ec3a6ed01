"""The line to a real IMAP server: it breaks, stalls and refuses, and sees which moves moved nothing."""

import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.emulators.unruly import STALL_S, Unruly

_COMMAND = re.compile(rb"^([A-Z]{4}\d+) (UID MOVE|[A-Z]+)(.*)$")
_NO = {"429": b"[LIMIT] too many", "500": b"[UNAVAILABLE] later", "401": b"[AUTHENTICATIONFAILED] no"}


@dataclass
class _Wire:
    """One connection: which folder is selected, and after which tag's answer the line breaks."""

    client: socket.socket
    server: socket.socket
    selected: str = ""
    cut_after: bytes | None = None
    how: str = ""

    def close(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@dataclass
class Line:
    """Listens on `port` and passes everything on to `behind`, but for what goes wrong."""

    behind: int
    unruly: Unruly
    redundant: int = 0
    port: int = 0
    _wires: list[_Wire] = field(default_factory=list)
    _listener: socket.socket = field(default_factory=socket.socket)

    def __post_init__(self) -> None:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(50)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Hang up for good."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End all connections."""
        for wire in self._wires:
            wire.close()
        self._wires.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            wire = _Wire(client, socket.create_connection(("127.0.0.1", self.behind)))
            self._wires.append(wire)
            for pump in (self._there, self._back):
                threading.Thread(target=pump, args=(wire,), daemon=True).start()

    def _there(self, wire: _Wire) -> None:
        """Pass on what the client says, line by line."""
        with suppress(OSError, ValueError):
            lines = wire.client.makefile("rb")
            while line := lines.readline():
                found = _COMMAND.match(line.rstrip())
                if found is None or self._lets_through(wire, *found.groups()):
                    wire.server.sendall(line)
        wire.close()

    def _lets_through(self, wire: _Wire, tag: bytes, verb: bytes, rest: bytes) -> bool:
        acting = verb == b"UID MOVE"
        name = rest.rpartition(b'"')[0].rpartition(b'"')[2].decode() or rest.split()[-1].decode() if rest else ""
        if verb in {b"SELECT", b"EXAMINE"}:
            wire.selected = name
        kind = self.unruly.fault(acting=acting, kinds=_kinds(verb))
        if kind in _NO:
            wire.client.sendall(tag + b" NO " + _NO[kind] + b"\r\n")
            return False
        if kind in {None, "duplicate"} or (kind or "").endswith("_after"):
            self.redundant += acting and wire.selected == name
            wire.cut_after, wire.how = (tag if kind in _AFTER else None), (kind or "").removesuffix("_after")
            return True
        self._break(wire, kind or "")
        return False

    def _back(self, wire: _Wire) -> None:
        """Pass on what the server says; before an answer that is not to arrive, the line breaks."""
        with suppress(OSError, ValueError):
            while data := wire.server.recv(65_536):
                if wire.cut_after is not None and wire.cut_after + b" " in data:
                    self._break(wire, wire.how)
                    return
                if wire.cut_after is None:
                    wire.client.sendall(data)
        wire.close()

    def _break(self, wire: _Wire, how: str) -> None:
        if how == "kill":
            self.unruly.kill()
        elif how == "stall":
            time.sleep(STALL_S)
        wire.close()


_AFTER = {"tear_after", "stall_after", "kill_after"}


def _kinds(verb: bytes) -> tuple[str, ...]:
    return ("tear", "stall", "kill", "500", *(("401",) if verb == b"LOGIN" else ("429",)))
