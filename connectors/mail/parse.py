"""One raw mail to one message: never raises, never loses the words, and says what was broken."""

import hashlib
from datetime import UTC, datetime
from email.message import Message as MimePart
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from itertools import islice

from connectors.mail.decode import header_text, to_text
from connectors.mail.indexed import read_parts
from connectors.mail.links import links_in, with_hidden
from connectors.mail.nature import is_verified, nature_of
from connectors.mail.parts import Gathered, gather
from connectors.mail.quotes import split_own
from models.domain import Author, Channel, Message, MessageKey, Nature
from models.mail_notes import NOTE_PREFIX

RECIPIENTS_AT_MOST = 500
HEADERS_AT_MOST = 200
HEADER_CHARACTERS_AT_MOST = 2_000
_HEADER_SIGNS = (
    b"from:",
    b"to:",
    b"subject:",
    b"date:",
    b"received:",
    b"message-id:",
    b"mime-version:",
    b"content-type:",
    b"return-path:",
)


def parse_mail(
    raw: bytes,
    *,
    key: MessageKey,
    org: str,
    own_addresses: tuple[str, ...],
    received_at: datetime,
    authserv_id: str | None = None,
) -> Message:
    """Parse `raw`; what no parser can read becomes a message of nature `opaque` that keeps its defects."""
    try:
        return _parse(raw, key, org, own_addresses, received_at, authserv_id)
    except Exception as error:  # noqa: BLE001 - whatever breaks the parser must not lose the mail
        return unreadable(raw, key=key, org=org, received_at=received_at, why=f"{type(error).__name__}: {error}")


def unreadable(
    raw: bytes, *, key: MessageKey, org: str, received_at: datetime, why: str, channel: Channel = Channel.EMAIL
) -> Message:
    """Return a message for bytes that could not be read; a person looks at them."""
    return Message(
        key=key,
        channel=channel,
        org=org,
        author=Author("", verified=False),
        own_text=_printable(raw),
        received_at=received_at,
        nature=Nature.OPAQUE,
        defects=(why,),
        raw_sha256=hashlib.sha256(raw).hexdigest(),
    )


def _printable(raw: bytes) -> str:
    text = to_text(raw[:20_000], None)[0]
    shown = sum(character.isprintable() or character in "\n\t" for character in text)
    return text if text and shown / len(text) > 0.9 and b"\0" not in raw[:2_000] else ""


def _parse(
    raw: bytes,
    key: MessageKey,
    org: str,
    own_addresses: tuple[str, ...],
    received_at: datetime,
    authserv_id: str | None,
) -> Message:
    if b"\0" in raw[:2_000] and not looks_like_mail(raw):
        return unreadable(raw, key=key, org=org, received_at=received_at, why="binary data, not a mail")
    mail = read_parts(raw.removeprefix(b"\xef\xbb\xbf"))
    found = gather(mail)
    body, from_nested = _body(found)
    own = split_own(body)
    name, address = _author(mail)
    author = Author(address, name, verified=is_verified(mail, authserv_id))
    notes = (
        *sorted(found.notes),
        *(["html_only"] if not any(text.strip() for text in found.plain) and any(found.html) else []),
        *(["only_quoted"] if own.only_quoted else []),
        *(["forwarded"] if from_nested else []),
    )
    return Message(
        key=key,
        channel=Channel.EMAIL,
        org=org,
        author=author,
        own_text=own.own,
        received_at=received_at,
        subject=header_text(mail["subject"]) if mail["subject"] is not None else None,
        quoted_text=own.quoted,
        signature=own.signature,
        disclaimer=own.disclaimer,
        to=_addresses(mail, "to"),
        cc=_addresses(mail, "cc"),
        sent_at=_date(mail),
        thread=_first_reference(mail),
        reply_to_id=_id(mail.get("in-reply-to")),
        message_id=_id(mail.get("message-id")),
        links=with_hidden(links_in(own.own), found.links, own.own),
        attachments=tuple(found.attachments),
        headers=_headers(mail),
        html_notes=notes,
        defects=tuple(dict.fromkeys(found.defects)),
        nature=nature_of(mail, body, address, own_addresses, found.has_image or bool(found.attachments)),
        raw_sha256=hashlib.sha256(raw).hexdigest(),
    )


def _body(found: Gathered) -> tuple[str, bool]:
    if found.nothing_said() and any(text.strip() for text in found.nested):
        return "\n".join(found.nested), True
    return found.words, False


def looks_like_mail(raw: bytes) -> bool:
    """True when the first lines hold a mail header."""
    head = raw[:4_000].lower()
    return any(head.startswith(sign) or b"\n" + sign in head for sign in _HEADER_SIGNS)


def _author(mail: MimePart) -> tuple[str, str]:
    """Return (display name, address) of From, else of Reply-To or Sender."""
    for header in ("from", "reply-to", "sender"):
        name, address = parseaddr(header_text(mail.get(header) or ""))
        if address:
            return name, address.strip().lower()
    return header_text(mail.get("from") or ""), ""


def _addresses(mail: MimePart, header: str) -> tuple[str, ...]:
    values = [header_text(value) for value in mail.get_all(header) or []]
    found = (address.strip().lower() for _, address in getaddresses(values) if address)
    return tuple(dict.fromkeys(found))[:RECIPIENTS_AT_MOST]


def _date(mail: MimePart) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(mail["date"]))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _id(value: object) -> str | None:
    text = header_text(value).strip().strip("<>").split(">")[0] if value is not None else ""
    return text[:500] or None


def _first_reference(mail: MimePart) -> str | None:
    references = header_text(mail.get("references") or mail.get("in-reply-to") or "").split()
    return _id(references[0]) if references else None


def _headers(mail: MimePart) -> tuple[tuple[str, str], ...]:
    """Return the headers, without any that imitates a note of our own."""
    found = []
    for written, value in islice(mail.raw_items(), HEADERS_AT_MOST):
        name = written.strip().lower()
        if not name.startswith(NOTE_PREFIX):
            seen = value if value.isascii() else mail.policy.header_fetch_parse(written, value)
            found.append((name, header_text(seen)[:HEADER_CHARACTERS_AT_MOST]))
    return tuple(found)
