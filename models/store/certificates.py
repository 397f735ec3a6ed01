"""Certificates of connections as rows: what was measured or accepted, by whom, for which model and pack, until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from models.domain import Mode
from models.guarantee_tables import certificate
from models.store import audit


@dataclass(frozen=True, slots=True)
class KeptCertificate:
    """A certificate of one connection under one pack. `body` holds what a certificate's file holds."""

    connection_id: str
    pack_id: str
    pack_version: str
    basis: str
    mode: Mode
    model_version: str
    body: Mapping[str, Any]
    by: str
    at: datetime
    valid_until: datetime
    number: int = 0


def record(connection: Connection, audit_key: bytes, kept: KeptCertificate) -> int:
    """Keep a certificate with its audit event in the caller's transaction; return its number."""
    made = connection.execute(
        insert(certificate).values(
            connection_id=kept.connection_id,
            pack_id=kept.pack_id,
            pack_version=kept.pack_version,
            basis=kept.basis,
            mode=kept.mode.value,
            model_version=kept.model_version,
            body=dict(kept.body),
            by=kept.by,
            at=kept.at,
            valid_until=kept.valid_until,
        )
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    detail = {
        "pack": f"{kept.pack_id} {kept.pack_version}",
        "model": kept.model_version,
        "valid_until": kept.valid_until.isoformat(),
        "certificate": number,
    }
    audit.append(
        connection, audit_key, kept.at, kept.by, f"certificate.{kept.basis}", f"connection:{kept.connection_id}", detail
    )
    return number


def latest(connection: Connection, connection_id: str, pack_id: str) -> KeptCertificate | None:
    """Return the youngest certificate of a connection under a pack, in force or not."""
    query = (
        select(certificate)
        .where(certificate.c.connection_id == connection_id, certificate.c.pack_id == pack_id)
        .order_by(certificate.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else _kept(dict(row))


def latest_of_each(connection: Connection) -> list[KeptCertificate]:
    """Return the youngest certificate of every connection and pack."""
    youngest: dict[tuple[str, str], KeptCertificate] = {}
    for row in connection.execute(select(certificate).order_by(certificate.c.id)).mappings():
        youngest[row["connection_id"], row["pack_id"]] = _kept(dict(row))
    return [youngest[key] for key in sorted(youngest)]


def _kept(row: Mapping[str, Any]) -> KeptCertificate:
    return KeptCertificate(
        connection_id=row["connection_id"],
        pack_id=row["pack_id"],
        pack_version=row["pack_version"],
        basis=row["basis"],
        mode=Mode(row["mode"]),
        model_version=row["model_version"],
        body=row["body"],
        by=row["by"],
        at=row["at"],
        valid_until=row["valid_until"],
        number=row["id"],
    )
