"""The other sides the bot stands between: each is fed, misbehaves, and knows the truth about what was done.

A real Dovecot or another emulator joins by being one more `Side`.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.service import place
from bot.settings import load
from connectors.held import HeldItems
from models.domain import Enforcement
from tests.emulators.platform import Ledger
from tests.fakes.world import ABUSE, INNOCENT

SORTS = (
    INNOCENT,
    "When will the bin at number {n} be emptied? It has been three weeks.",
    f"{ABUSE}, number {{n}}",
    "You fucking useless bastards, number {n}, rot in hell you cunts",
    "Diolch yn fawr am eich help gyda chais {n}",
)


class Side(Protocol):
    """One connection of the bot and the world behind it."""

    name: str

    def toml(self) -> str:
        """Return its part of the settings."""

    def feed(self, count: int, now: datetime) -> None:
        """Let so many messages arrive."""

    def arrived(self) -> set[str]:
        """Return the native ids of all that arrived."""

    def in_force(self, job: Enforcement) -> bool:
        """Return what is truly the case."""

    def twice(self) -> int:
        """Return how many readable effects were done that were done already."""

    def calm(self) -> None:
        """Stop misbehaving."""

    def misbehave(self, rate: float, victim: int) -> None:
        """Begin misbehaving; `victim` is the bot's process."""

    def mend(self) -> bool:
        """Renew what has expired; return whether a person must resume the connection."""


@dataclass
class EmulatedSide:
    """The platform over HTTP, as mail or as posts."""

    name: str
    channel: str
    ledger: Ledger
    folder: Path
    draw: random.Random

    def toml(self) -> str:
        self._write_token()
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

    def in_force(self, job: Enforcement) -> bool:
        return (job.effect.value, job.target.native_id) in self.ledger.in_force

    def twice(self) -> int:
        return sum(self.ledger.redundant.values())

    def calm(self) -> None:
        self.ledger.fault_rate, self.ledger.victim = 0.0, None

    def misbehave(self, rate: float, victim: int) -> None:
        self.ledger.fault_rate, self.ledger.victim = rate, victim

    def mend(self) -> bool:
        path = Path(f"{self.folder / self.name}.token")
        if path.read_text() == self.ledger.token:
            return False
        self._write_token()
        return True

    def _write_token(self) -> None:
        partial = Path(f"{self.folder / self.name}.part")
        partial.write_text(self.ledger.token)
        partial.replace(f"{self.folder / self.name}.token")


@dataclass
class FilesSide:
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
            f'path = "{self.folder}"\nauthserv_id = "mx.example.org"\n'
        )

    def feed(self, count: int, now: datetime) -> None:
        for _ in range(count):
            n = len(self.names)
            name = f"{n:06}.mail"
            text = self.draw.choice(SORTS).format(n=n)
            mail = (
                f"Authentication-Results: mx.example.org; dmarc=pass\nFrom: f{n}@example.org\nSubject: number {n}\n"
                f"Message-ID: <f{n}@example.org>\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
            )
            partial = self.folder / "tmp" / name
            partial.write_text(mail, "utf-8")
            partial.rename(self.folder / "new" / name)
            self.names.append(name)

    def arrived(self) -> set[str]:
        return set(self.names)

    def in_force(self, job: Enforcement) -> bool:
        return HeldItems(place(load({}, self.data_dir), self.name).state_dir).is_held(job)

    def twice(self) -> int:
        return 0

    def calm(self) -> None:
        """A folder is always calm."""

    def misbehave(self, rate: float, victim: int) -> None:
        """A folder never misbehaves."""

    def mend(self) -> bool:
        return False
