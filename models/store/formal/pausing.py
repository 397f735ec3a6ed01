"""Measures that rest: meanwhile in an appeal, or because the line left open is one the person cannot use."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from models.formal_tables import measure
from models.measures import authority, deadlines, permits
from models.measures.dossier import Dossier
from models.measures.permits import Ruling, reason, ruled
from models.measures.refusals import refusal
from models.measures.steps import Restriction
from models.measures.terms import closed_by
from models.store.formal import letters, notices
from models.store.formal.codec import dumped
from models.store.formal.desk import Desk, StepRefused, too_low
from models.store.formal.sealed import seal


def rest_for_appeal(desk: Desk, contact_id: int, appeal_id: int, why: str) -> None:
    """Let a measure rest until its appeal is decided: for whoever may hear the appeal to say.

    Raises:
        StepRefused: There is no such open appeal, no reason, or somebody took part in the decision.
    """
    file = desk.file(contact_id)
    appeal = next((a for a in file.appeals if a.appeal_id == appeal_id and a.outcome is None), None)
    current = None if appeal is None else file.restriction(appeal.restriction_id)
    if appeal is None or current is None:
        raise StepRefused([refusal("no_open_appeal", desk.pack.appeal.clause)])
    _require(ruled(reason(why), authority.may_hear(desk.pack, desk.officer, file, appeal, current)))
    known = replace(appeal, suspended=True)
    desk.database.execute(update(measure).where(measure.c.id == appeal_id).values(detail=dumped(known)))
    seal(desk.database, desk.key, desk.now, desk.officer.name, "appeal.rests_measure", measure, appeal_id)
    _rest(desk, file, current, why)


def resume(desk: Desk, contact_id: int, restriction_id: int, why: str) -> None:
    """Let a resting measure hold again.

    Raises:
        StepRefused: It does not rest, or would leave no line of contact open.
    """
    file = desk.file(contact_id)
    _require(permits.resuming(file, desk.pack, desk.officer, restriction_id, why, desk.now))
    current = file.restriction(restriction_id)
    assert current is not None
    desk.change(replace(current, suspended_at=None, suspended_why=""), "restriction.resumed", file)
    _letter(desk, contact_id, restriction_id, "resumed")


def rest_where_no_line_is_left(desk: Desk, contact_id: int) -> list[int]:
    """Let every measure rest that closes a line when none is left that the person can use; return their numbers.

    One that somebody with the authority closed the last line by, with a recorded reason, stands.
    """
    file, rested = desk.file(contact_id), []
    for current in file.in_force(desk.pack, desk.now):
        closes = closed_by(desk.pack, current.measures) & frozenset(desk.pack.lines)
        if closes and not current.override_why.strip() and not file.open_lines(desk.pack, desk.now):
            _rest(desk, file, current, "no line of contact was left that the person can use")
            rested.append(current.restriction_id)
    return rested


def _rest(desk: Desk, file: Dossier, current: Restriction, why: str) -> None:
    desk.change(replace(current, suspended_at=desk.now, suspended_why=why), "restriction.resting", file)
    _letter(desk, file.contact_id, current.restriction_id, "resting")
    role = next((row.at_least for row in desk.pack.authority if row.decision == "formally_manage"), "")
    tomorrow = deadlines.london_day(desk.now) + timedelta(days=1)
    about = f"measure:{current.restriction_id}"
    notices.tell(desk.database, desk.pack.id, "review_at_once", about, role, tomorrow, desk.now)


def _letter(desk: Desk, contact_id: int, number: int, kind: str) -> None:
    letters.want(desk.database, desk.key, contact_id, desk.pack.id, number, kind, desk.officer.name, desk.now)


def _require(ruling: Ruling) -> None:
    if ruling.refusals:
        raise StepRefused(ruling.refusals)
    if ruling.goes_to is not None:
        raise StepRefused([too_low(ruling)])
