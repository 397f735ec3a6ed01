"""The sides that are mailboxes: a real Dovecot behind a bad line, and Exchange and Graph over one kind of store."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from models.domain import Enforcement
from tests.chaos.line import Line
from tests.chaos.sides import BOUNDARY, Tempered, identity, letter, write_secret
from tests.emulators.ews import Ews
from tests.emulators.ews_xml import busy
from tests.emulators.graph import CLIENT, TENANT, Graph
from tests.emulators.loopback import Answer, Loopback, Request
from tests.emulators.mail_store import Folder, Mail, MailStore
from tests.emulators.unruly import Unruly
from tests.servers.dovecot import PASSWORD, Dovecot

QUARANTINE = "Porthor quarantine"
STAFF_FOLDER = "Casework"


@dataclass
class Mailbox(Tempered):
    """What a mailbox has in common: mails by number, known by their Message-ID."""

    name: str
    draw: random.Random
    folder: Path
    count: int = 0
    unruly: Unruly = field(init=False)
    identity: ClassVar[str] = "message_id"

    def __post_init__(self) -> None:
        self.unruly = Unruly(self.draw)

    def arrived(self) -> set[str]:
        return {identity(self.name, n) for n in range(self.count)}

    def head(self, kind: str) -> str:
        return (
            f'[[connection]]\nname = "{self.name}"\nkind = "{kind}"\norg = "psow"\nmode = "enforce"\npoll_s = 1\n'
            f'authserv_id = "{BOUNDARY}"\n'
        )


@dataclass
class DovecotSide(Mailbox):
    """A mailbox on a real IMAP server; between two rounds staff move mails and the server numbers them anew."""

    server: Dovecot = field(default_factory=Dovecot)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.unruly.again = self._nothing
        self.user = self.server.new_user()
        self.line = Line(self.server.port, self.unruly)
        self.client = self.server.client(self.user)

    def toml(self) -> str:
        write_secret(self.folder / f"{self.name}.secret", PASSWORD)
        return (
            f'{self.head("imap")}host = "127.0.0.1"\nport = {self.line.port}\nsecurity = "none"\nusername = "{self.user}"\n'
            f'password = "file:{self.folder / self.name}.secret"\ntimeout_s = 1\n'
        )

    def misbehave(self, rate: float, victim: int) -> None:
        super().misbehave(rate / 2, victim)  # one call here is several commands

    def feed(self, count: int, now: datetime) -> None:
        for n in range(self.count, self.count + count):
            self.client.append("INBOX", letter(self.name, n, self.draw))
        self.count += count

    def in_force(self, job: Enforcement, name: str) -> bool:
        return self._where().get(name) == [QUARANTINE]

    def twice(self) -> int:
        return self.line.redundant

    def astray(self) -> int:
        where = self._where()
        return sum(len(where.get(name, ())) != 1 for name in self.arrived())

    def meddle(self, known: set[str]) -> None:
        self.line.hang_up()
        if self.draw.random() < 0.3:
            if not self.client.folder_exists(STAFF_FOLDER):
                self.client.create_folder(STAFF_FOLDER)
            self.client.select_folder("INBOX")
            for uid, name in self._ids().items():
                if name in known and self.draw.random() < 0.2:
                    self.client.move([uid], STAFF_FOLDER)
            self.client.unselect_folder()
        if self.draw.random() < 0.1:
            self.renumber()

    def renumber(self) -> None:
        """Let the server forget how it numbered the inbox: UIDVALIDITY changes."""
        self.client.logout()
        home = self.server.maildir(self.user)
        for path in (home / "dovecot-uidlist", *home.glob("dovecot.index*")):
            path.unlink(missing_ok=True)
        self.unruly.faults["renumbered"] += 1
        self.client = self.server.client(self.user)

    def close(self) -> None:
        self.line.close()
        self.client.logout()
        self.server.stop()

    def _where(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for _, _, folder in self.client.list_folders():
            self.client.select_folder(folder, readonly=True)
            for name in self._ids().values():
                found.setdefault(name, []).append(folder)
        self.client.unselect_folder()
        return found

    def _ids(self) -> dict[int, str]:
        uids = self.client.search()
        heads = self.client.fetch(uids, ["ENVELOPE"]) if uids else {}
        return {uid: part[b"ENVELOPE"].message_id.decode().strip("<>") for uid, part in heads.items()}

    @staticmethod
    def _nothing() -> None:
        """An IMAP server gives no page twice."""


class CountingStore(MailStore):
    """A mail store that counts the moves that moved nothing."""

    redundant = 0

    def move(self, mail: Mail, folder: str) -> Mail:
        self.redundant += mail.folder == folder
        return super().move(mail, folder)


@dataclass
class StoreSide(Mailbox):
    """A mailbox over a `MailStore`; between two rounds staff move mails, and what was synchronised lapses."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.store = CountingStore()

    def wire(self, server: Loopback) -> None:
        """Let the emulator's server misbehave."""
        self.server = server
        server.unruly, server.acts, server.refused = self.unruly, self.acts, self.refused

    def feed(self, count: int, now: datetime) -> None:
        for n in range(self.count, self.count + count):
            self.store.deliver(letter(self.name, n, self.draw))
        self.count += count

    def in_force(self, job: Enforcement, name: str) -> bool:
        return [self._folder(mail).name for mail in self._mails(name)] == [QUARANTINE]

    def twice(self) -> int:
        return self.store.redundant

    def astray(self) -> int:
        return sum(len(self._mails(name)) != 1 for name in self.arrived())

    def meddle(self, known: set[str]) -> None:
        with self.store.lock:
            if self.draw.random() < 0.3:
                target = self.store.folder_named(STAFF_FOLDER).id
                for mail in list(self.store.mails.values()):
                    name = mail.header("Message-ID").strip("<>")
                    if self._folder(mail).name == "Inbox" and name in known and self.draw.random() < 0.2:
                        self.store.move(mail, target)
            if self.draw.random() < 0.1:
                self.store.generation += 1
                self.unruly.faults["resync"] += 1

    def close(self) -> None:
        self.server.close()

    def _mails(self, name: str) -> list[Mail]:
        return [mail for mail in list(self.store.mails.values()) if mail.header("Message-ID") == f"<{name}>"]

    def _folder(self, mail: Mail) -> Folder:
        return self.store.folders[mail.folder]

    def acts(self, request: Request) -> bool:
        """True for a request that changes something."""
        raise NotImplementedError

    def refused(self, kind: str) -> Answer | None:
        """Return the answer to a fault, None for those without one."""
        raise NotImplementedError


class ExchangeSide(StoreSide):
    """Exchange Web Services."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.ews = Ews("svc", PASSWORD)
        self.ews.store = self.store
        self.wire(self.ews.server)

    def toml(self) -> str:
        write_secret(self.folder / f"{self.name}.secret", PASSWORD)
        return (
            f'{self.head("exchange")}url = "{self.ews.url}"\nmailbox = "ask@example.org"\nusername = "svc"\nauth = "basic"\n'
            f'password = "file:{self.folder / self.name}.secret"\n'
        )

    def acts(self, request: Request) -> bool:
        return b"<m:MoveItem" in request.body or b"<m:UpdateItem" in request.body

    def refused(self, kind: str) -> Answer | None:
        return {
            "429": busy(2000), "500": Answer(503, b"", "text/html"),
            "401": Answer(401, b"", "text/xml", {"WWW-Authenticate": 'Basic realm="ews"'}),
        }.get(kind)  # fmt: skip


class GraphSide(StoreSide):
    """Microsoft Graph, with pages that come twice and tokens that lapse."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.graph = Graph(self.folder, "a-secret")
        self.graph.store = self.store
        self.graph.page_items = 5
        self.unruly.expire = self.graph.tokens.clear
        self.unruly.again = self._repeat
        self.wire(self.graph.server)

    def toml(self) -> str:
        write_secret(self.folder / f"{self.name}.secret", "a-secret")
        graph = self.graph
        return (
            f'{self.head("graph")}mailbox = "ask@example.org"\ntenant = "{TENANT}"\nclient_id = "{CLIENT}"\n'
            f'client_secret = "file:{self.folder / self.name}.secret"\napi_url = "{graph.url}"\n'
            f'login_url = "{graph.login_url}"\nca_file = "{graph.ca_file}"\ntimeout_s = 1\n'
        )

    def acts(self, request: Request) -> bool:
        return request.method in {"PATCH", "DELETE"} or request.path.endswith("/move")

    def refused(self, kind: str) -> Answer | None:
        errors = {"429": (429, "TooManyRequests"), "500": (503, "ServiceNotAvailable")}
        if kind not in errors:
            return None
        status, code = errors[kind]
        return Answer(status, b'{"error": {"code": "%s"}}' % code.encode(), headers={"Retry-After": "2"})

    def calm(self) -> None:
        super().calm()
        self.graph.repeat_pages = False

    def _repeat(self) -> None:
        self.graph.repeat_pages = True
