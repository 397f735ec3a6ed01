"""Words to reviewers by mail and webhook: urgent cases, the bot's own troubles, the daily digest; never a word of a message."""

import logging
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.sending import SendRefused
from models.domain import Attention
from models.engine_tables import alarm, manual_task
from models.policy.clocks import LONDON, is_working_day
from models.store import dispatches, outbox
from models.tables import case, message
from review_queue.troubles import alarm_words

URGENT, ALARM, DIGEST = "urgent", "alarm", "digest"
KINDS = (URGENT, ALARM, DIGEST)
LOOK_BACK = timedelta(days=2)
_SILENT = frozenset({"notify"})
"""Alarms about the telling itself are shown on the page and not told: they would never end."""


class NotTold(Exception):
    """The service did not take it, as far as it says."""


def enter_urgent(database: Connection, references: Sequence[str], now: datetime) -> None:
    """Enter a word for each urgent case that stands open, once a case and place."""
    query = select(case.c.id, case.c.org).where(
        case.c.state == "open", case.c.attention == Attention.URGENT.value, case.c.updated_at > now - LOOK_BACK
    )
    for row in database.execute(query):
        for place, reference in enumerate(references):
            detail = {"case": row.id, "place": reference}
            dispatches.enter(database, f"urgent:{row.id}:{place}", URGENT, row.org, now, detail=detail)


def enter_alarms(database: Connection, references: Sequence[str], now: datetime) -> None:
    """Enter a word for each alarm that stands, once an alarm and place."""
    query = select(alarm).where(alarm.c.cleared_at.is_(None), alarm.c.raised_at > now - LOOK_BACK)
    for row in database.execute(query):
        for place, reference in enumerate(references if row.kind not in _SILENT else ()):
            detail = {"kind": row.kind, "connection": row.connection_id, "facts": row.facts, "answer": row.answer}
            detail["place"] = reference
            dispatches.enter(database, f"alarm:{row.id}:{place}", ALARM, "", now, detail=detail)


def enter_digest(database: Connection, references: Sequence[str], hour: int, now: datetime) -> None:
    """Enter the day's digest on working days from `hour` London time on, once a day and place."""
    local = now.astimezone(LONDON)
    if local.hour < hour or not is_working_day(local.date()):
        return
    day = f"digest:{local.date().isoformat()}"
    if not references or dispatches.known(database, f"{day}:{len(references) - 1}"):
        return
    counts = _counts(database, now)
    for place, reference in enumerate(references):
        detail = counts | {"place": reference}
        dispatches.enter(database, f"{day}:{place}", DIGEST, "", now, detail=detail)


def _counts(database: Connection, now: datetime) -> dict[str, int]:
    def count(*wanted: Any) -> int:
        return database.execute(select(func.count()).where(*wanted)).scalar_one()

    waiting = outbox.held_unjudged(database)
    oldest = min((row.created_at for row in waiting), default=now)
    return {
        "open": count(case.c.state == "open"),
        "urgent": count(case.c.state == "open", case.c.attention == Attention.URGENT.value),
        "escalated": count(case.c.state == "escalated"),
        "held": len(waiting),
        "oldest_held_days": (now - oldest).days,
        "lapsing": sum(1 for r in waiting if r.provisional_until and r.provisional_until < now + timedelta(days=1)),
        "tasks": count(manual_task.c.state == "open"),
        "alarms": count(alarm.c.cleared_at.is_(None)),
        "undecided": count(message.c.decided < message.c.revision),
    }


def words(row: Row[Any], page: str | None) -> tuple[str, str]:
    """Return title and body of a dispatch, Welsh and English."""
    detail = row.detail
    where = f"\n{page}" if page else ""
    if row.kind == URGENT:
        link = f"\n{page.rstrip('/')}/case/{detail['case']}" if page else ""
        number = detail["case"]
        return (
            "Porthor: achos brys / urgent case",
            f"Mae achos brys yn aros: rhif {number} ({row.org}).\nAn urgent case waits: number {number} ({row.org}).{link}",
        )
    if row.kind == ALARM:
        about = f" ({detail['connection']})" if detail["connection"] else ""
        welsh, english = (alarm_words(detail["kind"], detail.get("facts", {}), language) for language in ("cy", "en"))
        answer = f"\n{detail['answer']}" if detail.get("answer") else ""
        return f"Porthor: sylw / attention{about}", f"{welsh}\n{english}{answer}{where}"
    return "Porthor: crynodeb / daily digest", _digest(detail) + where


def _digest(counts: dict[str, int]) -> str:
    lines = (
        ("open", "achosion ar agor", "cases open"),
        ("urgent", "ohonynt yn frys", "of them urgent"),
        ("escalated", "wedi'u huwchgyfeirio", "escalated"),
        ("held", "eitemau a ddaliwyd nad edrychwyd arnynt", "items held that nobody has looked at"),
        ("oldest_held_days", "diwrnod ers dal yr hynaf", "days since the oldest was held"),
        ("lapsing", "yn codi eu hunain o fewn diwrnod", "lift themselves within a day"),
        ("tasks", "tasgau i berson", "tasks for a person"),
        ("alarms", "larymau", "alarms"),
        ("undecided", "negeseuon heb benderfyniad", "messages without a decision"),
    )
    return "\n".join(f"{counts[key]} {welsh} / {english}" for key, welsh, english in lines)


class AppriseTeller:
    """Tells one place through apprise: mail, Teams, Slack and many more by one address."""

    def __init__(self, secret: Callable[[str], str]) -> None:
        self._secret = secret
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

    def tell(self, reference: str, title: str, body: str) -> None:
        """Tell the place that `reference` stands for.

        Raises:
            NotTold: The service did not take it, as far as it says.
            SendRefused: The address is none.
        """
        import apprise

        place = apprise.Apprise()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # its own imports, loaded with the first address
            known = place.add(self._secret(reference))
        if not known:
            raise SendRefused(f"the address behind {reference!r} is not one that can be told")
        if not place.notify(title=title, body=body):
            raise NotTold(f"the service behind {reference!r} did not take it")
