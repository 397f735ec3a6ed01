"""Reads an mbox as a stream: one mail at a time, whatever wrote it."""

import re
from collections.abc import Iterator
from typing import IO

MAIL_BYTES_AT_MOST = 60_000_000
_FROM_LINE = re.compile(rb"^From (?:\S+ +)?.{0,80}\b\d{1,2}:\d{2}(?::\d{2})?\b.*\d{4}|^From -\s|^From \S+@\S+\s")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


def mails(file: IO[bytes]) -> Iterator[bytes]:
    """Yield each mail of `file` without its `From ` line, with `>From ` unescaped."""
    lines: list[bytes] = []
    size = 0
    blank_before = True
    for line in file:
        if blank_before and line.startswith(b"From ") and (_FROM_LINE.match(line) or not lines):
            if lines:
                yield _joined(lines)
            lines, size = [], 0
            blank_before = False
            continue
        if size < MAIL_BYTES_AT_MOST:
            lines.append(line)
            size += len(line)
        blank_before = line in {b"\n", b"\r\n"}
    if lines:
        yield _joined(lines)


def _joined(lines: list[bytes]) -> bytes:
    if lines[-1] in {b"\n", b"\r\n"}:
        lines = lines[:-1]
    return _ESCAPED.sub(rb"\1", b"".join(lines))
