"""Erasing messages and people for good: every row, the search index, the bytes as they came; never what somebody still waits for."""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, delete, func, or_, select, text, update

from models.domain import EnforcementState
from models.engine_tables import command, dispatch, evidence_record, manual_task
from models.formal_tables import (
    circumstance,
    contact_link,
    contact_profile,
    incident,
    letter,
    letter_wanted,
    measure,
    proposal,
)
from models.guarantee_tables import blind_draw, blind_verdict
from models.queue_tables import case_facet, case_note, handed_over
from models.store import daily, facets, outbox
from models.tables import (
    account,
    case,
    case_item,
    contact,
    decision,
    enforcement,
    evidence,
    formal_event,
    message,
    metadata,
    revision,
    rights_clock,
    signal,
    signature,
    verdict,
)

_SETTLED = (EnforcementState.CANCELLED.value, EnforcementState.REFUSED.value, EnforcementState.DEAD.value)
_OF_A_MESSAGE = (blind_verdict, blind_draw, evidence_record, rights_clock, signature, signal, decision, revision)
_FORMAL = (incident, measure, proposal, letter_wanted, circumstance, contact_link, formal_event)


class NotErasable(Exception):
    """It cannot be erased: `why` is `open` (a case waits), `held` (an effect stands), `formal` (a file rests on it), `none` (there is none)."""

    def __init__(self, why: str) -> None:
        super().__init__(f"it cannot be erased: {why}")
        self.why = why


def erase_messages(connection: Connection, ids: Sequence[int]) -> int:
    """Erase messages and all that hangs on them in the caller's transaction; return how many there were.

    A case that keeps other messages stays, found by what those bring; one that keeps none goes with its notes and verdicts.

    Raises:
        NotErasable: Somebody still has to decide, a hold could no longer be lifted, or a formal file rests on one.
    """
    wanted = list(ids)
    _free(connection, wanted)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    bodies = _bodies(connection, wanted)
    cases = set(connection.execute(select(case_item.c.case_id).where(case_item.c.message_id.in_(wanted))).scalars())
    _effects(connection, wanted)
    daily.take_out(connection, wanted)
    for table in _OF_A_MESSAGE:
        connection.execute(delete(table).where(table.c.message_id.in_(wanted)))
    connection.execute(delete(case_item).where(case_item.c.message_id.in_(wanted)))
    for case_id in sorted(cases):
        _left(connection, case_id)
    gone = connection.execute(delete(message).where(message.c.id.in_(wanted))).rowcount
    _forget(connection, bodies)
    return gone


def erase_contact(connection: Connection, contact_id: int) -> int:
    """Erase a person with all their messages and accounts; return how many messages there were.

    Raises:
        NotErasable: As `erase_messages` does, there is no such person (`none`), or a formal file about them.
    """
    if connection.execute(select(contact.c.id).where(contact.c.id == contact_id)).first() is None:
        raise NotErasable("none")
    for table in _FORMAL:
        if connection.execute(select(table.c.id).where(table.c.contact_id == contact_id).limit(1)).first():
            raise NotErasable("formal")
    if connection.execute(select(contact_link.c.id).where(contact_link.c.other_id == contact_id)).first():
        raise NotErasable("formal")
    ids = list(connection.execute(select(message.c.id).where(message.c.contact_id == contact_id)).scalars())
    gone = erase_messages(connection, ids)
    connection.execute(delete(dispatch).where(dispatch.c.contact_id == contact_id))
    for table in (handed_over, contact_profile, account):
        connection.execute(delete(table).where(table.c.contact_id == contact_id))
    connection.execute(delete(contact).where(contact.c.id == contact_id))
    return gone


def scrub(connection: Connection) -> None:
    """Take words that were erased out of the search index for good: on SQLite it is written anew, which takes a while."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO message_search(message_search) VALUES ('optimize')"))


def _free(connection: Connection, ids: list[int]) -> None:
    waits = (
        select(case.c.id)
        .join(case_item, case_item.c.case_id == case.c.id)
        .where(case_item.c.message_id.in_(ids), case.c.state.not_in(["closed", "joined"]))
    )
    stands = select(enforcement.c.id).where(
        enforcement.c.message_id.in_(ids),
        enforcement.c.wanted,
        enforcement.c.state.not_in(_SETTLED),
        ~outbox.newer().exists(),
    )
    rests = select(incident.c.id).where(incident.c.message_id.in_(ids))
    written = select(letter.c.id).where(letter.c.message_id.in_(ids))
    for why, query in (("open", waits), ("held", stands), ("formal", rests), ("formal", written)):
        if connection.execute(query.limit(1)).first() is not None:
            raise NotErasable(why)


def _bodies(connection: Connection, ids: list[int]) -> set[str]:
    """Return the hashes under which bytes of these messages are kept."""
    found: set[str] = set(connection.execute(select(message.c.raw_sha256).where(message.c.id.in_(ids))).scalars())
    found.update(connection.execute(select(revision.c.raw_sha256).where(revision.c.message_id.in_(ids))).scalars())
    kept = select(evidence_record.c.sha256).where(evidence_record.c.message_id.in_(ids))
    return found | set(connection.execute(kept).scalars())


def _effects(connection: Connection, ids: list[int]) -> None:
    acts = select(enforcement.c.id).where(enforcement.c.message_id.in_(ids))
    sent = select(dispatch.c.id).where(dispatch.c.message_id.in_(ids))
    theirs = or_(
        manual_task.c.message_id.in_(ids), manual_task.c.enforcement_id.in_(acts), manual_task.c.dispatch_id.in_(sent)
    )
    tasks = list(connection.execute(select(manual_task.c.id).where(theirs)).scalars())
    connection.execute(update(command).where(command.c.task_id.in_(tasks)).values(task_id=None))
    connection.execute(delete(manual_task).where(manual_task.c.id.in_(tasks)))
    connection.execute(delete(dispatch).where(dispatch.c.message_id.in_(ids)))
    connection.execute(delete(enforcement).where(enforcement.c.message_id.in_(ids)))


def _left(connection: Connection, case_id: int) -> None:
    """Bring a case in line with the messages it keeps, or take it away where it keeps none."""
    rest = (
        select(message.c.id, message.c.contact_id)
        .join(case_item, case_item.c.message_id == message.c.id)
        .where(case_item.c.case_id == case_id)
        .order_by(message.c.id)
    )
    items = connection.execute(rest).all()
    connection.execute(delete(case_facet).where(case_facet.c.case_id == case_id))
    for item in items:
        facets.note(connection, case_id, item.id)
    if items:
        connection.execute(
            update(case).where(case.c.id == case_id).values(contact_id=items[0].contact_id, version=case.c.version + 1)
        )
        return
    mine = select(verdict.c.id).where(verdict.c.case_id == case_id)
    connection.execute(update(enforcement).where(enforcement.c.verdict_id.in_(mine)).values(verdict_id=None))
    for table in (case_note, verdict):
        connection.execute(delete(table).where(table.c.case_id == case_id))
    connection.execute(delete(case).where(case.c.id == case_id))


def _forget(connection: Connection, bodies: set[str]) -> None:
    """Delete the bytes that no other row points to."""
    places = [message.c.raw_sha256, revision.c.raw_sha256, *_points_to_evidence()]
    for sha256 in sorted(bodies):
        uses = [select(func.count()).where(place == sha256).scalar_subquery() for place in places]
        if not any(connection.execute(select(*uses)).one()):
            connection.execute(delete(evidence).where(evidence.c.sha256 == sha256))


def _points_to_evidence() -> list[Column[str]]:
    return [
        column
        for table in metadata.sorted_tables
        for column in table.c
        if any(key.column is evidence.c.sha256 for key in column.foreign_keys) and table is not message
    ]
