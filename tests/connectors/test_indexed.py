"""A mail without parts is read in one go, and is what the standard library makes of it."""

from email import message_from_bytes

import pytest

from connectors.mail.indexed import IndexedPart, read_parts

HEAD = b"From: a@example.org\nSubject: one\n two\n\tthree\nX-Empty:\nX-Odd : value\n"
MAILS = {
    "plain": HEAD + b"\nBody.\n\nMore.\n",
    "lines end as the standard has it": HEAD.replace(b"\n", b"\r\n") + b"\r\nBody.\r\n\r\nMore.\n",
    "both line ends": HEAD + b"X: y\r\n\r\nBody.",
    "a bare carriage return": HEAD + b"X: a\rb\n\nBody.",
    "no body": HEAD + b"\n",
    "no empty line": HEAD,
    "no headers": b"\nBody.",
    "an envelope line": b"From a@example.org Mon Jan 1\n" + HEAD + b"\nBody.",
    "a folded envelope line": b"From a@example.org\n more\n" + HEAD + b"\nBody.",
    "a line that is no header": HEAD + b"no header\nX: y\n\nBody.",
    "a header without a name": HEAD + b": value\n\nBody.",
    "begins with what continues": b" more\n" + HEAD + b"\nBody.",
    "bytes beyond ASCII": b"Subject: caf\xe9\n\nT\xc5\xb7 \xff\n",
    "parts": b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\none\n--b\n\ntwo\n--b--\n',
    "parts in capitals": b'Content-Type: MULTIPART/mixed; boundary="b"\n\n--b\n\none\n--b--\n',
    "a mail in a mail": b"Content-Type: message/rfc822\n\nSubject: inner\n\nBody.",
    "nothing": b"",
}


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS.keys())
def test_it_is_what_the_standard_library_reads(raw: bytes) -> None:
    assert _shown(read_parts(raw)) == _shown(message_from_bytes(raw, IndexedPart))


def _shown(part: IndexedPart) -> tuple[object, ...]:
    body = [_shown(inner) for inner in part.get_payload()] if part.is_multipart() else part.get_payload(decode=True)
    defects = [f"{type(defect).__name__}: {defect}" for defect in part.defects]
    return list(part.raw_items()), part.get_unixfrom(), body, defects, part.preamble, part.epilogue
