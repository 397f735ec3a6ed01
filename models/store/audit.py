"""The audit trail: append-only, each event chained to the one before by a keyed digest."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select

from models.tables import audit_event

FIRST = "0" * 64


def append(
    connection: Connection, key: bytes, at: datetime, by: str, what: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Add an event within the caller's transaction. `detail` holds ids and kinds, never text of a message."""
    last = connection.execute(
        select(audit_event.c.number, audit_event.c.digest).order_by(audit_event.c.number.desc()).limit(1)
    ).first()
    number, previous = (1, FIRST) if last is None else (last.number + 1, last.digest)
    row = {"number": number, "at": at, "by": by, "what": what, "subject": subject, "detail": dict(detail)}
    digest = _digest(key, previous, row)
    connection.execute(insert(audit_event).values(**row, previous=previous, digest=digest))


def verify(connection: Connection, key: bytes) -> tuple[int, int | None]:
    """Return how many events there are and the number of the first one that does not fit, if any."""
    count = connection.execute(select(func.count()).select_from(audit_event)).scalar_one()
    previous, expected = FIRST, 1
    for found in connection.execute(select(audit_event).order_by(audit_event.c.number)).mappings():
        row = dict(found)
        fits = (
            row["number"] == expected and row["previous"] == previous and row["digest"] == _digest(key, previous, row)
        )
        if not fits:
            return count, row["number"]
        previous, expected = row["digest"], expected + 1
    return count, None


def _digest(key: bytes, previous: str, row: Mapping[str, Any]) -> str:
    fields = [previous, row["number"], row["at"].isoformat(), row["by"], row["what"], row["subject"], row["detail"]]
    return hmac.new(key, orjson.dumps(fields, option=orjson.OPT_SORT_KEYS), hashlib.sha256).hexdigest()
