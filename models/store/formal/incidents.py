"""Incidents: proposed by decisions or written by hand, counted only once a person has upheld them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from models.domain import Attention, Decision, Message, Nature
from models.formal_tables import incident, measure
from models.labels import LABELS, Stance
from models.measures import authority, deadlines, permits
from models.measures.permits import reason
from models.measures.refusals import refusal
from models.measures.steps import MACHINE, Incident, IncidentState, Police
from models.policy.schema import Clause, Pack, Severity
from models.store.formal import letters, notices
from models.store.formal.codec import dumped, loaded
from models.store.formal.desk import Desk, StepRefused
from models.store.formal.sealed import seal
from models.store.rows import insert_new

SPAM = frozenset({"spam", "spam.phishing", "spam.invoice_fraud", "links.excessive", "duplicate.campaign"})
"""Whoever sends nothing else is no customer: there is nobody to ask, warn or restrict."""
_PROTECTED = (Stance.PROTECTIVE, Stance.MITIGATING)


def clauses_against(pack: Pack, cited: Sequence[str]) -> tuple[str, ...]:
    """Return the clauses that speak of conduct: welfare and rights are never held against anybody."""
    by_id = {clause.id: clause for clause in pack.clauses}
    return tuple(name for name in cited if name in by_id and _conduct(by_id[name]))


def _conduct(clause: Clause) -> bool:
    heard = [LABELS[match.label] for match in clause.signals]
    return any(stance not in _PROTECTED for stance in heard) if heard else "logged" in clause.kind


def zero_tolerance(pack: Pack, clauses: Sequence[str]) -> bool:
    """True when one of the clauses is of zero tolerance."""
    return any(clause.severity is Severity.ZERO_TOLERANCE for clause in pack.clauses if clause.id in clauses)


def propose(
    connection: Connection, pack: Pack, message: Message, message_id: int, contact_id: int, decision: Decision
) -> None:
    """Propose an incident from a decision that a person must look at; it counts for nothing yet.

    Only of an ordinary message of proven origin: nobody is held to what another wrote in their name. What is
    nothing but spam is not conduct of a customer.
    """
    clauses = clauses_against(pack, decision.clauses)
    ordinary = message.nature is Nature.ORDINARY and message.author.verified
    only_spam = bool(decision.signals) and all(signal.label in SPAM for signal in decision.signals)
    if not clauses or not ordinary or only_spam or decision.attention is Attention.DELIVER:
        return
    found = Incident(
        incident_id=0,
        at=message.received_at,
        channel=message.channel,
        clauses=clauses,
        what="",
        reported_by=MACHINE,
        zero_tolerance=zero_tolerance(pack, clauses),
        message_id=message_id,
    )
    row = {
        "contact_id": contact_id,
        "org": pack.id,
        "at": message.received_at,
        "state": IncidentState.PROPOSED.value,
        "message_id": message_id,
        "detail": dumped(found),
    }
    insert_new(connection, incident, [row])


def report(desk: Desk, contact_id: int, draft: Incident) -> int:
    """Write down what a member of staff saw: a call, a visit, a meeting, a letter. It is upheld apart from that.

    Raises:
        StepRefused: It does not say what happened or by which clauses, or lies ahead.
    """
    clauses = {clause.id for clause in desk.pack.clauses}
    found = reason(draft.what)
    found += [] if draft.clauses else [refusal("clause_missing")]
    found += [refusal("clause_unknown", what=name) for name in draft.clauses if name not in clauses]
    if (draft.terminated_call or draft.staff) and not draft.manager.strip():
        found.append(refusal("manager_missing", desk.pack.checklist.incident_form))
    if draft.at > desk.now or authority.role_of(desk.pack, desk.officer.role) is None:
        found.append(refusal("state"))
    if found:
        raise StepRefused(found)
    draft = replace(
        draft,
        state=IncidentState.PROPOSED,
        decided=None,
        reported_by=desk.officer.name,
        zero_tolerance=zero_tolerance(desk.pack, draft.clauses),
    )
    made = desk.database.execute(
        insert(incident).values(
            contact_id=contact_id,
            org=desk.pack.id,
            at=draft.at,
            state=draft.state.value,
            message_id=draft.message_id,
            detail=dumped(draft),
        )
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    seal(desk.database, desk.key, desk.now, desk.officer.name, "incident.reported", incident, number)
    if draft.manager:
        today = deadlines.london_day(desk.now)
        notices.tell(
            desk.database, desk.pack.id, "incident_report", f"incident:{number}", draft.manager[:40], today, desk.now
        )
    return number


def uphold(
    desk: Desk,
    number: int,
    why: str = "",
    clauses: Sequence[str] = (),
    police: Police | None = None,
    manager: str = "",
    danger: bool = False,
) -> None:
    """Uphold an incident: from now on it counts, and clocks that roll from the last incident move.

    Raises:
        StepRefused: It is not open, or the policy wants something answered first.
    """
    found = _proposed(desk, number)
    kept = tuple(clauses) or found.clauses
    upheld = replace(
        found,
        clauses=kept,
        zero_tolerance=zero_tolerance(desk.pack, kept),
        police=police or found.police,
        manager=manager or found.manager,
        danger=danger or found.danger,
        why=why,
    )
    ruling = permits.upholding(desk.pack, desk.officer, upheld)
    if not ruling.permitted:
        raise StepRefused(ruling.refusals)
    upheld = replace(upheld, state=IncidentState.UPHELD, decided=desk.taken)
    _decide(desk, number, upheld)
    _move_clocks(desk, number)


def dismiss(desk: Desk, number: int, why: str) -> None:
    """Dismiss an incident: it counts against nobody.

    Raises:
        StepRefused: It is not open, or there is no reason.
    """
    found = _proposed(desk, number)
    if missing := reason(why):
        raise StepRefused(missing)
    _decide(desk, number, replace(found, state=IncidentState.DISMISSED, decided=desk.taken, why=why))


def _proposed(desk: Desk, number: int) -> Incident:
    query = select(incident).where(incident.c.id == number, incident.c.org == desk.pack.id)
    row = desk.database.execute(query).mappings().first()
    if row is None or row["state"] != IncidentState.PROPOSED.value:
        raise StepRefused([refusal("state")])
    step: Incident = loaded("incident", row)
    return step


def _decide(desk: Desk, number: int, decided: Incident) -> None:
    values = {"state": decided.state.value, "detail": dumped(decided)}
    desk.database.execute(update(incident).where(incident.c.id == number).values(**values))
    what = f"incident.{decided.state.value}"
    seal(desk.database, desk.key, desk.now, desk.officer.name, what, incident, number, clauses=list(decided.clauses))


def _move_clocks(desk: Desk, number: int) -> None:
    """Let the rolling restrictions of the person end later where the incident fell while they stood."""
    contact_id = desk.database.execute(select(incident.c.contact_id).where(incident.c.id == number)).scalar_one()
    file = desk.file(contact_id)
    for current in file.standing():
        if not deadlines.rolls(current, desk.pack.clocks):
            continue
        end = deadlines.ends_at(current, file.incidents, desk.pack)
        moved = deadlines.with_dates(current, file.incidents, desk.pack, desk.calendar)
        kept = select(measure.c.ends_at).where(measure.c.id == current.restriction_id)
        if desk.database.execute(kept).scalar_one() != end:
            desk.change(moved, "restriction.rolled", file)
            letters.want(
                desk.database, desk.key, contact_id, desk.pack.id, current.restriction_id, "extended",
                desk.officer.name, desk.now,
            )  # fmt: skip


def open_ones(connection: Connection, org: str, limit: int = 100) -> list[tuple[int, Incident]]:
    """Return the proposed incidents with their contacts, newest first."""
    query = select(incident).where(incident.c.org == org, incident.c.state == IncidentState.PROPOSED.value)
    rows = connection.execute(query.order_by(incident.c.at.desc()).limit(limit)).mappings()
    return [(row["contact_id"], loaded("incident", row)) for row in rows]


def since(connection: Connection, org: str, start: datetime) -> int:
    """Return how many incidents were upheld since `start`."""
    query = select(incident.c.id).where(incident.c.org == org, incident.c.state == "upheld", incident.c.at >= start)
    return len(list(connection.execute(query)))
