"""How a platform misbehaves: what goes wrong with a request is drawn at random, and what was truly done is written down."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

STALL_S = 1.5
BEFORE = ("429", "500", "401", "tear", "stall", "kill")
"""What may happen instead of an answer, with nothing done."""
AFTER = ("tear_after", "stall_after", "kill_after")
"""What may happen after the platform has done it, with nobody told."""
Call = tuple[str, str, bool]
"""An effect, its target in the platform's words, and whether it is wanted or lifted."""


class Deadly:
    """A platform that may kill the bot in the middle of a call: `victim` is its process, `faults` counts what was done."""

    victim: int | None
    faults: Counter[str]

    def kill(self) -> None:
        """End the bot at this very moment, the hard way."""
        if self.victim is not None:
            self.faults["killed_in_call"] += 1
            with suppress(ProcessLookupError):
                os.kill(self.victim, signal.SIGKILL)
            self.victim = None


@dataclass
class Unruly(Deadly):
    """The temper of one platform, and its ledger.

    `rate` is the share of readings that fail; `victim` is the process that a fault may kill in the middle of a call.
    """

    draw: random.Random
    expire: Callable[[], None] = lambda: None
    again: Callable[[], None] = lambda: None
    rate: float = 0.0
    victim: int | None = None
    faults: Counter[str] = field(default_factory=Counter)
    in_force: set[tuple[str, str]] = field(default_factory=set)
    calls: Counter[Call] = field(default_factory=Counter)
    redundant: Counter[Call] = field(default_factory=Counter)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def fault(self, *, acting: bool, kinds: tuple[str, ...] = BEFORE) -> str | None:
        """Draw what goes wrong with this request, if anything; calls that act fare six times as badly."""
        with self.lock:
            if self.draw.random() >= self.rate * (6 if acting else 1):
                return None
            kind = self.draw.choice((*kinds, *AFTER, *AFTER, *AFTER) if acting else (*kinds, "duplicate"))
            self.faults[kind] += 1
        if kind == "401":
            self.expire()
        elif kind == "duplicate":
            self.again()
        return kind

    def note(self, call: Call | None) -> None:
        """Write down that the platform has done this."""
        if call is None:
            return
        with self.lock:
            effect, target, wanted = call
            self.calls[call] += 1
            self.redundant[call] += ((effect, target) in self.in_force) == wanted and effect != "report"
            self.in_force.add((effect, target)) if wanted else self.in_force.discard((effect, target))
