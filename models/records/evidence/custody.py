"""The chain of custody: when the messages came, what was done with them and by whom, from the store and the audit trail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from models.formal_tables import incident
from models.records.evidence.gather import Holding
from models.store import audit
from models.tables import audit_event, decision, enforcement

PACKED = "evidence.packed"
BOT = "machine"


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that happened to a message or the case. `number` and `digest` are the audit event's, if it is one."""

    at: datetime
    by: str
    what: str
    subject: str
    detail: str = ""
    number: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Custody:
    """The chain, oldest first; `events` is how long the trail is and `broken` the first event that does not fit."""

    links: tuple[Link, ...]
    events: int
    broken: int | None


def custody_of(database: Connection, key: bytes, holding: Holding) -> Custody:
    """Return the chain of custody of what is packed."""
    events, broken = audit.verify(database, key)
    links = [*_arrivals(holding), *_machine(database, holding), *_trail(database, holding)]
    return Custody(tuple(sorted(links, key=lambda link: (link.at, link.number or 0))), events, broken)


def _arrivals(holding: Holding) -> Iterator[Link]:
    for exhibit in holding.exhibits:
        row, subject = exhibit.row, f"message:{exhibit.row['id']}"
        yield Link(row["taken_in_at"], BOT, "message.taken_in", subject, f"sha256 {exhibit.versions[0].raw_sha256}")
        for old, new in zip(exhibit.versions, exhibit.versions[1:], strict=False):
            assert old.replaced_at is not None
            yield Link(old.replaced_at, BOT, "message.edited_by_author", subject, f"sha256 {new.raw_sha256}")
        if exhibit.kept_at is not None:
            yield Link(exhibit.kept_at, BOT, "evidence.kept", subject, f"sha256 {exhibit.manifest_sha256}")


def _machine(database: Connection, holding: Holding) -> Iterator[Link]:
    ids = [exhibit.row["id"] for exhibit in holding.exhibits]
    for row in database.execute(select(decision).where(decision.c.message_id.in_(ids))):
        words = f"{row.handling}; {row.pack_id} {row.pack_version}; {row.mode}"
        yield Link(row.decided_at, BOT, "message.decided", f"message:{row.message_id}", words)
    for row in database.execute(select(enforcement).where(enforcement.c.message_id.in_(ids))):
        wanted = row.effect if row.wanted else f"undo {row.effect}"
        back = {None: "", True: "; read back: in force", False: "; read back: not in force"}[row.read_back]
        yield Link(
            row.ended_at or row.created_at,
            BOT,
            "enforcement",
            f"message:{row.message_id}",
            f"{wanted}: {row.state}{back}",
        )


def _trail(database: Connection, holding: Holding) -> Iterator[Link]:
    """Yield the audit events that speak of the case, its messages or the incidents that are its messages."""
    ids = [exhibit.row["id"] for exhibit in holding.exhibits]
    incidents = select(incident.c.id).where(incident.c.message_id.in_(ids), incident.c.contact_id == holding.contact_id)
    subjects = {f"case:{holding.case_id}", *(f"message:{number}" for number in ids)}
    subjects |= {f"incident:{number}" for number in database.execute(incidents).scalars()}
    query = select(audit_event).where(audit_event.c.subject.in_(subjects)).order_by(audit_event.c.number)
    for row in database.execute(query):
        yield Link(row.at, row.by, row.what, row.subject, _words(row.detail), row.number, row.digest)


def _words(detail: dict[str, Any]) -> str:
    told = {name: value for name, value in detail.items() if name in {"actions", "clauses", "sha256", "language"}}
    return "; ".join(
        f"{name} {', '.join(map(str, v)) if isinstance(v, list) else v}" for name, v in sorted(told.items())
    )
