"""Histograms of the likeliest harm by connection and day, and how many messages the machine meant to act on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select, update

from models.guarantee_tables import score_day
from models.store.rows import insert_new

BINS = 20


@dataclass(slots=True)
class Tally:
    """What one batch adds to a day: counts by twentieths of probability, and of what was meant."""

    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    acted: int = 0
    delivered: int = 0

    def add(self, probability: float, acted: bool, delivered: bool) -> None:
        """Count one message."""
        self.bins[min(BINS - 1, int(probability * BINS))] += 1
        self.acted += acted
        self.delivered += delivered


def add(connection: Connection, day: date, tallies: Mapping[tuple[str, str, str], Tally]) -> None:
    """Add what a batch counted, keyed by (connection, channel group, model version)."""
    for (connection_id, group, model_version), tally in sorted(tallies.items()):
        key = {
            "connection_id": connection_id,
            "channel_group": group,
            "day": day.isoformat(),
            "model_version": model_version,
        }
        insert_new(connection, score_day, [{**key, "bins": [0] * BINS, "acted": 0, "delivered": 0}])
        mine = [score_day.c[name] == value for name, value in key.items()]
        old = connection.execute(select(score_day).where(*mine).with_for_update()).one()
        connection.execute(
            update(score_day)
            .where(*mine)
            .values(
                bins=[before + more for before, more in zip(old.bins, tally.bins, strict=True)],
                acted=old.acted + tally.acted,
                delivered=old.delivered + tally.delivered,
            )
        )


def between(
    connection: Connection, connection_id: str, first: date, last: date, group: str = "", model_version: str = ""
) -> Tally:
    """Return the sum over days `first` to `last`, both counted; empty names mean all."""
    query = select(score_day).where(
        score_day.c.connection_id == connection_id,
        score_day.c.day >= first.isoformat(),
        score_day.c.day <= last.isoformat(),
    )
    if group:
        query = query.where(score_day.c.channel_group == group)
    if model_version:
        query = query.where(score_day.c.model_version == model_version)
    total = Tally()
    for row in connection.execute(query):
        total.bins = [before + more for before, more in zip(total.bins, row.bins, strict=True)]
        total.acted += row.acted
        total.delivered += row.delivered
    return total
