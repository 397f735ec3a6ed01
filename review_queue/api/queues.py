"""Queues with names by the API: what stands where, who works there, the rules that lead there, and moving a case."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from models.policy.routing import FIELDS, Rule
from models.store import notes, routing
from models.store.routing import Trial
from review_queue.api.caller import Decides, Oversees, Proposes, Reads
from review_queue.api.cases import card_of, opened
from review_queue.api.problems import Stopped
from review_queue.api.rules import known
from review_queue.api.shapes.asked import MoveAsked
from review_queue.api.shapes.asked_rules import MemberAsked, NameAsked, RuleAsked, RuleQuery
from review_queue.api.shapes.base import Words
from review_queue.api.shapes.cases import Case
from review_queue.api.shapes.rules import Queue, QueueMove, QueueRule, Queues, RuleTried
from review_queue.i18n import utc_now
from review_queue.numbers import Number

router = APIRouter(tags=["Queues"])


@router.get("/queues")
def listed(caller: Reads) -> Queues:
    """List the queues with names."""
    with caller.reading() as database:
        rows, counts = routing.queues(database), routing.counts(database)
    return Queues(queues=[_queue(row, counts) for row in rows], default_open=counts.get(0, 0))


def _queue(row: Mapping[str, Any], counts: Mapping[int, int]) -> Queue:
    name = Words(en=row["name_en"], cy=row["name_cy"])
    same = {field: row[field] for field in ("id", "org", "members")}
    return Queue(**same, name=name, open=counts.get(row["id"], 0))


@router.post("/queues", status_code=201)
def name(caller: Proposes, given: NameAsked) -> Queue:
    """Name a queue; nothing leads there until a rule does."""
    org = known(given.org)
    with caller.changing("queue.name", f"queue:{org}") as database:
        key, now = caller.page.audit_key, utc_now()
        number = routing.name_queue(database, key, org, given.name.cy, given.name.en, caller.name, now)
        return next(_queue(row, {}) for row in routing.queues(database, org) if row["id"] == number)


@router.get("/queues/rules")
def rules(caller: Oversees) -> list[QueueRule]:
    """List the rules in force or proposed, in order within each organisation."""
    with caller.reading() as database:
        return [QueueRule.model_validate(row) for row in routing.rules(database)]


@router.get("/queues/rules/try")
def tried(caller: Oversees, query: Annotated[RuleQuery, Query()]) -> RuleTried:
    """Say what a rule would have changed on the own history; nothing is recorded."""
    with caller.reading() as database:
        return _told(routing.tried(database, known(query.org), _rule(query), query.position))


@router.get("/queues/rules/{number}")
def rule(caller: Oversees, number: Number) -> QueueRule:
    """Give a rule."""
    with caller.reading() as database:
        row = routing.find(database, number)
    if row is None:
        raise Stopped("not-found", 404)
    return QueueRule.model_validate(row)


@router.post("/queues/rules", status_code=201)
def propose(caller: Proposes, given: RuleAsked) -> QueueRule:
    """Propose a rule. It counts once a second person has agreed on the page."""
    org, key = known(given.org), caller.page.audit_key
    with caller.changing("routing.propose", f"rule:{org}") as database:
        number = routing.propose(
            database, key, org, _rule(given), given.position, given.why, caller.name, utc_now()
        )  # fmt: skip
        return QueueRule.model_validate(routing.find(database, number))


@router.post("/queues/rules/{number}/{step}")
def step(caller: Proposes, number: Number, step: Literal["refuse", "end"]) -> QueueRule:
    """Refuse a rule that was proposed, or end one in force."""
    with caller.changing(f"routing.{step}", f"rule:{number}") as database:
        key, now = caller.page.audit_key, utc_now()
        if routing.find(database, number) is None:
            raise Stopped("not-found", 404)
        if step == "end":
            routing.end(database, key, number, caller.name, now)
        else:
            routing.decide(database, key, number, approve=False, by=caller.name, now=now)
        return QueueRule.model_validate(routing.find(database, number))


@router.post("/queues/{number}/members", status_code=204)
def member(caller: Proposes, number: Number, given: MemberAsked) -> None:
    """Let somebody work in a queue, or no more."""
    with caller.changing("queue.member", f"queue:{number}") as database:
        key, now = caller.page.audit_key, utc_now()
        routing.set_member(database, key, number, given.name, given.member, caller.name, now)


@router.post("/queues/{number}/end", status_code=204)
def end(caller: Proposes, number: Number) -> None:
    """End a queue that no rule leads to: its cases stand in the default queue again."""
    with caller.changing("queue.end", f"queue:{number}") as database:
        routing.end_queue(database, caller.page.audit_key, number, caller.name, utc_now())


@router.post("/cases/{case_id}/queue")
def move(caller: Decides, case_id: Number, given: MoveAsked) -> Case:
    """Put a case into another queue by hand; the reason stands among its notes."""
    with caller.changing("case.queue", f"case:{case_id}") as database:
        card_of(database, case_id)
        notes.add(database, case_id, caller.name, given.why.strip(), utc_now())
        routing.move(database, caller.page.audit_key, case_id, given.to, caller.name, utc_now())
        return opened(database, caller, card_of(database, case_id))


def _rule(asked: RuleQuery) -> Rule:
    return Rule(asked.queue, routing.checked({field: getattr(asked, field) for field in FIELDS}))


def _told(found: Trial) -> RuleTried:
    moved = [QueueMove(before=was, after=now, messages=count) for (was, now), count in found.moved.items()]
    return RuleTried(looked_at=found.looked_at, matched=found.matched, moved=moved)
