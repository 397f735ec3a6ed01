"""A letter as the bot gives it out: the mail with its pages, and the note that it went."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.sending import SendRefused
from models.domain import Channel
from models.formal_tables import letter
from models.letters import mail
from models.letters.blocks import Element
from models.measures.steps import Officer
from models.policy.schema import Pack
from models.store import evidence
from models.store.formal import letters
from models.store.formal.desk import Desk, StepRefused
from models.store.formal.writing import DISPATCH, EMAIL, Sheet, sheet
from models.store.formal.writing import NOTIFY as BY_NOTIFY

NOTIFY = DISPATCH[BY_NOTIFY]
KINDS = frozenset(DISPATCH.values())


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out: the pages as they were approved, and for mail the whole message."""

    reference: str
    pdf: bytes
    mail: EmailMessage


def parcel(
    database: Connection, row: Row[Any], pack: Pack, sender: str, policies: Path | None, now: datetime
) -> Parcel:
    """Return what a dispatch sends.

    Raises:
        SendRefused: The letter is no longer there or not approved any more, or says that it encloses a policy
            which is not there: nothing goes.
    """
    number = row.detail["letter"]
    by = database.execute(select(letter.c.approved_by, letter.c.approved_role).where(letter.c.id == number)).first()
    if by is None or by.approved_by is None:
        raise SendRefused(f"letter {number} is not approved any more")
    desk = Desk(database, b"", pack, Officer(by.approved_by, by.approved_role), now)
    try:
        found = sheet(desk, number)
    except StepRefused as error:
        raise SendRefused(f"letter {number} cannot be read: {error}") from error
    pages = evidence.body_of(database, row.detail["pdf"])
    made = _mail(found, row, pack, sender, pages, now)
    for name, body in _enclosed(found, policies):
        made.add_attachment(body, maintype="application", subtype="pdf", filename=name)
    return Parcel(found.facts.reference, pages, made)


def _enclosed(found: Sheet, policies: Path | None) -> Iterator[tuple[str, bytes]]:
    """Yield the policies that the letter says it encloses, one a language."""
    for one in found.letters:
        if Element.ENCLOSED in one.required:
            path = (policies or Path("policies")) / f"{one.org}-{one.language}.pdf"
            if not path.is_file():
                raise SendRefused(f"the letter encloses the policy, and {path} is not there: see [letters] policies")
            yield path.name, path.read_bytes()


def _mail(found: Sheet, row: Row[Any], pack: Pack, sender: str, pages: bytes, now: datetime) -> EmailMessage:
    made = EmailMessage()
    first = found.letters[0]
    made["From"] = Address(display_name=first.sender, addr_spec=sender or "no-reply@localhost")
    made["To"] = Address(addr_spec=row.recipient) if row.kind == DISPATCH[EMAIL] else "undisclosed-recipients:;"
    if Channel.EMAIL in found.facts.open_lines() and pack.organisation.email:
        made["Reply-To"] = Address(addr_spec=pack.organisation.email)
    made["Subject"] = mail.subject(found.letters).replace("\n", " ")
    made["Date"] = format_datetime(now)
    domain = sender.partition("@")[2] or "localhost"
    made["Message-ID"] = f"<{hashlib.sha256(row.key.encode()).hexdigest()[:32]}@{domain}>"
    made.set_content(mail.text(found.letters))  # it takes every Content header away: the language comes after
    made["Content-Language"] = ", ".join(one.language for one in found.letters)
    made.add_attachment(pages, maintype="application", subtype="pdf", filename=f"{found.facts.reference}.pdf")
    return made


def arrived(database: Connection, key: bytes, row: Row[Any], pack: Pack, now: datetime) -> None:
    """Note in the caller's transaction that a letter went: what it tells is told from now on."""
    number = row.detail["letter"]
    by = database.execute(select(letter.c.approved_by).where(letter.c.id == number)).scalar_one()
    by_post = row.kind == NOTIFY
    letters.fulfil(database, key, number, pack, now, by_post, by, reference=row.detail["pdf"])
