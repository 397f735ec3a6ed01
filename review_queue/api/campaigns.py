"""One reply to everybody of a campaign by the API: whom it would reach, its sending, and what became of it."""

from fastapi import APIRouter
from sqlalchemy import Connection

from models.store import petitions
from models.store.petitions import Plan
from review_queue.api.caller import Answers, Reads
from review_queue.api.cases import card_of
from review_queue.api.problems import Stopped
from review_queue.api.shapes.asked_many import ReplyAsked
from review_queue.api.shapes.base import Words
from review_queue.api.shapes.many import Reply, ReplyPlan
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages.petition import are_whole, words_of

router = APIRouter(tags=["Campaigns"])


@router.get("/cases/{case_id}/reply")
def reply(caller: Reads, case_id: Number, both: bool = False) -> Reply:
    """Say whom one reply to a campaign would reach, or what became of it; `both`: everybody in both languages."""
    with caller.reading() as database:
        return _reply(database, case_id, both=both)


@router.post("/cases/{case_id}/reply", status_code=201)
def send(caller: Answers, case_id: Number, given: ReplyAsked) -> Reply:
    """Answer a campaign once: each person by mail in their language, each thread by a task for a person."""
    words = words_of(given.subject.cy, given.subject.en, given.text.cy, given.text.en)
    if not are_whole(words):
        raise Stopped("invalid", 422, errors=["words"])
    with caller.changing("campaign.reply", f"case:{case_id}") as database:
        _campaign(database, case_id)
        by, now, key = caller.name, utc_now(), caller.page.audit_key
        petitions.send(database, key, case_id, words, by, now, both=given.both, but=given.but)
        return _reply(database, case_id, both=given.both)


def _campaign(database: Connection, case_id: int) -> None:
    if not card_of(database, case_id).case["campaign"]:
        raise Stopped("not-found", 404)


def _reply(database: Connection, case_id: int, *, both: bool) -> Reply:
    _campaign(database, case_id)
    row = petitions.of_case(database, case_id)
    return Reply(
        case=case_id,
        may=petitions.may_answer(database, case_id),
        plan=None if row else _plan(petitions.plan(database, case_id, both=both)),
        sent=row["id"] if row else None,
        subject=Words(en=row["subject_en"], cy=row["subject_cy"]) if row else None,
        text=Words(en=row["text_en"], cy=row["text_cy"]) if row else None,
        by=row["by"] if row else None,
        at=row["at"] if row else None,
        outcome=petitions.result(database, case_id) if row else {},
    )


def _plan(found: Plan) -> ReplyPlan:
    return ReplyPlan(
        mails=len(found.recipients),
        languages=found.languages(),
        threads=len(found.threads),
        left_out={why: list(names) for why, names in found.left_out.items()},
        contacts={one.contact_id: one.name for one in found.recipients},
    )
