"""Warns when the scores of a connection drift away from those of the period its certificate speaks of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log

import structlog
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from models.session import reading
from models.store import certificates, scores
from models.store.scores import Tally

DRIFTED_FROM = 0.2
"""A population stability index from which a shift counts as large, by convention of the field."""
RECENT_DAYS = 7
PERIOD_DAYS = 28
MESSAGES_AT_LEAST = 200
_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a connection's scores of late lie from those of its certificate's period."""

    connection_id: str
    index: float
    n_then: int
    n_now: int

    @property
    def large(self) -> bool:
        """True when a person should look: judge more of the blind sample, or certify again."""
        return self.index >= DRIFTED_FROM

    @property
    def sentence(self) -> str:
        """What it is, in words."""
        return (
            f"connection {self.connection_id}: the scores of the last {RECENT_DAYS} days differ from those of its "
            f"certificate's period (stability index {self.index:.2f}, {self.n_now} against {self.n_then} messages); "
            "judge more of the blind sample and certify again"
        )


def stability_index(then: Tally, now: Tally) -> float:
    """Return the population stability index of two histograms; empty bins count as half a message."""
    parts = [
        (max(a, 0.5) / (sum(then.bins) or 1), max(b, 0.5) / (sum(now.bins) or 1))
        for a, b in zip(then.bins, now.bins, strict=True)
    ]
    mine, theirs = sum(a for a, _ in parts), sum(b for _, b in parts)
    return sum((b / theirs - a / mine) * log((b / theirs) / (a / mine)) for a, b in parts)


def drifts(database: Database, now: datetime) -> list[Drift]:
    """Return the drift of every connection that has a certificate and enough messages then and now."""
    found: dict[str, Drift] = {}
    for kept in certificates.latest_of_each(database):
        first, last = _period(kept.body, kept.at.date())
        then = scores.between(database, kept.connection_id, first, last)
        recent = max(last + timedelta(days=1), (now - timedelta(days=RECENT_DAYS)).date())
        late = scores.between(database, kept.connection_id, recent, now.date())
        if min(sum(then.bins), sum(late.bins)) < MESSAGES_AT_LEAST:
            continue
        index = stability_index(then, late)
        known = found.get(kept.connection_id)
        if known is None or index > known.index:
            found[kept.connection_id] = Drift(kept.connection_id, index, sum(then.bins), sum(late.bins))
    return list(found.values())


def _period(body: object, at: date) -> tuple[date, date]:
    """Return the days a certificate speaks of: its sampled period, else the weeks around its acceptance."""
    sampled = body.get("period") if isinstance(body, dict) else None
    if sampled:
        return date.fromisoformat(sampled[0]), date.fromisoformat(sampled[1])
    return at - timedelta(days=PERIOD_DAYS), at + timedelta(days=PERIOD_DAYS // 2)


def watch(engine: Engine, clock: Callable[[], datetime]) -> None:
    """Look at every connection's scores and warn where they drifted."""
    with reading(engine) as database:
        warn(database, clock())


def warn(database: Database, now: datetime) -> list[Drift]:
    """Log a warning for each connection whose scores drifted; return them."""
    large = [one for one in drifts(database, now) if one.large]
    for one in large:
        _logger.warning(
            "scores_drifted", connection=one.connection_id, index=round(one.index, 3), then=one.n_then, now=one.n_now
        )
    return large
