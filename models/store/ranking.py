"""The order of the queue: how grave and how sure, against how long a case has waited beyond what the pack promises."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import log2

from models.domain import Attention
from models.policy.limits import Targets
from models.policy.schema import SEVERITY_ORDER, Severity

DOUBLES_IN = timedelta(hours=4)
"""Each four hours nearer to its target, or beyond it, a case counts twice as much."""
GRAVE = SEVERITY_ORDER.index(Severity.HIGH)
_LEAST = 0.01


def target_at(targets: Targets, attention: Attention, severity: int, opened_at: datetime) -> datetime:
    """Return by when a case is to be decided; `severity` is its gravest clause's place in `SEVERITY_ORDER`."""
    if attention is Attention.URGENT:
        minutes = targets.urgent_minutes
    else:
        minutes = targets.grave_minutes if severity >= GRAVE else targets.other_minutes
    return opened_at + timedelta(minutes=minutes)


def rank(weight: float, target: datetime) -> float:
    """Return a case's place within its attention, highest first: it never has to be computed again as time goes by.

    A case weighs severity x confidence x 2 ^ (time beyond its target / four hours). Of two cases the order is then
    the same at every moment, so that the logarithm without the present moment can be kept in an index.
    """
    return log2(max(weight, _LEAST)) - target.timestamp() / DOUBLES_IN.total_seconds()


def earliest(times: Iterable[datetime | None]) -> datetime | None:
    """Return the first of those moments that are known."""
    return min((at for at in times if at is not None), default=None)
