"""Charts as SVG, without scripts: the library is loaded with the first chart, and draws one at a time."""

import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

_LOOKS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "porthor",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
}
_one_at_a_time = threading.Lock()
"""The library's settings are the process's."""


def svg(draw: "Callable[[Figure], None]", width_in: float, height_in: float, family: str | list[str]) -> str:
    """Return what `draw` puts on a figure of that size in inches, its text in the font `family`; the same bytes each time."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    out = io.StringIO()
    looks: Any = _LOOKS | {"font.family": family}
    with _one_at_a_time, rc_context(looks):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        draw(figure)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def whole_numbers(axis: "Axis") -> None:
    """Mark an axis at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))
