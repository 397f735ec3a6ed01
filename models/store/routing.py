"""Queues with names: who works in them, the rules that lead there, and where a case stands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update

from models.domain import Attention
from models.policy.routing import FIELDS, Facts, Rule, routed
from models.routing_tables import case_queue, queue_member, routing_rule
from models.store import agreeing, audit, cards
from models.store.agreeing import NotPossible
from models.store.rows import insert_new
from models.tables import case, decision, message, person

TRIED_ON_AT_MOST = 5_000
EXAMPLES = 5
NAME_CHARACTERS, VALUES_AT_MOST = 60, 30


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have changed: of `looked_at` messages before a person, `matched` fit it; `moved` counts (from, to)."""

    looked_at: int
    matched: int
    moved: Mapping[tuple[int | None, int | None], int]
    examples: tuple[Mapping[str, Any], ...]


def name_queue(
    connection: Connection, audit_key: bytes, org: str, name_cy: str, name_en: str, by: str, now: datetime
) -> int:
    """Name a queue, which nothing leads to yet; return its number.

    Raises:
        NotPossible: `name`: one is missing, or the organisation has a queue of that name.
    """
    names = {
        "name_cy": " ".join(name_cy.split())[:NAME_CHARACTERS],
        "name_en": " ".join(name_en.split())[:NAME_CHARACTERS],
    }
    taken = {name.casefold() for row in queues(connection, org) for name in (row["name_cy"], row["name_en"])}
    if not all(names.values()) or {name.casefold() for name in names.values()} & taken:
        raise NotPossible("name")
    made = connection.execute(insert(case_queue).values(org=org, **names, by=by, at=now))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    audit.append(connection, audit_key, now, by, "queue.name", f"queue:{number}", {"org": org})
    return number


def end_queue(connection: Connection, audit_key: bytes, number: int, by: str, now: datetime) -> None:
    """End a queue: its cases stand in the default queue again.

    Raises:
        NotPossible: `gone`, or `in_use`: a rule leads there, in force or proposed.
    """
    leads = routing_rule.c.state.in_(["proposed", "in_force"])
    if connection.execute(select(routing_rule.c.id).where(routing_rule.c.queue_id == number, leads)).first():
        raise NotPossible("in_use")
    ended = connection.execute(
        update(case_queue).where(case_queue.c.id == number, case_queue.c.ended_at.is_(None)).values(ended_at=now)
    )
    if not ended.rowcount:
        raise NotPossible("gone")
    moved = connection.execute(
        update(case).where(case.c.queue_id == number, case.c.state != "closed").values(queue_id=None, routed_by=None)
    )
    connection.execute(delete(queue_member).where(queue_member.c.queue_id == number))
    audit.append(connection, audit_key, now, by, "queue.end", f"queue:{number}", {"cases": moved.rowcount})


def set_member(
    connection: Connection, audit_key: bytes, number: int, name: str, member: bool, by: str, now: datetime
) -> None:
    """Let somebody work in a queue, or no more.

    Raises:
        NotPossible: `gone`: there is no such queue or person.
    """
    known = connection.execute(select(person.c.name).where(person.c.name == name)).first()
    if known is None or number not in {row["id"] for row in queues(connection)}:
        raise NotPossible("gone")
    if member:
        insert_new(connection, queue_member, [{"queue_id": number, "name": name}])
    else:
        connection.execute(delete(queue_member).where(queue_member.c.queue_id == number, queue_member.c.name == name))
    audit.append(connection, audit_key, now, by, "queue.member", f"queue:{number}", {"name": name, "member": member})


def queues(connection: Connection, org: str = "") -> list[Mapping[str, Any]]:
    """Return the queues that stand, of one organisation or of all, each with its `members`."""
    query = select(case_queue).where(case_queue.c.ended_at.is_(None)).order_by(case_queue.c.org, case_queue.c.id)
    rows = connection.execute(query.where(case_queue.c.org == org) if org else query).mappings()
    found = [dict(row) for row in rows]
    members: dict[int, list[str]] = {}
    for row in connection.execute(select(queue_member).order_by(queue_member.c.name)):
        members.setdefault(row.queue_id, []).append(row.name)
    return [{**row, "members": members.get(row["id"], [])} for row in found]


def of_member(connection: Connection, name: str) -> tuple[int, ...]:
    """Return the queues that somebody works in."""
    query = select(queue_member.c.queue_id).where(queue_member.c.name == name).order_by(queue_member.c.queue_id)
    return tuple(connection.execute(query).scalars())


def counts(connection: Connection) -> dict[int, int]:
    """Return how many cases stand open in each queue; 0 is the default one."""
    query = select(case.c.queue_id, func.count()).where(case.c.state == "open").group_by(case.c.queue_id)
    return {number or 0: count for number, count in connection.execute(query)}


def in_force(connection: Connection, org: str) -> list[Rule]:
    """Return the rules of an organisation that count, in order."""
    query = select(routing_rule).where(routing_rule.c.org == org, routing_rule.c.state == "in_force")
    ordered = query.order_by(routing_rule.c.position, routing_rule.c.id)
    return [rule_of(row) for row in connection.execute(ordered).mappings()]


def rule_of(row: Mapping[Any, Any]) -> Rule:
    """Return the pure rule of a row."""
    return Rule(row["queue_id"], {field: tuple(values) for field, values in row["conditions"].items()})


def checked(conditions: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return conditions in their kept form: known fields, no empty values.

    Raises:
        NotPossible: `empty`: none is left.
    """
    found = {}
    for field in FIELDS:
        values = [" ".join(value.split())[:320] for value in conditions.get(field, ())][:VALUES_AT_MOST]
        kept = tuple(dict.fromkeys(value.casefold() if field == "recipient" else value for value in values if value))
        if kept:
            found[field] = kept
    if not found:
        raise NotPossible("empty")
    return found


def propose(
    connection: Connection, audit_key: bytes, org: str, rule: Rule, position: int, why: str, by: str, now: datetime
) -> int:
    """Write a rule that waits for a second person; return its number.

    Raises:
        NotPossible: `queue`: it leads to no queue of this organisation.
    """
    if rule.queue_id not in {row["id"] for row in queues(connection, org)}:
        raise NotPossible("queue")
    values = {"org": org, "queue_id": rule.queue_id, "position": position, "why": why, "state": "proposed"}
    conditions = {field: list(found) for field, found in rule.conditions.items()}
    made = connection.execute(insert(routing_rule).values(**values, conditions=conditions, by=by, at=now))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    detail = {"org": org, "queue": rule.queue_id, "fields": sorted(conditions)}
    audit.append(connection, audit_key, now, by, "routing.propose", f"rule:{number}", detail)
    return number


def decide(connection: Connection, audit_key: bytes, number: int, approve: bool, by: str, now: datetime) -> None:
    """Agree to a rule, which then counts from the next message on at its place, or refuse it.

    Raises:
        NotPossible: `gone`, or `own`: who proposed may refuse it, never agree to it.
    """
    row = agreeing.decide(connection, routing_rule, number, approve, by, now)
    if approve:
        others = (
            (routing_rule.c.org == row["org"]) & (routing_rule.c.state == "in_force") & (routing_rule.c.id != number)
        )
        connection.execute(
            update(routing_rule)
            .where(others, routing_rule.c.position >= row["position"])
            .values(position=routing_rule.c.position + 1)
        )
    what = f"routing.{'approve' if approve else 'refuse'}"
    audit.append(connection, audit_key, now, by, what, f"rule:{number}", {})


def end(connection: Connection, audit_key: bytes, number: int, by: str, now: datetime) -> None:
    """End a rule in force: one person may, since everybody sees the default queue.

    Raises:
        NotPossible: `gone`.
    """
    agreeing.move(connection, routing_rule, number, ["in_force"], "ended", decided_by=by, decided_at=now)
    audit.append(connection, audit_key, now, by, "routing.end", f"rule:{number}", {})


def find(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """Return a rule, None when there is none."""
    return agreeing.find(connection, routing_rule, number)


def rules(connection: Connection) -> list[Mapping[str, Any]]:
    """Return what is in force or proposed, in order within each organisation."""
    query = select(routing_rule).where(routing_rule.c.state.in_(["proposed", "in_force"]))
    ordered = query.order_by(routing_rule.c.org, routing_rule.c.state, routing_rule.c.position, routing_rule.c.id)
    return [dict(row) for row in connection.execute(ordered).mappings()]


def waiting(connection: Connection) -> int:
    """Return how many rules wait for a second person."""
    query = select(func.count()).select_from(routing_rule).where(routing_rule.c.state == "proposed")
    return connection.execute(query).scalar_one()


def place(connection: Connection, case_id: int, message_id: int) -> None:
    """Lead a case that stands in no queue to the one of its message, in the caller's transaction."""
    free = select(case.c.org).where(case.c.id == case_id, case.c.queue_id.is_(None), case.c.routed_by.is_(None))
    org = connection.execute(free).scalar()
    kept = in_force(connection, org) if org is not None else []
    row = connection.execute(_decided().where(message.c.id == message_id)).mappings().first() if kept else None
    if row is not None and (number := routed(kept, _facts(row))) is not None:
        connection.execute(update(case).where(case.c.id == case_id).values(queue_id=number))


def move(connection: Connection, audit_key: bytes, case_id: int, to: int | None, by: str, now: datetime) -> None:
    """Put a case into another queue by hand; no rule moves it any more.

    Raises:
        NotPossible: `queue`: the organisation of the case has no such queue.
    """
    row = connection.execute(select(case.c.org, case.c.queue_id).where(case.c.id == case_id)).one()
    if to is not None and to not in {entry["id"] for entry in queues(connection, row.org)}:
        raise NotPossible("queue")
    connection.execute(update(case).where(case.c.id == case_id).values(queue_id=to, routed_by=by))
    audit.append(connection, audit_key, now, by, "case.queue", f"case:{case_id}", {"from": row.queue_id, "to": to})


def tried(connection: Connection, org: str, rule: Rule, position: int) -> Trial:
    """Return what a rule at `position` would have changed on the newest messages of `org` that went before a person.

    Raises:
        NotPossible: `queue`: it leads to no queue of this organisation.
    """
    if rule.queue_id not in {row["id"] for row in queues(connection, org)}:
        raise NotPossible("queue")
    query = select(routing_rule).where(routing_rule.c.org == org, routing_rule.c.state == "in_force")
    rows = list(connection.execute(query.order_by(routing_rule.c.position, routing_rule.c.id)).mappings())
    before = [rule_of(row) for row in rows]
    at = sum(row["position"] < position for row in rows)
    after = [*before[:at], rule, *before[at:]]
    moved: Counter[tuple[int | None, int | None]] = Counter()
    examples: list[Mapping[str, Any]] = []
    looked_at = matched = 0
    for row in _history(connection, org):
        looked_at += 1
        facts = _facts(row)
        matched += rule.fits(facts)
        was, now = routed(before, facts), routed(after, facts)
        if was != now:
            moved[was, now] += 1
            if len(examples) < EXAMPLES:
                shown = ("id", "author", "own_text", "lang", "channel")
                examples.append({**{name: row[name] for name in shown}, "from": was, "to": now})
    return Trial(looked_at, matched, moved, cards.with_signals(connection, examples))


def _history(connection: Connection, org: str) -> Iterator[Mapping[str, Any]]:
    seen = or_(decision.c.attention > Attention.DELIVER.value, decision.c.handling != "deliver")
    query = _decided().where(message.c.org == org, seen).order_by(message.c.id.desc()).limit(TRIED_ON_AT_MOST)
    yield from (dict(row) for row in connection.execute(query).mappings())


def _decided() -> Select[Any]:
    return select(message, decision.c.labels, decision.c.clauses, decision.c.rules).join(
        decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision)
    )


def _facts(row: Mapping[Any, Any]) -> Facts:
    detail = row["detail"]
    return Facts(
        channel=row["channel"],
        connection=row["connection_id"],
        labels=frozenset(row["labels"]),
        clauses=frozenset(row["clauses"]),
        lang=row["lang"] or "",
        recipients=frozenset(address.casefold() for address in (*detail["to"], *detail["cc"])),
        lists=frozenset(name.removeprefix("list_") for name in row["rules"] if name.startswith("list_")),
    )
