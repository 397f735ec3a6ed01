"""Who may take which decision: the pack's matrix as roles, stand-ins with a reason, and who must step aside."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.measures.dossier import Dossier
from models.measures.refusals import Refusal, refusal
from models.measures.steps import MACHINE, Appeal, AppealOutcome, Basis, Officer, Restriction
from models.policy.schema import Authority, Pack, Role

STANDING_IN = ("unavailable", "conflict")
CALL_DECISIONS = ("restrict_one_day", "restrict_one_week", "restrict_telephone")
_INSTEAD = {
    "ask": ("warn", "terminate_call"),
    "warn": ("formally_manage",),
    "moderate_contact": ("restrict_one_week", "formally_manage"),
    "review_decision": ("formally_manage",),
    "manage_organisation": ("formally_manage",),
    "stop_all_contact": ("formally_manage",),
    "record": ("formally_manage",),
}


@dataclass(frozen=True, slots=True)
class TooLow:
    """A decision above somebody's grade: it becomes a proposal to `role`."""

    decision: str
    role: Role
    clause: str


def role_of(pack: Pack, role_id: str) -> Role | None:
    """Return a role of the pack, None for a name it does not have."""
    return next((role for role in pack.roles if role.id == role_id), None)


def entry(pack: Pack, decision: str) -> Authority | None:
    """Return the row of the matrix for `decision`, or of the one that stands for it where the pack is silent."""
    rows = {row.decision: row for row in pack.authority}
    return next((rows[name] for name in (decision, *_INSTEAD.get(decision, ())) if name in rows), None)


def needed(pack: Pack, decision: str) -> Role:
    """Return the lowest role that may take `decision`: where the pack is silent altogether, its highest."""
    row = entry(pack, decision)
    found = None if row is None else role_of(pack, row.at_least)
    return found or max(pack.roles, key=lambda role: role.rank)


def stands(pack: Pack, officer: Officer, role: Role) -> Refusal | TooLow | None:
    """Return None when `officer` may act as `role`; else what is missing."""
    mine = role_of(pack, officer.role)
    if mine is not None and mine.rank >= role.rank:
        return None
    if mine is not None and mine.stands_in_for == role.id:
        return None if officer.standing_in in STANDING_IN else refusal("stand_in_reason")
    return TooLow("", role, "")


def may(pack: Pack, officer: Officer, decision: str) -> Refusal | TooLow | None:
    """Return None when `officer` may take `decision`; a refusal; or to whom it goes as a proposal."""
    row, role = entry(pack, decision), needed(pack, decision)
    clause = "" if row is None else row.clause
    found = stands(pack, officer, role)
    if isinstance(found, Refusal):
        return refusal(found.code, clause)
    return None if found is None else TooLow(decision, role, clause)


def decisions_of(pack: Pack, dossier: Dossier, restriction: Restriction, closes_all: bool) -> tuple[str, ...]:
    """Return every decision that a restriction is, so that each is within somebody's authority."""
    match restriction.basis:
        case Basis.CALL:
            named = {row.decision for row in pack.authority}
            return (next((name for name in CALL_DECISIONS if name in named), "formally_manage"),)
        case Basis.INFORMAL:
            return ("moderate_contact",)
    found = ["formally_manage"]
    if dossier.organisation:
        found.append("manage_organisation")
    types = {measure.id: measure.type for measure in pack.measures}
    if closes_all or any(types.get(terms.measure) == "stop_all" for terms in restriction.measures):
        found.append("stop_all_contact")
    return tuple(found)


def took_part(dossier: Dossier, restriction: Restriction) -> dict[str, str]:
    """Return everybody who had a hand in a decision, with their role: none of them may hear an appeal against it.

    Who decided, proposed, warned, upheld or reported what it rests on, was the target of it, reviewed or
    changed it, or referred it for advice or gave it.
    """
    found: dict[str, str] = {}
    for name, role in _hands(dossier, restriction):
        found[name] = found.get(name) or role
    return {name: role for name, role in found.items() if name and name != MACHINE}


def _hands(dossier: Dossier, restriction: Restriction) -> Iterator[tuple[str, str]]:
    takers = [restriction.taken, *(warning.taken for warning in dossier.warnings)]
    names = [restriction.taken.proposed_by]
    for incident in dossier.incidents_of(restriction.incident_ids):
        takers += [] if incident.decided is None else [incident.decided]
        names += [incident.reported_by, incident.manager, *incident.staff]
    number = restriction.restriction_id
    takers += [review.taken for review in dossier.reviews if review.restriction_id == number]
    for referral in dossier.referrals:
        if referral.referral_id == restriction.referral_id:
            takers.append(referral.taken)
            names.append(referral.advised_by)
    varied = [a for a in dossier.appeals if a.restriction_id == number and a.outcome is AppealOutcome.VARIED]
    takers += [appeal.heard for appeal in varied if appeal.heard is not None]
    yield from ((taken.by.name, taken.by.role) for taken in takers)
    yield from ((taken.proposed_by, "") for taken in takers)
    yield from ((name, "") for name in names)


def goes_outside(pack: Pack, dossier: Dossier, restriction: Restriction) -> bool:
    """True when somebody of the role that hears appeals took part, and the policy then sends them elsewhere."""
    role = pack.appeal.conflict_role
    return role is not None and role in took_part(dossier, restriction).values()


def may_hear(
    pack: Pack, officer: Officer, dossier: Dossier, appeal: Appeal, restriction: Restriction
) -> Refusal | TooLow | None:
    """Return None when `officer` may hear an appeal; somebody who took part never may."""
    if appeal.outside:
        body = pack.appeal.if_conflict
        return refusal("heard_outside", pack.appeal.clause, body="" if body is None else body.en)
    if officer.name in took_part(dossier, restriction):
        return refusal("recused", pack.appeal.clause, name=officer.name)
    role = role_of(pack, pack.appeal.role or "") or needed(pack, "appeal")
    found = stands(pack, officer, role)
    return TooLow("appeal", role, pack.appeal.clause) if isinstance(found, TooLow) else found
