"""Standing blocks of a sender, by mail or on a platform: only while a person's restriction is in force, lifted when it ends."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, union

from models.domain import Action, Channel, ChannelGroup, Mode, Target
from models.formal_tables import measure
from models.policy import restrictions
from models.policy.history import EventKind, FormalEvent, RestrictionType
from models.policy.in_force import PolicyInForce
from models.session import writing
from models.store import history, outbox
from models.store.outbox import Wish
from models.tables import connection, enforcement, formal_event, message

_BLOCKING = [channel for channel in Channel if channel.group is not ChannelGroup.LOGGED]
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
            if not wanted and not _placed_here(database, wish):
                continue
            changed += outbox.enter(database, wish, now) is not None
    return changed


def _mailboxes_of_restricted(database: Connection) -> list[Row[Any]]:
    """Return which proven address of a contact with restrictions, past or present, writes to which mailbox."""
    restricted = union(
        select(formal_event.c.contact_id).where(formal_event.c.kind == EventKind.RESTRICTION.value),
        select(measure.c.contact_id).where(measure.c.kind == "restriction"),
    )
    writers = (
        select(message.c.connection_id, message.c.author, message.c.contact_id, message.c.channel)
        .where(
            message.c.contact_id.in_(restricted),
            message.c.channel.in_([channel.value for channel in _BLOCKING]),
            message.c.verified,
        )
        .distinct()
        .subquery()
    )
    query = select(writers, connection).join(connection, connection.c.id == writers.c.connection_id)
    return list(database.execute(query.order_by(writers.c.connection_id, writers.c.author)))


def _blocked(database: Connection, row: Row[Any], policy_of: PolicyOf, now: datetime) -> bool:
    policy = policy_of(row.org, Mode.ENFORCE)
    view = history.view_of(database, row.contact_id, now, row.own_addresses, policy.pack)
    if view.standing.adjustment or view.standing.organisation_or_professional:
        return False
    return any(
        event.restriction is RestrictionType.BLOCK_CONTACT and _covers(event, Channel(row.channel))
        for event in restrictions.in_force(view, policy, now)
    )


def _covers(event: FormalEvent, channel: Channel) -> bool:
    """True when a blocking restriction speaks of a channel; one that names none blocks mail."""
    return channel in event.closed_channels if event.closed_channels else channel is Channel.EMAIL


def _placed_here(database: Connection, wish: Wish) -> bool:
    """True when the latest block of an account was a standing one: what a person's verdict placed is not lifted here."""
    query = (
        select(enforcement.c.wanted, enforcement.c.verdict_id, enforcement.c.message_id)
        .where(
            enforcement.c.connection_id == wish.connection_id,
            enforcement.c.target_kind == wish.target.kind,
            enforcement.c.target_id == wish.target.native_id,
            enforcement.c.effect == wish.effect.value,
        )
        .order_by(enforcement.c.generation.desc())
        .limit(1)
    )
    last = database.execute(query).first()
    return last is not None and last.wanted and last.verdict_id is None and last.message_id is None
