"""What the page of connections shows beside the status: the day's quotas, breakers, certificates and commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from models.domain import Action, Mode
from models.engine_tables import command
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.store import certificates, connections, quotas
from models.tables import message, quota_day


@dataclass(frozen=True, slots=True)
class Quota:
    """How many automatic actions of a kind were taken today, of how many."""

    action: str
    used: int
    limit: int

    @property
    def full_tenths(self) -> int:
        """How full it is, in tenths."""
        return 10 if self.limit <= 0 else min(10, round(10 * self.used / self.limit))


@dataclass(frozen=True, slots=True)
class More:
    """One connection beyond its status. `certified_until` is None where it may not act by a certificate of its own."""

    quotas: tuple[Quota, ...]
    breakers: tuple[Mapping[str, Any], ...]
    certified_until: datetime | None
    certified_by: str
    read_today: int
    waiting: tuple[Mapping[str, Any], ...]


def of(connection: Connection, now: datetime) -> dict[str, More]:
    """Return what there is to say of each connection, by its name."""
    stopped = quotas.tripped(connection)
    told = list(connection.execute(select(command).where(command.c.carried_out_at.is_(None))).mappings())
    found = {}
    for entry in connections.every(connection):
        name = entry.connection_id
        kept = None if entry.mode is not Mode.ENFORCE else certificates.latest(connection, name, entry.org)
        valid = kept is not None and kept.at <= now < kept.valid_until
        found[name] = More(
            quotas=_quotas(connection, name, entry.org, now),
            breakers=tuple(row._asdict() for row in stopped if row.connection_id == name),
            certified_until=kept.valid_until if kept is not None and valid else None,
            certified_by=kept.by if kept is not None and valid else "",
            read_today=_read_today(connection, name, now),
            waiting=tuple(dict(row) for row in told if row["connection_id"] == name),
        )
    return found


def _quotas(connection: Connection, name: str, org: str, now: datetime) -> tuple[Quota, ...]:
    if org not in builtin_pack_ids():
        return ()
    limits = builtin_pack(org).automation.daily_quota
    today = (quota_day.c.connection_id == name) & (quota_day.c.day == now.date().isoformat())
    used = {row.effect: row.used for row in connection.execute(select(quota_day).where(today))}
    return tuple(
        Quota(action.value, used.get(action.value, 0), limits[action]) for action in Action if action in limits
    )


def _read_today(connection: Connection, name: str, now: datetime) -> int:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    mine = (message.c.connection_id == name) & (message.c.taken_in_at >= midnight)
    return connection.execute(select(func.count()).select_from(message).where(mine)).scalar_one()
