"""Comma-separated tables that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(text: str) -> str:
    """Return a cell that stays text: what a spreadsheet could take for a formula begins with an apostrophe."""
    bare = text.lstrip(" \u00a0\u200b\ufeff")
    return f"'{text}" if bare.startswith(_BEGINS_A_FORMULA) or text.startswith(_BEGINS_A_FORMULA) else text


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV with a mark of UTF-8, as Excel wants it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([safe(cell) for cell in row] for row in (columns, *rows))
    return out.getvalue().encode("utf-8-sig")
