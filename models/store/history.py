"""Builds the history that a decision may look at from what is stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from models.domain import ACTION_ORDER, Action, Attention, Channel, EnforcementState
from models.formal_tables import measure
from models.measures.enforced import events_of
from models.policy.history import EventKind, FormalEvent, HistoryView, PastMessage, RestrictionType, Standing
from models.policy.ladder import hardest
from models.policy.schema import Pack
from models.store.formal.files import dossier_of
from models.tables import case, contact, decision, enforcement, formal_event, message, signal

MESSAGES_AT_MOST = 400
YEARS_BACK_DAYS = 800
ALONGSIDE_AT_MOST, ALONGSIDE_HOURS = 60, 24


def view_of(
    connection: Connection, contact_id: int, now: datetime, own_addresses: Sequence[str], pack: Pack | None = None
) -> HistoryView:
    """Return the history of a contact: decided messages of proven origin, oldest first, and formal events.

    With `pack`, the measures that its organisation has taken stand among the events.
    """
    query = (
        select(message, decision.c.attention, decision.c.actions)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(
            message.c.contact_id == contact_id,
            message.c.verified,
            message.c.nature == "ordinary",
            message.c.received_at >= now - timedelta(days=YEARS_BACK_DAYS),
        )
        .order_by(message.c.received_at.desc(), message.c.id.desc())
        .limit(MESSAGES_AT_MOST)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()][::-1]
    return HistoryView(
        messages=past_messages(connection, rows),
        events=events_about(connection, contact_id, pack),
        standing=_standing(connection, contact_id),
        own_addresses=tuple(own_addresses),
    )


def past_messages(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> tuple[PastMessage, ...]:
    """Return message rows (with `attention` and `actions`) as the detectors need them."""
    found: dict[int, dict[str, float]] = defaultdict(dict)
    ids = [row["id"] for row in rows]
    for hit in connection.execute(select(signal).where(signal.c.message_id.in_(ids))) if ids else ():
        found[hit.message_id][hit.label] = max(hit.probability, found[hit.message_id].get(hit.label, 0.0))
    return tuple(_past(row, found[row["id"]]) for row in rows)


def _past(row: Mapping[str, Any], signals: Mapping[str, float]) -> PastMessage:
    detail = row["detail"]
    return PastMessage(
        native_id=row["native_id"],
        at=row["received_at"],
        channel=Channel(row["channel"]),
        author=row["author"],
        own_text=row["own_text"],
        subject=row["subject"] or "",
        to=tuple(detail["to"]),
        cc=tuple(detail["cc"]),
        attachments=tuple(entry["name"] for entry in detail["attachments"]),
        signals=signals,
        attention=Attention(row["attention"]),
        actions=tuple(Action(name) for name in row["actions"]),
    )


def events_about(connection: Connection, contact_id: int, pack: Pack | None) -> tuple[FormalEvent, ...]:
    """Return the formal events about a contact, and with `pack` what its organisation's measures mean for the bot."""
    return _events(connection, contact_id) + _measures(connection, contact_id, pack)


def _events(connection: Connection, contact_id: int) -> tuple[FormalEvent, ...]:
    query = select(formal_event).where(formal_event.c.contact_id == contact_id).order_by(formal_event.c.at)
    return tuple(_event(dict(row)) for row in connection.execute(query).mappings())


def _measures(connection: Connection, contact_id: int, pack: Pack | None) -> tuple[FormalEvent, ...]:
    """Return what the formal side means for the bot; most people have no measures, and cost one look."""
    if pack is None:
        return ()
    mine = select(measure.c.id).where(measure.c.contact_id == contact_id, measure.c.org == pack.id).limit(1)
    if connection.execute(mine).first() is None:
        return ()
    return events_of(dossier_of(connection, contact_id, pack.id), pack)


def _event(row: Mapping[str, Any]) -> FormalEvent:
    detail = row["detail"]
    until, restriction, channel = detail.get("until"), detail.get("restriction"), detail.get("channel")
    return FormalEvent(
        kind=EventKind(row["kind"]),
        at=row["at"],
        text=detail.get("text", ""),
        channel=None if channel is None else Channel(channel),
        restriction=None if restriction is None else RestrictionType(restriction),
        until=None if until is None else datetime.fromisoformat(until),
        matter=detail.get("matter", ""),
        max_items=detail.get("max_items"),
        per_days=detail.get("per_days"),
        weekdays=tuple(detail.get("weekdays", ())),
        open_channels=tuple(Channel(name) for name in detail.get("open_channels", ())),
        closed_channels=tuple(Channel(name) for name in detail.get("closed_channels", ())),
    )


def event_detail(event: FormalEvent) -> dict[str, Any]:
    """Return what is stored of an event besides its kind and time."""
    return {
        "text": event.text,
        "channel": event.channel,
        "restriction": event.restriction,
        "until": None if event.until is None else event.until.isoformat(),
        "matter": event.matter,
        "max_items": event.max_items,
        "per_days": event.per_days,
        "weekdays": list(event.weekdays),
        "open_channels": list(event.open_channels),
        "closed_channels": list(event.closed_channels),
    }


def _standing(connection: Connection, contact_id: int) -> Standing:
    row = connection.execute(select(contact).where(contact.c.id == contact_id)).one()
    urgent = select(case.c.id).where(
        case.c.contact_id == contact_id, case.c.state == "open", case.c.attention == Attention.URGENT.value
    )
    return Standing(
        row.adjustment, row.professional, connection.execute(urgent).first() is not None, _rung(connection, contact_id)
    )


def _rung(connection: Connection, contact_id: int) -> Action | None:
    """Return the hardest effect on a platform that was brought about about this contact and not undone."""
    newest = (
        select(enforcement.c.effect, enforcement.c.wanted, enforcement.c.target_id)
        .join(message, message.c.id == enforcement.c.message_id)
        .where(
            message.c.contact_id == contact_id,
            message.c.channel != Channel.EMAIL.value,
            enforcement.c.state.in_([EnforcementState.DONE.value, EnforcementState.ALREADY_DONE.value]),
        )
        .order_by(enforcement.c.generation)
    )
    last = {(row.effect, row.target_id): row.wanted for row in connection.execute(newest)}
    return hardest(ACTION_ORDER, {Action(effect) for (effect, _), wanted in last.items() if wanted})


def others_of(connection: Connection, message_ids: Iterable[int]) -> tuple[PastMessage, ...]:
    """Return the messages of `message_ids` as look-alikes of other authors, oldest first."""
    query = (
        select(message, decision.c.attention, decision.c.actions)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.id.in_(list(message_ids)))
        .order_by(message.c.received_at, message.c.id)
    )
    return past_messages(connection, [dict(row) for row in connection.execute(query).mappings()])


def alongside_of(connection: Connection, org: str, contact_id: int, at: datetime) -> tuple[str, ...]:
    """Return what others wrote to `org` in the day before `at`, of the messages decided last, oldest first."""
    last = select(decision.c.message_id).order_by(decision.c.decided_at.desc()).limit(ALONGSIDE_AT_MOST).subquery()
    query = (
        select(message.c.own_text)
        .join(last, last.c.message_id == message.c.id)
        .where(
            message.c.org == org,
            message.c.contact_id != contact_id,
            message.c.nature == "ordinary",
            message.c.received_at.between(at - timedelta(hours=ALONGSIDE_HOURS), at),
        )
        .order_by(message.c.received_at, message.c.id)
    )
    return tuple(connection.execute(query).scalars())
