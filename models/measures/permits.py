"""May this step be taken? Every refusal at once, or to whom it goes as a proposal: the machine refuses what the policy forbids."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.measures import authority, deadlines, ladder, restricting
from models.measures.authority import TooLow
from models.measures.dossier import Dossier
from models.measures.refusals import Refusal, refusal
from models.measures.steps import (
    OPEN_TO_ALL,
    Appeal,
    AppealOutcome,
    Ask,
    Circumstance,
    FormalWarning,
    Incident,
    IncidentState,
    Officer,
    Record,
    RecordKind,
    Referral,
    Restriction,
    Review,
    ReviewOutcome,
)
from models.policy.schema import Pack


@dataclass(frozen=True, slots=True)
class Ruling:
    """What stands in the way of a step: nothing, refusals, or only somebody's grade."""

    refusals: tuple[Refusal, ...] = ()
    goes_to: TooLow | None = None

    @property
    def permitted(self) -> bool:
        """True when the step may be taken by this person now."""
        return not self.refusals and self.goes_to is None

    @property
    def proposal(self) -> bool:
        """True when the step is in order but for somebody of a higher grade."""
        return not self.refusals and self.goes_to is not None


def ruled(refusals: Iterable[Refusal], *grades: Refusal | TooLow | None) -> Ruling:
    """Gather refusals and what authority said: the highest grade asked for is the one it goes to."""
    found = [*refusals, *(grade for grade in grades if isinstance(grade, Refusal))]
    above = [grade for grade in grades if isinstance(grade, TooLow)]
    return Ruling(tuple(dict.fromkeys(found)), max(above, key=lambda grade: grade.role.rank, default=None))


def reason(text: str) -> list[Refusal]:
    """Return the refusal of a step without its reason."""
    return [] if text.strip() else [refusal("reason_missing")]


def resting_on(dossier: Dossier, ids: tuple[int, ...]) -> list[Refusal]:
    """Return what is wrong with the incidents a step rests on: there are some, and people upheld them all."""
    found = dossier.incidents_of(ids)
    if not ids or len(found) != len(set(ids)):
        return [refusal("no_incident")]
    return [refusal("not_upheld", number=i.incident_id) for i in found if not i.upheld]


def asking(dossier: Dossier, pack: Pack, officer: Officer, draft: Ask) -> Ruling:
    """Rule on asking a person to change their conduct."""
    found = [*resting_on(dossier, draft.incident_ids), *reason(draft.why)]
    return ruled(found, authority.may(pack, officer, "ask"))


def warning(dossier: Dossier, pack: Pack, officer: Officer, draft: FormalWarning) -> Ruling:
    """Rule on a warning."""
    found = [*resting_on(dossier, draft.incident_ids), *reason(draft.why)]
    if not found:
        found += ladder.before_warning(dossier, dossier.incidents_of(draft.incident_ids), pack)
    return ruled(found, authority.may(pack, officer, "warn"))


def restriction(dossier: Dossier, pack: Pack, officer: Officer, draft: Restriction, now: datetime) -> Ruling:
    """Rule on managing contact. `draft` has its dates (see `deadlines.with_dates`)."""
    found = [*resting_on(dossier, draft.incident_ids), *reason(draft.why)]
    if not found:
        found += restricting.ladder_of(dossier, pack, draft, now)
    found += restricting.measures_of(pack, draft)
    found += restricting.dates_of(pack, draft, dossier, now)
    found += restricting.weighed(dossier, pack, draft)
    lines = restricting.last_line(dossier, pack, draft, now)
    found += lines.refusals
    closes_all = not dossier.left_open(pack, draft, now)
    decisions = authority.decisions_of(pack, dossier, draft, closes_all)
    grades = [authority.may(pack, officer, decision) for decision in decisions]
    grades.append(restricting.may_override(pack, officer) if closes_all and lines.overridden else None)
    return ruled(found, *grades)


def reviewing(dossier: Dossier, pack: Pack, officer: Officer, draft: Review, now: datetime) -> Ruling:
    """Rule on a review: what goes on or is changed has a next review in time and leaves a line open."""
    found, current = reason(draft.why), dossier.restriction(draft.restriction_id)
    if current is None:
        return ruled([refusal("no_such_restriction")])
    if current.ended is not None:
        return ruled([refusal("already_ended")])
    grades: list[Refusal | TooLow | None] = [authority.may(pack, officer, "review_decision")]
    if draft.outcome is not ReviewOutcome.END:
        changed = restricting.reviewed(current, draft, pack)
        found += restricting.measures_of(pack, changed) if draft.outcome is ReviewOutcome.VARY else []
        found += restricting.review_date(changed, pack, now)
        found += restricting.weighed_circumstances(dossier, pack, changed)
        lines = restricting.last_line(dossier, pack, changed, now, but=current.restriction_id)
        found += lines.refusals
        closes_all = not dossier.left_open(pack, changed, now, but=current.restriction_id)
        named = authority.decisions_of(pack, dossier, changed, closes_all)
        grades += [authority.may(pack, officer, name) for name in named if name != "formally_manage"]
        grades.append(restricting.may_override(pack, officer) if closes_all and lines.overridden else None)
    return ruled(found, *grades)


def appealing(dossier: Dossier, pack: Pack, draft: Appeal) -> Ruling:
    """Rule on lodging an appeal: a late one is taken in all the same, and marked."""
    clause = pack.appeal.clause
    if not pack.appeal.exists:
        return ruled([refusal("no_appeal", clause)])
    if dossier.restriction(draft.restriction_id) is None:
        return ruled([refusal("no_such_restriction", clause)])
    if dossier.open_appeal(draft.restriction_id) is not None:
        return ruled([refusal("appeal_open", clause)])
    decided = [a.heard.at for a in dossier.appeals if a.restriction_id == draft.restriction_id and a.heard is not None]
    reviewed = [r.taken.at for r in dossier.reviews if r.restriction_id == draft.restriction_id]
    if decided and not any(at > max(decided) for at in reviewed):
        return ruled([refusal("appeal_decided", clause)])
    return ruled([])


def hearing(dossier: Dossier, pack: Pack, officer: Officer, draft: Appeal, now: datetime) -> Ruling:
    """Rule on deciding an appeal: by somebody who took no part, with reasons, and leaving a line open."""
    current = dossier.restriction(draft.restriction_id)
    known = dossier.open_appeal(draft.restriction_id)
    if current is None or known is None or known.appeal_id != draft.appeal_id:
        return ruled([refusal("no_open_appeal", pack.appeal.clause)])
    found = reason(draft.why)
    if known.late and draft.outcome is not AppealOutcome.DISMISSED and not draft.late_why.strip():
        found.append(refusal("late_reason", pack.appeal.clause))
    if draft.outcome is AppealOutcome.VARIED:
        changed = restricting.with_measures(current, draft.measures)
        found += restricting.measures_of(pack, changed)
        found += restricting.last_line(dossier, pack, changed, now, but=current.restriction_id, plain=True).refusals
    grade = authority.may_hear(pack, officer, dossier, known, current)
    if known.outside:
        grade = authority.may(pack, officer, "formally_manage")
    return ruled(found, grade)


def upholding(pack: Pack, officer: Officer, incident: Incident) -> Ruling:
    """Rule on upholding an incident: clauses named, the manager told of what was done to staff, the police answered."""
    known = {clause.id for clause in pack.clauses}
    found = [] if incident.clauses else [refusal("clause_missing")]
    found += [refusal("clause_unknown", what=name) for name in incident.clauses if name not in known]
    if incident.state is not IncidentState.PROPOSED:
        found.append(refusal("state"))
    if (
        incident.zero_tolerance
        and pack.ladder.police_clause
        and (incident.police is None or not incident.police.note.strip())
    ):
        found.append(refusal("police", pack.ladder.police_clause))
    if (incident.terminated_call or incident.staff) and not incident.manager.strip():
        found.append(refusal("manager_missing", pack.checklist.incident_form))
    found += [] if authority.role_of(pack, officer.role) is not None else [refusal("too_low", role="")]
    return ruled(found)


def referring(dossier: Dossier, pack: Pack, officer: Officer, draft: Referral) -> Ruling:
    """Rule on asking the advice group, on its form."""
    if pack.referral is None:
        return ruled([refusal("no_referral")])
    found = [refusal("referral_open", pack.referral.clause)] if dossier.open_referral() is not None else []
    empty = [
        name
        for name in ("case_ref", "case_owner", "reason", "action_so_far", "needs")
        if not getattr(draft, name).strip()
    ]
    if empty:
        found.append(refusal("form_incomplete", pack.referral.clause, fields=", ".join(empty)))
    return ruled(found, authority.may(pack, officer, pack.referral.decision))


def recording(pack: Pack, officer: Officer, draft: Record) -> Ruling:
    """Rule on recording a decision not to act, to except, not to register or not to reply."""
    found = reason(draft.why)
    if draft.kind in {RecordKind.NOT_REPLY, RecordKind.READ_AGAIN} and not draft.checked_for_new:
        found.append(refusal("look_first"))
    if draft.kind is RecordKind.WELFARE and (not draft.told.strip() or draft.told_at is None):
        found.append(refusal("told_missing"))
    if draft.told_at is not None and draft.told_at > draft.taken.at:
        found.append(refusal("told_ahead"))
    if draft.kind in OPEN_TO_ALL and authority.role_of(pack, officer.role) is not None:
        return ruled(found)
    return ruled(found, authority.may(pack, officer, "record"))


def declining(pack: Pack, officer: Officer, circumstance: Circumstance, why: str) -> Ruling:
    """Rule on declining an adjustment: of one that was asked for only after specialist advice."""
    found = reason(why)
    if circumstance.requested and not circumstance.advice.strip():
        found.append(refusal("advice_first", pack.checklist.circumstances))
    return ruled(found, authority.may(pack, officer, "formally_manage"))


def resuming(dossier: Dossier, pack: Pack, officer: Officer, restriction_id: int, why: str, now: datetime) -> Ruling:
    """Rule on letting a resting restriction hold again: a line must be open with it."""
    found, current = reason(why), dossier.restriction(restriction_id)
    if current is None or current.suspended_at is None or current.ended is not None:
        return ruled([refusal("not_resting")])
    found += restricting.last_line(dossier, pack, current, now, but=restriction_id).refusals
    return ruled(found, authority.may(pack, officer, "review_decision"))


def joined_lines(pack: Pack, joined: Dossier, now: datetime) -> Ruling:
    """Rule on joining two contacts, `joined` being their dossiers taken together."""
    standing = [r for r in joined.standing() if not deadlines.run_out(r, joined.incidents, pack, now)]
    closing = [r for r in standing if not r.override_why.strip()]
    if not closing or joined.left_open(pack, closing[-1], now, but=closing[-1].restriction_id):
        return ruled([])
    return ruled([refusal("join_closes", pack.last_line.clause)])
