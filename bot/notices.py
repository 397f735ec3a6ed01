"""The neutral notice to the sender of a held mail: who gets one, how often, and what it says in both languages."""

import hashlib
import re
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from models.answerable import is_answerable
from models.domain import Action, Channel, Enforcement, EnforcementState, Nature, Outcome
from models.labels import family
from models.policy.clocks import LONDON
from models.policy.schema import Pack
from models.store import dispatches
from models.tables import connection as connection_table
from models.tables import contact, decision, message

KIND = "notice"
AT_MOST_EVERY = timedelta(days=7)
UNSAFE = frozenset({"abuse.threat", "abuse.harassment", "doxing.staff_details"})
"""To whoever threatens, stalks or publishes addresses a machine says nothing: a person decides what they learn."""
_SUBJECT = "Eich neges atom / Your message to us"
_WELSH = """\
Rydym wedi derbyn eich neges a anfonwyd ar {date}.

Mae ein system gyfrifiadurol wedi ei rhoi o'r neilltu er mwyn i aelod o'n staff edrych arni cyn iddi fynd ymhellach.
Person fydd yn penderfynu, nid y system, a hynny erbyn diwedd y diwrnod gwaith nesaf; fel arall bydd yn mynd ymlaen fel
unrhyw neges arall. Nid oes angen i chi ei hanfon eto.

Os ydych am ychwanegu rhywbeth, neu os nad ydych yn cytuno â hyn, gallwch ysgrifennu atom yn y ffordd arferol{phone}.
Bydd person yn edrych ar hynny hefyd.

Os oes perygl i fywyd, ffoniwch 999.

Anfonwyd y neges hon yn awtomatig. Ni fydd ateb i'r cyfeiriad hwn yn cael ei ddarllen.
{name}
"""
_ENGLISH = """\
We have received your message of {date}.

Our computer system put it aside so that a member of our staff can look at it before it goes further.
A person decides, not the system, by the end of the next working day; otherwise it goes on like any other message.
You do not need to send it again.

If you want to add something, or if you do not agree with this, you can write to us in the usual way{phone}.
A person will look at that too.

If a life is in danger, call 999.

This message was sent automatically. A reply to this address will not be read.
{name}
"""


def consider(database: Connection, job: Enforcement, outcome: Outcome, pack: Pack, now: datetime) -> bool:
    """Enter a notice for a hold that has just come into force, where one is due and safe; return whether.

    In the transaction that records the hold, so that neither stands without the other.
    """
    held = job.effect is Action.QUARANTINE and job.wanted and job.provisional_until is not None
    if not held or outcome.state not in {EnforcementState.DONE, EnforcementState.ALREADY_DONE}:
        return False
    row = database.execute(select(message).where(message.c.id == job.message_id)).first()
    if row is None or not pack.automation.notice_to_sender or not _may_be_told(database, row, now):
        return False
    dispatches.enter(
        database,
        f"notice:{row.id}",
        KIND,
        row.org,
        now,
        recipient=row.author,
        connection_id=row.connection_id,
        contact_id=row.contact_id,
        message_id=row.id,
    )
    return True


def _may_be_told(database: Connection, row: Row[Any], now: datetime) -> bool:
    plain = row.channel == Channel.EMAIL.value and row.nature == Nature.ORDINARY.value and row.verified
    if not plain or not is_answerable(row.author, dict(row.detail["headers"])):
        return False
    own = database.execute(
        select(connection_table.c.own_addresses).where(connection_table.c.id == row.connection_id)
    ).scalar_one()
    if row.author in own:
        return False
    labels = database.execute(
        select(decision.c.labels).where(decision.c.message_id == row.id, decision.c.revision == row.revision)
    ).scalar()
    if labels is None or any(family(label) == "spam" or label in UNSAFE for label in labels):
        return False
    return not dispatches.sent_since(database, row.contact_id, KIND, now - AT_MOST_EVERY)


def compose(database: Connection, row: Row[Any], pack: Pack, sender: str, now: datetime) -> EmailMessage:
    """Return the notice of a dispatch: Welsh and English, no word of the message it is about."""
    about = database.execute(select(message).where(message.c.id == row.message_id)).one()
    name = database.execute(select(contact.c.name).where(contact.c.id == row.contact_id)).scalar_one()
    mail = EmailMessage()
    mail["From"] = Address(display_name=sender_name(pack), addr_spec=sender)
    mail["To"] = Address(display_name=name if "@" not in name else "", addr_spec=row.recipient)
    mail["Subject"] = _SUBJECT
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{hashlib.sha256(row.key.encode()).hexdigest()[:32]}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    if about.message_id and not re.search(r"[\s<>]", about.message_id):
        mail["In-Reply-To"] = mail["References"] = f"<{about.message_id}>"
    mail.set_content(_body(pack, about.received_at))
    mail["Content-Language"] = "cy, en"
    return mail


def sender_name(pack: Pack) -> str:
    """Return the organisation's short name in both languages, once where it is one."""
    names = (pack.organisation.short_name.cy, pack.organisation.short_name.en)
    return " / ".join(dict.fromkeys(names))


def _body(pack: Pack, received_at: datetime) -> str:
    date = received_at.astimezone(LONDON).strftime("%d/%m/%Y")
    phone = pack.organisation.phone
    welsh = _WELSH.format(date=date, name=pack.organisation.name.cy, phone=f" neu ffonio {phone}" if phone else "")
    english = _ENGLISH.format(date=date, name=pack.organisation.name.en, phone=f" or call {phone}" if phone else "")
    return f"(Please scroll down for English)\n\n{welsh}\n{'-' * 60}\n\n{english}"
