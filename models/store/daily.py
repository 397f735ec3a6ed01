"""Decisions counted by day as they are written, so that a year is told without a look at every message."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from models.desk_tables import decided_day
from models.tables import decision, message

CAMPAIGN = "duplicate.campaign"
Key = tuple[str, str, str, str, str]
"""Day (UTC), organisation, kind (channel, lang, clause or campaign), value, handling."""
_LATEST = (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many decisions: `days` by kind, day and handling, `values` by kind, value and handling."""

    days: Mapping[tuple[str, str, str], int]
    values: Mapping[tuple[str, str, str], int]


def count(connection: Connection, message_id: int, revision: int) -> None:
    """Count the decision on a revision of a message, in place of the one on the revision before it."""
    mine = decision.c.message_id == message_id
    older = decision.alias("older")
    before = select(func.max(older.c.revision)).where(older.c.message_id == message_id, older.c.revision < revision)
    changes = _counted(connection, mine & (decision.c.revision == revision))
    if revision > 1:
        changes.subtract(_counted(connection, mine & (decision.c.revision == before.scalar_subquery())))
    _write(connection, changes)


def take_out(connection: Connection, message_ids: Collection[int]) -> None:
    """Take messages that are erased out of the counts."""
    other = decision.alias("other")
    newest = select(func.max(other.c.revision)).where(other.c.message_id == message.c.id)
    mine = message.c.id.in_(list(message_ids)) & (decision.c.revision == newest.scalar_subquery())
    _write(connection, Counter({key: -number for key, number in _counted(connection, mine).items()}))
    connection.execute(delete(decided_day).where(decided_day.c.count <= 0))


def recount(connection: Connection) -> None:
    """Count everything anew."""
    connection.execute(delete(decided_day))
    rows = [dict(zip(_NAMES, (*key, number), strict=True)) for key, number in _counted(connection, _LATEST).items()]
    if rows:
        connection.execute(insert(decided_day), rows)


def tally(connection: Connection, since: datetime, org: str) -> Tally:
    """Return the counts from `since` on: whole days from what was counted, the rest of the first day from its decisions."""
    first = since.astimezone(UTC)
    following = datetime.combine(first.date() + timedelta(days=1), time(), UTC)
    rest = _LATEST & (decision.c.decided_at >= since) & (decision.c.decided_at < following)
    days, values = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for (day, _, kind, value, handling), number in _counted(connection, rest & _of(message.c.org, org)).items():
        days[kind, day, handling] += number
        values[kind, value, handling] += number
    table = decided_day.c
    for counts, kinds, column in (
        (days, ("channel", "campaign"), table.day),
        (values, ("channel", "lang", "clause"), table.value),
    ):
        by = (table.kind, column, table.handling)
        query = select(*by, func.sum(table.count)).where(table.kind.in_(kinds), table.day > first.date().isoformat())
        for kind, name, handling, number in connection.execute(query.where(_of(table.org, org)).group_by(*by)):
            counts[kind, name, handling] += int(number)
    return Tally(+days, +values)


def _of(column: Any, org: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column == org if org else column.is_not(None)
    return found


_NAMES = ("day", "org", "kind", "value", "handling", "count")


def _counted(connection: Connection, which: ColumnElement[bool]) -> Counter[Key]:
    query: Select[Any] = (
        select(decision.c.decided_at, message.c.org, message.c.channel, decision.c.handling)
        .add_columns(decision.c.clauses, decision.c.labels, func.coalesce(decision.c.lang, message.c.lang, ""))
        .join(message, message.c.id == decision.c.message_id)
        .where(which)
    )
    found: Counter[Key] = Counter()
    for at, org, channel, handling, clauses, labels, lang in connection.execute(query):
        day = at.astimezone(UTC).date().isoformat()
        found[day, org, "channel", channel, handling] += 1
        found[day, org, "lang", lang, handling] += 1
        for clause in clauses:
            found[day, org, "clause", clause, handling] += 1
        if CAMPAIGN in labels:
            found[day, org, "campaign", "", handling] += 1
    return found


def _write(connection: Connection, changes: Mapping[Key, int]) -> None:
    rows = [dict(zip(_NAMES, (*key, number), strict=True)) for key, number in changes.items() if number]
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    made = dialect.insert(decided_day)
    added = {"count": decided_day.c.count + made.excluded.count}
    connection.execute(made.on_conflict_do_update(index_elements=list(decided_day.primary_key), set_=added), rows)
