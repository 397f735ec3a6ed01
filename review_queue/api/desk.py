"""The desk by the API: the quarantine and its release, the log of enforcement, tasks, connections, insights."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from models.domain import Action
from models.records.public import rendering
from models.store import cards, commands, quarantine, reviewers, status, tasks
from models.store.commands import TOLD, CommandKind, UnknownConnection
from models.store.insights import HANDLINGS
from models.store.quarantine import HeldFilter
from review_queue import marks
from review_queue.api.caller import Decides, Operates, Oversees, Reads, Releases
from review_queue.api.problems import Stopped
from review_queue.api.shapes.asked import HeldQuery, ReleaseAsked
from review_queue.api.shapes.base import Words
from review_queue.api.shapes.desk import (
    Held,
    HeldList,
    HeldSum,
    Insights,
    OnCall,
    PublicStatement,
    Released,
    Status,
    Task,
    UrgentCase,
)
from review_queue.api.shapes.messages import Enforcement
from review_queue.i18n import utc_now
from review_queue.numbers import Number
from review_queue.pages import insights, rota, statement
from review_queue.pages.connections import tell_all
from review_queue.rights import Right
from review_queue.troubles import alarm_words

router = APIRouter()
At100 = Annotated[int, Query(ge=1, le=500)]


@router.get("/quarantine", tags=["Quarantine"])
def held(caller: Reads, query: Annotated[HeldQuery, Query()]) -> HeldList:
    """List what is held now, what lapses first coming first."""
    wanted = HeldFilter(query.text.strip(), query.org, query.channel or "", query.by)
    with caller.reading() as database:
        rows, total = quarantine.listed(database, wanted, query.page_size, (query.page - 1) * query.page_size)
        signals = cards.signals_of(database, [row["id"] for row in rows])
        mask = reviewers.of(database, caller.name, utc_now()).mask
    return HeldList(
        held=[_held(row, signals.get(row["id"], ()), mask) for row in rows],
        page=query.page,
        pages=max(1, -(-total // query.page_size)),
        total=total,
    )


def _held(row: Mapping[str, Any], signals: tuple[Mapping[str, Any], ...], mask: bool) -> Held:
    same = ("channel", "connection_id", "author", "author_name", "effect", "held_at", "clauses")
    hidden = mask and marks.is_harsh(signals)
    return Held(
        **{name: row[name] for name in same},
        message=row["id"],
        case=row["case_id"],
        case_version=row["version"],
        case_state=row["state"],
        organisation=row["org"],
        subject=marks.BLOT * len(row["subject"]) if hidden and row["subject"] else row["subject"],
        text=marks.blotted(row["own_text"], signals, mask),
        words_hidden=hidden,
        language=row["lang"],
        released_at=row["provisional_until"],
        confirmed=row["provisional_until"] is None,
        why=Words(en=row["why_en"], cy=row["why_cy"]),
    )


@router.get("/quarantine/summary", tags=["Quarantine"])
def summed_up(caller: Reads) -> list[HeldSum]:
    """Sum up what is held by organisation and channel."""
    with caller.reading() as database:
        return [HeldSum.model_validate(row) for row in quarantine.digest(database)]


@router.post("/quarantine/release", tags=["Quarantine"])
def release(caller: Releases, given: ReleaseAsked) -> Released:
    """Release cases whole: a verdict to deliver, on each that still stands at the version given."""
    versions = {entry.case: entry.version for entry in given.cases}
    with caller.changing("quarantine.release", "quarantine", cases=sorted(versions)) as database:
        known = {row["case_id"] for row in quarantine.of_cases(database, list(versions))}
        wanted = {case: version for case, version in versions.items() if case in known}
        done, moved = quarantine.release(database, caller.page.audit_key, wanted, caller.name, utc_now(), given.note)
    return Released(released=done, moved=moved + len(versions) - len(wanted))


@router.get("/enforcements", tags=["The bot"])
def log(caller: Oversees, limit: At100 = 100) -> list[Enforcement]:
    """List what the bot did on the platforms, newest first."""
    with caller.reading() as database:
        return [Enforcement.model_validate(row) for row in status.log(database, limit)]


@router.get("/tasks", tags=["The bot"])
def to_do(caller: Reads) -> list[Task]:
    """List what people must do by hand, oldest first."""
    with caller.reading() as database:
        return [Task.model_validate(row) for row in tasks.listed(database, "open", "ticked")]


@router.post("/tasks/{task_id}/done", status_code=204, tags=["The bot"])
def done(caller: Decides, task_id: Number) -> None:
    """Say that a task is done; the bot reads the platform afterwards."""
    with caller.changing("task.done", f"task:{task_id}") as database:
        if not tasks.tick(database, caller.page.audit_key, task_id, caller.name, utc_now()):
            raise Stopped("task-moved", 409)


@router.post("/tasks/{task_id}/retry", status_code=202, tags=["The bot"])
def retry(caller: Decides, task_id: Number) -> None:
    """Let the bot try a task's effect again."""
    with caller.changing("task.retry", f"task:{task_id}") as database:
        known = tasks.of(database, task_id)
        if known is None or known.state != "open":
            raise Stopped("task-moved", 409)
        commands.write(database, caller.page.audit_key, CommandKind.RETRY, caller.name, utc_now(), task_id=task_id)


@router.get("/status", tags=["The bot"])
def bot(caller: Oversees) -> Status:
    """Say how the bot and each connection stand."""
    with caller.reading() as database:
        found = status.read(database, utc_now())
    told = [
        dict(alarm) | {"detail": alarm_words(alarm["kind"], alarm["facts"], caller.language)} for alarm in found.alarms
    ]
    return Status.model_validate(found.as_dict() | {"alarms": told})


@router.post("/connections/all/{told}", status_code=202, tags=["The bot"])
def command_all(caller: Operates, told: Literal["pause", "resume"]) -> None:
    """Pause every connection, or resume every one that is paused."""
    with caller.changing(f"connection.{told}", "connection:all") as database:
        tell_all(database, caller.page.audit_key, told, caller.name)


@router.post("/connections/{name}/{told}", status_code=202, tags=["The bot"])
def command(caller: Operates, name: str, told: Literal["pause", "resume"], effect: Action | None = None) -> None:
    """Pause or resume a connection, or one automatic effect of it; the bot obeys within a second."""
    try:
        with caller.changing(f"connection.{told}", f"connection:{name}", effect=effect) as database:
            commands.write(database, caller.page.audit_key, TOLD[told], caller.name, utc_now(), name, effect)
    except UnknownConnection as error:
        raise Stopped("not-found", 404, detail=str(error)) from error


@router.get("/on-call", tags=["On call"])
def on_call(caller: Reads) -> list[OnCall]:
    """Say who is on call now and in the days to come, and which urgent cases nobody has taken up."""
    with caller.reading() as database:
        return [_on_call(database, rota.standing(database, org)) for org in rota.orgs_of(database)]


def _on_call(database: Connection, found: Mapping[str, Any]) -> OnCall:
    waiting = [UrgentCase(case=row.case_id, since=row.since) for row in found["unanswered"]]
    same = {name: found[name] for name in ("org", "staffed", "day")}
    ahead = {day: list(names) for day, names in rota.ahead_of(database, found["org"], found["day"])}
    return OnCall(**same, active=found["plan"].active, names=list(found["names"]), ahead=ahead, unanswered=waiting)


@router.get("/organisations/{org}/statement", tags=["Rules"])
def public(caller: Reads, org: str) -> PublicStatement:
    """Give the moderation statement for the public, Welsh and English together, as text and as HTML."""
    found = statement.made(caller.page, org)
    return PublicStatement(organisation=org, text=rendering.text(found), html=rendering.html(found))


@router.get("/insights", tags=["Insights"])
def figures(caller: Oversees, days: Literal["7", "30", "90", "365"] = "30", org: str = "") -> Insights:
    """Give what the desk has done in the last days, of one organisation or of all."""
    found = insights.read(caller.page, int(days), org)
    leads = Right.APPROVE in caller.rights
    same = ("by_day", "by_channel", "by_language", "clauses", "held_by_machine", "held_and_judged", "overturned")
    return Insights(
        **{name: getattr(found, name) for name in (*same, "waited", "reliability", "campaign_days")},
        days=int(days),
        handlings=list(HANDLINGS),
        load=found.load if leads else None,
    )
