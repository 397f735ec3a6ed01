"""Which cases are never decided with others at once, and why: each of them needs a person who reads it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from models.domain import Attention, Nature
from models.formal_tables import measure
from models.labels import RIGHTS
from models.tables import case, case_item, contact, decision, message, signal

FAINT = 0.2
"""Already a faint sign of a risk to life or of a right is enough: whoever is in doubt reads the case."""
REASONS = (
    "urgent", "signal", "adjustment", "professional", "restricted", "campaign", "unread", "state", "second", "assigned", "held",
)  # fmt: skip


def why(connection: Connection, case_ids: Sequence[int], name: str, now: datetime) -> dict[int, str]:
    """Return, for those of `case_ids` that `name` may not decide with others, the gravest of `REASONS`.

    `unread`: a classifier did not answer, or nobody can read the message but a person; `state`: not open any more;
    `second`, `assigned`, `held`: a colleague has it.
    """
    found: dict[int, str] = {}
    ids = list(case_ids)
    asked: list[tuple[str, Iterable[int]]] = [
        ("urgent", _cases(connection, ids, case.c.attention >= Attention.URGENT.value)),
        ("signal", _signalled(connection, ids)),
        ("adjustment", _of_contacts(connection, ids, contact.c.adjustment)),
        ("professional", _of_contacts(connection, ids, contact.c.professional)),
        ("restricted", _restricted(connection, ids)),
        ("campaign", _cases(connection, ids, case.c.campaign)),
        ("unread", _unread(connection, ids)),
        ("state", _cases(connection, ids, case.c.state != "open")),
        ("second", _cases(connection, ids, case.c.second_by.is_not(None))),
        ("assigned", _cases(connection, ids, and_(case.c.assigned_to.is_not(None), case.c.assigned_to != name))),
        ("held", _cases(connection, ids, and_(case.c.claimed_until > now, case.c.claimed_by != name))),
    ]
    for reason, cases in asked:
        for case_id in cases:
            found.setdefault(case_id, reason)
    return found


def _cases(connection: Connection, ids: list[int], asked: ColumnElement[bool]) -> list[int]:
    return list(connection.execute(select(case.c.id).where(case.c.id.in_(ids), asked)).scalars())


def _signalled(connection: Connection, ids: list[int]) -> list[int]:
    """Return the cases in which anything speaks of a risk to life, a need, or a right."""
    kept = or_(signal.c.label.like("welfare.%"), signal.c.label.in_(RIGHTS))
    query = (
        select(case_item.c.case_id)
        .join(signal, signal.c.message_id == case_item.c.message_id)
        .where(case_item.c.case_id.in_(ids), kept, signal.c.probability >= FAINT)
    )
    return list(connection.execute(query.distinct()).scalars())


def _of_contacts(connection: Connection, ids: list[int], asked: ColumnElement[bool]) -> list[int]:
    query = (
        select(case_item.c.case_id)
        .join(message, message.c.id == case_item.c.message_id)
        .join(contact, contact.c.id == message.c.contact_id)
        .where(case_item.c.case_id.in_(ids), asked)
    )
    return list(connection.execute(query.distinct()).scalars())


def _restricted(connection: Connection, ids: list[int]) -> list[int]:
    under = select(measure.c.contact_id).where(measure.c.kind == "restriction", measure.c.state == "standing")
    return _of_contacts(connection, ids, contact.c.id.in_(under))


def _unread(connection: Connection, ids: list[int]) -> list[int]:
    query = (
        select(case_item.c.case_id, decision.c.missing, message.c.nature, message.c.decided, message.c.revision)
        .join(message, message.c.id == case_item.c.message_id)
        .join(
            decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.decided), isouter=True
        )
        .where(case_item.c.case_id.in_(ids))
    )
    return [
        row.case_id
        for row in connection.execute(query)
        if row.missing is None or row.missing or row.nature == Nature.OPAQUE.value or row.decided < row.revision
    ]
