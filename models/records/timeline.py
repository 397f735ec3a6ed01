"""A person's file as one line of time: messages, what was done with them, incidents, steps, letters and what was recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models.formal_tables import letter_wanted
from models.measures.dossier import Dossier
from models.policy.schema import Pack
from models.store.cards import signals_of
from models.store.formal.files import dossier_of
from models.tables import decision, enforcement, message

SHOWN_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a message, whole, with the signals that show which of them are harsh."""

    text: str
    signals: tuple[Mapping[str, Any], ...]
    lang: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing at its time. `kind` is looked up in the catalogue; `link` leads to the original, if there is one.

    `code` names the channel of a message, the effect that was brought about or the kind of a letter; `state` how far
    the effect has come; `said` what a message says, of which at most `SHOWN_CHARACTERS` are shown.
    """

    at: datetime
    kind: str
    text: str = ""
    by: str = ""
    link: str = ""
    code: str = ""
    state: str = ""
    said: Said | None = None


def timeline(
    database: Connection, pack: Pack, contact_id: int, language: str, readable: frozenset[int]
) -> list[Moment]:
    """Return everything about a person in an organisation, newest first; needs only where they are `readable`."""
    file = dossier_of(database, contact_id, pack.id)
    found = [
        *_messages(database, file, language),
        *_held(database, file),
        *_steps(file, pack, language),
        *_records(file, readable),
        *_letters(database, file),
    ]
    return sorted(found, key=lambda moment: (moment.at, moment.kind), reverse=True)


def _messages(database: Connection, file: Dossier, language: str) -> Iterator[Moment]:
    query = (
        select(message.c.id, message.c.own_text, message.c.received_at, message.c.author, message.c.channel)
        .add_columns(message.c.lang, decision.c.why_en, decision.c.why_cy)
        .outerjoin(decision, (decision.c.message_id == message.c.id) & (decision.c.revision == message.c.revision))
        .where(message.c.contact_id == file.contact_id, message.c.org == file.org)
    )
    rows = database.execute(query).all()
    signals = signals_of(database, [row.id for row in rows])
    for row in rows:
        said = Said(row.own_text, signals.get(row.id, ()), row.lang or "")
        why = (row.why_cy if language == "cy" else row.why_en) or ""
        yield Moment(row.received_at, "message", why, row.author, f"/message/{row.id}/raw", row.channel, said=said)


def _held(database: Connection, file: Dossier) -> Iterator[Moment]:
    query = (
        select(enforcement)
        .join(message, message.c.id == enforcement.c.message_id)
        .where(message.c.contact_id == file.contact_id, message.c.org == file.org)
    )
    for row in database.execute(query):
        kind = "done" if row.wanted else "undone"
        link = f"/message/{row.message_id}/raw"
        yield Moment(row.ended_at or row.created_at, kind, link=link, code=row.effect, state=row.state)


def _steps(file: Dossier, pack: Pack, language: str) -> Iterator[Moment]:
    texts = {measure.id: getattr(measure.text, language) for measure in pack.measures}
    clauses = {clause.id: f"{clause.id} {getattr(clause.text, language)}" for clause in pack.clauses}
    for incident in file.incidents:
        broken = "; ".join(clauses.get(clause, clause) for clause in incident.clauses)
        yield Moment(incident.at, f"incident_{incident.state.value}", broken, incident.reported_by)
    for ask in file.asks:
        yield Moment(ask.taken.at, "ask", ask.why, ask.taken.by.name)
    for warning in file.warnings:
        yield Moment(warning.taken.at, "warning", warning.why, warning.taken.by.name)
    for found in file.restrictions:
        measures = "; ".join(texts.get(terms.measure, terms.measure) for terms in found.measures)
        yield Moment(found.taken.at, "restriction", f"{found.restriction_id}: {measures}", found.taken.by.name)
        if found.ended is not None:
            yield Moment(found.ended.at, "end", f"{found.restriction_id}: {found.ended.why}", found.ended.by)
    for review in file.reviews:
        yield Moment(review.taken.at, "review", f"{review.restriction_id}: {review.why}", review.taken.by.name)
    for appeal in file.appeals:
        yield Moment(appeal.lodged_at, "appeal_received", appeal.grounds)
        if appeal.heard is not None:
            yield Moment(appeal.heard.at, "appeal_outcome", appeal.why, appeal.heard.by.name)


def _records(file: Dossier, readable: frozenset[int]) -> Iterator[Moment]:
    for referral in file.referrals:
        yield Moment(referral.taken.at, "referral", referral.case_ref, referral.taken.by.name)
        if referral.advised_at is not None:
            yield Moment(referral.advised_at, "advice", referral.recommendation, referral.advised_by)
    for record in file.records:
        told = f"{record.told}: {record.why}" if record.told else record.why
        yield Moment(record.told_at or record.taken.at, f"record_{record.kind.value}", told, record.taken.by.name)
    for need in file.circumstances:
        text = need.text if need.circumstance_id in readable else ""
        yield Moment(need.at, "need", text, need.by)
        if need.ended_at is not None:
            yield Moment(need.ended_at, "need_ended", need.ended_why if need.circumstance_id in readable else "")


def _letters(database: Connection, file: Dossier) -> Iterator[Moment]:
    mine = (letter_wanted.c.contact_id == file.contact_id) & (letter_wanted.c.org == file.org)
    for row in database.execute(select(letter_wanted).where(mine)):
        yield Moment(row.wanted_at, "letter_wanted", by=row.wanted_by, code=row.kind)
        if row.sent_at is not None:
            yield Moment(row.sent_at, "letter_sent", by=row.reference or "", code=row.kind)
