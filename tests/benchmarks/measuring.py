"""Milliseconds of processor time beside milliseconds on the clock: other work on the machine counts only in the second."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ASKED, SLOW_MS = 40, 1_000
TARGETS_MS = {"queue": 150, "card": 100, "search": 300}


@dataclass(frozen=True, slots=True)
class Run:
    """Median and 95th percentile of one run, in milliseconds of processor time and by the clock on the wall."""

    cpu_median: float
    cpu_p95: float
    wall_median: float
    wall_p95: float


def run_of(cpu: Sequence[float], wall: Sequence[float]) -> Run:
    """Return the run of these answers, in milliseconds."""
    late = min(len(cpu) - 1, int(len(cpu) * 0.95))
    return Run(statistics.median(cpu), sorted(cpu)[late], statistics.median(wall), sorted(wall)[late])


def measured(ask: Callable[[int], None], asked: int = ASKED) -> Run:
    """Ask `asked` times, fewer where an answer takes longer than a second."""
    begun = time.perf_counter()
    ask(0)
    if (time.perf_counter() - begun) * 1000 > SLOW_MS:
        asked = 5
    cpu, wall = [], []
    for n in range(1, asked + 1):
        spent, began = time.process_time(), time.perf_counter()
        ask(n)
        cpu.append(1000 * (time.process_time() - spent))
        wall.append(1000 * (time.perf_counter() - began))
    return run_of(cpu, wall)


def line(kind: str, what: str, runs: list[Run]) -> str:
    """Return a row of the table: medians of the runs, and over how much their 95th percentiles spread."""
    cpu, wall = sorted(run.cpu_p95 for run in runs), sorted(run.wall_p95 for run in runs)
    promised = f"{TARGETS_MS[kind]}" if kind in TARGETS_MS else ""
    return (
        f"| {kind} | {what} | {statistics.median(run.cpu_median for run in runs):.0f} | {cpu[0]:.0f} to {cpu[-1]:.0f} "
        f"| {statistics.median(run.wall_median for run in runs):.0f} | {wall[0]:.0f} to {wall[-1]:.0f} | {promised} |"
    )
