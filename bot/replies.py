"""The mail of a reply to a campaign: one person's, in their language or in both, that starts no loop."""

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.notices import sender_name
from bot.sending import SendRefused
from models.policy.schema import Pack
from models.store import petitions
from models.tables import message

KIND = petitions.MAIL
_RULE = "-" * 60


def compose(database: Connection, row: Row[Any], pack: Pack, sender: str, now: datetime) -> EmailMessage:
    """Return the mail of a dispatch. Headers: RFC 3834, section 3.1; an answer goes to the organisation's own address.

    Raises:
        SendRefused: The reply is not there any more.
    """
    reply = petitions.find(database, row.detail["reply"])
    if reply is None:
        raise SendRefused(f"reply {row.detail['reply']} is not there any more")
    languages = {"cy": ("cy",), "en": ("en",)}.get(row.detail["language"], ("cy", "en"))
    mail = EmailMessage()
    mail["From"] = Address(display_name=sender_name(pack), addr_spec=sender)
    mail["To"] = Address(addr_spec=row.recipient)
    if pack.organisation.email:
        mail["Reply-To"] = Address(addr_spec=pack.organisation.email)
    mail["Subject"] = " / ".join(" ".join(reply[f"subject_{language}"].split()) for language in languages)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{hashlib.sha256(row.key.encode()).hexdigest()[:32]}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    about = database.execute(select(message.c.message_id).where(message.c.id == row.detail["message"])).scalar()
    if about and not re.search(r"[\s<>]", about):
        mail["In-Reply-To"] = mail["References"] = f"<{about}>"
    texts = [reply[f"text_{language}"].strip() for language in languages]
    hint = "(Please scroll down for English)\n\n" if len(texts) > 1 else ""
    mail.set_content(hint + f"\n\n{_RULE}\n\n".join(texts) + "\n")
    mail["Content-Language"] = ", ".join(languages)
    return mail
