"""Rules by the API: lists and limits, tried on the own history and proposed; a second person agrees on the page."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from models.policy.foretold import Late, Pressing
from models.policy.lists import Entry
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.policy.movable import numbers_of
from models.policy.what_if import UnknownLimit, WhatIf
from models.store import changes, foretelling, lists
from review_queue.api.caller import Oversees, Proposes
from review_queue.api.problems import Stopped
from review_queue.api.shapes.asked_rules import EntryAsked, EntryQuery, LimitAsked, LimitQuery
from review_queue.api.shapes.rules import EntryTried, Limit, LimitChange, Limits, LimitTried, ListEntry, ThresholdTried
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.lists import asked

router = APIRouter(tags=["Rules"])


def known(org: str) -> str:
    """Return the organisation.

    Raises:
        Stopped: There is none of this name.
    """
    if org not in builtin_pack_ids():
        raise Stopped("not-found", 404)
    return org


@router.get("/lists")
def entries(caller: Oversees) -> list[ListEntry]:
    """List what staff allow, deny or watch, what waits for a second person first."""
    with caller.reading() as database:
        return [ListEntry.model_validate(row) for row in lists.listed(database, utc_now())]


@router.get("/lists/try")
def tried(caller: Oversees, query: Annotated[EntryQuery, Query()]) -> EntryTried:
    """Say what an entry would have changed on the own history; nothing is recorded."""
    kind, matches, value = lists.checked(query.kind, query.matches, query.value)
    entry = Entry(kind, matches, value, query.connection_id)
    with caller.reading() as database:
        return EntryTried.model_validate(lists.tried(database, entry, known(query.org)))


@router.get("/lists/{number}")
def entry_of(caller: Oversees, number: Number) -> ListEntry:
    """Give an entry."""
    with caller.reading() as database:
        row = lists.find(database, number)
    if row is None:
        raise Stopped("not-found", 404)
    return ListEntry.model_validate(row)


@router.post("/lists", status_code=201)
def propose(caller: Proposes, given: EntryAsked) -> ListEntry:
    """Propose an entry. It counts once a second person has agreed on the page: no key agrees to anything."""
    form = {
        "kind": given.kind, "compared": given.matches, "value": given.value, "org": known(given.org), "why": given.why,
        "connection": given.connection_id or "", "until": given.until.isoformat() if given.until else "",
    }  # fmt: skip
    entry, expires_at = asked(caller.page, form)
    with caller.changing("list.propose", f"list:{given.org}") as database:
        number = lists.propose(
            database, caller.page.audit_key, entry.kind, entry.matches, entry.value, given.org, caller.name, utc_now(),
            why=given.why, connection_id=entry.connection_id, expires_at=expires_at,
        )  # fmt: skip
        return ListEntry.model_validate(lists.find(database, number))


@router.post("/lists/{number}/{step}")
def step(caller: Proposes, number: Number, step: Literal["refuse", "end"]) -> ListEntry:
    """Refuse an entry that was proposed, or end one in force."""
    key = caller.page.audit_key
    with caller.changing(f"list.{step}", f"list:{number}") as database:
        if lists.find(database, number) is None:
            raise Stopped("not-found", 404)
        if step == "end":
            lists.end(database, key, number, caller.name, utc_now())
        else:
            lists.decide(database, key, number, approve=False, by=caller.name, now=utc_now())
        return ListEntry.model_validate(lists.find(database, number))


@router.get("/policy/{org}")
def limits(caller: Oversees, org: str) -> Limits:
    """List the numbers of a policy that may be moved, and the changes that were proposed."""
    written = numbers_of(builtin_pack(known(org)))
    with caller.reading() as database:
        standing, rows = numbers_of(changes.pack_of(database, org)), changes.listed(database, org)
    found = [Limit(field=field, written=value, standing=standing[field]) for field, value in written.items()]
    return Limits(org=org, limits=found, changes=[LimitChange.model_validate(row) for row in rows])


@router.get("/policy/{org}/try")
def limit_tried(caller: Oversees, org: str, query: Annotated[LimitQuery, Query()]) -> LimitTried:
    """Say what a moved limit would have meant for the last 90 days; nothing is recorded."""
    try:
        with caller.reading() as database:
            found = changes.tried(database, known(org), query.field, query.value, utc_now())
    except UnknownLimit as error:
        raise Stopped("invalid", 422, errors=[str(error)]) from error
    return _told(found)


def _told(found: WhatIf | Pressing | Late) -> LimitTried:
    same = {"before": found.before, "after": found.after}
    match found:
        case Late():
            return LimitTried(
                kind="target", looked_at=found.cases, to_person=[], otherwise=[], cases=list(found.differ), **same
            )
        case Pressing():
            otherwise, kind, looked_at = found.to_nobody, "pattern", found.looked_at
        case _:
            otherwise, kind, looked_at = found.to_machine, "automation", found.wanted
    uncounted = found.uncounted if isinstance(found, Pressing) else 0
    moved = {"uncounted": uncounted, "to_person": list(found.to_person), "otherwise": list(otherwise), "cases": []}
    return LimitTried.model_validate({"kind": kind, "looked_at": looked_at, **moved, **same})


@router.get("/policy/{org}/threshold")
def threshold(caller: Oversees, org: str, at: Annotated[float, Query(gt=0, le=1)]) -> list[ThresholdTried]:
    """Say what acting from a higher probability only would have meant; nothing can be proposed from here."""
    since = utc_now() - timedelta(days=changes.HISTORY_DAYS)
    with caller.reading() as database:
        found = foretelling.thresholds(database, changes.pack_of(database, known(org)), at, since)
    return [ThresholdTried.model_validate(one) for one in found]


@router.post("/policy/{org}", status_code=201)
def move(caller: Proposes, org: str, given: LimitAsked) -> LimitChange:
    """Propose to move a limit. It counts once a second person has approved it on the page."""
    known(org)
    try:
        with caller.changing("policy.propose", f"policy:{org}") as database:
            key, now = caller.page.audit_key, utc_now()
            number = changes.propose(database, key, org, given.field, given.value, caller.name, now, given.why)
            return LimitChange.model_validate(changes.find(database, number))
    except UnknownLimit as error:
        raise Stopped("invalid", 422, errors=[str(error)]) from error


@router.post("/policy/{number}/refuse")
def refuse(caller: Proposes, number: Number) -> LimitChange:
    """Refuse a limit that somebody wants to move."""
    with caller.changing("policy.refuse", f"change:{number}") as database:
        if changes.find(database, number) is None:
            raise Stopped("not-found", 404)
        changes.decide(database, caller.page.audit_key, number, False, caller.name, utc_now())
        return LimitChange.model_validate(changes.find(database, number))
