"""Separates a writer's own words from quoted mail, signature and disclaimer, keeping where each stood."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.domain import Span


@dataclass(frozen=True, slots=True)
class _Sign:
    """An expression with the words, in lower case, of which one stands in whatever it finds: most texts are spared the search."""

    words: tuple[str, ...]
    expression: re.Pattern[str]

    def among(self, text: str, end: int) -> Iterator[re.Match[str]]:
        """Return every place before `end`; only of ASCII is it plain which letters are one whatever their case."""
        if text.isascii() and not any(map(text.lower().__contains__, self.words)):
            return iter(())
        return self.expression.finditer(text, 0, end)


def _sign(words: str, expression: str, flags: int = re.MULTILINE | re.IGNORECASE) -> _Sign:
    """Return a sign; its words stand apart by `/`."""
    return _Sign(tuple(words.split("/")), re.compile(expression, flags))


_ATTRIBUTION = _sign(
    "wrote:/ennodd/ysgrifennu:/original message/original appointment/neges wreiddiol",
    r"^[ \t>]*(?:"
    r"On\b.{4,200}?\bwrote:|Ar\b.{4,200}?\b(?:ysgrifennodd|sgwennodd|sgrifennodd)\b.{0,120}?:|"
    r"(?:Mae|Roedd)\b.{4,120}?\bwedi ysgrifennu:|"
    r"-{2,}\s*(?:Original Message|Original Appointment|Neges Wreiddiol|Y neges wreiddiol)\s*-{2,}"
    r")[ \t]*$",
    re.MULTILINE | re.IGNORECASE | re.DOTALL,
)
_FORWARD = _sign(
    "forwarded /anfonwyd ymlaen",
    r"^[ \t]*(?:-{2,}\s*Forwarded (?:message|by)\b.*|Begin forwarded message:|-{2,}\s*Neges a anfonwyd ymlaen\b.*)$",
)
_HEADER_BLOCK = _sign(
    "from:/from*:/wrth:/wrth*:/o:/o*:",
    r"^[ \t]*\*?(?:From|Oddi wrth|O)\*?:[^\n]+\n"
    r"(?:[ \t]*\*?(?:Sent|Date|To|Cc|Subject|Anfonwyd|Dyddiad|At|I|Copi|Pwnc|Testun)\*?:[^\n]*\n?){2,}",
)
_QUOTED_LINE = _sign(">/|", r"^[ \t]{0,3}(?:[A-Za-z]{0,3}>|\|[ \t]).*$", re.MULTILINE)
_SIGNATURE_MARK = _sign("--", r"^--[ \t]?$", re.MULTILINE)
_DEVICE = _sign(
    "sent from /get outlook for /anfonwyd o",
    r"^[ \t]*(?:Sent from (?:my |Mail for |Outlook for |Yahoo Mail\b)[^\n]{0,60}|Get Outlook for [^\n]{0,40}|"
    r"Anfonwyd o(?:'m|'r| fy| f’y)? [^\n]{0,60})$",
)
_DISCLAIMER = _sign(
    "confidential/intended/privileged/disclaimer/cyfrinachol/fwriad/breintiedig/ymwadiad/consider the environment/ystyriwch yr",
    r"^[ \t*_]*(?:(?:This|The information (?:contained )?in this) (?:e-?mail|message|communication)\b[^\n]{0,300}?"
    r"(?:confidential|intended|privileged)|CONFIDENTIALITY NOTICE|DISCLAIMER\b|"
    r"(?:Mae|Gall|Bwriedir)(?:'r)? (?:yr |'r |y )?(?:e-?bost|neges|wybodaeth)\b[^\n]{0,300}?(?:cyfrinachol|fwriad|breintiedig)|"
    r"YMWADIAD\b|Please consider the environment before printing|Ystyriwch yr amgylchedd cyn argraffu)",
)
_SIGNATURE_LINES_AT_MOST = 12
_SIGNATURE_CHARACTERS_AT_MOST = 600


@dataclass(frozen=True, slots=True)
class OwnText:
    """The parts of a text. `segments` are the [start, end) ranges of the source whose joining is `own`."""

    own: str
    segments: tuple[tuple[int, int], ...]
    quoted: str = ""
    signature: str = ""
    disclaimer: str = ""
    only_quoted: bool = False

    def to_source(self, span: Span) -> Span:
        """Return the range of the source that `span` of the own text covers, first to last character."""
        return Span(self._position(span.start), self._position(span.end - 1) + 1)

    def _position(self, offset: int) -> int:
        for start, end in self.segments:
            if offset < end - start:
                return start + offset
            offset -= end - start
        raise ValueError(f"offset {offset} lies beyond the own text")


def split_own(text: str) -> OwnText:
    """Split `text` into own words, quoted mail, signature and disclaimer.

    A text that holds nothing but quoted mail is kept as own (`only_quoted`): a forwarded threat
    with no word of one's own must still be looked at.
    """
    cut, quoted_at = _tail_quote(text)
    disclaimer_at = _found(_DISCLAIMER, text, cut)
    signature_at = _signature(text, disclaimer_at)
    segments = _without_quoted_lines(text, signature_at)
    own = "".join(text[a:b] for a, b in segments)
    if not own.strip():
        return OwnText(text, ((0, len(text)),) if text else (), only_quoted=bool(text.strip()))
    quoted_lines = "".join(_gaps(text, segments, signature_at))
    return OwnText(
        own=own,
        segments=segments,
        quoted=quoted_lines + text[quoted_at:],
        signature=text[signature_at:disclaimer_at].strip(),
        disclaimer=text[disclaimer_at:cut].strip(),
    )


def _tail_quote(text: str) -> tuple[int, int]:
    """Return where the quoted tail begins (twice: where own text ends, where the quote starts)."""
    starts = [len(text)]
    for sign in (_FORWARD, _HEADER_BLOCK):
        found = next(sign.among(text, len(text)), None)
        if found is not None:
            starts.append(found.start())
    for found in _ATTRIBUTION.among(text, len(text)):
        if found.group().count("\n") <= 2:
            rest = text[found.end() :]
            if not _interleaved(rest):
                starts.append(found.start())
                break
    cut = min(starts)
    return cut, cut


def _interleaved(rest: str) -> bool:
    """True when own lines stand between quoted ones after an attribution: replies point by point."""
    lines = [line for line in rest.splitlines() if line.strip()]
    quoted = [bool(_QUOTED_LINE.expression.match(line)) for line in lines]
    return any(quoted) and not all(quoted)


def _found(sign: _Sign, text: str, end: int) -> int:
    found = next(sign.among(text, end), None)
    return end if found is None or not text[: found.start()].strip() else found.start()


def _signature(text: str, end: int) -> int:
    """Return where the signature begins: after `-- ` or at a device line, never so early as to eat the text."""
    candidates = []
    for sign in (_SIGNATURE_MARK, _DEVICE):
        for found in sign.among(text, end):
            tail = text[found.start() : end]
            short = len(tail) <= _SIGNATURE_CHARACTERS_AT_MOST and tail.count("\n") <= _SIGNATURE_LINES_AT_MOST
            if short and text[: found.start()].strip():
                candidates.append(found.start())
    return min(candidates, default=end)


def _without_quoted_lines(text: str, end: int) -> tuple[tuple[int, int], ...]:
    segments = []
    at = 0
    for found in _QUOTED_LINE.among(text, end):
        if found.start() > at:
            segments.append((at, found.start()))
        at = min(found.end() + 1, end)
    for found in _ATTRIBUTION.among(text, end):
        segments = [part for old in segments for part in _cut(old, found.start(), found.end())]
        if at <= found.start() < end:
            segments.append((at, found.start()))
            at = found.end()
    if at < end:
        segments.append((at, end))
    return tuple(segment for segment in segments if segment[0] < segment[1])


def _cut(segment: tuple[int, int], start: int, end: int) -> list[tuple[int, int]]:
    a, b = segment
    if end <= a or start >= b:
        return [segment]
    return [part for part in ((a, min(b, start)), (max(a, end), b)) if part[0] < part[1]]


def _gaps(text: str, segments: tuple[tuple[int, int], ...], end: int) -> list[str]:
    edges = [0, *(edge for segment in segments for edge in segment), end]
    return [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
