"""The blind sample: what was drawn, what readers who saw neither score nor proposal said, and how far they agree."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import sqrt
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from models.guarantee_tables import blind_draw, blind_verdict
from models.store import audit
from models.store.rows import insert_new
from models.tables import case_item, message, verdict

_Z = 1.96


class Stratum(StrEnum):
    """What the machine meant to do with a message that was drawn."""

    ACTION = "action"
    DELIVERY = "delivery"


class Judgement(StrEnum):
    """What a reader says of a message: fit to be acted on, legitimate, or not to be told."""

    HARMFUL = "harmful"
    LEGITIMATE = "legitimate"
    UNSURE = "unsure"


class AlreadyJudged(Exception):
    """This reader has judged this message before."""


class NotDrawn(LookupError):
    """The message is not in the sample."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One message drawn: `probability` is that with which it was, `second` asks for another reader."""

    stratum: Stratum
    probability: float
    second: bool
    act_at: float | None
    model_version: str
    pack_id: str
    pack_version: str
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class BlindItem:
    """What a blind reader sees: the words and where they came in, neither score nor proposal nor stratum."""

    message_id: int
    channel: str
    org: str
    lang: str | None
    received_at: datetime
    subject: str | None
    own_text: str
    quoted_text: str
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sampled:
    """One judged draw. Where readers differ the one who says legitimate is believed."""

    message_id: int
    contact_id: int
    draw: Draw
    judgement: Judgement
    channel: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cohen's kappa of first and second readers with its 95 % interval; None where it cannot be told."""

    n: int
    same: int
    kappa: float | None
    low: float | None
    high: float | None


def keep(connection: Connection, row: Mapping[str, Any], draw: Draw) -> None:
    """Keep a draw; a message that is drawn already stays as it was drawn."""
    values = {
        "message_id": row["id"],
        "connection_id": row["connection_id"],
        "contact_id": row["contact_id"],
        "revision": row["revision"],
        "stratum": draw.stratum.value,
        "probability": draw.probability,
        "second": draw.second,
        "act_at": draw.act_at,
        "model_version": draw.model_version,
        "pack_id": draw.pack_id,
        "pack_version": draw.pack_version,
        "drawn_at": draw.drawn_at,
    }
    insert_new(connection, blind_draw, [values])


def next_for(connection: Connection, reader: str) -> BlindItem | None:
    """Return the longest waiting message that `reader` may judge blindly, None where there is none.

    Whoever judged it already, or gave a verdict on its case, is not blind to it any more.
    """
    mine = select(blind_verdict.c.message_id).where(blind_verdict.c.by == reader)
    seen = (
        select(case_item.c.message_id)
        .join(verdict, verdict.c.case_id == case_item.c.case_id)
        .where(verdict.c.by == reader)
    )
    number = blind_draw.c.message_id
    first = select(number).where(_open(), number.not_in(mine), number.not_in(seen))
    found = connection.execute(first.order_by(blind_draw.c.drawn_at, number).limit(1)).scalar()
    row = connection.execute(select(message).where(message.c.id == found)).mappings().first()
    return None if row is None else _item(dict(row))


def _open() -> Any:
    """The condition that a draw still wants a reader: its first, or the second that was drawn for it."""
    judged = (
        select(func.count()).select_from(blind_verdict).where(blind_verdict.c.message_id == blind_draw.c.message_id)
    ).scalar_subquery()
    return (judged == 0) | ((judged == 1) & blind_draw.c.second)


def _item(row: Mapping[str, Any]) -> BlindItem:
    return BlindItem(
        message_id=row["id"],
        channel=row["channel"],
        org=row["org"],
        lang=row["lang"],
        received_at=row["received_at"],
        subject=row["subject"],
        own_text=row["own_text"],
        quoted_text=row["quoted_text"],
        attachments=tuple(entry["name"] for entry in row["detail"]["attachments"]),
    )


def waiting(connection: Connection) -> int:
    """Return how many draws still want a reader."""
    return connection.execute(select(func.count()).select_from(blind_draw).where(_open())).scalar_one()


def record(
    connection: Connection, audit_key: bytes, message_id: int, judgement: Judgement, by: str, at: datetime
) -> None:
    """Write a reader's judgement with its audit event in the caller's transaction.

    Raises:
        AlreadyJudged: The same reader judged it before.
        NotDrawn: The message is not in the sample.
    """
    if connection.execute(select(blind_draw.c.message_id).where(blind_draw.c.message_id == message_id)).first() is None:
        raise NotDrawn(f"message {message_id} is not in the blind sample")
    try:
        with connection.begin_nested():
            connection.execute(
                insert(blind_verdict).values(message_id=message_id, judgement=judgement.value, by=by, at=at)
            )
    except IntegrityError as error:
        raise AlreadyJudged(f"{by} has judged message {message_id} already") from error
    audit.append(connection, audit_key, at, by, "blind.judged", f"message:{message_id}", {"judgement": judgement.value})


def sampled(connection: Connection, connection_id: str, since: datetime) -> list[Sampled]:
    """Return the judged draws of a connection, oldest first."""
    judgements = _judgements(connection)
    query = (
        select(blind_draw, message.c.channel, message.c.lang)
        .join(message, message.c.id == blind_draw.c.message_id)
        .where(
            blind_draw.c.connection_id == connection_id,
            blind_draw.c.drawn_at >= since,
            blind_draw.c.revision == message.c.revision,
        )
        .order_by(blind_draw.c.drawn_at, blind_draw.c.message_id)
    )
    return [
        Sampled(
            row["message_id"],
            row["contact_id"],
            _draw(dict(row)),
            max(judgements[row["message_id"]], key=lambda one: one is Judgement.LEGITIMATE),
            row["channel"],
            row["lang"],
        )
        for row in connection.execute(query).mappings()
        if row["message_id"] in judgements
    ]


def _draw(row: Mapping[str, Any]) -> Draw:
    return Draw(
        stratum=Stratum(row["stratum"]),
        probability=row["probability"],
        second=row["second"],
        act_at=row["act_at"],
        model_version=row["model_version"],
        pack_id=row["pack_id"],
        pack_version=row["pack_version"],
        drawn_at=row["drawn_at"],
    )


def _judgements(connection: Connection) -> dict[int, list[Judgement]]:
    found: dict[int, list[Judgement]] = defaultdict(list)
    for row in connection.execute(select(blind_verdict).order_by(blind_verdict.c.id)):
        found[row.message_id].append(Judgement(row.judgement))
    return found


def drawn_contacts(connection: Connection) -> set[int]:
    """Return the contacts that have a message in the sample: they certify, so they never train."""
    return set(connection.execute(select(blind_draw.c.contact_id).distinct()).scalars())


def agreement(connection: Connection) -> Agreement:
    """Return how far first and second readers agree beyond chance."""
    return kappa([(both[0], both[1]) for both in _judgements(connection).values() if len(both) > 1])


def kappa(pairs: Sequence[tuple[Judgement, Judgement]]) -> Agreement:
    """Return Cohen's kappa with its interval by the large-sample standard error.

    Source: Cohen 1960, A coefficient of agreement for nominal scales.
    """
    n, same = len(pairs), sum(first is second for first, second in pairs)
    if not n:
        return Agreement(0, 0, None, None, None)
    share = same / n
    chance = sum(
        sum(first is one for first, _ in pairs) * sum(second is one for _, second in pairs) for one in Judgement
    ) / (n * n)
    if chance >= 1.0:
        return Agreement(n, same, None, None, None)
    value = (share - chance) / (1 - chance)
    spread = _Z * sqrt(share * (1 - share) / n) / (1 - chance)
    return Agreement(n, same, value, max(-1.0, value - spread), min(1.0, value + spread))
