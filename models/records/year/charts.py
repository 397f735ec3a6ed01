"""Bars of one table as SVG, without scripts: the table itself always stands below."""

import re
import sys

import pygal
from pygal.style import Style

from models.policy.schema import Pack
from models.records.year.figures import Section
from models.records.year.words import cells, heading

sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "PluginImportFixer"]
"""pygal leaves a finder of an old kind behind for its plugins, at which every later import would warn."""

STYLE = Style(
    background="white", plot_background="white", foreground="#0b0c0c", foreground_strong="#0b0c0c", colors=("#1d70b8",),
    font_family="Libertinus Serif, Arial, sans-serif", label_font_size=15, major_label_font_size=15, value_font_size=15, value_colors=("white",),
)  # fmt: skip
LABEL_CHARACTERS = 48


def bars(section: Section, pack: Pack, language: str) -> bytes:
    """Return the second column of a table as bars; suppressed numbers have none."""
    rows = cells(section, pack, language)
    chart = pygal.HorizontalBar(
        style=STYLE, js=[], show_legend=False, width=900, height=90 + 40 * max(len(rows), 1), print_values=True,
        print_values_position="center", disable_xml_declaration=True,
        show_y_labels=False, show_y_guides=False, no_prefix=True, pretty_print=False,
        value_formatter=lambda value: f"{value:g}", range=(0, max([1, *(float(r[1] or 0) for r in section.rows)])),
    )  # fmt: skip
    chart.x_labels = [_short(row[0]) for row in reversed(rows)]
    chart.add(heading(section, language)[1], [row[1] for row in reversed(section.rows)])
    made = str(chart.render(is_unicode=True))
    return re.sub(r"<script.*?</script>|<!--.*?-->", "", made, flags=re.DOTALL).encode()


def _short(text: str) -> str:
    return text if len(text) <= LABEL_CHARACTERS else f"{text[: LABEL_CHARACTERS - 1]}…"
