"""The lists that staff keep: proposed by one, agreed by another, tried on the own history before, and in force until they end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select

from models.desk_tables import list_entry
from models.domain import Action, Attention, Channel, Decision, MessageKey, Mode, Reason, Signal
from models.policy import lists
from models.policy.lists import Entry, Kind, Matches
from models.store import agreeing, audit, cards
from models.store.agreeing import NotPossible
from models.store.rows import message_of
from models.tables import decision, message

TRIED_ON_AT_MOST = 5000
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """What an entry would have changed on the own history: of `looked_at` messages `matched`, and how."""

    looked_at: int
    matched: int
    unchanged: int
    delivered: int
    to_person: int
    released: int
    examples: tuple[Mapping[str, Any], ...]


def checked(kind: str, matches: str, value: str) -> tuple[Kind, Matches, str]:
    """Return an entry's parts in their kept form.

    Raises:
        NotPossible: `kind`, `short`, `sender` or `professional_sender`.
    """
    if kind not in set(Kind) or matches not in set(Matches):
        raise NotPossible("kind")
    text = " ".join(value.split())[:320]
    if matches == Matches.PHRASE and len(lists.plain(text)) < lists.PHRASE_CHARACTERS_AT_LEAST:
        raise NotPossible("short")
    if matches == Matches.PHRASE and kind == Kind.PROFESSIONAL:
        raise NotPossible("professional_sender")
    if matches == Matches.SENDER:
        text = text.casefold()
        if not text.strip("@") or " " in text or (text.startswith("@") and "." not in text):
            raise NotPossible("sender")
    return Kind(kind), Matches(matches), text


def propose(
    connection: Connection,
    audit_key: bytes,
    kind: Kind,
    matches: Matches,
    value: str,
    org: str,
    by: str,
    now: datetime,
    *,
    why: str,
    connection_id: str | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Write an entry that waits for a second person; return its number."""
    parts = {"kind": kind.value, "matches": matches.value, "value": value, "org": org, "connection_id": connection_id}
    made = connection.execute(
        insert(list_entry).values(**parts, why=why, state="proposed", by=by, at=now, expires_at=expires_at)
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    detail = {"kind": kind.value, "matches": matches.value, "org": org}
    audit.append(connection, audit_key, now, by, "list.propose", f"list:{number}", detail)
    return number


def decide(connection: Connection, audit_key: bytes, number: int, approve: bool, by: str, now: datetime) -> None:
    """Agree to an entry, or refuse it.

    Raises:
        NotPossible: `gone`, or `own`: who proposed may refuse it, never agree to it.
    """
    agreeing.decide(connection, list_entry, number, approve, by, now)
    audit.append(connection, audit_key, now, by, f"list.{'approve' if approve else 'refuse'}", f"list:{number}", {})


def end(connection: Connection, audit_key: bytes, number: int, by: str, now: datetime) -> None:
    """End an entry in force: one person may, since it only gives messages back to the ordinary course.

    Raises:
        NotPossible: `gone`.
    """
    agreeing.move(connection, list_entry, number, ["in_force"], "ended", decided_by=by, decided_at=now)
    audit.append(connection, audit_key, now, by, "list.end", f"list:{number}", {})


def listed(connection: Connection, now: datetime) -> list[Mapping[str, Any]]:
    """Return what is proposed or in force, what waits first."""
    living = or_(list_entry.c.expires_at.is_(None), list_entry.c.expires_at > now)
    query = select(list_entry).where(list_entry.c.state.in_(["proposed", "in_force"]), living)
    rows = connection.execute(query.order_by(list_entry.c.state.desc(), list_entry.c.id.desc())).mappings()
    return [dict(row) for row in rows]


def find(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """Return an entry, None when there is none."""
    return agreeing.find(connection, list_entry, number)


def in_force(connection: Connection, now: datetime) -> dict[str, tuple[Entry, ...]]:
    """Return the entries that count now, by organisation."""
    living = or_(list_entry.c.expires_at.is_(None), list_entry.c.expires_at > now)
    query = select(list_entry).where(list_entry.c.state == "in_force", living).order_by(list_entry.c.id)
    found: dict[str, list[Entry]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["org"], []).append(entry_of(row))
    return {org: tuple(entries) for org, entries in found.items()}


def entry_of(row: Mapping[Any, Any]) -> Entry:
    """Return the pure entry of a row."""
    return Entry(Kind(row["kind"]), Matches(row["matches"]), row["value"], row["connection_id"])


def tried(connection: Connection, entry: Entry, org: str) -> Trial:
    """Return what `entry` would have changed on the newest messages of `org`, decided as they were."""
    counts = {"unchanged": 0, "delivered": 0, "to_person": 0, "released": 0}
    examples: list[Mapping[str, Any]] = []
    looked_at = 0
    for row in _history(connection, org):
        looked_at += 1
        item = message_of(row)
        if not entry.fits(item):
            continue
        before = _as_decided(row)
        offered = lists.offered_for(Channel(row["channel"]).group)
        after = lists.applied(before, item, row["labels"], offered, (entry,))
        what = _difference(before, after)
        counts[what] += 1
        if len(examples) < EXAMPLES:
            examples.append({**{name: row[name] for name in ("id", "author", "own_text", "lang")}, "change": what,
                             "before": before.handling.value, "after": after.handling.value})  # fmt: skip
    return Trial(looked_at, sum(counts.values()), **counts, examples=cards.with_signals(connection, examples))


def _difference(before: Decision, after: Decision) -> str:
    if after.attention < before.attention:
        return "delivered"
    if after.attention > before.attention:
        return "to_person"
    return "released" if before.actions and not after.actions else "unchanged"


def _history(connection: Connection, org: str) -> Iterator[Mapping[str, Any]]:
    columns = [column for column in decision.c if column.name not in {"id", "message_id", "revision"}]
    query = (
        select(message, *columns)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.org == org)
        .order_by(message.c.id.desc())
        .limit(TRIED_ON_AT_MOST)
    )
    yield from (dict(row) for row in connection.execute(query).mappings())


def _as_decided(row: Mapping[str, Any]) -> Decision:
    signals = tuple(Signal(label, 1.0, "history", "0") for label in row["labels"])
    return Decision(
        key=MessageKey(row["connection_id"], row["native_id"]),
        attention=Attention(row["attention"]),
        actions=_actions(row["actions"]),
        proposed=_actions(row["proposed"]),
        clauses=tuple(row["clauses"]),
        signals=signals,
        why=Reason(row["why_en"], row["why_cy"]),
        pack_id=row["pack_id"],
        pack_version=row["pack_version"],
        mode=Mode(row["mode"]),
        certificate_id=row["certificate_id"],
        decided_at=row["decided_at"],
        provisional_until=row["provisional_until"],
        rules=tuple(row["rules"]),
    )


def _actions(names: Sequence[str]) -> tuple[Action, ...]:
    return tuple(Action(name) for name in names)


def waiting(connection: Connection) -> int:
    """Return how many entries wait for a second person."""
    query = select(func.count()).select_from(list_entry).where(list_entry.c.state == "proposed")
    return connection.execute(query).scalar_one()
