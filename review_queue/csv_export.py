"""Tables as CSV that a spreadsheet opens as text: no cell of a stranger's making is ever a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the beginning of a formula, their full-width forms too.

Source: OWASP, CSV Injection."""


def inert(value: object) -> str:
    """Return a cell's text, with an apostrophe before what a spreadsheet would run."""
    text = "" if value is None else str(value)
    bare = text.lstrip(" \u00a0\u200b\ufeff")
    return f"'{text}" if bare.startswith(_BEGINS_A_FORMULA) or text.startswith(_BEGINS_A_FORMULA) else text


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return rows as a file to keep, in UTF-8 with the mark that Excel needs."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(head)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return Response(
        ("\ufeff" + out.getvalue()).encode("utf-8"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
