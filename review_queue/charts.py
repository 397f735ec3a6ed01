"""Charts as pictures: drawn on the server, served as images of their own, so that the pages need no inline style."""

from typing import TYPE_CHECKING

from fastapi import Response

from models import drawing
from review_queue.panels import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#8b9296", "#1f4d46", "#f47738", "#b5121b", "#4c2c92")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What an image of our own making may do: be styled, nothing else."""

WIDTH_IN, HEIGHT_IN, ROW_IN = 7.2, 3.0, 0.34
LABELS_AT_MOST, DAYS_AT_MOST = 12, 8
BARS_AT_MOST = 62
"""More than two months of days are one outline a series, which is drawn at once; bars so thin would run together anyway."""
MOST_POINTS = 220
"""The area of the largest circle, in square points."""


def picture(made: str | bytes) -> Response:
    """Return an SVG of our own making as an image that a page may show."""
    return Response(made, media_type="image/svg+xml", headers={"Content-Security-Policy": POLICY})


def svg(panel: Panel) -> str:
    """Return the chart of a panel; what it says stands in the panel's table too."""
    sideways = panel.chart in {"sideways", "times"}
    kinds = {"sideways": _sideways, "times": _times}
    height = 1.1 + ROW_IN * len(panel.rows) if sideways else HEIGHT_IN

    def draw(figure: "Figure") -> None:
        kinds.get(panel.chart, _upright)(figure.add_subplot(), panel)
        if len(panel.head) > 2 and panel.chart != "times":
            figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=10)

    return drawing.svg(draw, WIDTH_IN, height, "sans-serif")


def _sideways(axes: "Axes", panel: Panel) -> None:
    names = [str(row[0]) for row in panel.rows]
    places = list(range(len(names)))
    left = [0.0] * len(names)
    for at, series in enumerate(panel.head[1:]):
        values = [float(row[at + 1]) for row in panel.rows]
        axes.barh(places, values, left=left, height=0.66, label=series, color=COLOURS[_colour(panel, at)])
        left = [before + value for before, value in zip(left, values, strict=True)]
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.xaxis.grid(visible=True, color="#d8dadb")
    drawing.whole_numbers(axes.xaxis)


def _times(axes: "Axes", panel: Panel) -> None:
    """Draw each row as a line from its first to its last day, with a circle a day whose area is how much came."""
    most = max((size for row in panel.points for _, size in row), default=1)
    for place, row in enumerate(panel.points):
        days = [day for day, _ in row]
        axes.plot([min(days), max(days)], [place, place], color=COLOURS[0], linewidth=1.5, zorder=1)
        areas = [MOST_POINTS * size / most for _, size in row]
        axes.scatter(days, [place] * len(row), s=areas, color=COLOURS[1], zorder=2)
    axes.set_yticks(range(len(panel.rows)), [str(row[0]) for row in panel.rows])
    axes.set_ylim(len(panel.rows) - 0.4, -0.6)
    step = max(1, -(-len(panel.days) // DAYS_AT_MOST))
    axes.set_xticks(range(0, len(panel.days), step), panel.days[::step])
    axes.set_xlim(-0.6, max(len(panel.days) - 0.4, 3))
    axes.xaxis.grid(visible=True, color="#d8dadb")


def _upright(axes: "Axes", panel: Panel) -> None:
    names = [str(row[0]) for row in panel.rows]
    series = panel.head[1:]
    bottom = [0.0] * len(names)
    width = 0.7 if panel.chart == "stacked" else 0.7 / len(series)
    for at, name in enumerate(series):
        values = [float(row[at + 1]) for row in panel.rows]
        if panel.chart == "stacked":
            top = [before + value for before, value in zip(bottom, values, strict=True)]
            if len(names) > BARS_AT_MOST:
                edges = [place - 0.5 for place in range(len(names) + 1)]
                axes.stairs(top, edges, baseline=bottom, fill=True, label=name, color=COLOURS[at])
            else:
                axes.bar(range(len(names)), values, width, bottom=bottom, label=name, color=COLOURS[at])
            bottom = top
        else:
            places = [place + (at - (len(series) - 1) / 2) * width for place in range(len(names))]
            axes.bar(places, values, width * 0.92, label=name, color=COLOURS[_colour(panel, at)])
    step = max(1, -(-len(names) // LABELS_AT_MOST))
    axes.set_xticks(range(0, len(names), step), names[::step])
    axes.set_xlim(-0.6, max(len(names) - 0.4, 3))
    axes.yaxis.grid(visible=True, color="#d8dadb")


def _colour(panel: Panel, at: int) -> int:
    """Return the colour of a series: the house's green where there is but one."""
    return 1 if len(panel.head) == 2 else at % len(COLOURS)
