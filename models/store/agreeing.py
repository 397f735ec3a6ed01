"""A second pair of eyes: what one person proposed counts once another agreed; whoever proposed may refuse it, never agree."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, update


class NotPossible(Exception):
    """A step that cannot be taken; `code` says why: `gone` and `own` here, others where something is made."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def find(connection: Connection, table: Table, number: int) -> Mapping[str, Any] | None:
    """Return what stands under a number, None when there is nothing."""
    row = connection.execute(select(table).where(table.c.id == number)).mappings().first()
    return None if row is None else dict(row)


def decide(
    connection: Connection, table: Table, number: int, approve: bool, by: str, now: datetime, agreed: str = "in_force"
) -> Mapping[str, Any]:
    """Move a proposal to `agreed`, or refuse it; return it as it was proposed.

    Raises:
        NotPossible: `gone`, or `own`: who proposed may refuse it, never agree to it.
    """
    row = find(connection, table, number)
    if row is None or row["state"] != "proposed":
        raise NotPossible("gone")
    if approve and row["by"] == by:
        raise NotPossible("own")
    move(connection, table, number, ["proposed"], agreed if approve else "refused", decided_by=by, decided_at=now)
    return row


def move(connection: Connection, table: Table, number: int, before: Sequence[str], after: str, **values: Any) -> None:
    """Move a row from one of the states `before` to `after`.

    Raises:
        NotPossible: `gone`: it stands in none of them, or somebody was quicker.
    """
    mine = (table.c.id == number) & table.c.state.in_(before)
    if not connection.execute(update(table).where(mine).values(state=after, **values)).rowcount:
        raise NotPossible("gone")
