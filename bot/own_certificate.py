"""Gathers what a connection's own certificate is made from, and records it: `porthor certify --connection`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Engine

from bot import certify_own
from bot.certificates import VALID_DAYS, packs_of, record_all
from bot.certify import LIMIT
from bot.certify_own import Meant, OwnCertificate
from bot.policies import policy_of
from bot.reading_version import reading_version
from bot.redeciding import Remembered, remembered
from classifiers.calibration import ARTEFACT, certificate_of
from classifiers.registry import Registry
from models.domain import ChannelGroup, Mode
from models.policy.in_force import PolicyInForce
from models.session import reading
from models.store import blind, scores
from models.store.blind import Agreement, Sampled
from models.store.certificates import KeptCertificate


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured for a connection, ready to be recorded."""

    connection_id: str
    packs: tuple[str, ...]
    groups: dict[ChannelGroup, OwnCertificate]
    meant: dict[ChannelGroup, Meant]
    agreement: Agreement
    body: dict[str, Any]

    @property
    def certified(self) -> bool:
        """True when some channel group may be acted on."""
        return any(one.act is not None for one in self.groups.values())

    def to_text(self) -> str:
        """Return all of it in words."""
        lines = [certify_own.to_text(group, one, self.meant[group]) for group, one in self.groups.items()]
        agreed = self.agreement
        if agreed.kappa is None:
            lines.append(f"two readers: {agreed.n} messages judged twice, agreement cannot be told yet")
        else:
            lines.append(
                f"two readers: {agreed.same} of {agreed.n} alike, kappa {agreed.kappa:.2f} ({agreed.low:.2f} to {agreed.high:.2f})"
            )
        return "\n".join(lines)


def find(engine: Engine, connection_id: str, registry: Registry, now: datetime) -> Found:
    """Measure a connection from its judged draws under the model and packs in force.

    Raises:
        CommandError: There is no such connection.
    """
    version = reading_version(registry)
    since = now - timedelta(days=VALID_DAYS)
    reference = orjson.loads(ARTEFACT.read_bytes())
    with reading(engine) as database:
        packs = packs_of(database, connection_id)
        versions = {pack: policy_of(pack, Mode.ENFORCE).pack.version for pack in packs}
        judged = [
            one
            for one in blind.sampled(database, connection_id, since)
            if one.draw.model_version == version and versions.get(one.draw.pack_id) == one.draw.pack_version
        ]
        items = {one.message_id: one for one in remembered(database, [one.message_id for one in judged])}
        groups, meant = {}, {}
        for group in sorted({certify_own.group_of(one) for one in judged}):
            total = scores.between(database, connection_id, since.date(), now.date(), group.value, version)
            meant[group] = Meant(total.acted, total.delivered)
            mine = [one for one in judged if certify_own.group_of(one) is group]
            groups[group] = certify_own.certify(
                mine, _acts(items, reference, group), meant[group], _limit(packs, group)
            )
        agreed = blind.agreement(database)
    name = f"own-{connection_id}-{now.date().isoformat()}"
    body = certify_own.body_of(name, groups, reference, (_first(judged, since), now), version)
    return Found(connection_id, tuple(packs), groups, meant, agreed, body)


def _first(judged: Sequence[Sampled], since: datetime) -> datetime:
    return min((one.draw.drawn_at for one in judged), default=since)


def _limit(packs: Sequence[str], group: ChannelGroup) -> float:
    rates = [policy_of(pack, Mode.ENFORCE).pack.automation.max_false_action_rate.get(group) for pack in packs]
    return min((rate for rate in rates if rate is not None), default=LIMIT)


def _acts(items: dict[int, Remembered], reference: dict[str, Any], group: ChannelGroup) -> certify_own.Acts:
    """Return whether the whole decision on a drawn message acts at a threshold."""
    made: dict[tuple[str, float], PolicyInForce] = {}

    def acts(message_id: int, threshold: float) -> bool:
        item = items[message_id]
        key = (item.message.org, threshold)
        if key not in made:
            trial = {**reference["groups"][group.value], "act": threshold, "upper": 0.0}
            whole = certificate_of({**reference, "groups": {**reference["groups"], group.value: trial}})
            made[key] = PolicyInForce(policy_of(key[0], Mode.ENFORCE).pack, whole, Mode.ENFORCE)
        return "provisional" in item.decided(made[key]).rules

    return acts


def record(
    engine: Engine, audit_key: bytes, found: Found, registry: Registry, by: str, now: datetime
) -> list[KeptCertificate]:
    """Keep what was found as the certificate of the connection under each of its packs."""
    first = KeptCertificate(
        connection_id=found.connection_id, pack_id="", pack_version="", basis="own", mode=Mode.ENFORCE,
        model_version=reading_version(registry), body=found.body, by=by, at=now, valid_until=certify_own.lapses_at(now),
    )  # fmt: skip
    rows = [
        replace(first, pack_id=pack, pack_version=policy_of(pack, Mode.ENFORCE).pack.version) for pack in found.packs
    ]
    record_all(engine, audit_key, rows)
    return rows
