"""Walks the parts of a mail, however broken, and gathers its words, links and attachments."""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message as MimePart
from typing import Any

from connectors.mail.decode import payload, to_text, visible_name
from connectors.mail.html import html_to_text
from models.domain import Attachment

PARTS_AT_MOST = 400
DEPTH_AT_MOST = 30
TEXT_BYTES_AT_MOST = 4_000_000


@dataclass(slots=True)
class Gathered:
    """What the walk found so far; plain and HTML words stand apart so that the better one is chosen."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    defects: list[str] = field(default_factory=list)
    has_image: bool = False

    @property
    def words(self) -> str:
        """The words a reader would see: plain text, else HTML, else those of a mail inside."""
        plain = "\n".join(self.plain)
        rich = "\n".join(self.html)
        if plain.strip() and len(plain.strip()) * 20 >= len(rich.strip()):
            return plain
        return rich if rich.strip() else plain

    def nothing_said(self) -> bool:
        """True when neither plain nor HTML part holds a word."""
        return not any(text.strip() for text in (*self.plain, *self.html))


def gather(mail: MimePart) -> Gathered:
    """Walk `mail` depth first; what exceeds the limits is noted as a defect, never followed."""
    found = Gathered()
    stack: list[tuple[MimePart, int, bool]] = [(mail, 0, False)]
    seen = 0
    while stack:
        part, depth, inside = stack.pop()
        seen += 1
        if seen > PARTS_AT_MOST or depth > DEPTH_AT_MOST:
            found.defects.append("too many or too deep parts: the rest was not read")
            break
        found.defects.extend(type(defect).__name__ for defect in part.defects)
        children = part.get_payload() if part.is_multipart() else None
        if isinstance(children, list):
            inner = inside or part.get_content_type() == "message/rfc822"
            if part.get_content_type() == "message/rfc822" and depth:
                found.attachments.append(
                    Attachment(visible_name(part.get_filename() or "message.eml"), "message/rfc822", 0)
                )
            stack.extend((child, depth + 1, inner) for child in reversed(children) if isinstance(child, MimePart))
        else:
            _leaf(part, inside, found)
    return found


def _leaf(part: MimePart, inside: bool, found: Gathered) -> None:
    kind = part.get_content_type()
    data = payload(part)
    name = _parameter(part, "name", part.get_filename)
    attached = name is not None or str(part.get("content-disposition") or "").lower().startswith("attachment")
    found.has_image = found.has_image or kind.startswith("image/")
    if kind.startswith("multipart/"):
        found.defects.append("its boundary never comes: read as plain text")
        found.plain.append(to_text(data[:TEXT_BYTES_AT_MOST], None)[0])
    elif kind in {"text/plain", "text/html"} and not attached:
        _words(part, kind, data[:TEXT_BYTES_AT_MOST], inside, found)
    elif kind == "application/ms-tnef" or (name or "").lower() == "winmail.dat":
        _winmail(data, found)
    elif data or attached:
        found.attachments.append(Attachment(visible_name(name or "unnamed"), kind, len(data)))


def _words(part: MimePart, kind: str, data: bytes, inside: bool, found: Gathered) -> None:
    text, defect = to_text(data, _charset(part))
    if defect:
        found.defects.append(defect)
    if text.isascii() and str(part.get("content-transfer-encoding") or "").strip().lower() == "base64":
        found.notes.add("base64_words")
    if kind == "text/html":
        page = html_to_text(text)
        found.links.extend(page.links)
        found.notes.update(page.notes)
        (found.nested if inside else found.html).append(page.text)
        return
    if str(_parameter(part, "format", lambda: part.get_param("format")) or "").lower() == "flowed":
        text = _unflowed(text, str(part.get_param("delsp") or "").lower() == "yes")
    (found.nested if inside else found.plain).append(text)


def _parameter(part: MimePart, word: str, read: Callable[[], Any]) -> Any:
    """Return what `read` reads of the part's type or disposition; where neither holds `word` they need not be parsed."""
    said = f"{part.get('content-type') or ''}{part.get('content-disposition') or ''}"
    return read() if word in said.lower() else None


def _charset(part: MimePart) -> str | None:
    try:
        found: str | None = _parameter(part, "charset", part.get_content_charset)
    except Exception:  # noqa: BLE001 - a damaged RFC 2231 parameter raises several kinds
        return None
    return found


def _unflowed(text: str, delsp: bool) -> str:
    """Join flowed lines. Source: RFC 3676."""
    out: list[str] = []
    joins = False
    for line in text.split("\n"):
        flowing = line.endswith(" ") and line != "-- "
        body = line.removeprefix(" ")
        if joins and out and not line.startswith(">"):
            out[-1] += body
        else:
            out.append(body)
        if flowing and delsp:
            out[-1] = out[-1][:-1]
        joins = flowing and not line.startswith(">")
    return "\n".join(out)


def _winmail(data: bytes, found: Gathered) -> None:
    """Read names and body of Outlook's own wrapping; a broken one is an attachment like any other."""
    from tnefparse import TNEF

    try:
        wrapped = TNEF(data)
        names = [
            (str(entry.long_filename() or entry.name or "unnamed"), len(entry.data or b""))
            for entry in wrapped.attachments
        ]
        body = wrapped.body
    except Exception as error:  # noqa: BLE001 - the parser raises several kinds on broken input
        found.defects.append(f"winmail.dat: {type(error).__name__}")
        found.attachments.append(Attachment("winmail.dat", "application/ms-tnef", len(data)))
        return
    found.attachments.extend(Attachment(visible_name(name), "application/octet-stream", size) for name, size in names)
    if body:
        found.plain.append(body if isinstance(body, str) else to_text(body, None)[0])
