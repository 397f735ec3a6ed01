"""One verdict for all cases of a search: shown beforehand, proposed, approved by another person, followed, and undone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from models.session import reading, writing
from models.store import bulk, cards, reviewers, spared
from models.store import queue as queues
from models.store.agreeing import NotPossible
from models.store.bulk import Item
from models.store.cards import Card
from review_queue import effects
from review_queue.app import Page, reader_of, session_of
from review_queue.effects import Effect
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.forms import refused, token_fits
from review_queue.pages.queue import asked, narrowed

GIVEN = ("deliver", "proposed", "hide", "quarantine", "no_action")
"""What may be given to many at once: nothing that acts on a person."""
STEPS = ("approve", "refuse", "stop", "undo")
EXAMPLES, WHY_CHARACTERS = 5, 2_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What one verdict would do to a set: what happens how often, the set by what it is made of, and who is left out."""

    items: tuple[Item, ...]
    effects: tuple[Effect, ...]
    made_of: Mapping[str, tuple[tuple[str, int], ...]]
    examples: tuple[Card, ...]
    left_out: Mapping[str, tuple[int, ...]]

    @property
    def seal(self) -> str:
        """A digest of the set."""
        return bulk.seal(self.items)


def routes(page: Page) -> APIRouter:
    """Return the routes of verdicts on many."""
    router = APIRouter()
    _reading(router, page)
    _proposing(router, page)
    _deciding(router, page)
    return router


def _reading(router: APIRouter, page: Page) -> None:
    @router.get("/bulk")
    def listed(request: Request) -> Response:
        with reading(page.engine) as database:
            rows = bulk.listed(database)
        return page.render(request, "bulk_list.html", rows=rows)

    @router.get("/bulk/new")
    def new(request: Request, verdict: str = "") -> Response:
        return _tried(page, request, asked(request.query_params), verdict, "")

    @router.get("/bulk/{number}")
    def one(request: Request, number: Number, said: str = "") -> Response:
        return _one(page, request, number, said if said in {*STEPS, "proposed"} else "", "")


def _tried(page: Page, request: Request, wanted: dict[str, str], given: str, error: str, status: int = 200) -> Response:
    trial, name = None, reader_of(request)
    if given in GIVEN:
        trial = trial_of(page, wanted, given, name)
    with reading(page.engine) as database:
        care = reviewers.of(database, name, utc_now())
    return page.render(
        request, "bulk_new.html", status, wanted=wanted, query=urlencode(wanted), given=given if trial else "", trial=trial,
        error=error, offered=GIVEN, care=care, most=queues.COUNTED_AT_MOST,
    )  # fmt: skip


def trial_of(page: Page, wanted: Mapping[str, str], given: str, name: str) -> Trial:
    """Return what the verdict `given` would do to the open cases of a search, as `name` sees it."""
    now = utc_now()
    with reading(page.engine) as database:
        filtered = narrowed(database, {**wanted, "state": "open"}, name, gentle=False, now=now)
        numbers = queues.numbers(database, filtered)
        out = spared.why(database, numbers, name, now)
        found = cards.many(database, [number for number in numbers if number not in out])
    kept: list[Card] = []
    for card in found:
        if reason := _unfit(card, given):
            out[card.case["id"]] = reason
        else:
            kept.append(card)
    items = tuple(Item(card.case["id"], card.case["version"], *effects.meaning(given, card)) for card in kept)
    left_out: dict[str, list[int]] = {}
    for number in numbers:
        if number in out:
            left_out.setdefault(out[number], []).append(number)
    return Trial(
        items,
        _together(kept, given),
        _made_of(kept),
        tuple(kept[:: max(1, len(kept) // EXAMPLES)][:EXAMPLES]),
        {reason: tuple(entries) for reason, entries in left_out.items()},
    )


def _unfit(card: Card, given: str) -> str:
    """Return why a verdict does not fit a case: nothing is proposed, the proposal is about the person, or the channel has no such hold."""
    if given == "proposed":
        wanted = effects.proposed(card)
        return "nothing" if not wanted else "person" if any(action.on_account for action in wanted) else ""
    return "" if given in {offer.name for offer in effects.offers(card)} else "channel"


def _together(kept: Sequence[Card], given: str) -> tuple[Effect, ...]:
    many: Counter[tuple[str, str, str]] = Counter()
    for card in kept:
        offer = next(offer for offer in effects.offers(card) if offer.name == given)
        for effect in offer.effects:
            many[effect.how, effect.action, effect.channel] += effect.count
    return tuple(Effect(*which, count) for which, count in many.most_common())


def _made_of(kept: Sequence[Card]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return in how many cases each proposal, clause, signal, language and channel stands."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in ("proposal", "clause", "label", "lang", "channel")}
    for card in kept:
        found["proposal"].update({action.value for action in effects.proposed(card)} or {""})
        for kind, column in (("clause", "clauses"), ("label", "labels")):
            found[kind].update({name for item in card.items for name in item.decision[column]})
        for kind in ("lang", "channel"):
            found[kind].update({item.message[kind] or "" for item in card.items})
    return {kind: tuple(counts.most_common(8)) for kind, counts in found.items()}


def _proposing(router: APIRouter, page: Page) -> None:
    @router.post("/bulk/new")
    def propose(
        request: Request,
        csrf: Annotated[str, Form()] = "",
        query: Annotated[str, Form()] = "",
        verdict: Annotated[str, Form()] = "",
        seen: Annotated[str, Form()] = "",
        why: Annotated[str, Form()] = "",
    ) -> Response:
        session = session_of(request)
        if session is None or verdict not in GIVEN or not token_fits(request, csrf):
            return refused(page, request)
        wanted = asked(dict(parse_qsl(query)))
        if not why.strip():
            return _tried(page, request, wanted, verdict, "why", 422)
        trial = trial_of(page, wanted, verdict, session.name)
        if trial.seal != seen or not trial.items:
            return _tried(page, request, wanted, verdict, "moved", 409)
        with writing(page.engine) as database:
            number = frozen(database, page.audit_key, trial, verdict, wanted, why, session.name)
        return RedirectResponse(f"/bulk/{number}?said=proposed", status_code=303)


def frozen(
    database: Connection, key: bytes, trial: Trial, given: str, wanted: Mapping[str, str], why: str, by: str
) -> int:
    """Propose what was tried, exactly; return its number.

    Raises:
        NotPossible: `empty`.
    """
    left_out = {reason: len(numbers) for reason, numbers in trial.left_out.items()}
    reason = why.strip()[:WHY_CHARACTERS]
    return bulk.propose(database, key, given, urlencode(wanted), reason, trial.items, left_out, by, utc_now())


@dataclass(frozen=True, slots=True)
class Standing:
    """A set as it stands: its row, its cases, and of those that wait who would be left out now, by case."""

    row: Mapping[str, Any]
    items: Sequence[Mapping[str, Any]]
    waits: bool
    out: Mapping[int, str]

    @property
    def progress(self) -> Counter[str]:
        """How many cases stand in which state."""
        return Counter(entry["state"] for entry in self.items)


def standing(database: Connection, number: int) -> Standing | None:
    """Return how a set stands, None when there is none."""
    row = bulk.find(database, number)
    if row is None:
        return None
    rows = bulk.items(database, number)
    waits = [entry["case_id"] for entry in rows if row["state"] == "proposed"]
    out = spared.why(database, waits, row["by"], utc_now())
    moved = {entry["case_id"]: "moved" for entry in rows if entry["version"] != entry["version_now"]}
    return Standing(row, rows, bool(waits), {**moved, **out} if waits else {})


def take(database: Connection, key: bytes, number: int, step: str, by: str) -> None:
    """Take one of `STEPS`.

    Raises:
        NotPossible: `gone`, or `own`: who proposed may refuse it, never approve it.
    """
    now = utc_now()
    if step in {"approve", "refuse"}:
        bulk.decide(database, key, number, step == "approve", by, now)
    else:
        (bulk.stop if step == "stop" else bulk.undo)(database, key, number, by, now)


def _one(page: Page, request: Request, number: int, said: str, error: str, status: int = 200) -> Response:
    name, now = reader_of(request), utc_now()
    with reading(page.engine) as database:
        stands = standing(database, number)
        if stands is None:
            raise HTTPException(404)
        kept = [entry["case_id"] for entry in stands.items if stands.waits and entry["case_id"] not in stands.out]
        found = cards.many(database, kept)
        care = reviewers.of(database, name, now)
    return page.render(
        request, "bulk.html", status, row=stands.row, rows=stands.items, out=stands.out, care=care,
        effects=_together(found, stands.row["verdict"]), made_of=_made_of(found), said=said, error=error, me=name,
        examples=found[:: max(1, len(found) // EXAMPLES)][:EXAMPLES], progress=stands.progress,
    )  # fmt: skip


def _deciding(router: APIRouter, page: Page) -> None:
    @router.post("/bulk/{number}/{step}")
    def decide(request: Request, number: Number, step: str, csrf: Annotated[str, Form()] = "") -> Response:
        session = session_of(request)
        if session is None or step not in STEPS or not token_fits(request, csrf):
            return refused(page, request)
        try:
            with writing(page.engine) as database:
                take(database, page.audit_key, number, step, session.name)
        except NotPossible as error:
            return _one(page, request, number, "", error.code, 409)
        return RedirectResponse(f"/bulk/{number}?said={step}", status_code=303)
