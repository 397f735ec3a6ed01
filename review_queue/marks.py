"""Marks in a text: where signals stand, cut so that overlapping ones each keep their label."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from models.labels import LABELS, Stance, family

SHOWN_FROM = 0.2
_LOOKS = {"spam": "spam", "links": "spam", "doxing": "doxing", "welfare": "welfare"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the labels that stand on it; `begins` those whose first piece it is."""

    text: str
    labels: tuple[str, ...]
    begins: tuple[str, ...]

    @property
    def look(self) -> str:
        """The name of the pattern and colour it is drawn with."""
        if "abuse.threat" in self.labels:
            return "threat"
        families = [_LOOKS.get(family(label), "abuse") for label in self.labels]
        return families[0] if families else ""


def pieces(text: str, signals: Iterable[Mapping[str, Any]]) -> list[Piece]:
    """Return `text` cut at the edges of its signals' spans; joined again it is `text`."""
    marked = [
        (max(0, start), min(len(text), end), hit["label"])
        for hit in signals
        if hit["probability"] >= SHOWN_FROM and LABELS.get(hit["label"]) not in {None, Stance.PATTERN}
        for start, end in hit["spans"]
        if start < len(text) and end > 0
    ]
    edges = sorted({0, len(text), *(edge for start, end, _ in marked for edge in (start, end))})
    seen: set[tuple[int, int, str]] = set()
    return [_piece(text, a, b, marked, seen) for a, b in pairwise(edges) if a < b]


def _piece(
    text: str, start: int, end: int, marked: Sequence[tuple[int, int, str]], seen: set[tuple[int, int, str]]
) -> Piece:
    here = [entry for entry in marked if entry[0] <= start and end <= entry[1]]
    begins = tuple(dict.fromkeys(entry[2] for entry in here if entry not in seen))
    seen.update(here)
    return Piece(text[start:end], tuple(dict.fromkeys(entry[2] for entry in here)), begins)


def defanged(target: str) -> str:
    """Return a link that can be read but not followed."""
    return target.replace("https://", "hxxps://").replace("http://", "hxxp://").replace(".", "[.]")
