"""Lets a live connection act only under a certificate of its own; without one it behaves as in assist."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection as Database
from sqlalchemy import Engine, select

from bot.cli.errors import CommandError
from bot.policies import policy_of
from bot.reading_version import reading_version
from classifiers import linear
from classifiers.calibration import ARTEFACT, certificate_of
from classifiers.registry import Registry
from models.domain import Mode
from models.policy.certificate import Certificate
from models.policy.in_force import PolicyInForce
from models.session import reading, writing
from models.store import certificates
from models.store.certificates import KeptCertificate
from models.tables import connection as connection_table
from models.tables import message

VALID_DAYS = 90
EXAMPLE = "example"
"""Who accepts for the built-in example: nobody in the house, and the name says so."""


class ConnectionCertificates:
    """Says under which certificate, and so in which mode, a connection decides at a moment."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, int, str], PolicyInForce] = {}

    def governed(
        self, database: Database, connection_id: str, policy: PolicyInForce, model_version: str, now: datetime
    ) -> PolicyInForce:
        """Return `policy` under the connection's certificate, lowered to assist where none is in force."""
        if policy.mode is not Mode.ENFORCE:
            return policy
        kept = certificates.latest(database, connection_id, policy.pack.id)
        withheld = why_not(kept, policy.pack.version, model_version, now)
        key = (policy.pack.id, policy.pack.version, 0 if kept is None or withheld else kept.number, withheld)
        if key not in self._made:
            self._made[key] = (
                PolicyInForce(policy.pack, policy.certificate, Mode.ASSIST, withheld)
                if withheld or kept is None
                else PolicyInForce(policy.pack, as_certificate(kept), Mode.ENFORCE)
            )
        return self._made[key]


def why_not(kept: KeptCertificate | None, pack_version: str, model_version: str, now: datetime) -> str:
    """Return the rule for which a certificate is not in force, empty where it is."""
    if kept is None:
        return "certificate_missing"
    if not kept.at <= now < min(kept.valid_until, kept.at + timedelta(days=VALID_DAYS)):
        return "certificate_lapsed"
    if kept.model_version != model_version:
        return "certificate_other_model"
    return "" if kept.pack_version == pack_version else "certificate_other_pack"


def in_force(engine: Engine, connection_id: str, packs: Iterable[str], registry: Registry, now: datetime) -> bool:
    """True when a connection has a certificate in force under each of `packs`."""
    version = reading_version(registry)
    with reading(engine) as database:
        return not any(
            why_not(
                certificates.latest(database, connection_id, pack),
                policy_of(pack, Mode.ENFORCE).pack.version,
                version,
                now,
            )
            for pack in packs
        )


def as_certificate(kept: KeptCertificate) -> Certificate:
    """Return the certificate of a row."""
    made = certificate_of({**kept.body, "basis": kept.basis})
    return replace(made, certificate_id=f"{kept.basis}-{kept.number}", valid_until=kept.valid_until, issued_at=kept.at)


def accept_reference(
    engine: Engine,
    audit_key: bytes,
    connection_id: str,
    by: str,
    registry: Registry,
    now: datetime,
    packs: Iterable[str] = (),
) -> list[KeptCertificate]:
    """Record that a named person accepts the reference certificate for a connection, under `packs` or each it uses.

    Raises:
        CommandError: There is no such connection or name, or the reference was measured on another model.
    """
    if not by.strip():
        raise CommandError("an acceptance needs the name of who gives it: add --by NAME")
    body = orjson.loads(ARTEFACT.read_bytes())
    if registry.layer is not None or body["model_version"] != linear.load().version:
        raise CommandError(
            f"the reference certificate was measured on model {body['model_version']}, the model in force is "
            f"{reading_version(registry)}: it cannot be accepted for another model; "
            "certify from blind samples with `porthor certify --connection`, or return with `porthor learn --back`"
        )
    with reading(engine) as database:
        wanted = sorted({*packs_of(database, connection_id), *packs})
    rows = [
        KeptCertificate(
            connection_id=connection_id,
            pack_id=pack,
            pack_version=policy_of(pack, Mode.ENFORCE).pack.version,
            basis="accepted",
            mode=Mode.ENFORCE,
            model_version=reading_version(registry),
            body=body,
            by=by.strip(),
            at=now,
            valid_until=now + timedelta(days=VALID_DAYS),
        )
        for pack in wanted
    ]
    record_all(engine, audit_key, rows)
    return rows


def record_all(engine: Engine, audit_key: bytes, rows: Iterable[KeptCertificate]) -> None:
    """Keep certificates in one transaction."""
    with writing(engine) as database:
        for row in rows:
            certificates.record(database, audit_key, row)


def packs_of(database: Database, connection_id: str) -> list[str]:
    """Return the packs that decide on a connection: its own, and those its messages name.

    Raises:
        CommandError: There is no such connection.
    """
    own = database.execute(select(connection_table.c.org).where(connection_table.c.id == connection_id)).scalar()
    if own is None:
        names = ", ".join(database.execute(select(connection_table.c.id).order_by(connection_table.c.id)).scalars())
        raise CommandError(f"no connection is called {connection_id!r}; the store knows: {names or 'none yet'}")
    seen = database.execute(select(message.c.org).where(message.c.connection_id == connection_id).distinct())
    return sorted({str(own), *seen.scalars()})
