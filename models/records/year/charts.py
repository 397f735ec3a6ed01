"""Bars of one table as SVG: the table itself always stands below."""

import logging
from typing import TYPE_CHECKING

from models import drawing
from models.policy.schema import Pack
from models.records.year.figures import Section
from models.records.year.words import cells, heading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LABEL_CHARACTERS = 48
WIDTH_IN, MARGIN_IN, ROW_IN = 9.0, 0.9, 0.4
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
"""The letters' font is in the report, not on the machine: the library need not say so for each word."""


def bars(section: Section, pack: Pack, language: str) -> bytes:
    """Return the second column of a table as bars with their numbers; suppressed numbers have none."""
    names = [_short(row[0]) for row in cells(section, pack, language)]
    numbers = [row[1] for row in section.rows]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(title=heading(section, language)[1])
        drawn = axes.barh(range(len(names)), [float(number or 0) for number in numbers], height=0.66, color="#1d70b8")
        axes.bar_label(drawn, ["" if number is None else f"{number:g}" for number in numbers], padding=4)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.08 * max([1.0, *(float(number or 0) for number in numbers)]))
        drawing.whole_numbers(axes.xaxis)

    height = MARGIN_IN + ROW_IN * max(len(names), 1)
    return drawing.svg(draw, WIDTH_IN, height, ["Libertinus Serif", "DejaVu Sans"]).encode()


def _short(text: str) -> str:
    return text if len(text) <= LABEL_CHARACTERS else f"{text[: LABEL_CHARACTERS - 1]}…"
