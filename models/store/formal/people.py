"""Who a contact is: language and style, organisation or professional, circumstances, and accounts joined and split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Table, delete, insert, select, update

from models.formal_tables import circumstance, contact_link, contact_profile, incident, letter_wanted, measure, proposal
from models.measures import permits
from models.measures.dossier import Dossier
from models.measures.permits import reason
from models.measures.refusals import refusal
from models.measures.steps import Circumstance
from models.store.formal import pausing
from models.store.formal.codec import dumped, loaded
from models.store.formal.desk import Desk, StepRefused, too_low
from models.store.formal.files import circumstances_of
from models.store.formal.sealed import SEALED, seal
from models.tables import account, case, contact, formal_event, message

KINDS = ("person", "organisation", "professional")
_MOVING: tuple[Table, ...] = (
    account,
    message,
    case,
    formal_event,
    incident,
    measure,
    proposal,
    letter_wanted,
    circumstance,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """How a contact is written to, and whether it is a person, an organisation or somebody acting professionally."""

    kind: str = "person"
    represents: str = ""
    language: str = ""
    easy_read: bool = False
    why: str = ""


def profile_of(desk: Desk, contact_id: int) -> Profile:
    """Return the profile of a contact: what nobody asked yet is empty."""
    row = desk.database.execute(select(contact_profile).where(contact_profile.c.contact_id == contact_id)).first()
    return Profile() if row is None else Profile(row.kind, row.represents, row.language, row.easy_read, row.why)


def describe(desk: Desk, contact_id: int, profile: Profile) -> None:
    """Record a contact's profile; organisations and professionals are never acted on automatically from now on.

    Raises:
        StepRefused: There is no reason for marking it as an organisation or a professional, or no such kind.
    """
    marked = profile.kind != "person"
    if profile.kind not in KINDS or profile.language not in {"", "en", "cy", "both"}:
        raise StepRefused([refusal("state")])
    if marked and (missing := reason(profile.why)):
        raise StepRefused(missing)
    values = {
        "contact_id": contact_id, "kind": profile.kind, "represents": profile.represents, "language": profile.language,
        "easy_read": profile.easy_read, "why": profile.why, "by": desk.officer.name, "at": desk.now,
    }  # fmt: skip
    desk.database.execute(delete(contact_profile).where(contact_profile.c.contact_id == contact_id))
    desk.database.execute(insert(contact_profile).values(**values))
    desk.database.execute(update(contact).where(contact.c.id == contact_id).values(professional=marked))
    _seal(desk, "contact.described", contact_profile, contact_id, kind=profile.kind)


def note(desk: Desk, contact_id: int, draft: Circumstance) -> int:
    """Record a circumstance: nothing is done automatically to the person from now on.

    Where the person can then use no line that is left open, the measures that close lines rest at once.

    Raises:
        StepRefused: It says nothing, or names a role that the pack does not have.
    """
    roles = {role.id for role in desk.pack.roles} | {""}
    if missing := reason(draft.text):
        raise StepRefused(missing)
    if draft.seen_by not in roles:
        raise StepRefused([refusal("state")])
    draft = replace(draft, by=desk.officer.name, at=desk.now, declined=None, ended_at=None)
    made = desk.database.execute(insert(circumstance).values(contact_id=contact_id, at=desk.now, detail=dumped(draft)))
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    _seal(desk, "circumstance.noted", circumstance, number, certainty=draft.certainty)
    _protect(desk, contact_id)
    pausing.rest_where_no_line_is_left(desk, contact_id)
    return number


def close_note(desk: Desk, number: int, why: str = "") -> None:
    """Note that a circumstance no longer holds, and why."""
    found, contact_id = _circumstance(desk, number)
    _keep(desk, replace(found, ended_at=desk.now, ended_why=why), "circumstance.ended", ended_at=desk.now)
    _protect(desk, contact_id)


def advise_on(desk: Desk, number: int, advice: str) -> None:
    """Record specialist advice on an adjustment.

    Raises:
        StepRefused: There is none.
    """
    found, _ = _circumstance(desk, number)
    if missing := reason(advice):
        raise StepRefused(missing)
    _keep(desk, replace(found, advice=advice), "circumstance.advised")


def decline(desk: Desk, number: int, why: str) -> None:
    """Decline an adjustment; of one that the person asked for only after advice.

    Raises:
        StepRefused: There is no reason, no advice, or no authority.
    """
    found, _ = _circumstance(desk, number)
    ruling = permits.declining(desk.pack, desk.officer, found, why)
    if ruling.refusals:
        raise StepRefused(ruling.refusals)
    if ruling.goes_to is not None:
        raise StepRefused([too_low(ruling)])
    _keep(desk, replace(found, declined=desk.taken, declined_why=why), "adjustment.declined")


def _circumstance(desk: Desk, number: int) -> tuple[Circumstance, int]:
    row = desk.database.execute(select(circumstance).where(circumstance.c.id == number)).mappings().first()
    if row is None or row["ended_at"] is not None:
        raise StepRefused([refusal("state")])
    return loaded("circumstance", row), row["contact_id"]


def _keep(desk: Desk, found: Circumstance, what: str, **columns: Any) -> None:
    number = found.circumstance_id
    desk.database.execute(
        update(circumstance).where(circumstance.c.id == number).values(detail=dumped(found), **columns)
    )
    _seal(desk, what, circumstance, number)


def _protect(desk: Desk, contact_id: int) -> None:
    """Keep the mark that the bot looks at in step with what is recorded or believed."""
    current = any(found.ended_at is None for found in circumstances_of(desk.database, contact_id))
    desk.database.execute(update(contact).where(contact.c.id == contact_id).values(adjustment=current))


def join(desk: Desk, contact_id: int, other_id: int, why: str) -> int:
    """Make `other_id` the same person as `contact_id`: accounts, messages, cases and the whole file move over.

    Raises:
        StepRefused: There is no reason, they are one already, or their restrictions together would close
            the last line of contact.
    """
    found = reason(why)
    if contact_id == other_id or not {contact_id, other_id} <= _known(desk, contact_id, other_id):
        found.append(refusal("state"))
    if not found:
        found += permits.joined_lines(desk.pack, _together(desk, contact_id, other_id), desk.now).refusals
    if found:
        raise StepRefused(found)
    moved = {table.name: _move(desk, table, other_id, contact_id) for table in _MOVING}
    number = _link(desk, "join", contact_id, other_id, moved, why)
    was = desk.database.execute(select(contact.c.professional).where(contact.c.id == other_id)).scalar_one()
    if was:
        desk.database.execute(update(contact).where(contact.c.id == contact_id).values(professional=True))
    _protect(desk, contact_id)
    _protect(desk, other_id)
    return number


def _known(desk: Desk, *ids: int) -> set[int]:
    return set(desk.database.execute(select(contact.c.id).where(contact.c.id.in_(ids))).scalars())


def _together(desk: Desk, contact_id: int, other_id: int) -> Dossier:
    one, other = desk.file(contact_id), desk.file(other_id)
    return replace(
        one,
        circumstances=one.circumstances + other.circumstances,
        incidents=one.incidents + other.incidents,
        restrictions=one.restrictions + other.restrictions,
    )


def split(desk: Desk, link_id: int, why: str) -> None:
    """Undo a joining: what came with it goes back, what came since stays with the person it was written about.

    Raises:
        StepRefused: It was undone already, or there is no reason.
    """
    query = select(contact_link).where(contact_link.c.id == link_id, contact_link.c.undone_at.is_(None))
    row = desk.database.execute(query).mappings().first()
    found = reason(why)
    if row is None or row["kind"] != "join":
        found.append(refusal("state"))
    if found or row is None:
        raise StepRefused(found)
    for table in _MOVING:
        ids = row["moved"].get(table.name, [])
        _move(desk, table, row["contact_id"], row["other_id"], ids)
    _follow_accounts(desk, row["contact_id"], row["other_id"], row["moved"].get("account", []))
    desk.database.execute(update(contact_link).where(contact_link.c.id == link_id).values(undone_at=desk.now))
    _seal(desk, "contact.join_undone", contact_link, link_id)
    _protect(desk, row["contact_id"])
    _protect(desk, row["other_id"])


def joins_of(desk: Desk, contact_id: int) -> list[dict[str, Any]]:
    """Return the joinings of a contact that were not undone."""
    mine = (contact_link.c.contact_id == contact_id) & (contact_link.c.kind == "join")
    query = select(contact_link).where(mine, contact_link.c.undone_at.is_(None)).order_by(contact_link.c.id)
    return [dict(row) for row in desk.database.execute(query).mappings()]


def split_accounts(desk: Desk, contact_id: int, account_ids: Sequence[int], why: str) -> int:
    """Take accounts of a contact apart as another person, with their messages; return that person's number.

    Raises:
        StepRefused: There is no reason, or no account would stay.
    """
    found = reason(why)
    mine = set(desk.database.execute(select(account.c.id).where(account.c.contact_id == contact_id)).scalars())
    if not account_ids or not set(account_ids) < mine:
        found.append(refusal("state"))
    if found:
        raise StepRefused(found)
    name = desk.database.execute(select(account.c.name, account.c.address).where(account.c.id == account_ids[0])).one()
    made = desk.database.execute(insert(contact).values(name=name.name or name.address, created_at=desk.now))
    other = int(made.inserted_primary_key[0])  # type: ignore[index]
    moved = {"account": _move(desk, account, contact_id, other, account_ids)}
    moved["message"] = _follow_accounts(desk, contact_id, other, account_ids)
    _link(desk, "split", contact_id, other, moved, why)
    return other


def _follow_accounts(desk: Desk, source: int, to: int, account_ids: Sequence[int]) -> list[int]:
    """Move the messages of accounts, and the incidents those messages are, to the person who has the accounts now."""
    gone: list[int] = []
    for row in desk.database.execute(select(account).where(account.c.id.in_(list(account_ids)))):
        query = select(message.c.id).where(message.c.contact_id == source, message.c.author == row.address)
        gone += _move(desk, message, source, to, list(desk.database.execute(query).scalars()))
    of_them = select(incident.c.id).where(incident.c.contact_id == source, incident.c.message_id.in_(gone))
    _move(desk, incident, source, to, list(desk.database.execute(of_them).scalars()))
    return gone


def _move(desk: Desk, table: Table, source: int, to: int, ids: Sequence[int] | None = None) -> list[int]:
    """Move rows from one contact to another and seal those that the trail seals; return their numbers."""
    query = select(table.c.id).where(table.c.contact_id == source)
    if ids is not None:
        query = query.where(table.c.id.in_(list(ids)))
    moved = sorted(desk.database.execute(query).scalars())
    if moved:
        desk.database.execute(update(table).where(table.c.id.in_(moved)).values(contact_id=to))
    for number in moved if table.name in SEALED else ():
        _seal(desk, "contact.moved", table, number, to=to)
    return moved


def _link(desk: Desk, kind: str, contact_id: int, other: int, moved: dict[str, list[int]], why: str) -> int:
    made = desk.database.execute(
        insert(contact_link).values(
            kind=kind, contact_id=contact_id, other_id=other, moved=moved, why=why, by=desk.officer.name, at=desk.now
        )
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    _seal(desk, f"contact.{kind}", contact_link, number, contact=contact_id, other=other)
    return number


def _seal(desk: Desk, what: str, table: Table, number: int, **ids: Any) -> None:
    seal(desk.database, desk.key, desk.now, desk.officer.name, what, table, number, **ids)
