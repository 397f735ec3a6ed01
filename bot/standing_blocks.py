"""Standing blocks of a sender of mail: only while a person's restriction is in force, lifted when it ends."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from models.domain import Action, Channel, Mode, Target
from models.policy import restrictions
from models.policy.history import EventKind, RestrictionType
from models.policy.in_force import PolicyInForce
from models.session import writing
from models.store import history, outbox
from models.store.outbox import Wish
from models.tables import connection, formal_event, message

PolicyOf = Callable[[str, Mode], PolicyInForce]


def keep(engine: Engine, policy_of: PolicyOf, clock: Callable[[], datetime]) -> int:
    """Set what restrictions in force ask for and lift what none asks for any more; return how many changed.

    Where a mailbox has no rule of its own for this, the same restriction holds each message at intake.
    """
    changed = 0
    now = clock()
    with writing(engine) as database:
        for row in _mailboxes_of_restricted(database):
            wanted = _blocked(database, row, policy_of, now)
            if wanted and (row.mode != Mode.ENFORCE.value or Action.BLOCK.value not in row.can):
                continue
            wish = Wish(row.connection_id, Target("account", row.author), Action.BLOCK, wanted=wanted)
            changed += outbox.enter(database, wish, now) is not None
    return changed


def _mailboxes_of_restricted(database: Connection) -> list[Row[Any]]:
    """Return which proven address of a contact with restrictions, past or present, writes to which mailbox."""
    restricted = select(formal_event.c.contact_id).where(formal_event.c.kind == EventKind.RESTRICTION.value)
    query = (
        select(message.c.connection_id, message.c.author, message.c.contact_id, connection)
        .join(connection, connection.c.id == message.c.connection_id)
        .where(
            message.c.contact_id.in_(restricted),
            message.c.channel == Channel.EMAIL.value,
            message.c.verified,
        )
        .distinct()
    )
    return list(database.execute(query))


def _blocked(database: Connection, row: Row[Any], policy_of: PolicyOf, now: datetime) -> bool:
    view = history.view_of(database, row.contact_id, now, row.own_addresses)
    if view.standing.adjustment or view.standing.organisation_or_professional:
        return False
    standing = restrictions.in_force(view, policy_of(row.org, Mode.ENFORCE), now)
    return any(event.restriction is RestrictionType.BLOCK_CONTACT for event in standing)
