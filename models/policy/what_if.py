"""Limits of automation that people may move, and what a moved limit would have meant for what was done. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.domain import Action
from models.policy.limits import Automation

QUOTA = "daily_quota."
BOUNDS = {"surge_actions": (1, 10_000), "surge_minutes": (1, 1440)}
QUOTA_BOUNDS = (0, 100_000)


class UnknownLimit(LookupError):
    """There is no such limit, or the value lies beyond what it may be."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An automatic action that the machine wanted: when, where, on which message."""

    at: datetime
    connection_id: str
    action: Action
    message_id: int | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What changes: how many actions the machine would take alone before and after, and which messages differ."""

    wanted: int
    before: int
    after: int
    stopped_days_before: int
    stopped_days_after: int
    to_person: tuple[int, ...]
    to_machine: tuple[int, ...]


def limits_of(automation: Automation) -> dict[str, int]:
    """Return the limits that may be moved, by name."""
    quotas = {f"{QUOTA}{action.value}": limit for action, limit in automation.daily_quota.items()}
    return quotas | {name: getattr(automation, name) for name in BOUNDS}


def moved(automation: Automation, field: str, value: int) -> Automation:
    """Return `automation` with one limit moved.

    Raises:
        UnknownLimit: The pack has no such limit, or `value` is out of bounds.
    """
    if field not in limits_of(automation):
        raise UnknownLimit(field)
    low, high = BOUNDS.get(field, QUOTA_BOUNDS)
    if not low <= value <= high:
        raise UnknownLimit(f"{field}: {low} to {high}")
    if field in BOUNDS:
        return automation.model_copy(update={field: value})
    quotas = {**automation.daily_quota, Action(field.removeprefix(QUOTA)): value}
    return automation.model_copy(update={"daily_quota": quotas})


def compared(wanted: Sequence[Wanted], before: Automation, after: Automation) -> WhatIf:
    """Return what `after` would have changed against `before` for the same wanted actions, in order of time."""
    (old, old_days), (new, new_days) = _let_through(wanted, before), _let_through(wanted, after)
    pairs = list(zip(wanted, old, new, strict=True))
    return WhatIf(
        wanted=len(wanted),
        before=sum(old),
        after=sum(new),
        stopped_days_before=old_days,
        stopped_days_after=new_days,
        to_person=tuple(w.message_id for w, was, now in pairs if was and not now and w.message_id is not None),
        to_machine=tuple(w.message_id for w, was, now in pairs if now and not was and w.message_id is not None),
    )


def _let_through(wanted: Sequence[Wanted], automation: Automation) -> tuple[list[bool], int]:
    """Return which actions the limits let through, and on how many days one stopped; a stop lasts to the day's end."""
    used: dict[tuple[str, Action, str], int] = {}
    recent: dict[tuple[str, Action], deque[datetime]] = {}
    stopped: set[tuple[str, Action, str]] = set()
    through = []
    window = timedelta(minutes=automation.surge_minutes)
    for entry in wanted:
        kind, day = (entry.connection_id, entry.action), entry.at.date().isoformat()
        today = (*kind, day)
        times = recent.setdefault(kind, deque())
        while times and times[0] <= entry.at - window:
            times.popleft()
        full = used.get(today, 0) >= automation.daily_quota.get(entry.action, 0)
        if full or len(times) >= automation.surge_actions:
            stopped.add(today)
        passes = today not in stopped
        through.append(passes)
        if passes:
            used[today] = used.get(today, 0) + 1
            times.append(entry.at)
    return through, len({day for *_, day in stopped})
