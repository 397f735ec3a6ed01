"""What each kind of letter must hold, by the clauses of the pack: a letter that lacks any of it is not sent."""

from models.letters.blocks import Element
from models.letters.facts import Facts
from models.letters.tongue import EASY
from models.measures import deadlines
from models.measures.steps import AppealOutcome, Basis

E = Element
_ALWAYS = frozenset({E.LANGUAGE, E.FORMATS})
_BY_KIND: dict[str, frozenset[E]] = {
    "ask": frozenset({E.WHAT, E.CLAUSES, E.WHY, E.STOP, E.DISTRESS, E.ADJUSTMENTS, E.CONSEQUENCES, E.CONTACT}),
    "warning": frozenset(
        {E.OUTCOME, E.WHAT, E.CLAUSES, E.WHY, E.CONSEQUENCES, E.HOW_LONG, E.CONTACT, E.ADJUSTMENTS, E.APART}
    ),
    "restriction": frozenset({E.OUTCOME, E.WHAT, E.CLAUSES, E.WHY, E.CONTACT, E.HUMAN, E.ADJUSTMENTS, E.ADVOCATE}),
    "review": frozenset({E.OUTCOME, E.WHY, E.CONTACT, E.HUMAN}),
    "appeal_received": frozenset({E.RECEIVED, E.NEXT, E.CONTACT}),
    "appeal_outcome": frozenset({E.OUTCOME, E.WHY, E.HUMAN}),
    "end": frozenset({E.OUTCOME, E.WHY, E.CONTACT}),
    "resting": frozenset({E.OUTCOME, E.WHY, E.CONTACT, E.NEXT}),
    "resumed": frozenset({E.OUTCOME, E.WHY, E.CONTACT}),
    "extended": frozenset({E.OUTCOME, E.WHAT, E.CLAUSES, E.WHY, E.CONTACT, E.HUMAN}),
    "returned": frozenset({E.OUTCOME, E.WHAT, E.WHY, E.MARKED, E.RESEND}),
    "not_replying": frozenset({E.OUTCOME, E.WHY, E.NEW_INFORMATION, E.COMPLAIN}),
    "signposting": frozenset({E.OUTCOME, E.HELP, E.NOT_HELD_AGAINST}),
}
_NO_LINES = frozenset({"ask", "warning", "signposting"})
_DECISIONS = frozenset({"restriction", "review", "resumed", "extended"})


def required(facts: Facts, style: str) -> frozenset[E]:
    """Return what a letter must hold."""
    found = _ALWAYS | _BY_KIND[facts.kind]
    if facts.kind not in _NO_LINES:
        found |= {E.OPEN_LINE, E.EMERGENCY, E.APART}
    if facts.kind in _DECISIONS:
        found |= {E.HOW_LONG} | _of_appeal(facts, style) | _of_review(facts)
    if facts.kind == "appeal_outcome" and facts.appeal is not None and facts.appeal.outcome is not AppealOutcome.UPHELD:
        found |= {E.HOW_LONG} | _of_review(facts)
    if facts.kind == "appeal_outcome" and facts.pack.appeal.afterwards is not None:
        found |= {E.AFTERWARDS}
    if facts.kind == "end" and facts.pack.clocks.renew_without_warning_months is not None:
        found |= {E.AGAIN}
    if facts.kind in {"restriction", "review", "extended", "returned"} and facts.machine_held:
        found |= {E.MACHINE}
    return found | _of_policy(facts)


def _of_appeal(facts: Facts, style: str) -> set[E]:
    if not facts.pack.appeal.exists:
        return {E.NO_APPEAL, E.COMPLAIN}
    found = {E.APPEAL, E.APPEAL_TIME, E.APPEAL_TO}
    if style == EASY:
        found.add(E.APPEAL_MEANING)
    return found if facts.pack.appeal.afterwards is None else found | {E.AFTERWARDS}


def _of_review(facts: Facts) -> set[E]:
    current = facts.restriction
    if current is None or current.basis is not Basis.FORMAL:
        return set()
    rolls = deadlines.rolls(current, facts.pack.clocks)
    return {E.REVIEW} if rolls or current.review_on is not None else set()


def _of_policy(facts: Facts) -> set[E]:
    warned = facts.kind == "warning" and facts.warning is not None and facts.warning.policy_enclosed
    current = facts.restriction
    decided = facts.kind == "restriction" and current is not None and current.basis is Basis.FORMAL
    return {E.ENCLOSED} if warned or decided else set()
