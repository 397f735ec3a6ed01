"""Documents and pictures set by Typst from a template and data: text is data there, never markup."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import orjson
import typst

HERE = Path(__file__).resolve().parent / "templates"
PICTURE_PPI = 144


def pdf(template: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """Return `template` filled with `data` as a tagged PDF; the same input gives the same bytes."""
    return _compile(template, data, at, "pdf")


def png(template: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """Return `template`, a single page, as a picture."""
    return _compile(template, data, at, "png")


def _compile(template: str, data: Mapping[str, Any], at: datetime, form: Literal["pdf", "png"]) -> bytes:
    made = typst.compile(
        HERE / f"{template}.typ",
        root=HERE,
        format=form,
        ppi=PICTURE_PPI if form == "png" else None,
        sys_inputs={"data": orjson.dumps(data).decode()},
        ignore_system_fonts=True,
        timestamp=int(at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made
