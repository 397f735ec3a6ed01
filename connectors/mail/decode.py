"""Bytes of a mail to text, whatever its labels claim: charsets, encoded words, control characters."""

import re
from email.header import Header, decode_header
from email.message import Message as MimePart
from functools import lru_cache

from charset_normalizer import from_bytes

_ALIASES = {
    "": "utf-8", "default": "utf-8", "unknown": "utf-8", "unknown-8bit": "utf-8", "us-ascii": "utf-8",
    "ascii": "utf-8", "iso-8859-1": "cp1252", "latin1": "cp1252", "iso-8859-8-i": "iso-8859-8", "gb2312": "gb18030",
    "gbk": "gb18030", "ks_c_5601-1987": "cp949", "x-unknown": "utf-8", "cp-850": "cp850", "utf8": "utf-8",
    "windows-1252": "cp1252", "unicode-1-1-utf-7": "utf-7", "iso-8859-1-windows-3.0-latin-1": "cp1252",
}  # fmt: skip
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_GUESS_FROM = 20_000


def to_text(data: bytes, charset: str | None) -> tuple[str, str | None]:
    """Return the text of `data` and, when the label was wrong, what was found instead."""
    named = (charset or "").strip().strip("'\"").lower()
    codec = _ALIASES.get(named, named)
    try:
        return _clean(data.decode(codec)), None
    except (LookupError, UnicodeDecodeError, ValueError):
        pass
    try:
        return _clean(data.decode("utf-8")), f"charset:{named or 'none'}->utf-8"
    except UnicodeDecodeError:
        found = _guessed(data[:_GUESS_FROM])
        return _clean(data.decode(found, "replace")), f"charset:{named or 'none'}->{found}"


@lru_cache(maxsize=16)
def _guessed(data: bytes) -> str:
    """Return the encoding that `data` is most likely in; the same header is asked about more than once."""
    guess = from_bytes(data).best()
    return guess.encoding if guess is not None else "cp1252"


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def header_text(value: object) -> str:
    """Return a header as text: encoded words decoded, raw 8-bit bytes guessed, folding undone."""
    if isinstance(value, str) and value.isascii() and "=?" not in value:
        return _one_line(value)
    raw = value if isinstance(value, str | Header) else str(value)
    if isinstance(raw, str) and raw.isascii() and "=?" not in raw:
        return _one_line(raw)
    try:
        parts = decode_header(raw)
    except Exception:  # noqa: BLE001 - the standard library raises several kinds on a broken encoded word
        return _one_line(str(raw))
    out = []
    for chunk, charset in parts:
        if isinstance(chunk, bytes):
            out.append(to_text(chunk, charset)[0])
        else:
            out.append(_surrogates(chunk))
    return _one_line("".join(out))


def _surrogates(text: str) -> str:
    if not any("\udc80" <= character <= "\udcff" for character in text):
        return text
    return (
        to_text(text.encode("ascii", "surrogateescape"), None)[0]
        if _escapable(text)
        else text.encode("utf-8", "replace").decode()
    )


def _escapable(text: str) -> bool:
    return all(ord(character) < 128 or "\udc80" <= character <= "\udcff" for character in text)


def _one_line(text: str) -> str:
    if text.isprintable():
        return text.strip()
    lines = _UNPRINTABLE.sub("", text).replace("\r", "\n").split("\n")
    return " ".join(filter(None, map(str.strip, lines)))


def visible_name(name: str) -> str:
    """Return an attachment's name without path, controls or text-direction tricks."""
    plain = _BIDI.sub("\N{REPLACEMENT CHARACTER}", header_text(name))
    return re.split(r"[\\/]", plain)[-1].strip()[:200] or "unnamed"


def payload(part: MimePart) -> bytes:
    """Return the decoded bytes of a leaf part, or the bytes as they stand where the encoding is broken."""
    try:
        decoded = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - a damaged uuencode or base64 part raises several kinds
        decoded = None
    if isinstance(decoded, bytes):
        return decoded
    body = part.get_payload()
    return body.encode("utf-8", "surrogateescape") if isinstance(body, str) else b""
