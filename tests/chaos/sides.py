"""The other sides the bot stands between: each is fed, misbehaves, and knows the truth about what was done."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol

from bot.service import place
from bot.settings import load
from connectors.held import HeldItems
from models.domain import Enforcement
from tests.emulators.platform import Ledger
from tests.emulators.unruly import Call, Unruly
from tests.fakes.world import ABUSE, INNOCENT

SORTS = (
    INNOCENT,
    "When will the bin at number {n} be emptied? It has been three weeks.",
    f"{ABUSE}, number {{n}}",
    "You fucking useless bastards, number {n}, rot in hell you cunts",
    "Diolch yn fawr am eich help gyda chais {n}",
)
BOUNDARY = "mx.example.org"


class Side(Protocol):
    """One connection of the bot and the world behind it."""

    name: str
    identity: ClassVar[str]
    """The column of `message` by which this side knows its messages."""
    unreadable: ClassVar[frozenset[str]]
    """The effects that the platform does not let anybody read back."""

    def toml(self) -> str:
        """Return its part of the settings."""

    def feed(self, count: int, now: datetime) -> None:
        """Let so many messages arrive."""

    def arrived(self) -> set[str]:
        """Return the identities of all that arrived."""

    def in_force(self, job: Enforcement, name: str) -> bool:
        """Return what is truly the case; `name` is the identity of the target, where that is a message."""

    def twice(self) -> int:
        """Return how many readable effects were done that were done already."""

    def once(self) -> Counter[Call]:
        """Return how often each effect that cannot be read back was done, targets in the bot's words."""

    def astray(self) -> int:
        """Return how many messages are no longer there, or there twice."""

    def faults(self) -> Counter[str]:
        """Return what went wrong here."""

    def meddle(self, known: set[str]) -> None:
        """Change what a server or staff may change between two rounds; `known` is what the bot has."""

    def calm(self) -> None:
        """Stop misbehaving."""

    def misbehave(self, rate: float, victim: int) -> None:
        """Begin misbehaving; `victim` is the bot's process."""

    def mend(self, *, paused: bool) -> None:
        """Renew what has expired, as a person does who finds the connection `paused`."""

    def close(self) -> None:
        """Go away."""


class Plain:
    """What most sides have not: inherit it for the answers of those that have nothing to say."""

    identity: ClassVar[str] = "native_id"
    unreadable: ClassVar[frozenset[str]] = frozenset({"report"})

    def twice(self) -> int:
        return 0

    def once(self) -> Counter[Call]:
        return Counter()

    def astray(self) -> int:
        return 0

    def faults(self) -> Counter[str]:
        return Counter()

    def meddle(self, known: set[str]) -> None:
        """Nothing changes by itself here."""

    def calm(self) -> None:
        """This side is always calm."""

    def misbehave(self, rate: float, victim: int) -> None:
        """This side never misbehaves."""

    def mend(self, *, paused: bool) -> None:
        """Nothing expires here."""

    def close(self) -> None:
        """Nothing to end."""


class Tempered(Plain):
    """A side whose server keeps its ledger and its temper in an `Unruly`."""

    unruly: Unruly

    def faults(self) -> Counter[str]:
        return self.unruly.faults

    def calm(self) -> None:
        self.unruly.rate, self.unruly.victim = 0.0, None

    def misbehave(self, rate: float, victim: int) -> None:
        self.unruly.rate, self.unruly.victim = rate / 3, victim


@dataclass
class EmulatedSide(Plain):
    """The platform over HTTP, as mail or as posts."""

    name: str
    channel: str
    ledger: Ledger
    folder: Path
    draw: random.Random

    def toml(self) -> str:
        write_secret(self.folder / f"{self.name}.token", self.ledger.token)
        return (
            f'[[connection]]\nname = "{self.name}"\nkind = "emulated"\norg = "psow"\nmode = "enforce"\npoll_s = 1\n'
            f'address = "http://127.0.0.1:{self.ledger.port}"\nchannel = "{self.channel}"\n'
            f'token = "file:{self.folder / self.name}.token"\n'
        )

    def feed(self, count: int, now: datetime) -> None:
        with self.ledger.lock:
            for _ in range(count):
                n = len(self.ledger.items)
                author = f"{self.name}{n}@example.org" if self.channel == "email" else f"{self.name}{n}"
                text = self.draw.choice(SORTS).format(n=n)
                self.ledger.items.append({"key": f"k{n}", "author": author, "text": text, "at": now.isoformat()})

    def arrived(self) -> set[str]:
        return {entry["key"] for entry in self.ledger.items}

    def in_force(self, job: Enforcement, name: str) -> bool:
        return (job.effect.value, job.target.native_id) in self.ledger.in_force

    def twice(self) -> int:
        return sum(self.ledger.redundant.values())

    def once(self) -> Counter[Call]:
        return Counter({("report", target, True): times for target, times in self.ledger.reports.items()})

    def faults(self) -> Counter[str]:
        return self.ledger.faults

    def calm(self) -> None:
        self.ledger.fault_rate, self.ledger.victim = 0.0, None

    def misbehave(self, rate: float, victim: int) -> None:
        self.ledger.fault_rate, self.ledger.victim = rate, victim

    def mend(self, *, paused: bool) -> None:
        path = self.folder / f"{self.name}.token"
        if path.read_text() != self.ledger.token:
            write_secret(path, self.ledger.token)


@dataclass
class FilesSide(Plain):
    """A Maildir that grows, with the `files` connector's folder as the truth."""

    name: str
    folder: Path
    draw: random.Random
    data_dir: Path
    names: list[str] = field(default_factory=list)

    def toml(self) -> str:
        for sub in ("tmp", "new", "cur"):
            (self.folder / sub).mkdir(parents=True, exist_ok=True)
        return (
            f'[[connection]]\nname = "{self.name}"\nkind = "files"\norg = "psow"\nmode = "enforce"\npoll_s = 1\n'
            f'path = "{self.folder}"\nauthserv_id = "{BOUNDARY}"\n'
        )

    def feed(self, count: int, now: datetime) -> None:
        for _ in range(count):
            n = len(self.names)
            name = f"{n:06}.mail"
            partial = self.folder / "tmp" / name
            partial.write_bytes(letter(self.name, n, self.draw))
            partial.rename(self.folder / "new" / name)
            self.names.append(name)

    def arrived(self) -> set[str]:
        return set(self.names)

    def in_force(self, job: Enforcement, name: str) -> bool:
        return HeldItems(place(load({}, self.data_dir), self.name).state_dir).is_held(job)


def letter(side: str, n: int, draw: random.Random) -> bytes:
    """Return the n-th mail to a side, each by a writer of its own."""
    text = draw.choice(SORTS).format(n=n)
    return (
        f"Authentication-Results: {BOUNDARY}; dmarc=pass\r\nFrom: {side}{n}@example.org\r\nTo: ask@example.org\r\n"
        f"Subject: number {n}\r\nMessage-ID: <{identity(side, n)}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


def identity(side: str, n: int) -> str:
    """Return the Message-ID of that mail."""
    return f"{side}.{n}@example.org"


def write_secret(path: Path, secret: str) -> None:
    """Put a secret where the settings refer to it, whole or not at all."""
    partial = path.with_suffix(".part")
    partial.write_text(secret)
    partial.replace(path)
