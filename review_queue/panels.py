"""One thing that was counted: its title, its table, and how it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Panel:
    """A table with numbers. `head` names the columns, the first being the name of a row; `chart` says how to draw it.

    `links` lead from the rows to their pages. `points` of a chart of times hold, for each row, (place, size) in
    whole days from the first of `days`.
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: Sequence[Sequence[str | float]]
    chart: str = "stacked"
    note: str = ""
    links: Sequence[str] = ()
    points: Sequence[Sequence[tuple[int, int]]] = ()
    days: Sequence[str] = ()
