"""The own history as moved limits see it: what was received, how long cases waited, on what the machine acted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from models.domain import Action, Channel, ChannelGroup
from models.policy import foretold
from models.policy.certificate import acted_on, shifted
from models.policy.foretold import Acted, Late, Linking, Pressing, Received, Waited
from models.policy.in_force import ClauseIndex
from models.policy.links import EXCESSIVE, LinkFacts
from models.policy.schema import Pack
from models.queue_tables import case_facet
from models.store import certificates
from models.store.ranking import GRAVE
from models.tables import case, decision, enforcement, message, signal, verdict

MESSAGES_AT_MOST = 50_000
WARM_UP = timedelta(days=7)
LIMITS_SPEAK_BY = "link_patterns"
"""The classifier that compares the links of a message with the limits of the pack."""
_PATTERN = {
    "limits.volume_per_day": foretold.VOLUME,
    "limits.volume_per_week": foretold.VOLUME,
    "limits.length_words_per_day": foretold.LENGTH,
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """What acting from a higher probability only would have meant on one connection and kind of channel."""

    connection_id: str
    group: ChannelGroup
    now_at: float
    acted: int
    to_person: tuple[int, ...]


def pressing(connection: Connection, before: Pack, after: Pack, field: str, since: datetime) -> Pressing:
    """Return what a moved limit of much contact would have meant since then; calls that staff log are not counted."""
    query = (
        select(message.c.id, message.c.contact_id, message.c.received_at, message.c.own_text, message.c.org)
        .add_columns(decision.c.attention, decision.c.labels, decision.c.rules)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.verified, message.c.nature == "ordinary", message.c.received_at >= since - WARM_UP)
        .order_by(message.c.received_at.desc(), message.c.id.desc())
        .limit(MESSAGES_AT_MOST)
    )
    rows = list(connection.execute(query))[::-1]
    history = (
        Received(
            row.id, row.contact_id, row.received_at, len(row.own_text.split()), row.attention, tuple(row.labels),
            tuple(row.rules), counted=row.org == before.id and row.received_at >= since,
        )
        for row in rows
    )  # fmt: skip
    return foretold.pressing(_PATTERN[field], history, before.limits, after.limits)


def linking(connection: Connection, before: Pack, after: Pack, since: datetime) -> Pressing:
    """Return what a moved limit of links would have meant since then, of the messages whose links were counted as they came."""
    query = (
        select(message.c.id, message.c.channel, message.c.detail)
        .add_columns(decision.c.links, decision.c.attention, decision.c.labels, decision.c.rules)
        .join(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.org == before.id, message.c.nature == "ordinary", decision.c.decided_at >= since)
        .order_by(decision.c.decided_at.desc(), message.c.id.desc())
        .limit(MESSAGES_AT_MOST)
    )
    rows = [row for row in list(connection.execute(query))[::-1] if row.detail["links"]]
    otherwise = _otherwise(connection, [row.id for row in rows])
    history = (
        Linking(
            row.id, row.channel == Channel.EMAIL.value, _facts(row.links), (row.links or {}).get("look_from", 1.0),
            otherwise.get(row.id, 0.0), row.attention, tuple(row.labels), tuple(row.rules),
        )
        for row in rows
    )  # fmt: skip
    return foretold.linking(history, before.limits, after.limits)


def _facts(kept: Mapping[str, Any] | None) -> LinkFacts | None:
    return LinkFacts(kept["counted"], kept["words"], kept["hiding"]) if kept else None


def _otherwise(connection: Connection, ids: Sequence[int]) -> dict[int, float]:
    """Return how strongly anything but the limits of number speaks of a message's links: the wording, or one link again and again."""
    own = (signal.c.classifier == LIMITS_SPEAK_BY) & signal.c.note.not_like("one link%")
    query = select(signal.c.message_id, func.max(signal.c.probability)).where(signal.c.label == EXCESSIVE, ~own)
    found: dict[int, float] = {}
    for at in range(0, len(ids), 500):
        some = query.where(signal.c.message_id.in_(ids[at : at + 500])).group_by(signal.c.message_id)
        found |= {row.message_id: row[1] for row in connection.execute(some)}
    return found


def late(connection: Connection, before: Pack, after: Pack, field: str, since: datetime, now: datetime) -> Late:
    """Return how many cases a moved target would have made late, or not late any more."""
    kind = field.removeprefix("targets.").removesuffix("_minutes")
    first = select(verdict.c.case_id, func.min(verdict.c.at).label("at")).group_by(verdict.c.case_id).subquery()
    query = (
        select(case.c.id, case.c.attention, case.c.opened_at, first.c.at)
        .join(first, first.c.case_id == case.c.id, isouter=True)
        .where(case.c.org == before.id, case.c.opened_at >= since, case.c.state != "joined")
        .order_by(case.c.id)
    )
    rows = list(connection.execute(query))
    grave = _grave(connection, before, [row.id for row in rows])
    kinds = {row.id: "urgent" if row.attention == 2 else "grave" if row.id in grave else "other" for row in rows}
    cases = (Waited(row.id, kinds[row.id], row.opened_at, row.at) for row in rows)
    return foretold.late(kind, cases, before.targets, after.targets, now)


def _grave(connection: Connection, pack: Pack, ids: Sequence[int]) -> set[int]:
    """Return the cases in which a grave clause stands."""
    severity = ClauseIndex.of(pack).severity
    clauses = [clause for clause, place in severity.items() if place >= GRAVE]
    query = select(case_facet.c.case_id).where(case_facet.c.kind == "clause", case_facet.c.value.in_(clauses))
    return set(connection.execute(query).scalars()) & set(ids)


def thresholds(connection: Connection, pack: Pack, at: float, since: datetime) -> list[Threshold]:
    """Return, for each connection with a certificate, what acting from `at` only would have meant since then."""
    found = []
    for kept in certificates.latest_of_each(connection):
        if kept.pack_id != pack.id:
            continue
        for name, one in kept.body["groups"].items():
            group = ChannelGroup(name)
            if one["act"]:
                history = _acted(connection, pack, kept.connection_id, group, one, since)
                acted, to_person = foretold.stricter(at, history)
                found.append(Threshold(kept.connection_id, group, one["act"], acted, to_person))
    return found


def _acted(
    connection: Connection, pack: Pack, connection_id: str, group: ChannelGroup, one: Mapping[str, Any], since: datetime
) -> list[Acted]:
    """Return the messages that the machine acted on by itself, with the highest common threshold that acts on each."""
    offset: Mapping[str, float] = one.get("offset", {})
    level: dict[int, float] = {}
    query = select(signal.c.message_id, signal.c.label, signal.c.probability).where(
        signal.c.message_id.in_(_taken(connection_id, pack.id, group, since)),
        signal.c.label.in_(_acting(pack, group)),
    )
    for hit in connection.execute(query):
        common = shifted(hit.probability, -offset.get(hit.label, 0.0))
        if common >= one["act"]:
            level[hit.message_id] = max(common, level.get(hit.message_id, 0.0))
    return [Acted(number, common) for number, common in sorted(level.items())]


def _taken(connection_id: str, org: str, group: ChannelGroup, since: datetime) -> Select[tuple[int]]:
    channels = [channel.value for channel in Channel if channel.group is group]
    return (
        select(enforcement.c.message_id)
        .join(message, message.c.id == enforcement.c.message_id)
        .where(
            message.c.connection_id == connection_id,
            message.c.org == org,
            message.c.channel.in_(channels),
            enforcement.c.verdict_id.is_(None),
            enforcement.c.wanted,
            enforcement.c.effect != Action.FILE.value,
            enforcement.c.created_at >= since,
        )
    )


def _acting(pack: Pack, group: ChannelGroup) -> list[str]:
    """Return the labels that the machine may act on and that the pack has an action for."""
    clauses = ClauseIndex.of(pack).by_label
    return [
        label
        for label in acted_on(group)
        if any(clause.automatic.get(group) for clause, _ in clauses.get((label, group), ()))
    ]
