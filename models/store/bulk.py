"""One verdict for all cases of a search: frozen as proposed, approved by another person, given in small batches, undone whole."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from models.bulk_tables import bulk, bulk_item
from models.domain import Action, VerdictKind
from models.store import agreeing, audit, cases, spared
from models.store.agreeing import NotPossible
from models.store.cases import CaseMoved
from models.tables import case, contact, verdict

BATCH = 25
LISTED = 50
LIVING = ("proposed", "running", "undoing")


@dataclass(frozen=True, slots=True)
class Item:
    """What one case of the set would get: the case as it stands at `version`, and the verdict on it."""

    case_id: int
    version: int
    kind: VerdictKind
    actions: tuple[Action, ...]


def seal(items: Sequence[Item]) -> str:
    """Return a digest of a set, so that what is proposed is what was looked at."""
    parts = sorted((item.case_id, item.version, item.kind.value, *(a.value for a in item.actions)) for item in items)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def propose(
    connection: Connection,
    audit_key: bytes,
    given: str,
    query: str,
    why: str,
    items: Sequence[Item],
    left_out: Mapping[str, int],
    by: str,
    now: datetime,
) -> int:
    """Freeze a set with its verdicts, which then waits for a second person; return its number.

    Raises:
        NotPossible: `empty`.
    """
    if not items:
        raise NotPossible("empty")
    values = {"verdict": given, "query": query, "why": why, "left_out": dict(left_out), "state": "proposed"}
    made = connection.execute(insert(bulk).values(**values, by=by, at=now))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    rows = [
        {
            "bulk_id": number,
            "case_id": item.case_id,
            "version": item.version,
            "kind": item.kind.value,
            "actions": [action.value for action in item.actions],
            "state": "waiting",
            "why": "",
        }
        for item in items
    ]
    connection.execute(insert(bulk_item), rows)
    detail = {"verdict": given, "cases": len(items), "left_out": sum(left_out.values()), "set": seal(items)}
    audit.append(connection, audit_key, now, by, "bulk.propose", f"bulk:{number}", detail)
    return number


def decide(connection: Connection, audit_key: bytes, number: int, approve: bool, by: str, now: datetime) -> None:
    """Approve exactly the frozen set, which is then carried out, or refuse it.

    Raises:
        NotPossible: `gone`, or `own`: who proposed may refuse it, never approve it.
    """
    agreeing.decide(connection, bulk, number, approve, by, now, agreed="running")
    what = f"bulk.{'approve' if approve else 'refuse'}"
    audit.append(
        connection, audit_key, now, by, what, f"bulk:{number}", {"cases": sum(progress(connection, number).values())}
    )


def stop(connection: Connection, audit_key: bytes, number: int, by: str, now: datetime) -> None:
    """Stop what is being carried out: cases that wait are left alone, those decided stay decided.

    Raises:
        NotPossible: `gone`.
    """
    agreeing.move(connection, bulk, number, ["running"], "stopped", ended_at=now)
    left = connection.execute(
        update(bulk_item)
        .where(bulk_item.c.bulk_id == number, bulk_item.c.state == "waiting")
        .values(state="left", why="stopped")
    )
    audit.append(connection, audit_key, now, by, "bulk.stop", f"bulk:{number}", {"left": left.rowcount})


def undo(connection: Connection, audit_key: bytes, number: int, by: str, now: datetime) -> None:
    """Have the whole of it undone, case by case, as a single verdict is.

    Raises:
        NotPossible: `gone`.
    """
    agreeing.move(connection, bulk, number, ["done", "stopped"], "undoing", undone_by=by, undone_at=now)
    done = progress(connection, number).get("done", 0)
    audit.append(connection, audit_key, now, by, "bulk.undo", f"bulk:{number}", {"cases": done})


def carry_on(connection: Connection, audit_key: bytes, now: datetime) -> int:
    """Carry out the next small batch of the oldest set that was approved or is being undone; return how many cases."""
    query = select(bulk).where(bulk.c.state.in_(["running", "undoing"])).order_by(bulk.c.id).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return 0
    waits = "waiting" if row.state == "running" else "done"
    batch = list(
        connection.execute(
            select(bulk_item)
            .where(bulk_item.c.bulk_id == row.id, bulk_item.c.state == waits)
            .order_by(bulk_item.c.case_id)
            .limit(BATCH)
        )
    )
    if not batch:
        after = "done" if row.state == "running" else "undone"
        mine = (bulk.c.id == row.id) & (bulk.c.state == row.state)
        connection.execute(update(bulk).where(mine).values(state=after, ended_at=now))
        return 0
    one: Callable[..., str] = _give if row.state == "running" else _take_back
    kept_out = spared.why(connection, [item.case_id for item in batch], row.by, now) if row.state == "running" else {}
    said = Counter(one(connection, audit_key, row, item, kept_out, now) for item in batch)
    by = row.by if row.state == "running" else row.undone_by
    detail = {"from": batch[0].case_id, "to": batch[-1].case_id, **said}
    audit.append(
        connection,
        audit_key,
        now,
        by,
        f"bulk.{'batch' if waits == 'waiting' else 'undo_batch'}",
        f"bulk:{row.id}",
        detail,
    )
    return len(batch)


def _give(
    connection: Connection, key: bytes, row: Row[Any], item: Row[Any], kept_out: Mapping[int, str], now: datetime
) -> str:
    """Give one case its verdict if it still stands as it was shown; return the item's new state."""
    state, why, made = "left", kept_out.get(item.case_id, ""), None
    if not why:
        actions = [Action(name) for name in item.actions]
        try:
            kind = VerdictKind(item.kind)
            made = cases.record_verdict(
                connection, key, item.case_id, item.version, kind, actions, row.by, now, row.why
            )
            state = "done"
        except CaseMoved:
            why = "moved"
    _note(connection, item, state, why, verdict_id=made)
    return state


def _take_back(
    connection: Connection, key: bytes, row: Row[Any], item: Row[Any], _: Mapping[int, str], now: datetime
) -> str:
    """Undo one verdict unless somebody has decided the case again since; return the item's new state."""
    last = select(verdict.c.id).where(verdict.c.case_id == item.case_id).order_by(verdict.c.id.desc()).limit(1)
    if connection.execute(last).scalar() != item.verdict_id:
        _note(connection, item, "kept", "moved")
        return "kept"
    version = connection.execute(select(case.c.version).where(case.c.id == item.case_id)).scalar_one()
    made = cases.record_verdict(connection, key, item.case_id, version, VerdictKind.UNDO, (), row.undone_by, now)
    _note(connection, item, "undone", "", undo_id=made)
    return "undone"


def _note(connection: Connection, item: Row[Any], state: str, why: str, **values: Any) -> None:
    mine = (bulk_item.c.bulk_id == item.bulk_id) & (bulk_item.c.case_id == item.case_id)
    connection.execute(update(bulk_item).where(mine).values(state=state, why=why, **values))


def find(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """Return what was proposed under a number, None when there is nothing."""
    return agreeing.find(connection, bulk, number)


def items(connection: Connection, number: int) -> list[Mapping[str, Any]]:
    """Return the cases of a set, each as it was proposed, with whose it is and its version now."""
    query = (
        select(bulk_item, case.c.version.label("version_now"), case.c.state.label("case_state"), contact.c.name)
        .join(case, case.c.id == bulk_item.c.case_id)
        .join(contact, contact.c.id == case.c.contact_id)
        .where(bulk_item.c.bulk_id == number)
        .order_by(bulk_item.c.case_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def progress(connection: Connection, number: int) -> dict[str, int]:
    """Return how many cases of a set stand in which state."""
    query = select(bulk_item.c.state, func.count()).where(bulk_item.c.bulk_id == number).group_by(bulk_item.c.state)
    return {state: count for state, count in connection.execute(query)}  # noqa: C416 - rows, not pairs


def listed(connection: Connection) -> list[Mapping[str, Any]]:
    """Return the newest sets, each with how many cases stand where."""
    query = select(bulk).order_by(bulk.c.id.desc()).limit(LISTED)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return [{**row, "progress": progress(connection, row["id"])} for row in rows]


def of_case(connection: Connection, case_id: int) -> list[int]:
    """Return the sets that decided a case or wait to."""
    query = select(bulk_item.c.bulk_id).join(bulk, bulk.c.id == bulk_item.c.bulk_id)
    mine = query.where(bulk_item.c.case_id == case_id, bulk_item.c.state != "left", bulk.c.state != "refused")
    return list(connection.execute(mine.order_by(bulk_item.c.bulk_id)).scalars())


def waiting(connection: Connection) -> int:
    """Return how many sets wait for a second person."""
    query = select(func.count()).select_from(bulk).where(bulk.c.state == "proposed")
    return connection.execute(query).scalar_one()
