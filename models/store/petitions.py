"""One reply to everybody of a campaign: who gets it, in which language, and that nobody gets it twice."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from models.answerable import is_answerable
from models.bulk_tables import campaign_reply
from models.domain import Channel, EnforcementState, Nature, VerdictKind
from models.engine_tables import dispatch, manual_task
from models.formal_tables import contact_profile, measure
from models.store import audit, dispatches
from models.store.agreeing import NotPossible
from models.store.rows import insert_new
from models.tables import case, case_item, contact, message, verdict

MAIL, PUBLIC = "reply", "public_reply"
"""The kinds of dispatch: a mail to one person, and a public answer that a person writes in one thread."""
_ANSWERED = (VerdictKind.DELIVER.value, VerdictKind.NO_ACTION.value)


@dataclass(frozen=True, slots=True)
class Words:
    """The reply in both languages."""

    subject_cy: str
    subject_en: str
    text_cy: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the mail: `language` is cy, en or both; `message_id` is their newest message of the campaign."""

    contact_id: int
    message_id: int
    name: str
    address: str
    connection_id: str
    language: str


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a person answers publicly: one answer for all posts of one thread, and one for those that stand alone."""

    connection_id: str
    channel: str
    thread: str
    message_id: int
    posts: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would get a reply; `left_out` names the others, by reason."""

    recipients: tuple[Recipient, ...]
    threads: tuple[Thread, ...]
    left_out: Mapping[str, tuple[str, ...]]

    def languages(self) -> Counter[str]:
        """Return how many get it in which language."""
        return Counter(one.language for one in self.recipients)


def root_of(connection: Connection, case_id: int) -> int:
    """Return the first case of a campaign that went on after its verdict: whoever was answered there was answered."""
    seen = {case_id}
    while (before := connection.execute(select(case.c.follows_id).where(case.c.id == case_id)).scalar()) is not None:
        if before in seen:
            break
        seen.add(before)
        case_id = before
    return case_id


def may_answer(connection: Connection, case_id: int) -> bool:
    """True for a campaign that a person has decided to be legitimate: its last verdict delivered it, or did nothing."""
    row = connection.execute(select(case.c.campaign, case.c.state).where(case.c.id == case_id)).first()
    last = select(verdict.c.kind).where(verdict.c.case_id == case_id).order_by(verdict.c.id.desc()).limit(1)
    return bool(row and row.campaign and row.state == "closed" and connection.execute(last).scalar() in _ANSWERED)


def plan(connection: Connection, case_id: int, *, both: bool, but: Collection[int] = ()) -> Plan:
    """Return who would get a reply to a campaign, the contacts `but` excepted; `both`: all in both languages."""
    rows = _items(connection, case_id)
    ids = [row["contact_id"] for row in rows]
    kept = {row.contact_id: row.language for row in connection.execute(_profiles(ids))}
    under = set(connection.execute(_restricted(ids)).scalars())
    root = root_of(connection, case_id)
    told = {
        entry.key for entry in connection.execute(select(dispatch.c.key).where(dispatch.c.key.like(f"reply:{root}:%")))
    }
    mails: dict[int, Recipient] = {}
    threads: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    left: dict[str, dict[str, None]] = {}
    for row in rows:
        why = _why(row, under, but)
        if why:
            left.setdefault(why, {})[row["author"] or row["author_name"] or row["name"]] = None
        elif row["channel"] != Channel.EMAIL.value:
            threads.setdefault((row["connection_id"], row["thread"] or ""), []).append(row)
        elif key_of(root, row["contact_id"]) in told:
            left.setdefault("already", {})[row["author"]] = None
        else:
            mails[row["contact_id"]] = _recipient(row, "both" if both else kept.get(row["contact_id"]) or "both")
    places = [
        Thread(place, entries[-1]["channel"], thread, entries[-1]["id"], len(entries))
        for (place, thread), entries in _together(threads).items()
        if thread_key(root, place, thread) not in told
    ]
    return Plan(tuple(mails.values()), tuple(places), {why: tuple(names) for why, names in left.items()})


def _together(
    threads: Mapping[tuple[str, str], list[Mapping[str, Any]]],
) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """Return threads with posts that stand alone put together, one for each connection: they get one answer."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for (place, thread), entries in threads.items():
        found.setdefault((place, thread if len(entries) > 1 else ""), []).extend(entries)
    return found


def _items(connection: Connection, case_id: int) -> list[Mapping[str, Any]]:
    query = (
        select(message, contact.c.name, contact.c.adjustment)
        .join(case_item, case_item.c.message_id == message.c.id)
        .join(contact, contact.c.id == message.c.contact_id)
        .where(case_item.c.case_id == case_id)
        .order_by(message.c.received_at, message.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _profiles(ids: Sequence[int]) -> Any:
    return select(contact_profile.c.contact_id, contact_profile.c.language).where(contact_profile.c.contact_id.in_(ids))


def _restricted(ids: Sequence[int]) -> Any:
    standing = (measure.c.kind == "restriction") & (measure.c.state == "standing")
    return select(measure.c.contact_id).where(measure.c.contact_id.in_(ids), standing)


def _why(row: Mapping[str, Any], under: Collection[int], but: Collection[int]) -> str:
    """Return why a message's sender gets no reply by the machine, empty where they do."""
    mail = row["channel"] == Channel.EMAIL.value
    asked = (
        ("excepted", row["contact_id"] in but),
        ("own", row["nature"] == Nature.OWN.value),
        ("restricted", row["contact_id"] in under),
        ("automatic", mail and row["nature"] != Nature.ORDINARY.value),
        ("unproven", mail and not row["verified"]),
        ("adjustment", mail and row["adjustment"]),
        ("unanswerable", mail and not is_answerable(row["author"], dict(row["detail"]["headers"]))),
    )
    return next((why for why, holds in asked if holds), "")


def _recipient(row: Mapping[str, Any], language: str) -> Recipient:
    return Recipient(
        row["contact_id"], row["id"], row["author_name"] or row["name"], row["author"], row["connection_id"], language
    )


def key_of(root: int, contact_id: int) -> str:
    """Return the key of a person's reply: the same for every case of one campaign."""
    return f"reply:{root}:{contact_id}"


def thread_key(root: int, connection_id: str, thread: str) -> str:
    """Return the key of a public reply in one thread."""
    return f"reply:{root}:{connection_id}:{thread}"[:200]


def send(
    connection: Connection,
    audit_key: bytes,
    case_id: int,
    words: Words,
    by: str,
    now: datetime,
    *,
    both: bool,
    but: Collection[int] = (),
) -> int:
    """Write the reply, its mails and its tasks in the caller's transaction; return its number.

    Raises:
        NotPossible: `undecided`, `done` (it was answered) or `nobody` (none would get it).
    """
    if not may_answer(connection, case_id):
        raise NotPossible("undecided")
    if of_case(connection, case_id) is not None:
        raise NotPossible("done")
    found = plan(connection, case_id, both=both, but=but)
    if not found.recipients and not found.threads:
        raise NotPossible("nobody")
    org = connection.execute(select(case.c.org).where(case.c.id == case_id)).scalar_one()
    values = {name: getattr(words, name) for name in ("subject_cy", "subject_en", "text_cy", "text_en")}
    left = {why: len(names) for why, names in found.left_out.items()}
    made = connection.execute(
        insert(campaign_reply).values(case_id=case_id, org=org, **values, both=both, left_out=left, by=by, at=now)
    )
    number, root = int(made.inserted_primary_key[0]), root_of(connection, case_id)  # type: ignore[index]
    for one in found.recipients:
        detail = {"reply": number, "language": one.language, "message": one.message_id}
        dispatches.enter(
            connection, key_of(root, one.contact_id), MAIL, org, now, recipient=one.address,
            connection_id=one.connection_id, contact_id=one.contact_id, detail=detail,
        )  # fmt: skip
    for place in found.threads:
        _by_hand(connection, thread_key(root, place.connection_id, place.thread), org, number, place, now)
    counted = {"mails": len(found.recipients), "threads": len(found.threads), "left_out": sum(left.values())}
    audit.append(connection, audit_key, now, by, "campaign.reply", f"case:{case_id}", {"reply": number, **counted})
    return number


def _by_hand(connection: Connection, key: str, org: str, number: int, place: Thread, now: datetime) -> None:
    """Give a person the task to answer in one thread; the case stays closed."""
    manual = EnforcementState.MANUAL.value
    row: dict[str, Any] = {
        "key": key,
        "kind": PUBLIC,
        "org": org,
        "recipient": "",
        "connection_id": place.connection_id,
    }
    row |= {"detail": {"reply": number, "message": place.message_id}, "state": manual, "attempts": 0, "fence": 0}
    insert_new(connection, dispatch, [row | {"next_at": now, "created_at": now, "ended_at": now, "outcome": ""}])
    written = connection.execute(select(dispatch.c.id).where(dispatch.c.key == key)).scalar_one()
    task: dict[str, Any] = {
        "dispatch_id": written,
        "connection_id": place.connection_id,
        "message_id": place.message_id,
    }
    insert_new(connection, manual_task, [task | {"why": manual, "state": "open", "created_at": now}])


def of_case(connection: Connection, case_id: int) -> Mapping[str, Any] | None:
    """Return the reply that a campaign got, None while it got none."""
    row = connection.execute(select(campaign_reply).where(campaign_reply.c.case_id == case_id)).mappings().first()
    return None if row is None else dict(row)


def find(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """Return a reply by its number."""
    row = connection.execute(select(campaign_reply).where(campaign_reply.c.id == number)).mappings().first()
    return None if row is None else dict(row)


def result(connection: Connection, case_id: int) -> dict[str, dict[str, int]]:
    """Return what became of the reply to a campaign: by kind, how many mails and tasks stand in which state."""
    root, found = root_of(connection, case_id), dict[str, dict[str, int]]()
    mine = (dispatch.c.key.like(f"reply:{root}:%")) & (dispatch.c.kind == MAIL)
    for state, count in connection.execute(
        select(dispatch.c.state, func.count()).where(mine).group_by(dispatch.c.state)
    ):
        found.setdefault(MAIL, {})[state] = count
    theirs = (dispatch.c.key.like(f"reply:{root}:%")) & (dispatch.c.kind == PUBLIC)
    tasks = select(manual_task.c.state, func.count()).join(dispatch, dispatch.c.id == manual_task.c.dispatch_id)
    for state, count in connection.execute(tasks.where(theirs).group_by(manual_task.c.state)):
        found.setdefault(PUBLIC, {})[state] = count
    return found
