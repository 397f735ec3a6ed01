"""Calls whoever is on call about an urgent case that nobody takes up out of hours, then the next, then says so aloud."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Connection, Engine, Row

from models.domain import EnforcementState
from models.policy.loader import builtin_pack
from models.session import reading, writing
from models.store import alarms, dispatches, rota, urgent
from models.store.rota import Plan

KIND = "call"
MAIL = "mail:"
_FAILED = {state.value for state in EnforcementState if state.needs_person}
PlaceOf = Callable[[str], str | None]


def place_of(people: Mapping[str, str], by_mail: bool) -> PlaceOf:
    """Return where somebody is called: as the settings say, else by mail where their account is an address."""

    def place(name: str) -> str | None:
        fallback = f"{MAIL}{name}" if by_mail and "@" in name else None
        return people.get(name, fallback)

    return place


def run(engine: Engine, place: PlaceOf, clock: Callable[[], datetime]) -> None:
    """Call who is next; where no organisation has a rota nothing is asked of the store but that."""
    with reading(engine) as database:
        if not any(plan.active for plan in rota.plans(database)):
            return
    with writing(engine) as database:
        call(database, place, clock())


def call(database: Connection, place: PlaceOf, now: datetime) -> int:
    """Call who is next about each urgent case that has waited long enough; return how many were called."""
    active = {plan.org: plan for plan in rota.plans(database) if plan.active}
    urgent.follow(database, list(active), now)
    return sum(
        _about(database, watch, active[watch.org], place, now)
        for watch in urgent.unanswered(database)
        if watch.org in active and not active[watch.org].hours.staffed(now)
    )


def _about(database: Connection, watch: Row[Any], plan: Plan, place: PlaceOf, now: datetime) -> bool:
    made = urgent.calls(database, watch.id)
    if not _waited(database, watch, made, plan, now):
        return False
    called = {row.name for row in made}
    for name in rota.on_call(database, plan.org, plan.hours.duty_day(now)):
        if name in called:
            continue
        reference = place(name)
        if reference is None:
            alarms.raise_one(database, f"rota:person:{name}", "rota", now, facts={"name": name})
            continue
        alarms.clear(database, f"rota:person:{name}", now)
        urgent.note_call(database, watch.id, len(made) + 1, name, now)
        detail = {"case": watch.case_id, "place": reference}
        mail = reference.removeprefix(MAIL) if reference.startswith(MAIL) else ""
        dispatches.enter(database, _key(watch.id, len(made) + 1), KIND, plan.org, now, recipient=mail, detail=detail)
        return True
    facts = {"case": watch.case_id, "org": plan.org}
    alarms.raise_one(database, urgent.alarm_key(watch.case_id), "rota", now, facts=facts)
    return False


def _key(watch_id: int, place: int) -> str:
    return f"call:{watch_id}:{place}"


def _waited(database: Connection, watch: Row[Any], made: list[Row[Any]], plan: Plan, now: datetime) -> bool:
    """True when the next may be called: the last has had their time, or could not be reached."""
    wait = timedelta(minutes=plan.minutes or builtin_pack(plan.org).targets.urgent_minutes)
    if not made:
        return bool(now >= watch.since + wait)
    sent = dispatches.find(database, _key(watch.id, made[-1].place))
    return bool(now >= made[-1].at + wait or (sent is not None and sent.state in _FAILED))


def words(row: Row[Any], page: str | None) -> tuple[str, str]:
    """Return title and body of a call, Welsh and English."""
    number, link = row.detail["case"], f"\n{page.rstrip('/')}/case/{row.detail['case']}" if page else ""
    body = (
        f"Mae achos brys yn aros ac nid oes neb wedi ymgymryd ag ef: rhif {number} ({row.org}). Agorwch ef, neu pwyswch "
        f"'Rwy'n ymgymryd ag ef' ar y dudalen Ar alw.\nAn urgent case waits and nobody has taken it up: number {number} "
        f"({row.org}). Open it, or press 'I take it up' on the page On call.{link}"
    )
    return "Porthor: rydych ar alw / you are on call", body


def mail(row: Row[Any], page: str | None, sender: str) -> EmailMessage:
    """Return a call as mail."""
    title, body = words(row, page)
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, row.recipient, title
    made["Auto-Submitted"], made["Importance"] = "auto-generated", "high"
    made.set_content(body)
    return made
