"""Casework by the API: claims, verdicts and their undoing, notes, and what is given to others."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection

from models.domain import VerdictKind
from models.store import cards, claims, notes, urgent
from models.store.cards import Card
from models.store.cases import CaseMoved
from review_queue import effects
from review_queue.api.caller import Caller, Decides
from review_queue.api.cases import card_of, opened
from review_queue.api.problems import Stopped
from review_queue.api.shapes.asked import AssignmentAsked, EscalationAsked, NoteAsked, UndoAsked, VerdictAsked
from review_queue.api.shapes.base import Shape
from review_queue.api.shapes.cases import Case, Note
from review_queue.i18n import gettext_of, utc_now
from review_queue.numbers import Number
from review_queue.pages.case import OFFERED, Asked, record

router = APIRouter(tags=["Casework"])


class Claim(Shape):
    """Who holds a case and until when; a claim is renewed by claiming again."""

    by: str
    until: datetime


class Acknowledged(Shape):
    """Whether an urgent case waited for somebody to take it up."""

    noted: bool


@router.post("/cases/{case_id}/claim")
def claim(caller: Decides, case_id: Number) -> Claim:
    """Hold a case for three minutes, or longer if the account holds it already; an urgent one is taken up by it."""
    now = utc_now()
    with caller.changing("case.claim", f"case:{case_id}") as database:
        if card_of(database, case_id).case["state"] == "closed":
            raise Stopped("case-closed", 409)
        held = claims.claim(database, case_id, caller.name, now)
        if held is not None:
            raise Stopped("case-held", 409, by=held)
        urgent.acknowledge(database, caller.page.audit_key, case_id, caller.name, now)
    return Claim(by=caller.name, until=now + claims.LEASE)


@router.delete("/cases/{case_id}/claim", status_code=204)
def let_go(caller: Decides, case_id: Number) -> None:
    """Give a case free again, if the account holds it."""
    with caller.changing("case.release_claim", f"case:{case_id}") as database:
        card_of(database, case_id)
        claims.let_go(database, case_id, caller.name)


@router.post("/cases/{case_id}/verdict")
def verdict(caller: Decides, case_id: Number, given: VerdictAsked) -> Case:
    """Decide a case as it stood at `version`; who was slower is told so, and nothing is recorded.

    The bot carries it out within a second or two; read the case again for how far its effects have come.
    """
    with caller.reading() as database:
        card = card_of(database, case_id)
    kind, meant = effects.meaning(given.kind, card)
    chosen = tuple(action for action in given.actions if action in OFFERED)
    return _decided(
        caller, card, given.version, Asked(kind, chosen or meant, given.apart, "", given.reason, given.note)
    )


@router.post("/cases/{case_id}/undo")
def undo(caller: Decides, case_id: Number, given: UndoAsked) -> Case:
    """Undo the last verdict: what it did is taken back, and the case is open again."""
    with caller.reading() as database:
        card = card_of(database, case_id)
    return _decided(caller, card, given.version, Asked(VerdictKind.UNDO, (), [], "", "", given.note))


@router.post("/cases/{case_id}/escalate")
def escalate(caller: Decides, case_id: Number, given: EscalationAsked) -> Case:
    """Give a case up to a higher grade."""
    with caller.reading() as database:
        card = card_of(database, case_id)
    return _decided(caller, card, given.version, Asked(VerdictKind.ESCALATE, (), [], given.grade, "", given.note))


def _decided(caller: Caller, card: Card, version: int, asked: Asked) -> Case:
    case_id, undoes = card.case["id"], asked.kind is VerdictKind.UNDO
    closed = card.case["state"] == "closed"
    try:
        with caller.changing("case.undo" if undoes else "case.verdict", f"case:{case_id}") as database:
            record(database, caller.page.audit_key, card, version, asked, caller.name)
            if closed and not undoes:
                raise Stopped("case-closed", 409)
            if undoes and not card.verdicts:
                raise Stopped("case-open", 409)
    except CaseMoved as moved:
        raise Stopped("case-moved", 409, **_told(caller, case_id, moved.by)) from moved
    with caller.reading() as database:
        return opened(database, caller, card_of(database, case_id))


def _told(caller: Caller, case_id: int, by: str | None) -> dict[str, Any]:
    """Return kindly who was quicker, or that something new arrived, and how the case stands now."""
    _ = gettext_of(caller.language)
    if by:
        words = _("%(by)s decided this case a moment before you. Your verdict was not recorded.") % {"by": by}
    else:
        words = _("Something new arrived in this case while you looked. Your verdict was not recorded.")
    with caller.reading() as database:
        now = cards.card(database, case_id)
    return {"detail": words, "by": by, "version": now.case["version"] if now else None}


@router.post("/cases/{case_id}/notes", status_code=201)
def note(caller: Decides, case_id: Number, given: NoteAsked) -> Note:
    """Add a note for colleagues."""
    with caller.changing("case.note", f"case:{case_id}") as database:
        card_of(database, case_id)
        notes.add(database, case_id, caller.name, given.text.strip(), utc_now())
        return Note.model_validate(notes.of_case(database, case_id)[-1])


@router.post("/cases/{case_id}/assign")
def assign(caller: Decides, case_id: Number, given: AssignmentAsked) -> Case:
    """Give a case to somebody, or to nobody."""
    with caller.changing("case.assign", f"case:{case_id}") as database:
        card_of(database, case_id)
        if not claims.assign(database, caller.page.audit_key, case_id, given.to, caller.name, utc_now()):
            raise Stopped("not-found", 404)
        return _again(database, caller, case_id)


@router.post("/cases/{case_id}/second-opinion")
def second_opinion(caller: Decides, case_id: Number) -> Case:
    """Ask for a second opinion: the case stays open and is offered to everybody but the account."""
    with caller.changing("case.second_opinion", f"case:{case_id}") as database:
        card_of(database, case_id)
        claims.ask_second(database, caller.page.audit_key, case_id, caller.name, utc_now())
        return _again(database, caller, case_id)


@router.post("/cases/{case_id}/acknowledge")
def acknowledge(caller: Decides, case_id: Number) -> Acknowledged:
    """Take an urgent case up, so that nobody more is called about it; `noted` is false where nobody had to be."""
    with caller.changing("case.acknowledge", f"case:{case_id}") as database:
        card_of(database, case_id)
        noted = urgent.acknowledge(database, caller.page.audit_key, case_id, caller.name, utc_now())
    return Acknowledged(noted=noted)


@router.post("/cases/{case_id}/hand-over", status_code=204)
def hand_over(caller: Decides, case_id: Number) -> None:
    """Hand over a person who targets the account: their messages go to colleagues."""
    with caller.changing("contact.hand_over", f"case:{case_id}") as database:
        card_of(database, case_id)
        claims.hand_over(database, caller.page.audit_key, case_id, caller.name, utc_now())


def _again(database: Connection, caller: Caller, case_id: int) -> Case:
    return opened(database, caller, card_of(database, case_id))
