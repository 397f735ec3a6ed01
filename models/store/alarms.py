"""What people must be told about the bot itself: one open alarm a subject, never twice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from models.engine_tables import alarm

ANSWER_CHARACTERS_AT_MOST = 500


def raise_one(
    connection: Connection,
    key: str,
    kind: str,
    now: datetime,
    connection_id: str | None = None,
    *,
    facts: Mapping[str, Any] | None = None,
    answer: str = "",
) -> int | None:
    """Raise an alarm in the caller's transaction; None when the same one is open already.

    `facts` are the names and numbers that the words of its kind want (`review_queue.troubles`), in no language;
    `answer` is what the other side or a program said, in its own. Neither ever holds words of a message.
    """
    key = key[:200]
    standing = select(alarm.c.id).where(alarm.c.key == key, alarm.c.cleared_at.is_(None))
    if connection.execute(standing).first() is not None:
        return None
    made = connection.execute(
        insert(alarm).values(
            key=key,
            kind=kind,
            connection_id=connection_id,
            facts=dict(facts or {}),
            answer=answer[:ANSWER_CHARACTERS_AT_MOST],
            raised_at=now,
        )
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def clear(connection: Connection, key: str, now: datetime) -> None:
    """End the alarm of `key`, if one stands."""
    connection.execute(
        update(alarm).where(alarm.c.key == key[:200], alarm.c.cleared_at.is_(None)).values(cleared_at=now)
    )


def standing(connection: Connection) -> list[Row[Any]]:
    """Return the alarms that stand, newest first."""
    query = select(alarm).where(alarm.c.cleared_at.is_(None)).order_by(alarm.c.raised_at.desc(), alarm.c.id.desc())
    return list(connection.execute(query))
