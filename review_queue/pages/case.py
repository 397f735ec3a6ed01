"""One case: the card, the verdict and what comes after it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from models.domain import Action, VerdictKind
from models.policy.loader import builtin_pack
from models.records.case_note import note, reference_of
from models.session import StoreBusy, reading, writing
from models.store import bulk, cards, cases, casework, claims, notes, reviewers, routing, urgent
from models.store import queue as queues
from models.store.calibrated import tenth
from models.store.cards import Card
from models.store.cases import WRONG_BECAUSE, CaseMoved
from models.store.formal import cased
from models.store.queue import QueueFilter
from review_queue import differences, effects, marks
from review_queue.app import Page, rights_of, session_of
from review_queue.auth import Session
from review_queue.i18n import utc_now
from review_queue.numbers import Count, Number
from review_queue.pages.forms import refused, token_fits
from review_queue.pages.queue import next_filter
from review_queue.replies import REPLIES
from review_queue.rights import Right

OFFERED = (Action.HIDE, Action.QUARANTINE, Action.MUTE, Action.BLOCK, Action.REPORT)
NOTE_CHARACTERS = 2_000
THREADS_SHOWN, CLAIM_WAIT_S = 5, 0.02


def routes(page: Page) -> APIRouter:
    """Return the routes of a case."""
    router = APIRouter()

    @router.get("/case/{case_id}")
    def card(request: Request, case_id: Number, said: str = "", shown: bool = False, ahead: Count = 0) -> Response:
        found = card_of(page, case_id)
        if found.case["joined_into"]:
            return RedirectResponse(f"/case/{found.case['joined_into']}", status_code=303)
        session = session_of(request)
        assert session is not None
        held, claimed = (None, False) if ahead else _taken_up(page, request, found, session.name)
        return page.render(
            request,
            "case.html",
            **values_of(page, found, session, shown, ahead),
            held=held,
            claimed=claimed,
            said=said if fits(said) else "",
        )

    _verdicts(router, page)
    return router


def fits(said: str) -> bool:
    """True for what a page may be told by its address."""
    return said.isdigit() or said in {"undone", "note", "assigned", "second", "queue", "why"}


def card_of(page: Page, case_id: int) -> Card:
    """Return a case, or let the page say that there is none."""
    with reading(page.engine) as database:
        found = cards.card(database, case_id)
    if found is None or not (found.items or found.case["joined_into"]):
        raise HTTPException(404)
    return found


def _taken_up(page: Page, request: Request, card: Card, name: str) -> tuple[str | None, bool]:
    """Take the case up for whoever opens it; return who holds it instead, and whether the store could be asked.

    Nobody waits for a card because the bot writes: the browser then claims it a moment later.
    """
    if card.case["state"] == "closed":
        return None, True
    now = utc_now()
    try:
        with writing(page.engine, CLAIM_WAIT_S) as database:
            return take_up(database, page, request, card, name), True
    except StoreBusy:
        others = card.case["claimed_by"] not in {None, name}
        return (card.case["claimed_by"] if others and card.case["claimed_until"] > now else None), False


def take_up(database: Connection, page: Page, request: Request, card: Card, name: str) -> str | None:
    """Claim a case for `name` and count it as seen, once; return who holds it instead.

    Who may judge it and has it on the screen has acknowledged it, where it is urgent.
    """
    now = utc_now()
    held = claims.claim(database, card.case["id"], name, now)
    if held is None and card.case["claimed_by"] != name:
        reviewers.opened(database, name, any(marks.is_harsh(item.signals) for item in card.items), now)
    if held is None and Right.JUDGE in rights_of(request):
        urgent.acknowledge(database, page.audit_key, card.case["id"], name, now)
    return held


def values_of(page: Page, card: Card, session: Session, shown: bool, ahead: int = 0) -> dict[str, Any]:
    """Return what the card's template needs; `ahead` is the case on the screen while this one is fetched beforehand."""
    now = utc_now()
    with reading(page.engine) as database:
        care = reviewers.of(database, session.name, now)
        values = {
            "notes": notes.of_case(database, card.case["id"]),
            "names": claims.names(database),
            "threads": {i.message["id"]: cards.thread(database, i.message) for i in card.items[:THREADS_SHOWN]},
            "reference": reference_of(card.case["org"], card.case["id"]),
            "ahead": following(page, session.name, [card.case["id"], ahead], care.gentle),
            "before": _before(database, card),
            "queues": routing.queues(database, card.case["org"]),
            "warned": cased.warnings_of(database, card.case["id"]),
            "many": bulk.of_case(database, card.case["id"]),
            "watch": urgent.of_case(database, card.case["id"]) if card.case["attention"] == 2 else None,
        }
    pack = builtin_pack(card.case["org"])
    return values | {
        "card": card,
        "case_note": lambda language: note(card, pack, language),
        "cluster": differences.cluster(card.items) if card.case["campaign"] else None,
        "repeats": {} if card.case["campaign"] else differences.repeats(card.items),
        "offers": effects.offers(card),
        "grades": sorted(pack.roles, key=lambda role: role.rank),
        "reasons": WRONG_BECAUSE,
        "replies": REPLIES,
        "borne_out": lambda probability: page.borne_out()[tenth(probability)],
        "care": care,
        "mask": care.mask and not shown,
        "masked": care.mask and not shown and any(marks.is_harsh(item.signals) for item in card.items),
    }


def _before(database: Any, card: Card) -> Mapping[str, Any] | None:
    """Return the verdict that was given on the same words before."""
    if not card.case["follows_id"]:
        return None
    earlier = cards.card(database, card.case["follows_id"])
    said = [row for row in earlier.verdicts if row["kind"] != VerdictKind.UNDO.value] if earlier else []
    return {**said[-1], "items": earlier.count} if said and earlier else None


def following(page: Page, name: str, but: list[int], gentle: bool) -> int | None:
    """Return the next case for `name`: of their own queues first, then of any."""
    wanted = next_filter(QueueFilter(viewer=name, gentle=gentle))
    with reading(page.engine) as database:
        mine = routing.of_member(database, name)
        found = queues.following(database, replace(wanted, queues=mine), but) if mine else None
        return queues.following(database, wanted, but) if found is None else found


def _verdicts(router: APIRouter, page: Page) -> None:
    @router.post("/case/{case_id}/verdict")
    def verdict(
        request: Request,
        case_id: Number,
        kind: Annotated[str, Form()] = "",
        version: Annotated[Count, Form()] = 0,
        actions: Annotated[list[str] | None, Form()] = None,
        apart: Annotated[list[Number] | None, Form()] = None,
        grade: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        note: Annotated[str, Form()] = "",
        csrf: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        known = {entry.value for entry in VerdictKind} | set(effects.SHORTCUTS) | {"proposed"}
        if session is None or kind not in known or not token_fits(request, csrf):
            return refused(page, request)
        card = card_of(page, case_id)
        told, meant = effects.meaning(kind, card)
        chosen = [Action(name) for name in actions or () if name in {action.value for action in OFFERED}]
        asked = Asked(told, tuple(chosen or meant), apart or [], grade, reason, note)
        try:
            with writing(page.engine) as database:
                record(database, page.audit_key, card, version, asked, session.name)
        except CaseMoved as moved:
            return page.render(request, "moved.html", 409, case_id=case_id, by=moved.by)
        if told is VerdictKind.UNDO:
            return RedirectResponse(f"/case/{case_id}?said=undone", status_code=303)
        with reading(page.engine) as database:
            gentle = reviewers.of(database, session.name, utc_now()).gentle
        next_case = following(page, session.name, [case_id], gentle)
        return RedirectResponse(f"/case/{next_case}?said={case_id}" if next_case else f"/?said={case_id}", 303)


class Asked:
    """A verdict as it was given, each part brought within its bounds."""

    def __init__(
        self, kind: VerdictKind, actions: tuple[Action, ...], apart: list[int], grade: str, reason: str, note: str
    ) -> None:
        self.kind, self.actions, self.apart = kind, actions, apart
        self.grade = grade
        self.reason = reason if reason in WRONG_BECAUSE else ""
        self.note = note[:NOTE_CHARACTERS]


def record(database: Connection, key: bytes, card: Card, version: int, asked: Asked, by: str) -> None:
    """Write the verdict in the caller's transaction, with what was taken out of a campaign first: all of it or nothing.

    Raises:
        CaseMoved: Somebody was quicker, or something new arrived.
    """
    case_id, now = card.case["id"], utc_now()
    if asked.apart and card.case["campaign"] and asked.kind is not VerdictKind.UNDO:
        casework.take_out(database, case_id, asked.apart, now)
    cases.record_verdict(database, key, case_id, version, asked.kind, asked.actions, by, now, asked.note, asked.reason)
    if asked.kind is VerdictKind.ESCALATE:
        roles = {role.id for role in builtin_pack(card.case["org"]).roles}
        claims.escalated_to(database, case_id, asked.grade if asked.grade in roles else None)
