"""What follows for the outbox from the notes of a mailbox connector: a hold that stands already, a word of staff."""

from datetime import datetime

from sqlalchemy import Connection

from models.domain import Action, Decision, Message, Target
from models.mail_notes import BLOCKED, INTAKE_NOTE, NOT_ABUSE, STAFF_NOTE
from models.store import evidence, outbox
from models.store.outbox import Wish


def settle(connection: Connection, message: Message, message_id: int, final: Decision, now: datetime) -> None:
    """Give back what the mailbox held and the decision does not, and lift the machine's hold of what staff call no abuse.

    A hold of the mailbox that the decision upholds stands in the outbox like any other: it is read back, counted and
    can be undone.
    """
    if message.header(INTAKE_NOTE) == BLOCKED and Action.QUARANTINE not in final.actions:
        evidence.keep(connection, message_id, now)
        for wanted in (True, False):
            target = outbox.target_of(message, Action.QUARANTINE)
            wish = Wish(message.key.connection_id, target, Action.QUARANTINE, wanted=wanted, message_id=message_id)
            outbox.enter(connection, wish, now)
    if message.header(STAFF_NOTE) == NOT_ABUSE:
        for row in outbox.in_force_for(connection, [message_id]):
            if row.verdict_id is None and row.provisional_until is not None:
                place = Target(row.target_kind, row.target_id)
                back = Wish(row.connection_id, place, Action(row.effect), wanted=False, message_id=message_id)
                outbox.enter(connection, back, now)
